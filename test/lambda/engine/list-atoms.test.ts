import { describe, expect, it } from "vitest";
import { normalize } from "../../../lambda/engine/conditions.ts";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import type { List } from "../../../lambda/engine/rule.ts";
import { deriveSelector, type Matcher } from "../../../lambda/engine/selector.ts";
import { FREE, NOTHING, PLAIN } from "./literal-fields.ts";
import { named, ruleOf, ruleSetOf } from "./samples.ts";

/** The matchers of one comparison with a list of these values; undefined when EventBridge is told nothing. */
function seen(
  fact: string,
  operator: string,
  kind: List["kind"],
  values: readonly string[],
): readonly Matcher[] | undefined {
  const lists = { l: { kind, values: [...values], description: "x" } };
  const [conjunct = []] = deriveSelector(normalize({ fact, operator, value: "l" }, {}, lists));
  return conjunct[0]?.matchers;
}

const accounts = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => String(123_456_789_012 + at));
const THERE: readonly Matcher[] = [{ exists: true }];

describe("what EventBridge can see of a short list", () => {
  it("is its values, beginnings or ranges, each once", () => {
    expect(seen(PLAIN, "inList", "exact", ["a", "b", "a"])).toEqual(["a", "b"]);
    expect(seen(FREE, "someFact:inList", "exact", ["a"])).toEqual(["a"]);
    expect(seen(PLAIN, "inList", "wildcard", ["role/a-*x", "role/a-*y", "*.com", "c"])).toEqual([
      { prefix: "role/a-" },
      { suffix: ".com" },
      "c",
    ]);
    expect(seen("sourceIPAddress", "inList", "cidr", ["192.0.2.0/24", "192.0.2.7/32"])).toEqual([
      { cidr: "192.0.2.0/24" },
      "192.0.2.7",
    ]);
  });

  it("is what is outside of it, where a plain field is not to be in it", () => {
    const outside = [{ "anything-but": ["a", "b"] }, ...NOTHING];
    expect(seen(PLAIN, "notInList", "exact", ["a", "b"])).toEqual(outside);
    expect(seen(PLAIN, "not:inList", "exact", ["a", "b"])).toEqual(outside);
    expect(seen(PLAIN, "not:notInList", "exact", ["a", "b"])).toEqual(["a", "b"]);
  });

  it.each([
    [FREE, "notInList", "exact", ["a"]],
    [PLAIN, "notInList", "wildcard", ["a*"]],
    ["sourceIPAddress", "not:inList", "cidr", ["192.0.2.0/24"]],
    [FREE, "everyFact:inList", "exact", ["a"]],
    ["requestParameters.a[*]", "someFact:notInList", "exact", ["a"]],
  ] as const)("is nothing where it could be too little: %s %s, %s", (fact, operator, kind, values) => {
    expect(seen(fact, operator, kind, values)).toBeUndefined();
  });

  it.each([
    ["wildcard", ["a*", "*b*"]],
    ["cidr", ["192.0.2.0/24", "2001:db8::/32"]],
    ["exact", ["a", "\ud800"]],
  ] as const)("is only that the field is there, when one value cannot be said: %s %j", (kind, values) => {
    expect(seen(PLAIN, "inList", kind, values)).toEqual(THERE);
  });
});

describe("what EventBridge can see of a long list", () => {
  it("is only that the field is there, and never a part of the list", () => {
    expect(seen(PLAIN, "inList", "exact", accounts(26))).toHaveLength(26);
    expect(seen(PLAIN, "inList", "exact", accounts(27))).toEqual(THERE);
    expect(seen(PLAIN, "inList", "exact", accounts(10_000))).toEqual(THERE);
    expect(seen(FREE, "someFact:inList", "exact", accounts(27))).toEqual(THERE);
  });

  it("is nothing where the field need not be there, or always is", () => {
    expect(seen(PLAIN, "notInList", "exact", accounts(10))).toHaveLength(2);
    expect(seen(PLAIN, "notInList", "exact", accounts(11))).toBeUndefined();
    expect(seen("eventName", "inList", "exact", accounts(27))).toBeUndefined();
  });
});

describe("event rules of rules with lists", () => {
  it("hold no value of a long list, and the names of calls all the same", () => {
    const lists = { l: { kind: "exact" as const, values: accounts(5_000), description: "x" } };
    const ruleSet = ruleSetOf([
      ruleOf("ec2.amazonaws.com/a", {
        all: [named("CreateTags"), { fact: "userIdentity.accountId", operator: "notInList", value: "l" }],
      }),
    ]);
    const text = JSON.stringify(deriveEventRules({ ...ruleSet, lists }).eventRules);
    expect(text).toContain('"eventName":["CreateTags"]');
    expect(text).not.toContain("123456789012");
  });
});
