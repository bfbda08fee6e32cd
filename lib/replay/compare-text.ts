/**
 * A comparison for people at a terminal: what it comes to, a line of numbers a rule that differs, examples below it
 * ("+" appears, "-" disappears, "~" changes), and what became of the rules.
 *
 *   From origin/main (3f2a91c0b1) to the working tree: 5 alerts appear, 2 disappear, 1 changes, 31 stay the same.
 */
import { showText } from "../../lambda/alerts/show-text.ts";
import { counted } from "../words.ts";
import { number } from "./by-rule-text.ts";
import type { CompareReport, CompareRow, Example } from "./compare-schema.ts";
import { differing } from "./differences.ts";
import { textTable } from "./text-table.ts";
import { formatSpan } from "./time-span.ts";

const MAX_NAME = 100;
const MAX_SUMMARY = 200;
const MAX_IDS = 12;

const COLUMNS = [
  { head: "BEFORE", right: true },
  { head: "AFTER", right: true },
  { head: "APPEAR", right: true },
  { head: "DISAPPEAR", right: true },
  { head: "CHANGE", right: true },
  { head: "SEVERITY" },
  { head: "RULE" },
];

/** The report as lines for a terminal. */
export function formatComparison(report: CompareReport): string[] {
  const { revision, rules } = report;
  const name = showText(revision.name, MAX_NAME);
  const lines = [
    `From ${name} (${revision.commit.slice(0, 10)}) to the working tree: ${verdict(report)}.`,
    ...remarks(report),
  ];
  const rows = report.perRule.filter((row) => differing(row) > 0);
  if (rows.length > 0) {
    lines.push("", ...textTable(COLUMNS, rows.map(cellsOf), rows.map(examplesOf)));
  }
  const changes: [string, readonly string[]][] = [
    ["Rules added", rules.added],
    ["Rules removed", rules.removed],
    ["Rules renamed", rules.renamed.map(({ from, to }) => `${from} -> ${to}`)],
    ["Rules edited", rules.edited],
    ["Shared files that differ", rules.shared],
    [`Rules that could not be used at ${name}`, revision.unread],
  ];
  const listed = changes.filter(([, ids]) => ids.length > 0);
  if (listed.length > 0) lines.push("", ...listed.map(([what, ids]) => `${what}: ${firstOf(ids)}`));
  return lines;
}

/** What the comparison comes to, as a part of a sentence. */
export function verdict({ total }: CompareReport): string {
  const { appear, disappear, change, same } = total;
  if (appear + disappear + change === 0)
    return `no alert differs, ${counted(same, "alert")} ${stay(same)} the same`;
  return (
    `${counted(appear, "alert")} ${appear === 1 ? "appears" : "appear"}, ` +
    `${number(disappear)} ${disappear === 1 ? "disappears" : "disappear"}, ` +
    `${number(change)} ${change === 1 ? "changes" : "change"}, ${number(same)} ${stay(same)} the same`
  );
}

/** What else there is to know, a sentence each: above all what the numbers do not cover. */
export function remarks({
  records,
  span,
  patterns,
  total,
  revision,
  counted: dispositions,
}: CompareReport): string[] {
  const { before, after } = records.delivered;
  const delivered = patterns
    ? `${number(before)} delivered before, ${number(after)} after`
    : "event patterns not applied";
  const lines = [`${counted(records.read, "record")} ${formatSpan(span)}: ${delivered}.`];
  if (total.unsent > 0) {
    const left = ["suppressed", "staged"]
      .filter((one) => !dispositions.some((counts) => counts === one))
      .join(",");
    const differ = total.unsent === 1 ? "alert differs" : "alerts differ";
    lines.push(`${number(total.unsent)} more ${differ}, but neither side sends them (--include ${left}).`);
  }
  lines.push(...aboutProblems(revision, total.uncompared));
  const failed = records.failed.before + records.failed.after;
  if (failed > 0) {
    lines.push(
      `Incomplete: rules or suppressions could not be evaluated ${counted(failed, "time")}, so some alerts may seem to appear or disappear.`,
    );
  }
  if (records.unreadable > 0) {
    lines.push(`Incomplete: ${counted(records.unreadable, "piece")} of the input could not be read.`);
  }
  return lines;
}

function aboutProblems({ problems, unread }: CompareReport["revision"], uncompared: number): string[] {
  if (problems.length === 0) return [];
  const files = new Set(problems.map(({ file }) => file));
  const lost = [...files].some((file) => file.includes("_suppressions/"));
  return [
    `Incomplete: ${counted(files.size, "file")} at the revision could not be used, because today's loader finds errors there.`,
    ...(unread.length === 0
      ? []
      : [
          `What ${counted(unread.length, "rule")} did before is not known: ${counted(uncompared, "alert")} may be new or not.`,
        ]),
    ...(lost ? ["A suppression among these files counts as none before."] : []),
  ];
}

/** What a rule is, where it is not simply there on both sides. */
export function stateOf({ state, was = "" }: CompareRow): string {
  const words = {
    kept: "",
    added: "new rule",
    removed: "removed",
    renamed: `was ${was}`,
    unread: "could not be used before",
  };
  return words[state];
}

/** A difference of one part of an alert; `show` makes a text safe for its medium. */
export function formatDifferences(example: Example, show: (text: string) => string): string {
  return (example.differences ?? [])
    .map(({ field, before, after }) => `${field}: ${show(before)} -> ${show(after)}`)
    .join("; ");
}

function cellsOf(row: CompareRow): string[] {
  const { state, before, after, appear, disappear, change, severity, rule } = row;
  const about = stateOf(row);
  return [
    state === "unread" ? "?" : number(before),
    number(after),
    state === "unread" ? "?" : number(appear),
    number(disappear),
    number(change),
    severity,
    about === "" ? rule : `${rule} (${about})`,
  ];
}

function examplesOf({ examples: { appear, disappear, change } }: CompareRow): string[] {
  return [
    ...appear.map((example) => exampleLine("+", example)),
    ...disappear.map((example) => exampleLine("-", example)),
    ...change.map((example) => exampleLine("~", example)),
  ];
}

function exampleLine(sign: string, example: Example): string {
  const { time, actor, summary, disposition } = example;
  const sent = disposition === "delivered" ? "" : ` (${disposition})`;
  const differences = formatDifferences(example, shown);
  const more = differences === "" ? "" : `  [${differences}]`;
  // Most summaries begin with the actor.
  const name = showText(actor, MAX_NAME);
  const what = shown(summary);
  return `    ${sign} ${time}  ${what.includes(name) ? "" : `${name}: `}${what}${sent}${more}`;
}

function shown(text: string): string {
  return showText(text, MAX_SUMMARY);
}

function firstOf(ids: readonly string[]): string {
  const more = ids.length - MAX_IDS;
  return `${ids.slice(0, MAX_IDS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function stay(same: number): string {
  return same === 1 ? "stays" : "stay";
}
