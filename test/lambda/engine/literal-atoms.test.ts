import { describe, expect, it } from "vitest";
import { literalAtoms } from "../../../lambda/engine/literal-atoms.ts";
import { DECORATORS } from "../../../lambda/engine/operator-name.ts";
import { OPERATORS } from "../../../lambda/engine/operators.ts";
import { ALL_GUARDS, type Matcher } from "../../../lambda/engine/selector.ts";
import { FREE, NOTHING, PLAIN } from "./literal-fields.ts";

/** The matchers of a lone literal; undefined when it constrains nothing. */
function matchersOf(fact: string, operator: string, value: unknown): readonly Matcher[] | undefined {
  const atoms = literalAtoms({ fact, operator, value }, ALL_GUARDS);
  if (atoms === undefined) return undefined;
  expect(atoms).toHaveLength(1);
  return atoms[0]?.matchers;
}

describe("what EventBridge sees of a literal", () => {
  it.each<[string, unknown, readonly Matcher[] | undefined, readonly Matcher[] | undefined]>([
    // operator, value, on a plain field, on a field that can be anything
    ["equal", "x", ["x"], ["x"]],
    ["equal", "", [""], [""]],
    ["equal", null, undefined, undefined],
    ["equal", true, [true], [true]],
    ["equal", 5, [{ numeric: ["=", 5] }], [{ numeric: ["=", 5] }]],
    ["equal", 5.5, undefined, undefined],
    ["equal", 6_000_000_000, undefined, undefined],
    ["equal", "half \ud83d", undefined, undefined],
    ["notEqual", "x", [{ "anything-but": ["x"] }, ...NOTHING], undefined],
    ["notEqual", null, undefined, undefined],
    ["notEqual", 5, undefined, undefined],
    ["in", ["x", 5], ["x", { numeric: ["=", 5] }], ["x", { numeric: ["=", 5] }]],
    ["in", ["x", null], undefined, undefined],
    ["in", ["x", 5.5], undefined, undefined],
    ["notIn", ["x", "y"], [{ "anything-but": ["x", "y"] }, ...NOTHING], undefined],
    ["notIn", ["x", 5], undefined, undefined],
    ["contains", "x", ["x"], ["x"]],
    ["doesNotContain", "x", undefined, undefined],
    ["lessThan", 5, undefined, undefined],
    ["lessThanInclusive", 5, undefined, undefined],
    ["greaterThan", 5, undefined, undefined],
    ["greaterThanInclusive", 5, undefined, undefined],
    ["startsWith", "x", [{ prefix: "x" }], [{ prefix: "x" }]],
    ["startsWith", "", undefined, undefined],
    ["startsWith", "x\ud83d", undefined, undefined],
    ["endsWith", "x", [{ suffix: "x" }], [{ suffix: "x" }]],
    ["endsWith", "\ude00x", undefined, undefined],
    ["includes", "x", undefined, undefined],
    ["equalIgnoreCase", "yes", [{ "equals-ignore-case": "yes" }], [{ "equals-ignore-case": "yes" }]],
    ["equalIgnoreCase", "é", undefined, undefined],
    ["like", "x*", [{ prefix: "x" }], [{ prefix: "x" }]],
    ["like", "*xy", [{ suffix: "xy" }], [{ suffix: "xy" }]],
    ["like", "x*yz", [{ suffix: "yz" }], [{ suffix: "yz" }]],
    ["like", "xy*z", [{ prefix: "xy" }], [{ prefix: "xy" }]],
    ["like", "*x*", undefined, undefined],
    ["like", "*", undefined, undefined],
    ["like", String.raw`a\*`, ["a*"], ["a*"]],
    ["matches", "^(a|b)", [{ prefix: "a" }, { prefix: "b" }], [{ prefix: "a" }, { prefix: "b" }]],
    ["matches", "a", undefined, undefined],
    ["inCidr", "192.0.2.0/24", [{ cidr: "192.0.2.0/24" }], [{ cidr: "192.0.2.0/24" }]],
    ["inCidr", "192.0.2.7/32", ["192.0.2.7"], ["192.0.2.7"]],
    ["inCidr", "2001:db8::/32", undefined, undefined],
    ["exists", true, [{ exists: true }], undefined],
    ["exists", false, NOTHING, undefined],
  ])("%s %j", (operator, value, onPlain, onFree) => {
    expect(matchersOf(PLAIN, operator, value)).toEqual(onPlain);
    expect(matchersOf(FREE, operator, value)).toEqual(onFree);
  });

  it.each<[string, unknown, readonly Matcher[] | undefined]>([
    ["not:equal", "x", [{ "anything-but": ["x"] }, ...NOTHING]],
    ["not:notEqual", "x", ["x"]],
    ["not:not:equal", "x", ["x"]],
    ["not:in", ["x", "y"], [{ "anything-but": ["x", "y"] }, ...NOTHING]],
    ["not:notIn", ["x"], ["x"]],
    ["not:startsWith", "x", [{ "anything-but": { prefix: "x" } }, ...NOTHING]],
    ["not:endsWith", "x", [{ "anything-but": { suffix: "x" } }, ...NOTHING]],
    ["not:equalIgnoreCase", "x", [{ "anything-but": { "equals-ignore-case": "x" } }, ...NOTHING]],
    ["not:exists", true, NOTHING],
    ["not:exists", false, [{ exists: true }]],
    ["not:contains", "x", undefined],
    ["not:doesNotContain", "x", undefined],
    ["not:like", "x*", undefined],
    ["not:matches", "^x", undefined],
    ["not:inCidr", "192.0.2.0/24", undefined],
    ["not:includes", "x", undefined],
    ["not:greaterThan", 5, undefined],
    ["someValue:equal", ["x", "y"], ["x", "y"]],
    ["someValue:startsWith", ["x", "y"], [{ prefix: "x" }, { prefix: "y" }]],
    ["someValue:greaterThan", [1, 2], undefined],
    ["someValue:equal", [], undefined],
    ["everyValue:startsWith", ["x", "xy"], [{ prefix: "x" }]],
    ["everyValue:includes", ["x", "y"], undefined],
    ["everyValue:equal", [], undefined],
    ["not:someValue:equal", ["x"], undefined],
    ["not:everyValue:equal", ["x"], undefined],
    ["swap:equal", "x", undefined],
    ["someFact:equal", "x", ["x"]],
    ["someFact:startsWith", "x", [{ prefix: "x" }]],
    ["someFact:not:equal", "x", undefined],
    ["someFact:exists", true, undefined],
    ["everyFact:equal", "x", undefined],
    ["not:someFact:equal", "x", undefined],
    ["not:everyFact:not:equal", "x", undefined],
  ])("%s %j, on a plain field", (operator, value, matchers) => {
    expect(matchersOf(PLAIN, operator, value)).toEqual(matchers);
  });

  it("leaves absence out where a field is always there", () => {
    expect(matchersOf("eventName", "notEqual", "x")).toEqual([{ "anything-but": ["x"] }]);
    expect(matchersOf("eventSource", "not:in", ["x"])).toEqual([{ "anything-but": ["x"] }]);
  });

  it("turns round true and false, which anything-but does not take", () => {
    expect(matchersOf("readOnly", "notEqual", true)).toEqual([false, ...NOTHING]);
    expect(matchersOf("managementEvent", "not:equal", false)).toEqual([true, ...NOTHING]);
    expect(matchersOf("errorCode", "notEqual", true)).toBeUndefined();
  });

  it("is nothing where the value is another fact", () => {
    for (const operator of Object.keys(OPERATORS))
      expect(matchersOf(PLAIN, operator, { fact: "eventName" })).toBeUndefined();
  });

  it("is nothing where the fact is derived", () => {
    for (const fact of ["actor.name", "channel.name", "outcome"])
      expect(matchersOf(fact, "equal", "x")).toBeUndefined();
  });

  it("is nothing where EventBridge takes the field for an operator inside $or", () => {
    for (const field of [
      "prefix",
      "suffix",
      "exists",
      "cidr",
      "numeric",
      "wildcard",
      "anything-but",
      "$or",
    ]) {
      expect(matchersOf(`requestParameters.${field}`, "equal", "x")).toBeUndefined();
      expect(matchersOf(`requestParameters.${field}.x`, "equal", "x")).toBeUndefined();
    }
    expect(matchersOf("requestParameters.prefixes", "equal", "x")).toEqual(["x"]);
  });

  it("throws for no operator under any two decorators", () => {
    const decorators = ["", ...Object.keys(DECORATORS).map((name) => `${name}:`)];
    for (const outer of decorators)
      for (const inner of decorators)
        for (const base of Object.keys(OPERATORS))
          for (const value of ["x", ["x", "y"], 5, true, null, [], { fact: "userAgent" }])
            for (const fact of [PLAIN, FREE, "requestParameters.items[*].x", "requestParameters.items.0"])
              expect(() =>
                literalAtoms({ fact, operator: outer + inner + base, value }, ALL_GUARDS),
              ).not.toThrow();
  });
});
