import { describe, expect, it } from "vitest";
import { comparisonMarkdown } from "../../../lib/replay/compare-markdown.ts";
import {
  compareSchema,
  type CompareReport,
  type CompareRow,
  type Example,
} from "../../../lib/replay/compare-schema.ts";
import { formatComparison } from "../../../lib/replay/compare-text.ts";

const example = (more: Partial<Example> = {}): Example => ({
  time: "2026-11-02T09:00:00.000Z",
  actor: "dana",
  summary: "dana stopped i-1",
  severity: "low",
  disposition: "delivered",
  ...more,
});

function row(id: string, more: Partial<CompareRow> = {}): CompareRow {
  return {
    rule: `ec2.amazonaws.com/${id}`,
    state: "kept",
    severity: "low",
    before: 0,
    after: 0,
    appear: 0,
    disappear: 0,
    change: 0,
    same: 0,
    uncompared: 0,
    fields: { severity: 0, title: 0, summary: 0, disposition: 0 },
    examples: { appear: [], disappear: [], change: [] },
    ...more,
  };
}

function report(perRule: CompareRow[], more: Partial<CompareReport> = {}): CompareReport {
  const sum = (key: "before" | "after" | "appear" | "disappear" | "change" | "same" | "uncompared"): number =>
    perRule.reduce((total, one) => total + one[key], 0);
  return compareSchema.parse({
    revision: { name: "origin/main", commit: "3f2a91c0b1aaaaaaaaaa", problems: [], unread: [] },
    counted: ["delivered"],
    patterns: true,
    records: {
      read: 2900,
      withoutTime: 0,
      unreadable: 0,
      delivered: { before: 61, after: 189 },
      failed: { before: 0, after: 0 },
    },
    span: { from: "A", to: "B", days: 30, daysWithRecords: 30 },
    rules: { before: 1, after: 1, added: [], removed: [], renamed: [], edited: [], shared: [] },
    total: {
      before: sum("before"),
      after: sum("after"),
      appear: sum("appear"),
      disappear: sum("disappear"),
      change: sum("change"),
      same: sum("same"),
      uncompared: sum("uncompared"),
      unsent: 0,
    },
    perRule,
    ...more,
  });
}

const GONE = row("gone", {
  state: "removed",
  before: 2,
  disappear: 2,
  examples: { appear: [], disappear: [example()], change: [] },
});
const LOUDER = row("louder", {
  state: "renamed",
  was: "ec2.amazonaws.com/quiet",
  severity: "high",
  before: 1,
  after: 1,
  change: 1,
  examples: {
    appear: [],
    disappear: [],
    change: [
      example({
        actor: "Admin/eve",
        disposition: "staged",
        differences: [{ field: "severity", before: "low", after: "high" }],
      }),
    ],
  },
});
const BROKEN = row("broken", { state: "unread", after: 3, uncompared: 3 });
const RULES: CompareReport["rules"] = {
  before: 3,
  after: 3,
  added: ["ec2.amazonaws.com/new"],
  removed: ["ec2.amazonaws.com/gone"],
  renamed: [{ from: "ec2.amazonaws.com/quiet", to: "ec2.amazonaws.com/louder" }],
  edited: ["ec2.amazonaws.com/louder"],
  shared: ["_lists/admins"],
};

const problem = (path: string) => {
  const file = `origin/main:rules/${path}`;
  return { file, line: 1, column: 1, message: "Bad.", cure: "Mend it." };
};

