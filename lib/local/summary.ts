/**
 * What a local run says when all is played: how much came in, how little got through, what alerted. The numbers tell
 * at a glance whether the event patterns and the rules do their work.
 */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { SEVERITIES } from "../../lambda/engine/rule.ts";
import type { LocalCounts } from "./local-run.ts";

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
    row("seen", counts.seen, "records at the event bus"),
    row(
      "delivered",
      counts.delivered,
      `records that an event pattern let through (${counts.invocations} invocations)`,
    ),
    row("alerts", alerts.length, severities.join(", ")),
    ...byRule.map(([id, count]) => `  ${String(count).padStart(14)}  ${id}`),
    row("SNS", alerts.length, "alerts arrived"),
    row("Datadog", datadog, "alerts arrived at the stand-in"),
    ...(unreadable === 0 ? [] : [row("unreadable", unreadable, "inputs, named above")]),
    ...(counts.failures === 0
      ? []
      : [
          row(
            "failed",
            counts.failures,
            `invocations for good (${counts.deadLetters} in the dead-letter queue)`,
          ),
        ]),
  ].join("\n");
}

function row(what: string, count: number, words: string): string {
  return `  ${what.padEnd(10)}${String(count).padStart(4)}  ${words}`.trimEnd();
}

function countBy<Key>(alerts: readonly Alert[], key: (alert: Alert) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const alert of alerts) counts.set(key(alert), (counts.get(key(alert)) ?? 0) + 1);
  return counts;
}
