/**
 * What a local run says when all is played: how much came in, how little got through, what alerted. The numbers tell
 * at a glance whether the event patterns and the rules do their work.
 */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { SEVERITIES } from "../../lambda/engine/rule.ts";
import { printable } from "../../lambda/loader/problem.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import { counted } from "../words.ts";
import type { LocalCounts } from "./local-run.ts";
import type { LocalEventRule } from "./local-stack.ts";

/** What is summed up. */
export type Summary = {
  readonly counts: LocalCounts;
  /** Inputs that could not be played. */
  readonly unreadable: number;
  /** The alerts that arrived at the alerts topic. */
  readonly alerts: readonly Alert[];
  /** Events that the stand-in for Datadog took. */
  readonly datadog: number;
};

/** The summary in lines, for people. */
export function formatSummary({ counts, unreadable, alerts, datadog }: Summary): string {
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
      counts.delivered,
      `${plural(counts.delivered, "record")} that an event pattern let through (${counted(counts.invocations, "invocation")})`,
    ),
    row("alerts", alerts.length, severities.join(", ")),
    ...byRule.map(([id, count]) => `  ${String(count).padStart(14)}  ${id}`),
    ...(["suppressed", "staged"] as const).flatMap((what) =>
      counts[what] === 0
        ? []
        : [row(what, counts[what], `${plural(counts[what], "alert")} that went nowhere`)],
    ),
    row("SNS", alerts.length, `${plural(alerts.length, "alert")} arrived`),
    row("Datadog", datadog, `${plural(datadog, "alert")} arrived at the stand-in`),
    ...(unreadable === 0
      ? []
      : [row("unreadable", unreadable, `${plural(unreadable, "input")}, named above`)]),
    ...(counts.failures === 0
      ? []
      : [
          row(
            "failed",
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

/** The word alone: the number stands in a column of its own. */
function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

function row(what: string, count: number, words: string): string {
  return `  ${what.padEnd(10)}${String(count).padStart(4)}  ${words}`.trimEnd();
}

function countBy<Key>(alerts: readonly Alert[], key: (alert: Alert) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const alert of alerts) counts.set(key(alert), (counts.get(key(alert)) ?? 0) + 1);
  return counts;
}