describe("a comparison for people", () => {
  it("says what it comes to, then the rules that differ with examples, then what became of the rules", () => {
    expect(formatComparison(report([GONE, LOUDER, row("same", { same: 31 })], { rules: RULES }))).toEqual([
      "From origin/main (3f2a91c0b1) to the working tree: 0 alerts appear, 2 disappear, 1 changes, 31 stay the same.",
      "2,900 records over 30 days (A to B): 61 delivered before, 189 after.",
      "",
      "BEFORE  AFTER  APPEAR  DISAPPEAR  CHANGE  SEVERITY  RULE",
      "     2      0       0          2       0  low       ec2.amazonaws.com/gone (removed)",
      "    - 2026-11-02T09:00:00.000Z  dana stopped i-1",
      "     1      1       0          0       1  high      ec2.amazonaws.com/louder (was ec2.amazonaws.com/quiet)",
      "    ~ 2026-11-02T09:00:00.000Z  Admin/eve: dana stopped i-1 (staged)  [severity: low -> high]",
      "",
      "Rules added: ec2.amazonaws.com/new",
      "Rules removed: ec2.amazonaws.com/gone",
      "Rules renamed: ec2.amazonaws.com/quiet -> ec2.amazonaws.com/louder",
      "Rules edited: ec2.amazonaws.com/louder",
      "Shared files that differ: _lists/admins",
    ]);
  });

  it("says so when nothing differs", () => {
    expect(formatComparison(report([row("same", { same: 1 })]))[0]).toBe(
      "From origin/main (3f2a91c0b1) to the working tree: no alert differs, 1 alert stays the same.",
    );
  });

  it("says what the comparison does not cover", () => {
    const incomplete = report([BROKEN], {
      revision: {
        name: "origin/main",
        commit: "3f2a91c0b1aaaaaaaaaa",
        problems: [problem("ec2.amazonaws.com/broken.yaml"), problem("_suppressions/night.yaml")],
        unread: ["ec2.amazonaws.com/broken"],
      },
    });
    incomplete.records.failed = { before: 1, after: 1 };
    incomplete.records.unreadable = 1;
    incomplete.total.unsent = 2;
    const lines = formatComparison(incomplete);
    expect(lines.slice(1, 8)).toEqual([
      "2,900 records over 30 days (A to B): 61 delivered before, 189 after.",
      "2 more alerts differ, but neither side sends them (--include suppressed,staged).",
      "Incomplete: 2 files at the revision could not be used, because today's loader finds errors there.",
      "What 1 rule did before is not known: 3 alerts may be new or not.",
      "A suppression among these files counts as none before.",
      "Incomplete: rules or suppressions could not be evaluated 2 times, so some alerts may seem to appear or disappear.",
      "Incomplete: 1 piece of the input could not be read.",
    ]);
    expect(lines).toContain(
      "     ?      3       ?          0       0  low       ec2.amazonaws.com/broken (could not be used before)",
    );
  });

  it("shows nothing of hostile text that a terminal would act on", () => {
    const hostile = example({ actor: "\u001b[2J", summary: "\u202ex\n- forged" });
    const lines = formatComparison(
      report([row("a", { appear: 1, examples: { appear: [hostile], disappear: [], change: [] } })]),
    );
    expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(lines).toContain("    + 2026-11-02T09:00:00.000Z  \\u001b[2J: \\u202ex - forged");
  });
});

describe("a comparison as Markdown", () => {
  it("is a heading, what it comes to, a table, and examples that unfold", () => {
    const text = comparisonMarkdown(report([GONE, LOUDER], { rules: RULES }));
    expect(text).toMatch(
      /^## Alerts: `origin\/main` → working tree\n\n\*\*0 alerts appear, 2 disappear, 1 changes/,
    );
    expect(text).toContain("\n| `ec2.amazonaws.com/gone` | low | 2 | 0 | 0 | 2 | 0 | removed |\n");
    expect(text).toContain(
      "\n| `ec2.amazonaws.com/louder` | high | 1 | 1 | 0 | 0 | 1 | was `ec2.amazonaws.com/quiet` |\n",
    );
    expect(text).toContain("\nRules renamed (1): `ec2.amazonaws.com/quiet` → `ec2.amazonaws.com/louder`\n");
    expect(text).toContain(
      "<details><summary><code>ec2.amazonaws.com/louder</code>: 1 change</summary>\n\n|  | Time | Actor | Summary | Difference |",
    );
    expect(text).toContain(
      "\n| changes (staged) | 2026-11-02T09:00:00.000Z | `Admin/eve` | `dana stopped i-1` | severity: `low` -> `high` |\n",
    );
  });

  it("has no table when nothing differs", () => {
    expect(comparisonMarkdown(report([row("same", { same: 2 })]))).not.toMatch(/\||details/);
  });

  it("folds a long list of rules", () => {
    const added = Array.from({ length: 30 }, (_, number) => `ec2.amazonaws.com/r${number}`);
    const text = comparisonMarkdown(report([], { rules: { ...RULES, added } }));
    expect(text).toContain("<details><summary>Rules added (30)</summary>\n\n`ec2.amazonaws.com/r0`, ");
  });

  it("fits into a comment on GitHub whatever its size, and says what was left out", () => {
    const actor = "`|@x".repeat(100);
    const examples = {
      appear: Array.from({ length: 20 }, () => example({ actor })),
      disappear: [],
      change: [],
    };
    const rows = Array.from({ length: 900 }, (_, number) =>
      row(`rule-${number}`, { appear: 20, after: 20, examples }),
    );
    const added = rows.map(({ rule }) => rule);
    const text = comparisonMarkdown(report(rows, { rules: { ...RULES, added } }));
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text.length).toBeGreaterThan(50_000);
    expect(text.split("<details>").length).toBe(text.split("</details>").length);
    expect(text).toMatch(
      /_Left out to stay under 65,536 characters: \d+ rules with the fewest differences; the examples of \d+ rules\./,
    );
    expect(text).toContain("Rules added (900)\n");
  });
});
