/**
 * The law of colliding keys: whoever writes a key with dots beside a value that a rule looks at cannot hide that value.
 * Records that match get such siblings, at any depth, and must still match.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import { literalsOf, normalize } from "../../lambda/engine/conditions.ts";
import { factOfValue } from "../../lambda/engine/predicate.ts";
import type { Condition, RuleSet } from "../../lambda/engine/rule.ts";
import { factRoot } from "../../lambda/record/derived-facts.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import { resolveFact } from "../../lambda/record/facts.ts";
import { PLAIN_VALUE_FACTS } from "../../lambda/record/record-shape.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { recordOf, ruleOf, ruleSetOf } from "../lambda/engine/samples.ts";
import { makeRecord } from "./record-generator.ts";
import { ruleSetArbitrary } from "./rule-arbitrary.ts";

type Node = Record<string, unknown>;
const SIBLINGS: readonly unknown[] = [
  "a",
  "zz",
  "",
  5,
  null,
  true,
  [],
  {},
  ["a"],
  ["zz", null],
  [{ x: "zz" }],
  { b: "zz" },
];

function factsOf(ruleSet: RuleSet): readonly string[] {
  const [rule] = ruleSet.rules;
  if (rule === undefined) return [];
  const literals = literalsOf(normalize(rule.conditions, ruleSet.conditions, ruleSet.lists));
  return [...new Set(literals.flatMap(({ fact, value }) => [fact, factOfValue(value) ?? fact]))];
}

/** Writes dotted keys beside values that the fact leads to; how many were written. */
function addSiblings(root: unknown, fact: string, choices: readonly number[]): number {
  const { segments } = parseFactPath(fact);
  const plain = PLAIN_VALUE_FACTS.has(fact);
  let written = 0;
  const visit = (node: unknown, at: number): void => {
    if (Array.isArray(node)) {
      const isStep = segments[at]?.kind === "each" || segments[at]?.kind === "index";
      for (const element of node) visit(element, isStep ? at + 1 : at);
      return;
    }
    if (typeof node !== "object" || node === null || at >= segments.length) return;
    const object = node as Node;
    const keys = segments.slice(at).map((segment) => (segment.kind === "key" ? segment.key : undefined));
    const run = keys.indexOf(undefined) === -1 ? keys : keys.slice(0, keys.indexOf(undefined));
    for (let length = 2; length <= run.length; length++) {
      const dotted = run.slice(0, length).join(".");
      const nested = run.slice(0, length).reduce<unknown>((inner, key) => own(inner, key ?? ""), object);
      const choice = choices[(at + length + written) % choices.length] ?? 0;
      if (nested === undefined || Object.hasOwn(object, dotted) || choice % 3 === 0) continue;
      const last = at + length === segments.length;
      if (plain && !last) continue;
      const pool = plain ? SIBLINGS.filter((value) => typeof value !== "object" || value === null) : SIBLINGS;
      object[dotted] = structuredClone(pool[choice % pool.length]);
      written++;
    }
    const [first] = run;
    if (first !== undefined) visit(own(object, first), at + 1);
    else visit(object, at + 1);
  };
  visit(root, 0);
  return written;
}

function own(node: unknown, key: string): unknown {
  if (typeof node !== "object" || node === null || Array.isArray(node)) return undefined;
  return Object.hasOwn(node, key) ? (node as Node)[key] : undefined;
}

/** Whether a fact is there at all; one that only the sibling brings about is another matter. */
function isThere(record: CloudTrailRecord, fact: string): boolean {
  const [list = fact] = fact.split("[*]");
  const path = parseFactPath(list);
  return resolveFact(factRoot(record, path), path) !== undefined;
}

