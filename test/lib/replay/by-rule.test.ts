import { describe, expect, it } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import { createByRule } from "../../../lib/replay/by-rule.ts";
import { byRuleMarkdown } from "../../../lib/replay/by-rule-markdown.ts";
import { byRuleSchema, type ByRuleReport, type Disposition } from "../../../lib/replay/by-rule-schema.ts";
import { formatByRule } from "../../../lib/replay/by-rule-text.ts";
import { type Item, toItems } from "../../../lib/replay/records.ts";
import { replay } from "../../../lib/replay/replay.ts";
import { sampleRecord } from "./sample-record.ts";

const rule = (id: string, eventName: string, more: Partial<Rule> = {}): Rule => ({
  id: `ec2.amazonaws.com/${id}`,
  name: id,
  severity: "low",
  eventSource: "ec2.amazonaws.com",
  conditions: { all: [{ fact: "eventName", operator: "equal", value: eventName }] },
  ...more,
});
const RULES: RuleSet = {
  rules: [
    rule("loud", "A", { severity: "high" }),
    rule("quiet", "Never"),
    rule("rare", "B"),
    rule("staged", "C", { mode: "staged" }),
  ],
  conditions: {},
  lists: {},
  suppressions: [],
};

/** The call `eventName` by a user, at an hour of the second of November. */
function call(eventName: string, userName = "dana", hour = 0): Record<string, unknown> {
  const eventTime = new Date(Date.UTC(2026, 10, 2, hour)).toISOString();
  const eventID = `${eventName} ${userName} ${hour}`;
  return sampleRecord(1, { eventName, eventTime, eventID, userIdentity: { type: "IAMUser", userName } });
}

async function reportOf(
  values: readonly unknown[],
  counted: Disposition[] = ["delivered"],
  rules = RULES,
): Promise<ByRuleReport> {
  const table = createByRule(rules, new Set(counted));
  async function* batches(): AsyncGenerator<readonly Item[]> {
    const pieces = values.map((value, line) => ({ ok: true, value, line: line + 1, column: 1 }) as const);
    yield await Promise.resolve(toItems(pieces, "t.json"));
  }
  const tally = await replay(table.watch(batches()), {
    engine: createEngine(rules),
    at: 0,
    onAlert: table.add,
    onUnreadable: () => {},
    onFailedRule: () => {},
  });
  return byRuleSchema.parse(table.report(tally, true));
}

const brief = ({ rules }: ByRuleReport) => rules.map((row) => `${row.name} ${row.count} ${row.staged}`);
const twoDays = [
  call("A"),
  call("A", "eve", 12),
  call("A", "eve", 48),
  call("B"),
  call("C"),
  call("Other"),
  "no record",
];

describe("the noise table", () => {
  it("counts a rule's alerts, how many that is a day, on how many days, and by whom and how", async () => {
    const report = await reportOf(twoDays);
    expect(report.rules[0]).toEqual({
      rule: "ec2.amazonaws.com/loud",
      name: "loud",
      severity: "high",
      count: 3,
      perDay: 1.5,
      days: 2,
      delivered: 3,
      suppressed: 0,
      staged: 0,
      actors: {
        top: [
          { name: "eve", count: 2 },
          { name: "dana", count: 1 },
        ],
        others: { count: 0, names: 0 },
      },
      channels: { top: [{ name: expect.any(String) as string, count: 3 }], others: { count: 0, names: 0 } },
    });
    expect(report).toMatchObject({
      count: 4,
      perDay: 2,
      quiet: ["ec2.amazonaws.com/quiet"],
      counted: ["delivered"],
    });
    expect(report.records).toEqual({ read: 6, delivered: 6, withoutTime: 0, unreadable: 1, failed: 0 });
  });

  it("puts the noisiest rule first, and shows staged ones beside until they are asked for", async () => {
    const many = [...twoDays, call("C", "x"), call("C", "y"), call("C", "z")];
    expect(brief(await reportOf(many))).toEqual(["loud 3 0", "rare 1 0", "staged 0 4"]);
    expect(brief(await reportOf(many, ["delivered", "staged"]))).toEqual([
      "staged 4 4",
      "loud 3 0",
      "rare 1 0",
    ]);
  });

  it("names role and person, five of them, and what the others come to", async () => {
    const sessions = Array.from({ length: 9 }, (_, number) => ({
      ...call("A", "x", number),
      userIdentity: {
        type: "AssumedRole",
        arn: `arn:aws:sts::123456789012:assumed-role/Admin/person-${number}`,
      },
    }));
    const [row] = (await reportOf(sessions)).rules;
    expect(row?.actors.top.map(({ name }) => name)).toContain("Admin/person-0");
    expect(row?.actors.top).toHaveLength(5);
    expect(row?.actors.others).toEqual({ count: 4, names: 4 });
  });

  it("has a row for nothing, and still the rules that never fired", async () => {
    const report = await reportOf([]);
    expect(report).toMatchObject({ count: 0, perDay: null, span: null, rules: [] });
    expect(report.quiet).toHaveLength(4);
  });
});

