import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { showText } from "../../../lambda/alerts/show-text.ts";
import { addRows, codeSpan, createPage, details, tableHead, tableRow } from "../../../lib/replay/markdown.ts";

const PIECES = [
  "`",
  "``",
  "|",
  "\\",
  "@team",
  "<b>",
  "\n",
  "[x](http://e.example)",
  "~~",
  "</details>",
  "\u202e",
  " ",
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 12 })
  .map((parts) => parts.join(""));

/** The cells of a row by the strictest reading: a backslash protects a pipe unless it is itself protected. */
function cellsOf(row: string): string[] {
  const cells: string[] = [];
  let cell = "";
  for (const [token] of row.matchAll(/\\[\\|]|[\s\S]/g)) {
    if (token === "|") {
      cells.push(cell.trim());
      cell = "";
    } else cell += token === "\\|" ? "|" : token;
  }
  return cells.slice(1);
}

/** The text of a cell that is one code span and nothing else, by CommonMark's rules; undefined for any other. */
function spanText(cell: string): string | undefined {
  const fence = /^`+/.exec(cell)?.[0];
  if (fence === undefined) return undefined;
  const runs = [...cell.slice(fence.length).matchAll(/`+/g)];
  const close = runs.find(([run]) => run.length === fence.length);
  if (close === undefined || close.index + 2 * fence.length !== cell.length) return undefined;
  const inside = cell.slice(fence.length, -fence.length);
  return inside.startsWith(" ") && inside.endsWith(" ") && inside.trim() !== ""
    ? inside.slice(1, -1)
    : inside;
}

describe("a code span", () => {
  it("keeps text of a stranger as text: one line, one cell, nothing that GitHub would act on", () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const row = tableRow([codeSpan(one, 80), codeSpan(other, 80), "x"]);
        expect(row).not.toMatch(/[\n\r\u2028]/);
        const cells = cellsOf(row);
        expect(cells).toHaveLength(3);
        for (const [at, text] of [one, other].entries()) {
          const shown = showText(text, 80).replaceAll("\\|", "\\\\u007c");
          expect(shown === "" ? cells[at] : spanText(cells[at] ?? "")).toBe(shown === "" ? "(empty)" : shown);
        }
      }),
    );
  });

  it("is cut, with a mark", () => {
    expect(codeSpan("x".repeat(500), 10)).toBe("`xxxxxxxxx…`");
  });
});

describe("a table", () => {
  it("has numbers to the right", () => {
    expect(tableHead(["Rule", "Alerts:"])).toBe("| Rule | Alerts |\n| --- | --: |");
  });
});

describe("a page", () => {
  it("takes what fits, whole, and says what did not", () => {
    const page = createPage(2000);
    expect(page.add("a".repeat(1000))).toBe(true);
    expect(page.add("b".repeat(1000))).toBe(false);
    expect(page.add("c")).toBe(true);
    page.leftOut("the b");
    expect(page.text()).toBe(
      `${"a".repeat(1000)}\nc\n\n_Left out to stay under 2,000 characters: the b. \`--format json\` has all of it._\n`,
    );
  });

  it("never grows beyond its limit, however much is left out", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 60 }), (lengths) => {
        const page = createPage(3000);
        for (const length of lengths) {
          if (!page.add(details("t", "x".repeat(length)))) page.leftOut(`a part of ${length} characters`);
        }
        const text = page.text();
        expect(text.length).toBeLessThanOrEqual(3000);
        expect(text.split("<details>").length).toBe(text.split("</details>").length);
      }),
    );
  });

  it("keeps a part of itself free while rows are added", () => {
    const page = createPage(3000);
    const rows = Array.from({ length: 100 }, () => tableRow(["x".repeat(95)]));
    const missing = addRows(page, rows, 0.5);
    expect(missing).toBe(100 - Math.floor((2400 * 0.5) / 100));
    expect(page.add("y".repeat(1100))).toBe(true);
  });
});
