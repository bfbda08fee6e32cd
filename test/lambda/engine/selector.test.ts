import { describe, expect, it } from "vitest";
import { ConditionError, normalize } from "../../../lambda/engine/conditions.ts";
import { literalAtoms } from "../../../lambda/engine/literal-atoms.ts";
import { DECORATORS } from "../../../lambda/engine/operator-name.ts";
import { OPERATORS } from "../../../lambda/engine/operators.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import {
  ALL_GUARDS,
  deriveSelector,
  type Matcher,
  type Selector,
  simplify,
} from "../../../lambda/engine/selector.ts";

const PLAIN = "errorCode";
const FREE = "requestParameters.a";
const NOTHING: readonly Matcher[] = [{ exists: false }];

/** The matchers of a lone literal; undefined when it constrains nothing. */
function matchersOf(fact: string, operator: string, value: unknown): readonly Matcher[] | undefined {
  const atoms = literalAtoms({ fact, operator, value }, ALL_GUARDS);
  if (atoms === undefined) return undefined;
  expect(atoms).toHaveLength(1);
  return atoms[0]?.matchers;
}

/** A selector without the lists, which only say what may not stand together: path → matchers, a conjunct. */
function selectorOf(
  conditions: Condition,
  shared: Readonly<Record<string, Condition>> = {},
): readonly Record<string, readonly Matcher[]>[] {
  return plain(deriveSelector(normalize(conditions, shared)));
}

function plain(selector: Selector): readonly Record<string, readonly Matcher[]>[] {
  return selector.map((conjunct) =>
    Object.fromEntries(conjunct.map(({ path, matchers }) => [path, matchers])),
  );
}

function hasTag(value: string): Condition {
  return { fact: "requestParameters.tags", operator: "contains", value };
}

function exists(fact: string, value: boolean): Condition {
  return { fact, operator: "exists", value };
}

const EVERYTHING = [{}];
const is = (fact: string, value: unknown): Condition => ({ fact, operator: "equal", value });

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

describe("the traps of a selector", () => {
  it("an absent field: notEqual is true of it, anything-but is not", () => {
    expect(selectorOf({ fact: "userIdentity.type", operator: "notEqual", value: "Root" })).toEqual([
      { "userIdentity.type": [{ "anything-but": ["Root"] }, ...NOTHING] },
    ]);
  });

  it("numbers in texts: greaterThan takes them, numeric does not", () => {
    expect(
      selectorOf({ all: [is("eventName", "A"), { fact: FREE, operator: "greaterThan", value: 5 }] }),
    ).toEqual([{ eventName: ["A"] }]);
  });

  it("list positions: [0] widens to any element, .0 may be a key as well", () => {
    expect(selectorOf(is("requestParameters.items[0].x", "a"))).toEqual([
      { "requestParameters.items.x": ["a"] },
    ]);
    expect(selectorOf(is("requestParameters.items.0.x", "a"))).toEqual([
      { "requestParameters.items.0.x": ["a"] },
      { "requestParameters.items.x": ["a"] },
    ]);
  });

  it("two conditions on one list are not tied to one element: the tighter one stays", () => {
    const conditions = {
      all: [
        { fact: "requestParameters.items[*].from", operator: "someFact:startsWith", value: "1" },
        { fact: "requestParameters.items[*].to", operator: "someFact:equal", value: "22" },
        { fact: "requestParameters.items[0].protocol", operator: "startsWith", value: "t" },
        is("requestParameters.groupId", "sg-1"),
      ],
    };
    expect(selectorOf(conditions)).toEqual([
      { "requestParameters.groupId": ["sg-1"], "requestParameters.items.to": ["22"] },
    ]);
  });

  it("two conditions on one list of plain values are not tied to one element either", () => {
    expect(selectorOf({ all: [hasTag("a"), hasTag("b")] })).toEqual([{ "requestParameters.tags": ["a"] }]);
  });

  it("not: what is exact is negated, all else is left out", () => {
    const conditions = {
      not: {
        any: [
          is("errorCode", "A"),
          is(FREE, "x"),
          { fact: "userAgent", operator: "matches", value: "^Terraform" },
        ],
      },
    };
    expect(selectorOf(conditions)).toEqual([{ errorCode: [{ "anything-but": ["A"] }, ...NOTHING] }]);
    expect(selectorOf({ not: { all: [is("errorCode", "A"), is(FREE, "x")] } })).toEqual(EVERYTHING);
  });

  it("null, {} and []: exists is about more than leaves, but for plain fields", () => {
    expect(selectorOf(exists("responseElements", false))).toEqual(EVERYTHING);
    expect(selectorOf(exists("requestParameters.a.b", true))).toEqual(EVERYTHING);
    expect(selectorOf(exists("errorCode", false))).toEqual([{ errorCode: NOTHING }]);
  });

  it("colliding keys: two conditions on one field may hold for two values of it", () => {
    expect(selectorOf({ all: [is(FREE, "x"), is(FREE, "y")] })).toEqual([{ [FREE]: ["x"] }]);
  });

  it("derived facts and values from other facts add no constraint", () => {
    const conditions = {
      all: [
        is("eventName", "A"),
        is("actor.name", "ada"),
        { fact: "userAgent", operator: "equal", value: { fact: "errorCode" } },
      ],
    };
    expect(selectorOf(conditions)).toEqual([{ eventName: ["A"] }]);
    expect(selectorOf({ any: [is("eventName", "A"), is("channel.name", "console")] })).toEqual(EVERYTHING);
  });

  it("addresses: only IPv4 is left to EventBridge", () => {
    expect(selectorOf({ fact: "sourceIPAddress", operator: "inCidr", value: "2001:db8::/32" })).toEqual(
      EVERYTHING,
    );
    expect(selectorOf({ fact: "sourceIPAddress", operator: "not:inCidr", value: "192.0.2.0/24" })).toEqual(
      EVERYTHING,
    );
  });

  it("wildcards: a bus has 30 rules with them, so like never becomes one", () => {
    const conditions = {
      any: ["a*b", "*c*", "d*"].map((value) => ({ fact: "userAgent", operator: "like", value })),
    };
    expect(JSON.stringify(selectorOf(conditions))).not.toContain("wildcard");
  });
});

