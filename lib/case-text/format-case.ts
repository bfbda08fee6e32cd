/**
 * A case for the one who was just woken: the alert as every destination shows it, then what has been found out, what
 * fired beside it, who was told, and what happened in order. The most telling answers come first; what is missing says
 * why. Texts in it come from records, so all of them are shown on one line with nothing hidden in them.
 */
import { showText } from "../../lambda/alerts/show-text.ts";
import { formatAlertForPeople } from "../../lambda/alerts/text.ts";
import type { Case, Scope, ScopeName, ScopeValue } from "../../lambda/cases/case-schema.ts";
import type { ExplainedCondition } from "../../lambda/explain/condition-schema.ts";
import { explainedConditionSchema } from "../../lambda/explain/condition-schema.ts";
import { formatTree } from "../explain/format-tree.ts";
import { counted } from "../words.ts";

/** The scopes of one case, as they were read. */
export type Scopes = { readonly [S in ScopeName]: Scope<S> };

const MAX_LINE = 400;
const MAX_TREE = 40;
const MAX_RELATED = 10;
const MAX_TIMELINE = 40;
const SHORT_ID = 8;

/** The whole case in lines, with a line break at the end. */
export function formatCase({ alert, row }: Case, scopes: Scopes): string {
  const number = row.number === undefined ? "" : `, number ${row.number}`;
  return [
    formatAlertForPeople(alert),
    "",
    `Status: ${row.status}${number}`,
    ...section("Questions", scopes.investigation, answers),
    ...section("Why it matched", scopes.details, matched),
    ...section("Related alerts", scopes["related-alerts"], related),
    ...section("Records", scopes.events, records),
    ...section("Sent to", scopes.integrations, sent),
    ...section("Timeline", scopes.timeline, timeline),
    "",
  ].join("\n");
}

function section<S extends ScopeName>(
  title: string,
  scope: Scope<S>,
  linesOf: (value: ScopeValue<S>) => readonly string[],
): readonly string[] {
  if (scope.state !== "ready") return ["", `${title}: ${line(scope.why)}`];
  const notes = scope.notes.map((note) => `note: ${note}`);
  return ["", `${title}:`, ...[...linesOf(scope.value), ...notes].map((text) => `  ${text}`)];
}

const ANSWERS = { yes: "YES    ", no: "no     ", unknown: "unknown" } as const;

function answers({ answers: all }: ScopeValue<"investigation">): readonly string[] {
  if (all.length === 0) return ["no questions were asked"];
  return all
    .toSorted((a, b) => b.weight - a.weight)
    .flatMap(({ question, answer, because }) => [
      `${ANSWERS[answer]}  ${line(question)}`,
      `         ${line(because)}`,
    ]);
}

function matched({ rule, eventRules }: ScopeValue<"details">): readonly string[] {
  const tree = rule === undefined ? undefined : treeOf(rule.conditions);
  const keys =
    rule === undefined || rule.matchedKeys.length === 0 ? [] : [`on ${line(rule.matchedKeys.join(", "))}`];
  const names = eventRules.map(({ name, state }) => `${name} (${state})`);
  return [
    ...(tree === undefined ? [] : formatTree(tree, { most: MAX_TREE, toDiffer: false })),
    ...keys,
    ...(names.length === 0 ? [] : [`let through by ${line(names.join(", "))}`]),
  ];
}

/** The tree as this version knows it; undefined for another version's. */
function treeOf(conditions: unknown): ExplainedCondition | undefined {
  const read = explainedConditionSchema.safeParse(conditions);
  return read.success ? read.data : undefined;
}

function related({ alerts, considered, all }: ScopeValue<"related-alerts">): readonly string[] {
  const scope = `of ${counted(considered, "alert")} within a day${all ? "" : ", which are not all"}`;
  if (alerts.length === 0) return [`none ${scope}`];
  const shown = alerts.slice(0, MAX_RELATED).map(({ why, alert }) => {
    const { id, severity, title, startTime, disposition } = alert;
    const quiet = disposition === "delivered" ? "" : `, ${disposition}`;
    return line(
      `${id.slice(0, SHORT_ID)}  ${startTime}  ${severity.toUpperCase()}${quiet}  ${title}: ${why.map(inShort).join(", ")}`,
    );
  });
  const more = alerts.length - shown.length;
  return [...shown, ...(more === 0 ? [] : [`and ${more} more`]), scope];
}

/** Session and actor stand at the top of the case already; an address or a resource is worth its place. */
function inShort(why: string): string {
  return /^same (?:session|actor)\b/.exec(why)?.[0] ?? why;
}

function records({ events, total }: ScopeValue<"events">): readonly string[] {
  const listed = events.length === total ? "" : `, ${events.length} of them at hand`;
  return [`${counted(total, "record")}${listed}`];
}

function sent({ integrations }: ScopeValue<"integrations">): readonly string[] {
  return integrations.map(
    ({ destination, type, part, outcome, attempts, lastAttempt, firstAttempt, reason }) => {
      const kind = type === undefined ? "" : ` (${type})`;
      const what = part === "first" ? "" : ", the summary";
      const why = reason === undefined ? "" : `: ${reason}`;
      return line(
        `${destination}${kind}${what}: ${outcome} at ${lastAttempt ?? firstAttempt}, ${counted(attempts, "attempt")}${why}`,
      );
    },
  );
}

/** Of a long one, what is around this alert and after it: that is what happened since. */
function timeline({ entries }: ScopeValue<"timeline">): readonly string[] {
  const here = entries.findIndex(({ kind }) => kind === "this-alert");
  const from = Math.max(0, Math.min(here - MAX_TIMELINE / 2, entries.length - MAX_TIMELINE));
  const shown = entries.slice(from, from + MAX_TIMELINE);
  const left = entries.length - shown.length;
  return [
    ...shown.map(({ at, text, kind, by }) =>
      line(`${at}  ${kind === "comment" ? `${by ?? ""}: ${text}` : text}`),
    ),
    ...(left === 0 ? [] : [`and ${counted(left, "entry", "entries")} more: --format json has them all`]),
  ];
}

function line(text: string): string {
  return showText(text, MAX_LINE);
}
