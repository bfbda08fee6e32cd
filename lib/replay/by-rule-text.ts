/**
 * The noise table for people at a terminal: a line of numbers a rule, and below it through whom and how.
 *
 *   ALERTS  PER DAY  DAYS  SEVERITY  RULE                      SENT  SUPPRESSED  STAGED
 *       60    2,026     1  medium    _global/unauthorized-call   60           0       0
 *           by benjamin 40, lab/alice 12 and 8 by 3 others; via cli 50, console 10
 */
import { showText } from "../../lambda/alerts/show-text.ts";
import { counted } from "../words.ts";
import type { ByRuleReport, ByRuleRow } from "./by-rule-schema.ts";
import { textTable } from "./text-table.ts";
import { formatRate, formatSpan, rateCaution } from "./time-span.ts";

const MAX_NAME = 100;
const MAX_QUIET = 12;

const COLUMNS = [
  { head: "ALERTS", right: true },
  { head: "PER DAY", right: true },
  { head: "DAYS", right: true },
  { head: "SEVERITY" },
  { head: "RULE" },
  { head: "SENT", right: true },
  { head: "SUPPRESSED", right: true },
  { head: "STAGED", right: true },
];
const INDENT = " ".repeat(10);

/** The report as lines for a terminal. */
export function formatByRule(report: ByRuleReport): string[] {
  const lines = [...aboutRecords(report), ...aboutCounts(report)];
  if (report.rules.length > 0) {
    lines.push("", ...textTable(COLUMNS, report.rules.map(cellsOf), report.rules.map(below)));
  }
  if (report.quiet.length > 0) {
    const ids = report.quiet.slice(0, MAX_QUIET);
    const more = report.quiet.length - ids.length;
    lines.push("", `${counted(report.quiet.length, "rule")} never fired:`, ...ids.map((id) => `  ${id}`));
    if (more > 0) lines.push(`  and ${more} more, all of them with --format json`);
  }
  return lines;
}

/** Over what the counts go, in sentences. */
export function aboutRecords({ records, patterns, span }: Omit<ByRuleReport, "rules">): string[] {
  const delivered = patterns ? `${number(records.delivered)} delivered` : "event patterns not applied";
  const lines = [`${counted(records.read, "record")} ${formatSpan(span)}, ${delivered}.`];
  const caution = rateCaution(span);
  if (records.read > 0 && caution !== undefined) lines.push(caution);
  if (records.withoutTime > 0)
    lines.push(`Without a time that can be read: ${counted(records.withoutTime, "record")}.`);
  if (records.failed > 0) {
    const what =
      "Rules or suppressions that could not be evaluated, so that alerts may be missing or too many";
    lines.push(`${what}: ${counted(records.failed, "time")}.`);
  }
  if (records.unreadable > 0)
    lines.push(`Could not be read: ${counted(records.unreadable, "piece")} of the input.`);
  return lines;
}

/** What is counted, and what that comes to. */
export function aboutCounts({ count, perDay, counted: dispositions, rules }: ByRuleReport): string[] {
  const rate = perDay === null ? "" : `, ${formatRate(perDay)} a day`;
  const firing = rules.filter((row) => row.count > 0).length;
  const lines = [`${counted(count, "alert")}${rate}, of ${counted(firing, "rule")}.`];
  const left = (["suppressed", "staged"] as const).filter((one) => !dispositions.includes(one));
  const uncounted = left.filter((one) => rules.some((row) => row[one] > 0));
  if (uncounted.length > 0) {
    lines.push(
      `Not counted, only shown: ${uncounted.join(" and ")} ones (--include ${uncounted.join(",")}).`,
    );
  }
  return lines;
}

/** A count with commas. */
export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** Names with their counts in a sentence; `show` makes a name safe for its medium. */
export function formatTop({ top, others }: ByRuleRow["actors"], show: (name: string) => string): string {
  const listed = top.map(({ name, count }) => `${show(name)} ${number(count)}`).join(", ");
  if (others.count === 0) return listed;
  const who = others.names === null ? "very many others" : counted(others.names, "other");
  return `${listed} and ${number(others.count)} by ${who}`;
}

function cellsOf(row: ByRuleRow): string[] {
  const { count, perDay, days, severity, rule, delivered, suppressed, staged } = row;
  const rate = formatRate(perDay);
  return [
    number(count),
    rate,
    number(days),
    severity,
    rule,
    number(delivered),
    number(suppressed),
    number(staged),
  ];
}

function shown(name: string): string {
  return showText(name, MAX_NAME);
}

function below(row: ByRuleRow): string[] {
  if (row.count === 0) return [];
  return [`${INDENT}by ${formatTop(row.actors, shown)}; via ${formatTop(row.channels, shown)}`];
}
