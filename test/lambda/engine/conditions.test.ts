import { describe, expect, it } from "vitest";
import { ConditionError, literalsOf, MAX_LITERALS, normalize } from "../../../lambda/engine/conditions.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";

const A = { fact: "eventName", operator: "equal", value: "A" };
const B = { fact: "errorCode", operator: "not:exists", value: true };
const NOT_A = { ...A, operator: "not:equal" };
const NOT_B = { ...B, operator: "exists" };

function reasonOf(conditions: Condition, shared: Readonly<Record<string, Condition>> = {}): string {
  try {
    normalize(conditions, shared, {});
    return "accepted";
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    return error.message;
  }
}

function notThe(operator: string): Condition {
  return { not: { fact: "a", operator, value: 1 } };
}

function many(count: number): Condition {
  return { any: Array.from({ length: count }, () => A) };
}

describe("normalised conditions", () => {
  it("are what they were when nothing is to be done", () => {
    expect(normalize({ all: [A, { any: [B, A] }] }, {}, {})).toEqual({ all: [A, { any: [B, A] }] });
  });

  it("lose the labels that are for people", () => {
    expect(normalize({ all: [{ ...A, name: "the call" }], name: "both" }, {}, {})).toEqual({ all: [A] });
  });

  it("push not: down to the literals, which it turns round", () => {
    expect(normalize({ not: A }, {}, {})).toEqual(NOT_A);
    expect(normalize({ not: B }, {}, {})).toEqual(NOT_B);
    expect(normalize({ not: { not: A } }, {}, {})).toEqual(A);
    expect(normalize({ not: { all: [A, { any: [B, { not: A }] }] } }, {}, {})).toEqual({
      any: [NOT_A, { all: [NOT_B, A] }],
    });
  });

  it("take not: off from in front of other decorators, and keep it behind them", () => {
    expect(normalize(notThe("someFact:equal"), {}, {})).toMatchObject({ operator: "not:someFact:equal" });
    expect(normalize(notThe("not:someFact:equal"), {}, {})).toMatchObject({ operator: "someFact:equal" });
    expect(normalize(notThe("someFact:not:equal"), {}, {})).toMatchObject({
      operator: "not:someFact:not:equal",
    });
    expect(normalize(notThe("not:not:equal"), {}, {})).toMatchObject({ operator: "not:equal" });
  });

  it("have shared conditions in place of references, under not: as well", () => {
    const shared = { outer: { all: [{ condition: "inner" }, A] }, inner: { any: [A, B] } };
    expect(normalize({ condition: "outer" }, shared, {})).toEqual({ all: [{ any: [A, B] }, A] });
    expect(normalize({ not: { condition: "outer" } }, shared, {})).toEqual({
      any: [{ all: [NOT_A, NOT_B] }, NOT_A],
    });
  });

  it("may refer to one shared condition many times", () => {
    const conditions = { all: [{ condition: "one" }, { any: [{ condition: "one" }, { condition: "one" }] }] };
    expect(literalsOf(normalize(conditions, { one: A }, {}))).toEqual([A, A, A]);
  });

  it("list their literals in the order in which they were written", () => {
    expect(literalsOf(normalize({ any: [{ all: [A, B] }, { not: A }] }, {}, {}))).toEqual([A, B, NOT_A]);
  });

  it("leave what was written as it was", () => {
    const conditions = { not: { all: [A, { condition: "one" }] } };
    const before = JSON.stringify(conditions);
    normalize(conditions, { one: B }, {});
    expect(JSON.stringify(conditions)).toBe(before);
  });
});

describe("conditions that cannot be normalised", () => {
  it("name the shared condition that there is none of, inherited keys included", () => {
    expect(reasonOf({ condition: "missing" })).toBe('there is no shared condition "missing"');
    expect(reasonOf({ all: [A, { not: { condition: "missing" } }] }, { present: A })).toContain('"missing"');
    expect(reasonOf({ condition: "constructor" })).toBe('there is no shared condition "constructor"');
    expect(reasonOf({ condition: "__proto__" })).toBe('there is no shared condition "__proto__"');
  });

  it("show the whole circle in which shared conditions refer to each other", () => {
    const shared = {
      one: { all: [A, { condition: "two" }] },
      two: { not: { condition: "three" } },
      three: { any: [{ condition: "one" }] },
      self: { condition: "self" },
    };
    expect(reasonOf({ condition: "one" }, shared)).toContain("one -> two -> three -> one");
    expect(reasonOf({ all: [{ condition: "three" }] }, shared)).toContain("three -> one -> two -> three");
    expect(reasonOf({ condition: "self" }, shared)).toContain("self -> self");
  });

  it("are those that double at every level: thirty small files must not fill the memory", () => {
    const shared: Record<string, Condition> = { c0: A };
    for (let at = 1; at <= 30; at++)
      shared[`c${at}`] = { all: [{ condition: `c${at - 1}` }, { condition: `c${at - 1}` }] };
    expect(reasonOf({ condition: "c30" }, shared)).toContain(`more than ${MAX_LITERALS} comparisons`);
    expect(literalsOf(normalize({ condition: "c12" }, shared, {}))).toHaveLength(4_096);
  });

  it("are those with more comparisons than the limit, and no others", () => {
    expect(reasonOf(many(MAX_LITERALS))).toBe("accepted");
    expect(reasonOf(many(MAX_LITERALS + 1))).toContain("shared conditions included");
  });

  it("are empty groups, which json-rules-engine takes for true", () => {
    expect(reasonOf({ all: [] })).toContain('an empty "all" is always true');
    expect(reasonOf({ all: [A, { any: [] }] })).toContain('an empty "any" is always true');
    expect(reasonOf({ not: { any: [] } })).toContain('an empty "any"');
  });
});
