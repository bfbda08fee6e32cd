import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { Rule, RuleSet, Severity } from "../../../lambda/engine/rule.ts";
import type { Disposition } from "../../../lib/replay/by-rule-schema.ts";
import { compare, type CompareOptions, type Side } from "../../../lib/replay/compare.ts";
import type { CompareReport } from "../../../lib/replay/compare-schema.ts";
import { createDifferences } from "../../../lib/replay/differences.ts";
import { type Item, toItems } from "../../../lib/replay/records.ts";
import { replay } from "../../../lib/replay/replay.ts";
import { ruleChanges } from "../../../lib/replay/rule-changes.ts";
import { sampleRecord } from "./sample-record.ts";

const AT = Date.parse("2026-11-20T00:00:00Z");

function rule(id: string, eventName: string, more: Partial<Rule> = {}): Rule {
  return {
    id: `ec2.amazonaws.com/${id}`,
    name: id,
    severity: "low",
    eventSource: "ec2.amazonaws.com",
    conditions: { all: [{ fact: "eventName", operator: "equal", value: eventName }] },
    ...more,
  };
}

function set(...rules: Rule[]): RuleSet {
  return { rules, conditions: {}, lists: {}, suppressions: [] };
}

function items(...values: unknown[]): Item[] {
  return toItems(
    values.map((value, index) => ({ ok: true, value, line: index + 1, column: 1 })),
    "t.json",
  );
}

async function* batches(...all: (readonly Item[])[]): AsyncGenerator<readonly Item[]> {
  for (const batch of all) yield await Promise.resolve(batch);
}

const nameless = (fields: Record<string, unknown>) => sampleRecord(1, { eventID: undefined, ...fields });
const calls = (...eventNames: string[]): Item[] =>
  items(...eventNames.map((eventName, number) => sampleRecord(number, { eventName })));

type Run = Pick<CompareReport, "total" | "perRule"> & {
  readonly records: Pick<CompareReport["records"], "delivered" | "failed">;
  readonly said: string[];
};

async function run(
  before: RuleSet,
  after: RuleSet,
  input: readonly (readonly Item[])[],
  options: {
    counted?: Disposition[];
    unread?: string[];
    examples?: number;
    sides?: Partial<CompareOptions>;
  } = {},
): Promise<Run> {
  const { counted = ["delivered"], unread = [], examples = 3, sides = {} } = options;
  const changes = ruleChanges(before, after, unread);
  const differences = createDifferences({ changes, unread, counted: new Set(counted), examples });
  const said: string[] = [];
  const { records } = await compare(batches(...input), {
    before: { engine: createEngine(before) },
    after: { engine: createEngine(after) },
    at: AT,
    differences,
    onUnreadable: (place, reason) => said.push(`${place.line} ${reason}`),
    onFailedRule: (side, place, ruleId, message) => said.push(`${side} ${place.line} ${ruleId} ${message}`),
    ...sides,
  });
  return { ...differences.report(), records, said };
}

const rowOf = (report: Run, id: string) =>
  report.perRule.find((row) => row.rule === `ec2.amazonaws.com/${id}`);

