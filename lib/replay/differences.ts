/**
 * Settles, record for record, which alerts appear, disappear, change or stay between two rule sets. An alert counts
 * when either side would have sent it: one that a new suppression keeps back is a change, one of a rule that was staged
 * and still is concerns nobody. Memory is bounded by the rules and the examples, not by the records.
 *
 *   differences.settle([alertOfOldRule], [])   // one more that disappears
 */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { cutText } from "../../lambda/record/cut-text.ts";
import type { Disposition } from "./by-rule-schema.ts";
import { COMPARED, type CompareReport, type CompareRow, type Example } from "./compare-schema.ts";
import type { RuleChanges } from "./rule-changes.ts";

/** Long enough to tell alerts apart; hundreds of rules times examples are held. */
const MAX_TEXT = 500;

/** What settling needs to know. */
export type DifferenceOptions = {
  readonly changes: RuleChanges;
  /** Ids of rules that the old side should have and could not read. */
  readonly unread: readonly string[];
  /** The dispositions that count. */
  readonly counted: ReadonlySet<Disposition>;
  /** How many examples of a kind are kept for a rule. */
  readonly examples: number;
};

type Kind = keyof CompareRow["examples"];

/** Collects differences. */
export type Differences = {
  /** Takes the alerts of one record from both sides. */
  settle(before: readonly Alert[], after: readonly Alert[]): void;
  report(): Pick<CompareReport, "total" | "perRule">;
};

/** A collection without any. */
export function createDifferences(options: DifferenceOptions): Differences {
  const { changes, counted, examples } = options;
  const newId = new Map(changes.renamed.map(({ from, to }) => [from, to]));
  const oldId = new Map(changes.renamed.map(({ from, to }) => [to, from]));
  const unread = new Set(options.unread);
  const states = new Map<string, CompareRow["state"]>([
    ...changes.added.map((id) => [id, "added"] as const),
    ...changes.removed.map((id) => [id, "removed"] as const),
    ...changes.renamed.map(({ to }) => [to, "renamed"] as const),
    // Last, because what could not be read seems added.
    ...options.unread.map((id) => [id, "unread"] as const),
  ]);
  const rows = new Map<string, CompareRow>();
  let unsent = 0;

  const counts = (alert: Alert | undefined): boolean =>
    alert !== undefined && counted.has(dispositionOf(alert));
  const rowOf = (rule: string, { severity }: Alert): CompareRow => {
    const row = rows.get(rule) ?? emptyRow(rule, severity, states.get(rule) ?? "kept", oldId.get(rule));
    rows.set(rule, row);
    return row;
  };
  const keep = (row: CompareRow, kind: Kind, example: Example): void => {
    const kept = row.examples[kind];
    const alike = kept.some(({ actor, summary }) => actor === example.actor && summary === example.summary);
    if (kept.length < examples && !alike) kept.push(example);
  };

  function settleOne(rule: string, was: Alert | undefined, is: Alert | undefined): void {
    const shown = is ?? was;
    if (shown === undefined) return;
    const fields =
      was === undefined || is === undefined ? [] : COMPARED.filter((field) => was[field] !== is[field]);
    if (!counts(was) && !counts(is)) {
      if (was === undefined || is === undefined || fields.length > 0) unsent++;
      return;
    }
    const row = rowOf(rule, shown);
    if (counts(was)) row.before++;
    if (counts(is)) row.after++;
    if (unread.has(rule) && was === undefined) row.uncompared++;
    else if (was !== undefined && is !== undefined && fields.length === 0) row.same++;
    else if (was !== undefined && is !== undefined) {
      row.change++;
      for (const field of fields) row.fields[field]++;
      const differences = fields.map((field) => ({ field, before: cut(was[field]), after: cut(is[field]) }));
      keep(row, "change", { ...exampleOf(is), differences });
    } else {
      const kind = is === undefined ? "disappear" : "appear";
      row[kind]++;
      keep(row, kind, exampleOf(shown));
    }
  }

  return {
    settle(before, after) {
      if (before.length === 0 && after.length === 0) return;
      const was = new Map(before.map((alert) => [newId.get(alert.rule.id) ?? alert.rule.id, alert]));
      const is = new Map(after.map((alert) => [alert.rule.id, alert]));
      for (const rule of new Set([...was.keys(), ...is.keys()])) settleOne(rule, was.get(rule), is.get(rule));
    },
    report() {
      const perRule = [...rows.values()].toSorted(
        // What is no longer told comes first: it is what a reviewer must not overlook.
        (a, b) =>
          b.disappear - a.disappear ||
          b.change - a.change ||
          differing(b) - differing(a) ||
          (a.rule < b.rule ? -1 : 1),
      );
      return { perRule, total: { ...totalOf(perRule), unsent } };
    },
  };
}

/** How many alerts of a rule differ, or could not be compared. */
export function differing({ appear, disappear, change, uncompared }: Counts): number {
  return appear + disappear + change + uncompared;
}

type Counts = Omit<CompareReport["total"], "unsent">;

const NOTHING: Counts = { before: 0, after: 0, appear: 0, disappear: 0, change: 0, same: 0, uncompared: 0 };

function emptyRow(
  rule: string,
  severity: Alert["severity"],
  state: CompareRow["state"],
  was?: string,
): CompareRow {
  return {
    rule,
    ...(was === undefined ? {} : { was }),
    state,
    severity,
    ...NOTHING,
    fields: { severity: 0, title: 0, summary: 0, disposition: 0 },
    examples: { appear: [], disappear: [], change: [] },
  };
}

function totalOf(rows: readonly CompareRow[]): Counts {
  const total = { ...NOTHING };
  for (const row of rows) {
    for (const key of Object.keys(NOTHING) as (keyof Counts)[]) total[key] += row[key];
  }
  return total;
}

function exampleOf(alert: Alert): Example {
  const { startTime, actor, summary, severity, record } = alert;
  const { eventID } = record;
  return {
    time: startTime,
    ...(typeof eventID === "string" ? { eventID: cut(eventID) } : {}),
    actor: cut(actor.name),
    summary: cut(summary),
    severity,
    disposition: dispositionOf(alert),
  };
}

/** A replay never deduplicates: such an alert is one that would have been sent. */
function dispositionOf({ disposition }: Alert): Disposition {
  return disposition === "deduplicated" ? "delivered" : disposition;
}

function cut(text: string): string {
  return cutText(text, MAX_TEXT);
}
