import { describe, expect, it } from "vitest";
import { ConditionError, normalize } from "../../../lambda/engine/conditions.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { deriveSelector, type Matcher, type Selector, simplify } from "../../../lambda/engine/selector.ts";
import { FREE, NOTHING } from "./literal-fields.ts";

/** A selector without the lists, which only say what may not stand together: path → matchers, a conjunct. */
function selectorOf(
  conditions: Condition,
  shared: Readonly<Record<string, Condition>> = {},
): readonly Record<string, readonly Matcher[]>[] {
  return plain(deriveSelector(normalize(conditions, shared, {})));
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

  it("derived facts add what can be seen of them, and nothing where that is nothing; values from other facts add nothing", () => {
    const conditions = {
      all: [
        is("eventName", "A"),
        is("actor.name", "ada"),
        { fact: "userAgent", operator: "equal", value: { fact: "errorCode" } },
      ],
    };
    expect(selectorOf(conditions)).toEqual([{ eventName: ["A"] }]);
    expect(selectorOf({ any: [is("eventName", "A"), is("actor.name", "ada")] })).toEqual(EVERYTHING);
    expect(selectorOf({ all: [is("eventName", "A"), is("outcome", "success")] })).toEqual([
      { errorCode: NOTHING, eventName: ["A"] },
    ]);
    expect(selectorOf({ all: [is("eventName", "A"), is("actor.root", true)] })).toEqual([
      { eventName: ["A"], "userIdentity.type": ["Root"] },
      { eventName: ["A"], "userIdentity.sessionContext.assumedRoot": ["true", true] },
    ]);
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
        {},
      ),
    );
    expect(simplify(selector)).toEqual(selector);
  });

  it("cannot be had of conditions that cannot be normalised", () => {
    expect(() => selectorOf({ condition: "missing" })).toThrow(ConditionError);
  });
});
