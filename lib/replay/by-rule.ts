/**
 * The noise table: per rule, how often it would have fired, how often that is a day, and through whom and how. It is
 * what a person looks at before switching a rule on, or before asking whom to suppress. Memory is bounded by the
 * number of rules, not by the records.
 *
 *   const table = createByRule(ruleSet, new Set(["delivered"]));
 *   const tally = await replay(table.watch(batches), { …, onAlert: table.add });
 *   table.report(tally, true).rules[0]   // { rule: "_global/console-change", count: 13, actors: …, … }
 */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import type { ByRuleReport, ByRuleRow, Disposition } from "./by-rule-schema.ts";
import type { Item } from "./records.ts";
import type { Tally } from "./replay.ts";
import { createSpan, dayOf, notingTimes, perDay, type TimeSpan } from "./time-span.ts";
import { TopCounts } from "./top-counts.ts";

const LISTED = 5;
const MAX_DAYS = 1000;

/** Collects the table while a replay runs. */
export type ByRule = {
  /** Passes batches on and notes the records' times. */
  watch(batches: AsyncIterable<readonly Item[]>): AsyncIterable<readonly Item[]>;
  /** Takes an alert. */
  readonly add: (alert: Alert) => undefined;
  /** The table. `patterns` says whether the event patterns were applied. */
  report(tally: Tally, patterns: boolean): ByRuleReport;
};

type Noise = Record<Disposition, number> & {
  readonly days: Set<string>;
  readonly actors: TopCounts;
  readonly channels: TopCounts;
};

/** An empty table of a rule set, in which the given dispositions count. */
export function createByRule(ruleSet: RuleSet, counted: ReadonlySet<Disposition>): ByRule {
  const span = createSpan();
  const noise = new Map<string, Noise>();
  return {
    watch: (batches) => notingTimes(batches, span),
    add({ rule, disposition, actor, channel, startTime }) {
      const of = noise.get(rule.id) ?? silence();
      noise.set(rule.id, of);
      // A replay never deduplicates: such an alert is one that would have been sent, counted again.
      const what: Disposition = disposition === "deduplicated" ? "delivered" : disposition;
      of[what]++;
      if (!counted.has(what)) return undefined;
      of.actors.add(actor.name);
      of.channels.add(channel.name);
      if (of.days.size < MAX_DAYS) of.days.add(dayOf(startTime));
      return undefined;
    },
    report({ read, delivered, unreadable, failed }, patterns) {
      const time = span.report();
      const rows = ruleSet.rules.flatMap((rule) => {
        const of = noise.get(rule.id);
        return of === undefined ? [] : [rowOf(rule, of, counted, time)];
      });
      const count = rows.reduce((sum, row) => sum + row.count, 0);
      return {
        counted: [...counted],
        patterns,
        records: { read, delivered, withoutTime: span.withoutTime(), unreadable, failed },
        span: time,
        count,
        perDay: perDay(count, time),
        rules: rows.toSorted((a, b) => b.count - a.count || all(b) - all(a) || (a.rule < b.rule ? -1 : 1)),
        quiet: ruleSet.rules.map(({ id }) => id).filter((id) => !noise.has(id)),
      };
    },
  };
}

function silence(): Noise {
  const actors = new TopCounts();
  return { delivered: 0, suppressed: 0, staged: 0, days: new Set(), actors, channels: new TopCounts() };
}

function rowOf(rule: Rule, of: Noise, counted: ReadonlySet<Disposition>, span: TimeSpan | null): ByRuleRow {
  const { delivered, suppressed, staged, days, actors, channels } = of;
  const count = [...counted].reduce((sum, disposition) => sum + of[disposition], 0);
  return {
    rule: rule.id,
    name: rule.name,
    severity: rule.severity,
    count,
    perDay: perDay(count, span),
    days: days.size,
    delivered,
    suppressed,
    staged,
    actors: actors.top(LISTED),
    channels: channels.top(LISTED),
  };
}

function all({ delivered, suppressed, staged }: ByRuleRow): number {
  return delivered + suppressed + staged;
}
