import { Engine as JsonRulesEngine } from "json-rules-engine";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { is, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

async function matchesOf(conditions: Condition, fields: Record<string, unknown>): Promise<boolean> {
  const { matches, problems } = await createEngine(ruleSetOf([ruleOf("r", conditions)])).evaluate(
    recordOf(fields),
    0,
  );
  expect(problems).toEqual([]);
  return matches.length > 0;
}

describe("evaluating a record", () => {
  it("gives the rules that match in the order of the rule set, however they are found", async () => {
    const ids = ["e", "c", "a", "d", "b"];
    const rules = [
      ruleOf("e", is("eventName", "CreateTags")),
      ruleOf("c", { fact: "userAgent", operator: "includes", value: "aws" }, null),
      ruleOf("a", is("userIdentity.type", "IAMUser")),
      ruleOf("d", { fact: "eventName", operator: "startsWith", value: "Create" }, null),
      ruleOf("b", { any: [is("errorCode", "X"), { fact: "errorCode", operator: "exists", value: false }] }),
    ];
    const { matches, candidates } = await createEngine(ruleSetOf(rules)).evaluate(recordOf(), 0);
    expect(matches.map(({ rule }) => rule.id)).toEqual(ids);
    expect(candidates).toBe(5);
  });

  it("tries a rule on records of its eventSource only, one of any source on all", async () => {
    const engine = createEngine(
      ruleSetOf([
        ruleOf("ec2", is("eventName", "CreateTags")),
        ruleOf("s3", is("eventName", "CreateTags"), "s3.amazonaws.com"),
        ruleOf("any", is("eventName", "CreateTags"), null),
      ]),
    );
    const ids = async (eventSource: string): Promise<string[]> =>
      (await engine.evaluate(recordOf({ eventSource }), 0)).matches.map(({ rule }) => rule.id);
    expect(await ids("ec2.amazonaws.com")).toEqual(["ec2", "any"]);
    expect(await ids("s3.amazonaws.com")).toEqual(["s3", "any"]);
    expect(await ids("sns.amazonaws.com")).toEqual(["any"]);
    for (const eventSource of ["constructor", "__proto__", "toString"])
      expect(await ids(eventSource)).toEqual(["any"]);
  });

  it("puts shared conditions in place", async () => {
    const ruleSet = ruleSetOf(
      [ruleOf("r", { all: [{ condition: "write" }, { not: { condition: "failed" } }] })],
      { write: is("readOnly", false), failed: { fact: "errorCode", operator: "exists", value: true } },
    );
    const engine = createEngine(ruleSet);
    expect((await engine.evaluate(recordOf(), 0)).matches).toHaveLength(1);
    expect((await engine.evaluate(recordOf({ errorCode: "X" }), 0)).matches).toEqual([]);
  });

  it("gives the same result for the same record, again and again, and leaves the record as it was", async () => {
    const engine = createEngine(
      ruleSetOf([
        ruleOf("r", is("requestParameters.a[*].b", [1])),
        ruleOf("s", is("eventName", "CreateTags")),
      ]),
    );
    const record = recordOf({ requestParameters: { a: [{ b: 1 }], "a.x": {} } });
    const before = JSON.stringify(record);
    for (let round = 0; round < 3; round++)
      expect((await engine.evaluate(record, 0)).matches.map(({ rule }) => rule.id)).toEqual(["s"]);
    expect(JSON.stringify(record)).toBe(before);
  });

  it("compares facts with facts", async () => {
    const conditions: Condition = {
      fact: "userIdentity.userName",
      operator: "notEqual",
      value: { fact: "requestParameters.userName" },
    };
    expect(await matchesOf(conditions, { requestParameters: { userName: "bob" } })).toBe(true);
    expect(await matchesOf(conditions, { requestParameters: { userName: "ada" } })).toBe(false);
    expect(await matchesOf(conditions, { requestParameters: null })).toBe(true);
    // Both absent is equal: json-rules-engine compares undefined with undefined.
    expect(
      await matchesOf({ fact: "errorCode", operator: "equal", value: { fact: "errorMessage" } }, {}),
    ).toBe(true);
  });

  it.each<[string, Condition, Record<string, unknown>, boolean]>([
    ["notEqual holds for an absent fact", { fact: "errorCode", operator: "notEqual", value: "X" }, {}, true],
    [
      "not:contains holds for an absent fact",
      { fact: "requestParameters.a", operator: "not:contains", value: "X" },
      {},
      true,
    ],
    [
      "doesNotContain does not",
      { fact: "requestParameters.a", operator: "doesNotContain", value: "X" },
      {},
      false,
    ],
    [
      "everyFact holds for []",
      { fact: "requestParameters.a", operator: "everyFact:equal", value: "X" },
      { requestParameters: { a: [] } },
      true,
    ],
    [
      "everyFact does not hold for a text",
      { fact: "requestParameters.a", operator: "everyFact:equal", value: "X" },
      { requestParameters: { a: "X" } },
      false,
    ],
    [
      "someFact does not hold for a text",
      { fact: "requestParameters.a", operator: "someFact:equal", value: "X" },
      { requestParameters: { a: "X" } },
      false,
    ],
    [
      "not:someFact holds for a text",
      { fact: "requestParameters.a", operator: "not:someFact:equal", value: "X" },
      { requestParameters: { a: "X" } },
      true,
    ],
    [
      "[*] reads a collapsed list",
      { fact: "requestParameters.a[*].b", operator: "someFact:equal", value: "X" },
      { requestParameters: { a: { b: "X" } } },
      true,
    ],
    [
      "[0] reads a collapsed list",
      is("requestParameters.a[0].b", "X"),
      { requestParameters: { a: { b: "X" } } },
      true,
    ],
    [
      "contains looks into a list of [*]",
      { fact: "requestParameters.a[*]", operator: "contains", value: "X" },
      { requestParameters: { a: ["Y", "X"] } },
      true,
    ],
    [
      "swap turns a comparison round",
      { fact: "requestParameters.a", operator: "swap:contains", value: ["X"] as never },
      { requestParameters: { a: "X" } },
      true,
    ],
    [
      "equal tells numbers from texts",
      is("requestParameters.a", 5),
      { requestParameters: { a: "5" } },
      false,
    ],
    ["equal tells null from absent", is("errorCode", null), {}, false],
    ["equal finds null", is("errorCode", null), { errorCode: null }, true],
    [
      "numbers beyond 2^53 are equal when JSON.parse cannot tell them apart",
      is("requestParameters.a", 2 ** 53),
      { requestParameters: { a: Number("9007199254740993") } },
      true,
    ],
  ])("means what json-rules-engine means: %s", async (_, conditions, fields, holds) => {
    expect(await matchesOf(conditions, fields)).toBe(holds);
  });
});

describe("a rule that fails", () => {
  it("is reported by its id, and stops no other rule", async () => {
    const engine = createEngine(
      ruleSetOf([
        ruleOf("one", is("eventName", "CreateTags")),
        ruleOf("two", is("eventName", "CreateTags")),
        ruleOf("three", is("eventName", "CreateTags")),
      ]),
    );
    const run = vi.spyOn(JsonRulesEngine.prototype, "run");
    run.mockImplementationOnce(() => Promise.reject(new Error("the judge is ill")));
    const { matches, problems, candidates } = await engine.evaluate(recordOf(), 0);
    expect(problems).toEqual([{ ruleId: "one", message: "the judge is ill" }]);
    expect(matches.map(({ rule }) => rule.id)).toEqual(["two", "three"]);
    expect(candidates).toBe(3);
    // And it is well again on the next record.
    expect((await engine.evaluate(recordOf(), 0)).matches).toHaveLength(3);
  });

  it("because a fact cannot be read is asked of the judge, reported, and stops no other rule", async () => {
    const engine = createEngine(
      ruleSetOf([
        ruleOf("throws", { fact: "userAgent", operator: "includes", value: "aws" }),
        ruleOf("fine", is("eventName", "CreateTags")),
      ]),
    );
    const record = Object.defineProperty({ ...recordOf() }, "userAgent", {
      get: () => {
        throw new TypeError("no text at all");
      },
    });
    const { matches, problems } = await engine.evaluate(record, 0);
    expect(problems).toEqual([{ ruleId: "throws", message: "no text at all" }]);
    expect(matches.map(({ rule }) => rule.id)).toEqual(["fine"]);
  });

  it.each<[string, Condition, string]>([
    [
      "an unknown operator",
      { fact: "eventName", operator: "equals", value: "x" },
      'unknown operator "equals"',
    ],
    [
      "an unknown decorator",
      { fact: "eventName", operator: "some:equal", value: "x" },
      'unknown decorator "some" in "some:equal"',
    ],
    [
      "an inherited name for an operator",
      { fact: "eventName", operator: "constructor", value: "x" },
      'unknown operator "constructor"',
    ],
    ["an unknown shared condition", { condition: "missing" }, 'no shared condition "missing"'],
    ["a fact that cannot be read", { fact: "a..b", operator: "equal", value: "x" }, "empty part"],
    ["an empty group", { all: [] }, 'an empty "all"'],
  ])("before it is asked, for %s, is named when the rules are compiled", (_, conditions, reason) => {
    const ruleSet = ruleSetOf([
      ruleOf("fine", is("eventName", "A")),
      ruleOf("ec2.amazonaws.com/broken", conditions),
    ]);
    expect(() => createEngine(ruleSet)).toThrow("rule ec2.amazonaws.com/broken cannot be compiled: ");
    expect(() => createEngine(ruleSet)).toThrow(reason);
  });
});
