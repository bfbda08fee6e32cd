import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flattenRecord } from "../../../lambda/cases/flatten-record.ts";
import type { Condition, List, RuleSet } from "../../../lambda/engine/rule.ts";
import { explainConditions } from "../../../lambda/explain/explain-conditions.ts";
import { matchedKeys } from "../../../lambda/explain/matched-keys.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { makeRecord } from "../../properties/record-generator.ts";
import { ruleSetArbitrary } from "../../properties/rule-arbitrary.ts";
import { sampleRecord } from "../alerts/sample.ts";

const lists: Record<string, List> = {
  offices: { kind: "cidr", values: ["192.0.2.0/24"], description: "Offices." },
};
const shared: Pick<RuleSet, "conditions" | "lists"> = {
  conditions: { ssh: { fact: "ports[*]", operator: "someFact:equal", value: 22 } },
  lists,
};

function lit(conditions: Condition, fields: Readonly<Record<string, unknown>>): readonly string[] {
  const record = sampleRecord(fields);
  return matchedKeys(explainConditions(conditions, shared, record), lists, record);
}

const is = (fact: string, operator: string, value: unknown): Condition => ({ fact, operator, value });

describe("the fields that a rule matched on", () => {
  it.each<[string, Condition, Record<string, unknown>, string[]]>([
    ["a plain one", is("eventName", "equal", "X"), { eventName: "X" }, ["eventName"]],
    ["the element that holds", is("ports[*]", "someFact:equal", 22), { ports: [80, 22, 443] }, ["ports.1"]],
    ["every element", is("ports[*]", "everyFact:lessThan", 100), { ports: [80, 22] }, ["ports.0", "ports.1"]],
    [
      "elements that fail, of not every",
      is("ports[*]", "not:everyFact:equal", 22),
      { ports: [80, 22] },
      ["ports.0"],
    ],
    [
      "all elements, of none",
      is("ports[*]", "not:someFact:equal", 1),
      { ports: [80, 22] },
      ["ports.0", "ports.1"],
    ],
    [
      "what CloudTrail collapsed",
      is("items[*].cidr", "someFact:equal", "x"),
      { items: { cidr: "x" } },
      ["items.cidr"],
    ],
    ["a list's own element", is("tags", "contains", "b"), { tags: ["a", "b"] }, ["tags.1"]],
    [
      "elements of a list without brackets",
      is("tags", "someFact:startsWith", "b"),
      { tags: ["a", "bc"] },
      ["tags.1"],
    ],
    ["one of several values", is("tags", "someValue:contains", ["z", "b"]), { tags: ["a", "b"] }, ["tags.1"]],
    ["each of several values", is("x", "everyValue:startsWith", ["a", "ab"]), { x: "abc" }, ["x"]],
    ["a swapped one", is("x", "swap:in", "a"), { x: ["a"] }, ["x.0"]],
    [
      "what is below an object",
      is("x", "exists", true),
      { x: { a: 1, b: [2, {}] } },
      ["x.a", "x.b.0", "x.b.1"],
    ],
    ["an empty object itself", is("x", "notEqual", 1), { x: {} }, ["x"]],
    ["nothing, of what is absent", is("errorCode", "exists", false), {}, []],
    ["what is there and another", is("x", "notEqual", 1), { x: 2 }, ["x"]],
    ["below a not", { not: is("x", "equal", 1) }, { x: 2 }, ["x"]],
    ["below two nots", { not: { not: is("x", "equal", 2) } }, { x: 2 }, ["x"]],
    ["both facts", is("x", "equal", { fact: "y.z" }), { x: 1, y: { z: 1 } }, ["x", "y.z"]],
    ["a fact unlike an absent one", is("x", "notEqual", { fact: "y" }), { x: 1 }, ["x"]],
    ["an address on a list", is("sourceIPAddress", "inList", "offices"), {}, ["sourceIPAddress"]],
    ["a shared condition", { condition: "ssh" }, { ports: [21, 22] }, ["ports.1"]],
    ["what holds of any", { any: [is("x", "equal", 1), is("y", "equal", 2)] }, { x: 0, y: 2 }, ["y"]],
    [
      "each once",
      { all: [is("x", "equal", 1), is("x", "lessThan", 3), is("y", "equal", 2)] },
      { x: 1, y: 2 },
      ["x", "y"],
    ],
    [
      "nothing when the rule does not hold",
      { all: [is("x", "equal", 1), is("y", "equal", 1)] },
      { x: 1 },
      [],
    ],
    ["of colliding keys both", is("a.b", "equal", 2), { a: { b: 1 }, "a.b": 2 }, ["a.b"]],
    [
      "where root shows",
      is("actor.root", "equal", true),
      { userIdentity: { type: "Root" } },
      ["userIdentity.type"],
    ],
    [
      "where the outcome shows",
      is("outcome", "equal", "denied"),
      { errorCode: "AccessDenied", errorMessage: "no" },
      ["errorCode", "errorMessage"],
    ],
    [
      "a field that stands in the actor as it is",
      is("actor.accountId", "equal", "123456789012"),
      {},
      ["userIdentity.accountId"],
    ],
  ])("%s", (_, conditions, fields, expected) => {
    expect(lit(conditions, fields)).toEqual(expected);
  });

  it("are at most two hundred, of lists and objects of any size", () => {
    const many = Array.from({ length: 50_000 }, (__, index) => index);
    expect(lit(is("ports[*]", "everyFact:lessThan", 1e9), { ports: many })).toHaveLength(200);
    expect(lit(is("ports", "exists", true), { ports: many })).toHaveLength(200);
  });

  it("are fields of the record, and there when a comparison holds for a value, over random rules and records", () => {
    const tally = { lit: 0 };
    fc.assert(
      fc.property(
        ruleSetArbitrary,
        fc.array(fc.nat(), { minLength: 10, maxLength: 10 }),
        (ruleSet, seeds) => {
          const [rule] = ruleSet.rules;
          if (rule === undefined) throw new Error("the generator made a rule set without a rule");
          for (const seed of seeds) {
            const record = JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))) as CloudTrailRecord;
            const tree = explainConditions(rule.conditions, ruleSet, record);
            const keys = matchedKeys(tree, ruleSet.lists, record);
            const known = flattenRecord(record, { maxBytes: 1e9, first: [] }).record;
            expect(keys.filter((key) => !Object.hasOwn(known, key))).toEqual([]);
            expect(new Set(keys).size).toBe(keys.length);
            expect(keys.length === 0 || tree.holds).toBe(true);
            tally.lit += keys.length;
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(tally.lit).toBeGreaterThan(100);
  });
});
