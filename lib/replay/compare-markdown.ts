/**
 * A comparison as Markdown, for the pull request that changes the rules: a heading, what it comes to, a table of the
 * rules that differ, and examples that unfold. Everything from records stands in code spans.
 *
 *   ## Alerts: `origin/main` → working tree
 *   **5 alerts appear, 2 disappear, 1 changes, 31 stay the same.**
 */
import { counted } from "../words.ts";
import { number } from "./by-rule-text.ts";
import type { CompareReport, CompareRow, Example } from "./compare-schema.ts";
import { formatDifferences, remarks, stateOf, verdict } from "./compare-text.ts";
import { differing } from "./differences.ts";
import {
  addRows,
  codeSpan,
  createPage,
  details,
  GITHUB_LIMIT,
  type Page,
  tableHead,
  tableRow,
} from "./markdown.ts";

const MAX_ID = 200;
const MAX_NAME = 100;
const MAX_SUMMARY = 200;
/** The parts of the page that may be full after the table and after the lists of rules: examples take the rest. */
const TABLE = 0.4;
const LISTS = 0.55;
/** A list of more than these folds. */
const UNFOLDED = 10;

const HEADS = ["Rule", "Severity", "Before:", "After:", "Appear:", "Disappear:", "Change:", ""];

/** The report as Markdown of at most `limit` characters. */
export function comparisonMarkdown(report: CompareReport, limit = GITHUB_LIMIT): string {
  const page = createPage(limit);
  const { revision } = report;
  page.add(`## Alerts: ${codeSpan(revision.name, MAX_NAME)} → working tree\n`);
  page.add(`${[`**${capital(verdict(report))}.**`, ...remarks(report)].join("  \n")}\n`);
  const rows = report.perRule.filter((row) => differing(row) > 0);
  if (rows.length > 0) {
    page.add(tableHead(HEADS));
    const missing = addRows(page, rows.map(rowOf), TABLE);
    if (missing > 0) page.leftOut(`${counted(missing, "rule")} with the fewest differences`);
    page.add("");
  }
  addRules(page, report);
  const withExamples = rows.filter(({ examples }) => Object.values(examples).some((list) => list.length > 0));
  const left = withExamples.filter((row) => !page.add(examplesOf(row)));
  if (left.length > 0) page.leftOut(`the examples of ${counted(left.length, "rule")}`);
  return page.text();
}

function rowOf(row: CompareRow): string {
  const unknown = row.state === "unread";
  return tableRow([
    codeSpan(row.rule, MAX_ID),
    row.severity,
    unknown ? "?" : number(row.before),
    number(row.after),
    unknown ? "?" : number(row.appear),
    number(row.disappear),
    number(row.change),
    row.state === "renamed" ? `was ${codeSpan(row.was ?? "", MAX_ID)}` : stateOf(row),
  ]);
}

function ids(list: readonly string[]): string[] {
  return list.map((id) => codeSpan(id, MAX_ID));
}

/** What became of the rules, a part each kind; a long list folds. */
function addRules(page: Page, { rules, revision }: CompareReport): void {
  const kinds: [string, readonly string[]][] = [
    ["Rules added", ids(rules.added)],
    ["Rules removed", ids(rules.removed)],
    ["Rules renamed", rules.renamed.map(({ from, to }) => ids([from, to]).join(" → "))],
    ["Rules edited", ids(rules.edited)],
    ["Shared files that differ", ids(rules.shared)],
    ["Rules that could not be used before", ids(revision.unread)],
  ];
  for (const [what, list] of kinds) {
    if (list.length === 0) continue;
    const title = `${what} (${number(list.length)})`;
    const text = list.join(", ");
    if (page.add(list.length > UNFOLDED ? details(title, text) : `${title}: ${text}\n`, LISTS)) continue;
    if (!page.add(`${title}\n`)) page.leftOut(title);
  }
}

function shown(text: string): string {
  return codeSpan(text, MAX_SUMMARY);
}

function examplesOf(row: CompareRow): string {
  const { appear, disappear, change } = row.examples;
  const lines = [
    tableHead(["", "Time", "Actor", "Summary", "Difference"]),
    ...appear.map((example) => exampleRow("appears", example)),
    ...disappear.map((example) => exampleRow("disappears", example)),
    ...change.map((example) => exampleRow("changes", example)),
  ];
  const numbers = [
    row.appear > 0 ? `${number(row.appear)} appear` : "",
    row.disappear > 0 ? `${number(row.disappear)} disappear` : "",
    row.change > 0 ? `${number(row.change)} change` : "",
  ].filter((text) => text !== "");
  return details(`${htmlText(row.rule)}: ${numbers.join(", ")}`, lines.join("\n"));
}

function exampleRow(what: string, example: Example): string {
  const { time, actor, summary, disposition } = example;
  const sent = disposition === "delivered" ? "" : ` (${disposition})`;
  const differences = formatDifferences(example, shown);
  return tableRow([`${what}${sent}`, time, codeSpan(actor, MAX_NAME), shown(summary), differences]);
}

function htmlText(text: string): string {
  return `<code>${text.replace(/[&<>"'@]/g, (character) => `&#${character.charCodeAt(0)};`)}</code>`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