describe("a selector", () => {
  it("multiplies out any over all, and joins what differs in one field", () => {
    const conditions = {
      all: [
        { any: [is("eventName", "A"), is("eventName", "B")] },
        { any: [is("userIdentity.type", "Root"), is("errorCode", "X")] },
      ],
    };
    expect(selectorOf(conditions)).toEqual([
      { eventName: ["A", "B"], "userIdentity.type": ["Root"] },
      { errorCode: ["X"], eventName: ["A", "B"] },
    ]);
  });

  it("drops what a wider conjunct includes", () => {
    expect(
      selectorOf({ any: [is("eventName", "A"), { all: [is("eventName", "A"), is("errorCode", "X")] }] }),
    ).toEqual([{ eventName: ["A"] }]);
  });

  it("drops a field that may be there and may not", () => {
    const conditions = {
      any: [true, false].map((value) => ({
        all: [is("eventName", "A"), { fact: "errorCode", operator: "exists", value }],
      })),
    };
    expect(selectorOf(conditions)).toEqual([{ eventName: ["A"] }]);
  });

  it("lets everything through where one alternative is about nothing that EventBridge sees", () => {
    expect(
      selectorOf({ any: [is("eventName", "A"), { fact: "userAgent", operator: "includes", value: "x" }] }),
    ).toEqual(EVERYTHING);
  });

  it("leaves a condition out, and never one alternative, where multiplying out would make too many", () => {
    const many = (fact: string): Condition => ({
      any: Array.from({ length: 12 }, (_, at) => ({
        all: [is(`${fact}${at}`, "x"), is(`${fact}y${at}`, "x")],
      })),
    });
    const selector = selectorOf({
      all: [many("requestParameters.a"), many("requestParameters.b"), is("eventName", "A")],
    });
    expect(selector).toHaveLength(12);
    for (const conjunct of selector) expect(conjunct.eventName).toEqual(["A"]);
  });

  it("is derived in a moment for a rule of 5,000 comparisons", () => {
    const conditions = { any: Array.from({ length: 5_000 }, (_, at) => is("eventName", `Call${at}`)) };
    const [conjunct] = selectorOf(conditions);
    expect(conjunct?.eventName).toHaveLength(5_000);
  });

  it("stays the same when it is simplified again", () => {
    const selector = deriveSelector(
      normalize(
        {
          all: [
            { any: [is("eventName", "A"), is("errorCode", "X")] },
            { any: [is("userAgent", "u"), is("errorCode", "Y")] },
          ],
        },
        {},
      ),
    );
    expect(simplify(selector)).toEqual(selector);
  });

  it("cannot be had of conditions that cannot be normalised", () => {
    expect(() => selectorOf({ condition: "missing" })).toThrow(ConditionError);
  });
});