describe("a key with dots, added beside a value that a rule looks at", () => {
  it("never turns a match into a miss, nor a delivered record into one that is not", {
    timeout: 120_000,
  }, async () => {
    let kept = 0;
    const seeds = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(ruleSetArbitrary, seeds, async (ruleSet, choices) => {
        const engine = createEngine(ruleSet);
        const deliver = compileEventRules(deriveEventRules(ruleSet).eventRules);
        const facts = factsOf(ruleSet);
        for (const seed of choices) {
          // As it is read: null in a plain field is no value that a sibling could stand beside.
          const read = readEnvelope(JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))));
          if (!read.ok) throw new Error(`the generator made a record that is refused: ${read.reason}`);
          const record = structuredClone(read.record);
          if ((await engine.evaluate(record, 0)).matches.length === 0) continue;
          const before = JSON.stringify(record);
          const there = facts.map((fact) => isThere(record, fact));
          const written = facts.reduce((sum, fact) => sum + addSiblings(record, fact, choices), 0);
          if (written === 0 || facts.some((fact, at) => isThere(record, fact) !== there[at])) continue;
          const reading = readEnvelope(record);
          if (!reading.ok) throw new Error(`the generator made a record that is refused: ${reading.reason}`);
          kept++;
          const { matches } = await engine.evaluate(record, 0);
          const context = `\nrule: ${JSON.stringify(ruleSet)}\nbefore: ${before}\nafter: ${JSON.stringify(record)}`;
          if (matches.length === 0) throw new Error(`the match is gone${context}`);
          if (deliver(reading.envelope).length === 0)
            throw new Error(`the record is no longer delivered${context}`);
        }
      }),
      { numRuns: 2_500 },
    );
    // Without many such records nothing would be shown.
    expect(kept).toBeGreaterThan(1_000);
  });

  it("never gets an alert suppressed that was not", { timeout: 120_000 }, async () => {
    const tally = { alerts: 0, suppressed: 0 };
    const always = ruleOf("_global/always", { fact: "eventName", operator: "exists", value: true }, null);
    const seeds = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(ruleSetArbitrary, seeds, async (ruleSet, choices) => {
        const [random] = ruleSet.rules;
        if (random === undefined) throw new Error("the generator made a rule set without a rule");
        const { conditions } = random;
        const suppression = { rules: ["*"], reason: "Routine.", owner: "platform", expires: "2027-03-31" };
        const suppressions = [{ id: "random", conditions, ...suppression }];
        const engine = createEngine({ ...ruleSet, rules: [always], suppressions });
        const facts = factsOf(ruleSet);
        for (const seed of choices) {
          const read = readEnvelope(JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))));
          if (!read.ok) throw new Error(`the generator made a record that is refused: ${read.reason}`);
          const record = structuredClone(read.record);
          if ((await engine.evaluate(record, 0)).matches[0]?.disposition !== "delivered") {
            tally.suppressed++;
            continue;
          }
          const before = JSON.stringify(record);
          const there = facts.map((fact) => isThere(record, fact));
          const written = facts.reduce((sum, fact) => sum + addSiblings(record, fact, choices), 0);
          if (written === 0 || facts.some((fact, at) => isThere(record, fact) !== there[at])) continue;
          tally.alerts++;
          const { matches, problems } = await engine.evaluate(record, 0);
          const context = `\nsuppression: ${JSON.stringify(conditions)}\nbefore: ${before}\nafter: ${JSON.stringify(record)}`;
          if (problems.length > 0) throw new Error(`${problems[0]?.message}${context}`);
          if (matches[0]?.disposition !== "delivered") throw new Error(`the alert is suppressed${context}`);
        }
      }),
      { numRuns: 2_500 },
    );
    expect(tally.alerts).toBeGreaterThan(1_000);
    expect(tally.suppressed).toBeGreaterThan(1_000);
  });

  it.each<[string, Condition, unknown, Node]>([
    [
      "equal",
      { fact: "requestParameters.a", operator: "equal", value: "x" },
      { a: "x" },
      { "requestParameters.a": "y" },
    ],
    [
      "notEqual",
      { fact: "requestParameters.a", operator: "notEqual", value: "y" },
      { a: "x" },
      { "requestParameters.a": "y" },
    ],
    [
      "not over a group",
      { not: { any: [{ fact: "requestParameters.a", operator: "equal", value: "y" }] } },
      { a: "x" },
      { "requestParameters.a": "y" },
    ],
    [
      "exists false of null",
      { fact: "requestParameters.a", operator: "exists", value: false },
      { a: null },
      { "requestParameters.a": "y" },
    ],
    [
      "not:exists of {}",
      { fact: "requestParameters.a", operator: "not:exists", value: true },
      { a: {} },
      { "requestParameters.a": "y" },
    ],
    [
      "everyFact",
      { fact: "requestParameters.a[*]", operator: "everyFact:equal", value: "x" },
      { a: ["x"] },
      { "requestParameters.a": ["y"] },
    ],
    [
      "everyFact of an empty list",
      { fact: "requestParameters.a[*]", operator: "everyFact:equal", value: "x" },
      { a: [] },
      { "requestParameters.a": ["y"] },
    ],
    [
      "not:someFact of null",
      { fact: "requestParameters.a[*].b", operator: "not:someFact:equal", value: "x" },
      { a: null },
      { "requestParameters.a": [{ b: "x" }] },
    ],
    [
      "doesNotContain",
      { fact: "requestParameters.a", operator: "doesNotContain", value: "x" },
      { a: ["y"] },
      { "requestParameters.a": ["x"] },
    ],
    [
      "lessThan",
      { fact: "requestParameters.a", operator: "lessThan", value: 5 },
      { a: "3" },
      { "requestParameters.a": 7 },
    ],
    [
      "inCidr under not:",
      { fact: "requestParameters.a", operator: "not:inCidr", value: "192.0.2.0/24" },
      { a: "198.51.100.1" },
      { "requestParameters.a": "192.0.2.1" },
    ],
    [
      "swap",
      { fact: "requestParameters.a", operator: "swap:in", value: "x" },
      { a: ["x"] },
      { "requestParameters.a": ["y"] },
    ],
    [
      "value: { fact }",
      { fact: "eventName", operator: "equal", value: { fact: "requestParameters.a" } },
      { a: "CreateTags" },
      { "requestParameters.a": "y" },
    ],
    [
      "not: and value: { fact }",
      { fact: "eventName", operator: "not:equal", value: { fact: "requestParameters.a" } },
      { a: "y" },
      { "requestParameters.a": "CreateTags" },
    ],
  ])("keeps a match of %s", async (_, conditions, requestParameters, sibling) => {
    const engine = createEngine(ruleSetOf([ruleOf("x", conditions)]));
    const record = recordOf({ requestParameters });
    expect((await engine.evaluate(record, 0)).matches).toHaveLength(1);
    expect((await engine.evaluate({ ...record, ...sibling }, 0)).matches).toHaveLength(1);
    expect((await engine.evaluate({ ...sibling, ...record }, 0)).matches).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ["someFact:contains", "x"],
    ["someFact:someFact:equal", "x"],
    ["everyFact:someFact:in", ["x", "z"]],
    ["everyFact:doesNotContain", "y"],
    ["not:someFact:contains", "y"],
    ["not:someFact:everyFact:equal", "y"],
    ["everyFact:not:contains", "y"],
  ])("keeps a match of %s where the values that collide are lists in a list", async (operator, value) => {
    const engine = createEngine(
      ruleSetOf([ruleOf("x", { fact: "requestParameters.items[*].a.tags", operator, value })]),
    );
    const matches = async (sibling: Node): Promise<number> => {
      const record = recordOf({ requestParameters: { items: [{ a: { tags: ["x"] }, ...sibling }] } });
      return (await engine.evaluate(record, 0)).matches.length;
    };
    expect(await matches({})).toBe(1);
    expect(await matches({ "a.tags": ["y"] })).toBe(1);
    expect(await matches({ "a.tags": "y" })).toBe(1);
    expect(await matches({ "a.tags": [] })).toBe(1);
  });
});
