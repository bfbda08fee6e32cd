/**
 * What a replay says at its end, and while it runs on a terminal. The summary names what was left out as well as
 * what was read: a count that hides a skipped file is worse than none.
 *
 *   2,900 records read, 61 delivered, 34 alerts on 30 records.
 *     12  _global/console-change
 *   Could not be read: 2 pieces (listed above).
 */
import { printable } from "../../lambda/loader/problem.ts";
import { counted as count } from "../words.ts";
import type { Tally } from "./replay.ts";
import type { Sources } from "./sources.ts";

/** The lines of the summary. `all` says that the event patterns were not applied. */
export function summarize(tally: Tally, sources: Sources | undefined, all: boolean): string[] {
  const delivered = all
    ? "event patterns not applied"
    : `${tally.delivered.toLocaleString("en-US")} delivered`;
  const lines = [
    `${count(tally.read, "record")} read, ${delivered}, ${count(tally.alerts, "alert")} on ${count(tally.alerted, "record")}.`,
  ];
  const width = Math.max(
    ...[...tally.perRule.values()].map((alerts) => alerts.toLocaleString("en-US").length),
    0,
  );
  const byCount = [...tally.perRule].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  for (const [id, alerts] of byCount)
    lines.push(`  ${alerts.toLocaleString("en-US").padStart(width)}  ${id}`);
  if (sources !== undefined && sources.sources.length + sources.problems.length === 0) {
    lines.push("There was no file to replay: no name below these folders is one of CloudTrail's files.");
  }
  if (sources !== undefined && sources.digests > 0) {
    lines.push(`Left out: ${count(sources.digests, "digest or Insight file")} without records.`);
  }
  if (sources !== undefined && sources.others.length > 0) {
    lines.push(`Left out: ${firstOf(sources.others)}: by name and first byte no CloudTrail files.`);
  }
  if (sources !== undefined && sources.links.length > 0) {
    lines.push(`Left out: ${firstOf(sources.links)}: links to folders, which are not followed; name them.`);
  }
  if (tally.failed > 0)
    lines.push(`Rules that could not be evaluated: ${count(tally.failed, "time")} (listed above).`);
  if (tally.unreadable > 0)
    lines.push(`Could not be read: ${count(tally.unreadable, "piece")} of the input (listed above).`);
  return lines;
}

/** The first of some paths, and how many more there are. */
function firstOf(paths: readonly string[]): string {
  const [first = ""] = paths;
  return `${printable(first)}${paths.length > 1 ? ` and ${paths.length - 1} more` : ""}`;
}

/** The line that a terminal shows while the replay runs. */
export function progressLine(tally: Tally, done: { bytes: number; size: number; seconds: number }): string {
  const percent = done.size > 0 ? `${Math.min(100, Math.floor((100 * done.bytes) / done.size))}%  ` : "";
  const rate = done.seconds > 0 ? Math.round(tally.read / done.seconds) : 0;
  return `${percent}${count(tally.read, "record")}, ${count(tally.alerts, "alert")}, ${rate.toLocaleString("en-US")} records/s`;
}
