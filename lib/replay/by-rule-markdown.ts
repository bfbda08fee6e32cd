/**
 * The noise table as Markdown, for a pull request or an issue.
 *
 *   | Alerts | Per day | Days | Severity | Rule | … | Actors | Channels |
 *   | 60 | 2,026 | 1 | medium | `_global/unauthorized-call` | … | `benjamin` 40, `lab/alice` 12 | `cli` 50, … |
 */
import { counted } from "../words.ts";
import type { ByRuleReport, ByRuleRow } from "./by-rule-schema.ts";
import { aboutCounts, aboutRecords, formatTop, number } from "./by-rule-text.ts";
import { addRows, codeSpan, createPage, details, GITHUB_LIMIT, tableHead, tableRow } from "./markdown.ts";
import { formatRate } from "./time-span.ts";

const MAX_NAME = 100;
const MAX_ID = 200;
/** The part of the page that the table may fill, so that the list of quiet rules finds room. */
const TABLE = 0.8;

const HEADS = [
  "Alerts:",
  "Per day:",
  "Days:",
  "Severity",
  "Rule",
  "Sent:",
  "Suppressed:",
  "Staged:",
  "Actors",
  "Channels",
];

/** The report as Markdown of at most `limit` characters. */
export function byRuleMarkdown(report: ByRuleReport, limit = GITHUB_LIMIT): string {
  const page = createPage(limit);
  page.add("## Alerts by rule\n");
  page.add(`${[...aboutCounts(report), ...aboutRecords(report)].join("  \n")}\n`);
  if (report.rules.length > 0) {
    page.add(tableHead(HEADS));
    const missing = addRows(page, report.rules.map(rowOf), TABLE);
    if (missing > 0) page.leftOut(`${counted(missing, "rule")} with the fewest alerts`);
    page.add("");
  }
  if (report.quiet.length > 0) {
    const title = `${counted(report.quiet.length, "rule")} never fired`;
    const ids = report.quiet.map((id) => codeSpan(id, MAX_ID)).join(", ");
    if (!page.add(details(title, ids))) page.leftOut(`the ${title.replace(" never", " that never")}`);
  }
  return page.text();
}

function shown(name: string): string {
  return codeSpan(name, MAX_NAME);
}

function rowOf(row: ByRuleRow): string {
  return tableRow([
    number(row.count),
    formatRate(row.perDay).replace("<", "&lt;"),
    number(row.days),
    row.severity,
    codeSpan(row.rule, MAX_ID),
    number(row.delivered),
    number(row.suppressed),
    number(row.staged),
    formatTop(row.actors, shown),
    formatTop(row.channels, shown),
  ]);
}
