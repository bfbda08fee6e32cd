/**
 * What a local run says when all is played: how much came in, how little got through, what alerted. The numbers tell
 * at a glance whether the event patterns and the rules do their work.
 */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { SEVERITIES } from "../../lambda/engine/rule.ts";
import { printable } from "../../lambda/loader/problem.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import { counted } from "../words.ts";
import type { DeliveryNews } from "./detector-log.ts";
import type { LocalCounts } from "./local-counts.ts";
import type { LocalEventRule } from "./local-stack.ts";

/** What is summed up. */
export type Summary = {
  readonly counts: LocalCounts;
  /** Inputs that could not be played. */
  readonly unreadable: number;
  /** The alerts that arrived at the alerts topic. */
  readonly alerts: readonly Alert[];
  /** Messages that each stand-in took, by the id of its destination. */
  readonly arrived: ReadonlyMap<string, number>;
};

/** The summary in lines, for people. */
export function formatSummary({ counts, unreadable, alerts: all, arrived }: Summary): string {
  // The summary of a window is about an alert that arrived before.
  const alerts = [...new Map(all.map((alert) => [alert.id, alert])).values()];
  const bySeverity = countBy(alerts, (alert) => alert.severity);
  const severities = SEVERITIES.toReversed().flatMap((severity) => {
    const count = bySeverity.get(severity);
    return count === undefined ? [] : [`${count} ${severity}`];
  });
  const byRule = [...countBy(alerts, (alert) => alert.rule.id)].toSorted(
    ([one, many], [other, more]) => more - many || (one < other ? -1 : 1),
  );
  return [
    row("seen", counts.seen, `${plural(counts.seen, "record")} at the event bus`),
    row(
      "delivered",
      counts.letThrough,
      `${plural(counts.letThrough, "record")} that an event pattern let through (${counted(counts.invocations, "invocation")})`,
    ),
    row("alerts", alerts.length, severities.join(", ")),
    ...byRule.map(([id, count]) => `  ${String(count).padStart(18)}  ${id}`),
    ...notZero("suppressed", counts.suppressed, "that went nowhere"),
    ...notZero("staged", counts.staged, "that went nowhere"),
    ...notZero("repeats", counts.deduplicated, "that joined one that was told already", "match"),
    row("SNS", all.length, `${plural(all.length, "message")} arrived`),
    ...[...arrived].map(([id, count]) =>
      row(id, count, `${plural(count, "message")} arrived at the stand-in`),
    ),
    ...notZero("failed", counts.failed, "at delivering an alert", "attempt"),
    ...notZero("redelivered", counts.redelivered, "that came through at a later attempt", "delivery"),
    ...notZero("summaries", counts.summaries, "of windows that closed", "delivery"),
    ...notZero("waiting", counts.waiting, "in the redelivery queue", "delivery"),
    ...notZero("windows", counts.windows, "still open", "window"),
    ...notZero("dead", counts.deadDeliveries, "in the dead-letter queue of deliveries", "delivery"),
    ...(unreadable === 0
      ? []
      : [row("unreadable", unreadable, `${plural(unreadable, "input")}, named above`)]),
    ...(counts.failures === 0
      ? []
      : [
          row(
            "broken",
            counts.failures,
            `${plural(counts.failures, "invocation")} for good (${counts.deadLetters} in the dead-letter queue)`,
          ),
        ]),
  ].join("\n");
}

/** How many event rules deliver, and that one, which has no target, only counts. */
export function describeRules(eventRules: readonly Pick<LocalEventRule, "targets">[]): string {
  const delivering = eventRules.filter(({ targets }) => targets.length > 0).length;
  const counts = eventRules.length > delivering ? " and one that counts the engine's own denied calls" : "";
  return `${counted(delivering, "event rule")}${counts}`;
}

/** How many rules are staged; nothing when none is. */
export function describeStaged(rules: number): string {
  return rules === 0 ? "" : `, ${counted(rules, "staged rule")} whose alerts go nowhere`;
}

/** What became of an envelope that went nowhere, so that who sent it does not wait for its alert. */
export function describePassedOver(envelope: Envelope, byCounter: boolean): string {
  const { source, "detail-type": detailType, detail } = envelope;
  const { eventSource, eventName } = detail as { readonly [key: string]: unknown };
  const isRecord = typeof eventSource === "string" && typeof eventName === "string";
  const what = isRecord ? `${eventSource} ${eventName}` : `${source} "${detailType}", no CloudTrail record`;
  const why = byCounter ? "counted as a denied call of the engine's own" : "no pattern let it through";
  return `seen: ${printable(what)}; ${why}`;
}

/** A row of something that is only worth one where there is any. */
function notZero(what: string, count: number, words: string, of = "alert"): string[] {
  return count === 0 ? [] : [row(what, count, `${plural(count, of)} ${words}`)];
}

/** What became of a delivery, where that is worth a line: what went well at once is not. */
export function describeDelivery({
  kind,
  destination,
  ruleId,
  attempts,
  reason,
}: DeliveryNews): string | undefined {
  const what = printable(ruleId === "" ? "an alert" : ruleId);
  switch (kind) {
    case "delivered":
      return attempts > 1 ? `  ${destination} took ${what} at attempt ${attempts}` : undefined;
    case "failed":
      return `  ${destination} failed: ${what}: ${printable(reason)}`;
    case "repeat-failed":
      return `  ${destination} was not told of a repeat: ${what}: ${printable(reason)}`;
    default:
      return `  ${destination} will not get it: it is in the dead-letter queue of deliveries`;
  }
}

/** The word alone: the number stands in a column of its own. */
function plural(count: number, word: string): string {
  if (count === 1) return word;
  return word.endsWith("y") ? `${word.slice(0, -1)}ies` : `${word}${word.endsWith("ch") ? "es" : "s"}`;
}

function row(what: string, count: number, words: string): string {
  return `  ${what.padEnd(13)}${String(count).padStart(5)}  ${words}`.trimEnd();
}

function countBy<Key>(alerts: readonly Alert[], key: (alert: Alert) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const alert of alerts) counts.set(key(alert), (counts.get(key(alert)) ?? 0) + 1);
  return counts;
}
