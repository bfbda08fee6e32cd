/**
 * Markdown as GitHub shows it, of text that strangers chose. A session name may hold a table's pipe, a link, HTML, or
 * "@everyone", which would notify people: such text stands in code spans, in which GitHub neither links, notifies nor
 * renders anything. And a comment on GitHub holds 65,536 characters: what does not fit is left out, and said.
 *
 *   codeSpan("<b>@alice|`x`", 100)   // `` <b>@alice\|`x` ``
 */
import { showText } from "../../lambda/alerts/show-text.ts";

/** What GitHub takes as the body of a comment or pull request. */
export const GITHUB_LIMIT = 65_536;
/** Room for the words about what was left out. */
const RESERVE = 600;

/** Text of a stranger as a code span, in a table or outside: one line, nothing hidden, cut at `limit`. */
export function codeSpan(text: string, limit: number): string {
  // Behind a backslash, renderers do not agree whether a pipe is escaped: it is shown by its code.
  const shown = showText(text, limit).replaceAll("\\|", "\\\\u007c");
  if (shown === "") return "(empty)";
  const fence = "`".repeat(longestRun(shown) + 1);
  const space = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  // A table takes its pipes before it looks for code.
  return `${fence}${space}${shown.replaceAll("|", "\\|")}${space}${fence}`;
}

/** A row of a table; the cells are Markdown already. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** The head of a table; a heading that ends in ":" stands over numbers. */
export function tableHead(heads: readonly string[]): string {
  const line = heads.map((head) => (head.endsWith(":") ? "--:" : "---"));
  return `${tableRow(heads.map((head) => head.replace(/:$/, "")))}\n${tableRow(line)}`;
}

/** A part that folds. `title` and `body` are Markdown-safe already, `title` without code spans: GitHub shows it as HTML. */
export function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>\n`;
}

/** A document that grows until it is full. */
export type Page = {
  /** Adds lines if they fit, and gives whether they did. `most` is the part of the page that may be full afterwards. */
  add(text: string, most?: number): boolean;
  /** Notes what did not fit, in words. */
  leftOut(what: string): void;
  /** The document, with what was left out at its end. */
  text(): string;
};

/** An empty page of at most `limit` characters. */
export function createPage(limit = GITHUB_LIMIT): Page {
  const parts: string[] = [];
  const missing: string[] = [];
  let length = 0;
  return {
    add(text, most = 1) {
      if (length + text.length + 1 > (limit - RESERVE) * most) return false;
      parts.push(text);
      length += text.length + 1;
      return true;
    },
    leftOut(what) {
      missing.push(what);
    },
    text() {
      if (missing.length > 0) {
        const number = limit.toLocaleString("en-US");
        const words = `Left out to stay under ${number} characters: ${missing.join("; ")}.`;
        parts.push(`\n_${words.slice(0, RESERVE - 60)} \`--format json\` has all of it._`);
      }
      return `${parts.join("\n")}\n`;
    },
  };
}

/** Adds as many rows as fit, and gives how many did not. */
export function addRows(page: Page, rows: readonly string[], most: number): number {
  let fitting = 0;
  while (fitting < rows.length && page.add(rows[fitting] ?? "", most)) fitting++;
  return rows.length - fitting;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
