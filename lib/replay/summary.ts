/**
 * What a replay says at its end, and while it runs on a terminal. The summary names what was left out as well as
 * what was read: a count that hides a skipped file, or a suppressed alert, is worse than none.
 *
 *   2,900 records read, 61 delivered, 34 alerts on 30 records, 3 suppressed, 1 staged.
 *     12  _global/console-change
 *   Suppressed, so that nobody would be told: 3 alerts.
 *     3  nightly-backup (owner platform team, until 2027-03-31)
 *   Could not be read: 2 pieces (listed above).
 */
import { hasExpired } from "../../lambda/engine/expiry.ts";
import type { Match } from "../../lambda/engine/engine.ts";
import type { Suppression } from "../../lambda/engine/rule.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { counted as count } from "../words.ts";
import type { Tally } from "./replay.ts";
import type { Sources } from "./sources.ts";

/** What the counts are about. */
export type SummaryContext = {
  readonly sources?: Sources | undefined;
  /** The event patterns were not applied. */
  readonly all: boolean;
  /** The suppressions of the rule set. */
  readonly suppressions: readonly Suppression[];
  /** The moment as of which they held, in milliseconds since 1970. */
  readonly at: number;
};

/** The lines of the summary. */
export function summarize(tally: Tally, { sources, all, suppressions, at }: SummaryContext): string[] {
  const delivered = all
    ? "event patterns not applied"
    : `${tally.delivered.toLocaleString("en-US")} delivered`;
  const quiet = (["suppressed", "staged"] as const).flatMap((what) =>
    tally[what] === 0 ? [] : [`, ${tally[what].toLocaleString("en-US")} ${what}`],
  );
  const lines = [
    `${count(tally.read, "record")} read, ${delivered}, ${count(tally.alerts, "alert")} on ${count(tally.alerted, "record")}${quiet.join("")}.`,
    ...perRule(tally, "delivered"),
  ];
  if (tally.staged > 0)
    lines.push(
      `Staged rules, whose alerts go nowhere: ${count(tally.staged, "alert")}.`,
      ...perRule(tally, "staged"),
    );
  lines.push(...aboutSuppressions(tally, suppressions, at));
  if (sources !== undefined) lines.push(...leftOut(sources));
  if (tally.failed > 0)
    lines.push(
      `Rules and suppressions that could not be evaluated: ${count(tally.failed, "time")} (listed above).`,
    );
  if (tally.unreadable > 0)
    lines.push(`Could not be read: ${count(tally.unreadable, "piece")} of the input (listed above).`);
  return lines;
}

function perRule({ perRule: rules }: Tally, disposition: Match["disposition"]): string[] {
  return table([...rules].map(([id, counts]) => [counts[disposition], id]));
}

/** Counts above zero, the largest first, in a column. */
function table(rows: readonly (readonly [number, string])[]): string[] {
  const shown = rows
    .filter(([number]) => number > 0)
    .toSorted(([x, a], [y, b]) => y - x || (a < b ? -1 : 1))
    .map(([number, text]) => [number.toLocaleString("en-US"), text] as const);
  const width = Math.max(...shown.map(([number]) => number.length), 0);
  return shown.map(([number, text]) => `  ${number.padStart(width)}  ${text}`);
}

/** Whose suppressions kept how much back, and those that kept nothing back: they may have outlived their reason. */
function aboutSuppressions(tally: Tally, suppressions: readonly Suppression[], at: number): string[] {
  const hits = ({ id }: Suppression): number => tally.perSuppression.get(id) ?? 0;
  const idle = suppressions.filter((one) => hits(one) === 0);
  return [
    ...(tally.suppressed === 0
      ? []
      : [`Suppressed, so that nobody would be told: ${count(tally.suppressed, "alert")}.`]),
    ...table(suppressions.map((one) => [hits(one), about(one)])),
    ...idle.map((one) =>
      hasExpired(one, at)
        ? `The suppression ${about(one)} has expired: it suppresses nothing any more.`
        : `The suppression ${about(one)} kept nothing back on these records.`,
    ),
  ];
}

function about({ id, owner, expires }: Suppression): string {
  return `${id} (owner ${printable(owner)}, until ${expires})`;
}

function leftOut({ sources, problems, digests, others, links }: Sources): string[] {
  const lines: string[] = [];
  if (sources.length + problems.length === 0) {
    lines.push("There was no file to replay: no name below these folders is one of CloudTrail's files.");
  }
  if (digests > 0) {
    lines.push(`Left out: ${count(digests, "digest or Insight file")} without records.`);
  }
  if (others.length > 0) {
    lines.push(`Left out: ${firstOf(others)}: by name and first byte no CloudTrail files.`);
  }
  if (links.length > 0) {
    lines.push(`Left out: ${firstOf(links)}: links to folders, which are not followed; name them.`);
  }
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