describe("a comparison", () => {
  it("finds alerts that appear, disappear, change and stay, with examples that differ from each other", async () => {
    const before = set(rule("gone", "A"), rule("kept", "B"), rule("louder", "C"));
    const after = set(rule("kept", "B"), rule("louder", "C", { severity: "high" }), rule("new", "D"));
    const report = await run(before, after, [calls("A", "A", "B", "C"), calls("D", "C")], { examples: 1 });
    const zero = { uncompared: 0, unsent: 0 };
    expect(report.total).toEqual({
      before: 5,
      after: 4,
      appear: 1,
      disappear: 2,
      change: 2,
      same: 1,
      ...zero,
    });
    expect(report.perRule.map(({ rule: id, state }) => `${id.split("/")[1]} ${state}`)).toEqual([
      "gone removed",
      "louder kept",
      "new added",
      "kept kept",
    ]);
    expect(rowOf(report, "louder")).toMatchObject({
      severity: "high",
      fields: { severity: 2, title: 0, summary: 0, disposition: 0 },
      examples: { change: [{ differences: [{ field: "severity", before: "low", after: "high" }] }] },
    });
    expect(rowOf(report, "gone")?.examples.disappear).toEqual([
      {
        time: "2026-11-02T09:00:00.000Z",
        eventID: sampleRecord(0).eventID,
        actor: "dana",
        summary: expect.any(String) as string,
        severity: "low",
        disposition: "delivered",
      },
    ]);
  });

  it("follows a renamed rule, and says which id it had", async () => {
    const report = await run(set(rule("old", "A")), set(rule("new", "A", { name: "old" })), [calls("A")]);
    expect(report.total).toMatchObject({ appear: 0, disappear: 0, change: 0, same: 1 });
    expect(rowOf(report, "new")).toMatchObject({ state: "renamed", was: "ec2.amazonaws.com/old" });
  });

  it("counts an alert that only one side sends as changed, and one that neither sends not at all", async () => {
    const before = set(
      rule("a", "A"),
      rule("b", "B", { mode: "staged" }),
      rule("c", "C", { mode: "staged" }),
    );
    const after = set(
      rule("a", "A", { mode: "staged" }),
      rule("b", "B"),
      rule("c", "C", { mode: "staged", severity: "high" }),
      rule("d", "D", { mode: "staged" }),
    );
    const sent = await run(before, after, [calls("A", "B", "C", "D")]);
    expect(sent.total).toMatchObject({ before: 1, after: 1, appear: 0, disappear: 0, change: 2, unsent: 2 });
    expect(rowOf(sent, "a")?.examples.change[0]?.differences).toEqual([
      { field: "disposition", before: "delivered", after: "staged" },
    ]);
    const all = await run(before, after, [calls("A", "B", "C", "D")], { counted: ["delivered", "staged"] });
    expect(all.total).toMatchObject({ before: 3, after: 4, appear: 1, disappear: 0, change: 3, unsent: 0 });
  });

  it("does not call alerts new when the rule's old file could not be read", async () => {
    const unread = ["ec2.amazonaws.com/a"];
    const report = await run(set(), set(rule("a", "A"), rule("b", "B")), [calls("A", "A", "B")], { unread });
    expect(report.total).toMatchObject({ appear: 1, uncompared: 2 });
    expect(rowOf(report, "a")).toMatchObject({ state: "unread", after: 2, appear: 0, uncompared: 2 });
  });

  it("gives each side its own event patterns", async () => {
    const one = set(rule("a", "A"));
    const lets = (region: string): Side => ({
      engine: createEngine(one),
      delivering: (envelope) => (envelope.region === region ? [{}] : []),
    });
    const elsewhere = items(sampleRecord(9, { eventName: "A", awsRegion: "us-east-1" }));
    const input = [[...elsewhere, ...calls("A", "A")]];
    const sides = { before: lets("us-east-1"), after: lets("eu-central-1") };
    const report = await run(one, one, input, { sides });
    expect(report.total).toMatchObject({ before: 1, after: 2, appear: 2, disappear: 1, same: 0 });
    expect(report.records.delivered).toEqual({ before: 1, after: 2 });
  });

  it("tells records apart that share an eventID, or have none, or are nested too deep", async () => {
    const deep = JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`) as unknown;
    const input = [
      items(
        sampleRecord(7, { eventName: "A" }),
        sampleRecord(7, { eventName: "B" }),
        nameless({ eventName: "A", requestParameters: { deep } }),
        nameless({ eventName: "A", requestParameters: { deep } }),
      ),
    ];
    const report = await run(set(rule("x", "A")), set(rule("x", "B")), input);
    expect(report.total).toMatchObject({ before: 3, after: 1, appear: 1, disappear: 3, same: 0, change: 0 });
  });

  it("names what cannot be read once, and a rule that fails with its side", async () => {
    const one = set(rule("a", "A"));
    const engine = createEngine(one);
    const failing: Side = {
      engine: {
        ...engine,
        evaluate: async (record, at) => ({
          ...(await engine.evaluate(record, at)),
          problems: [{ ruleId: "odd", message: "boom" }],
        }),
      },
    };
    const sides = { before: failing };
    const report = await run(one, one, [[...items("text"), ...calls("A")]], { sides });
    expect(report.said).toEqual([
      "before 1 odd boom",
      expect.stringMatching(/^1 expected an EventBridge event/),
    ]);
    expect(report.records.failed).toEqual({ before: 1, after: 0 });
    expect(report.total.same).toBe(1);
  });

  it("keeps a bounded number of examples, of bounded length", async () => {
    const long = "x".repeat(5000);
    const records = Array.from({ length: 50 }, (_, number) =>
      sampleRecord(number, {
        eventName: "A",
        userIdentity: { type: "IAMUser", userName: `${number} ${long}` },
      }),
    );
    const report = await run(set(), set(rule("a", "A")), [items(...records)], { examples: 2 });
    const examples = rowOf(report, "a")?.examples.appear ?? [];
    expect(report.total.appear).toBe(50);
    expect(examples).toHaveLength(2);
    expect(Math.max(...examples.map((one) => JSON.stringify(one).length))).toBeLessThan(2000);
  });
});

/** All alerts of one rule set, by record and rule, as an ordinary replay gives them. */
async function alertsOf(ruleSet: RuleSet, input: readonly Item[]): Promise<Map<string, Alert>> {
  const found = new Map<string, Alert>();
  await replay(batches(input), {
    engine: createEngine(ruleSet),
    at: AT,
    onAlert(alert) {
      found.set(alert.id, alert);
      return undefined;
    },
    onUnreadable: () => {},
    onFailedRule: () => {},
  });
  return found;
}

describe("a comparison and two replays", () => {
  const names = ["A", "B", "C"];
  const anyRule = fc.record({
    id: fc.constantFrom("r0", "r1", "r2", "r3"),
    eventName: fc.constantFrom(...names),
    severity: fc.constantFrom<Severity>("low", "high"),
    mode: fc.constantFrom("staged", undefined),
  });
  const anySet = fc.uniqueArray(anyRule, { selector: ({ id }) => id, maxLength: 4 }).map((rules) =>
    // A name of its own for each rule: the oracle knows no renames.
    set(
      ...rules.map(({ id, eventName, severity, mode }) =>
        rule(id, eventName, {
          severity,
          falsePositives: id,
          ...(mode === "staged" ? { mode } : {}),
        }),
      ),
    ),
  );

  it("agree on what appears, disappears, changes and stays", async () => {
    await fc.assert(
      fc.asyncProperty(
        anySet,
        anySet,
        fc.array(fc.constantFrom(...names), { maxLength: 8 }),
        async (before, after, eventNames) => {
          const input = calls(...eventNames);
          const [was, is] = [await alertsOf(before, input), await alertsOf(after, input)];
          const ids = [...new Set([...was.keys(), ...is.keys()])];
          const differ = (id: string): boolean =>
            was.get(id)?.severity !== is.get(id)?.severity ||
            was.get(id)?.disposition !== is.get(id)?.disposition;
          const both = ids.filter((id) => was.has(id) && is.has(id));
          const half = Math.floor(input.length / 2);
          const { total } = await run(before, after, [input.slice(0, half), input.slice(half)], {
            counted: ["delivered", "staged"],
          });
          expect(total).toEqual({
            before: was.size,
            after: is.size,
            appear: ids.filter((id) => !was.has(id)).length,
            disappear: ids.filter((id) => !is.has(id)).length,
            change: both.filter(differ).length,
            same: both.filter((id) => !differ(id)).length,
            uncompared: 0,
            unsent: 0,
          });
        },
      ),
    );
  });
});