describe("the noise table for people", () => {
  it("is aligned, with sentences before it and the silent rules behind it", async () => {
    expect(formatByRule(await reportOf(twoDays))).toEqual([
      "6 records over 2 days (2026-11-02T00:00:00.000Z to 2026-11-04T00:00:00.000Z), 6 delivered.",
      "Could not be read: 1 piece of the input.",
      "4 alerts, 2 a day, of 2 rules.",
      "Not counted, only shown: staged ones (--include staged).",
      "",
      "ALERTS  PER DAY  DAYS  SEVERITY  RULE                      SENT  SUPPRESSED  STAGED",
      "     3      1.5     2  high      ec2.amazonaws.com/loud       3           0       0",
      "          by eve 2, dana 1; via unknown 3",
      "     1      0.5     1  low       ec2.amazonaws.com/rare       1           0       0",
      "          by dana 1; via unknown 1",
      "     0        0     0  low       ec2.amazonaws.com/staged     0           0       1",
      "",
      "1 rule never fired:",
      "  ec2.amazonaws.com/quiet",
    ]);
  });

  it("shows nothing of a hostile name that a terminal would act on, and says what many others are", async () => {
    const flood = Array.from({ length: 300 }, (_, number) => call("A", `\u001b[2J\u202e${number}`));
    const lines = formatByRule(await reportOf(flood));
    expect(lines.join("\n")).toMatch(/by \\u001b\[2J\\u202e\d+ 1, .* and 295 by very many others; via/);
    expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("lists a dozen of many silent rules", async () => {
    const rules = Array.from({ length: 40 }, (_, number) => rule(`r${number}`, "Never"));
    const lines = formatByRule(await reportOf([], ["delivered"], { ...RULES, rules }));
    expect(lines).toContain("40 rules never fired:");
    expect(lines.at(-1)).toBe("  and 28 more, all of them with --format json");
  });
});

describe("the noise table as Markdown", () => {
  it("is a table with actors and channels, and the silent rules folded", async () => {
    const text = byRuleMarkdown(await reportOf(twoDays));
    expect(text).toContain(
      "| 3 | 1.5 | 2 | high | `ec2.amazonaws.com/loud` | 3 | 0 | 0 | `eve` 2, `dana` 1 | `unknown` 3 |\n",
    );
    expect(text).toContain(
      "<details><summary>1 rule never fired</summary>\n\n`ec2.amazonaws.com/quiet`\n\n</details>",
    );
  });

  it("shows hostile names as text", async () => {
    const text = byRuleMarkdown(
      await reportOf([call("A", "@team|<img src=x>`[x](http://e.example)\n| 9 |")]),
    );
    expect(text).toContain("| ``@team\\|<img src=x>`[x](http://e.example) \\| 9 \\|`` 1 |");
  });

  it("stays under the limit with the noisiest rules, and says how many are left out", async () => {
    const rules = Array.from({ length: 200 }, (_, number) =>
      rule(`r${number}`, number < 150 ? "A" : "Never"),
    );
    const text = byRuleMarkdown(
      await reportOf([call("A", "x".repeat(90))], ["delivered"], { ...RULES, rules }),
      10_000,
    );
    expect(text.length).toBeLessThanOrEqual(10_000);
    const shown = text.split("\n").filter((line) => line.includes("| low |")).length;
    expect(shown).toBeGreaterThan(20);
    expect(text).toContain(
      `_Left out to stay under 10,000 characters: ${150 - shown} rules with the fewest alerts`,
    );
  });
});
