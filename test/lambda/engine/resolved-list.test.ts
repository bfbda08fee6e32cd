import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalize } from "../../../lambda/engine/conditions.ts";
import { createJudge } from "../../../lambda/engine/judge.ts";
import { compileOperator } from "../../../lambda/engine/operator-name.ts";
import { ResolvedList, resolveList } from "../../../lambda/engine/resolved-list.ts";
import type { List } from "../../../lambda/engine/rule.ts";
import { recordOf } from "./samples.ts";

const list = (kind: List["kind"], ...values: string[]): List => ({ kind, values, description: "A list." });
const LISTS = {
  exact: list("exact", "a", "arn:*"),
  wildcard: list("wildcard", "arn:*:role/deploy-*", "*.amazonaws.com", "plain", String.raw`a\*b`),
  cidr: list("cidr", "192.0.2.0/25", "198.51.100.1/32", "2001:db8::/32"),
};
const resolved = (kind: List["kind"]): ResolvedList => new ResolvedList(kind, LISTS[kind]);

const judge = (fact: string, operator: string, value: string, fields: Record<string, unknown>) =>
  createJudge(normalize({ all: [{ fact, operator, value }] }, {}, LISTS))(recordOf(fields));

describe("a list", () => {
  it.each<[List["kind"], unknown, boolean]>([
    ["exact", "a", true],
    ["exact", "arn:*", true],
    ["exact", "arn:x", false],
    ["exact", "", false],
    ["exact", 5, false],
    ["exact", null, false],
    ["exact", undefined, false],
    ["exact", ["a"], false],
    ["wildcard", "arn:aws:iam::123456789012:role/deploy-web", true],
    ["wildcard", "arn:role/deploy-", false],
    ["wildcard", "ec2.amazonaws.com", true],
    ["wildcard", ".amazonaws.com", true],
    ["wildcard", "amazonaws.com", false],
    ["wildcard", "plain", true],
    ["wildcard", "plainer", false],
    ["wildcard", "a*b", true],
    ["wildcard", "axb", false],
    ["cidr", "192.0.2.127", true],
    ["cidr", "192.0.2.128", false],
    ["cidr", "198.51.100.1", true],
    ["cidr", "2001:db8:1::5", true],
    ["cidr", "2001:DB8:1::5", true],
    ["cidr", "2001:db9::1", false],
    ["cidr", "::ffff:192.0.2.1", false],
    ["cidr", "192.0.2.01", false],
    ["cidr", "AWS Internal", false],
    ["cidr", 3_221_225_985, false],
  ])("of kind %s: %j is in it: %j", (kind, fact, expected) => {
    expect(resolved(kind).has(fact)).toBe(expected);
  });

  it("is its name in JSON, so that no values fill a message or a log", () => {
    expect(JSON.stringify({ value: resolved("exact") })).toBe('{"value":"exact"}');
  });

  it("is found by its own name only, and is the same one each time", () => {
    expect(resolveList("exact", LISTS)).toBe(resolveList("exact", LISTS));
    expect(resolveList("exact", LISTS)).not.toBe(resolveList("exact", { ...LISTS }));
    expect(resolveList("toString", LISTS)).toBeUndefined();
    expect(resolveList("__proto__", LISTS)).toBeUndefined();
  });

  it("holds what one comparison a value finds, whatever the values are", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "*", "\\", "ab"), { maxLength: 4 })
      .map((parts) => parts.join(""));
    const octet = fc.constantFrom("0", "1", "127", "128", "255");
    const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join("."));
    const group = fc.constantFrom("0", "1", "8000", "ffff");
    const address6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(":"));
    const range = fc
      .oneof(fc.tuple(address, fc.nat(32)), fc.tuple(address6, fc.nat(128)))
      .map(([base, length]) => `${base}/${length}`);
    const cases = [
      ["exact", "equal", text, text],
      ["wildcard", "like", text, text],
      ["cidr", "inCidr", range, fc.oneof(address, address6)],
    ] as const;
    for (const [kind, base, values, facts] of cases) {
      const one = compileOperator(base);
      let hits = 0;
      fc.assert(
        fc.property(fc.array(values, { maxLength: 8 }), facts, (all, fact) => {
          const expected = all.some((value) => one(fact, value));
          if (expected) hits++;
          expect(new ResolvedList("l", list(kind, ...all)).has(fact)).toBe(expected);
        }),
        { numRuns: 3_000 },
      );
      expect(hits).toBeGreaterThan(100);
    }
  });
});

describe("a condition on a list", () => {
  it.each([
    ["inList", { userAgent: "a" }, true],
    ["inList", { userAgent: "b" }, false],
    ["inList", { userAgent: undefined }, false],
    ["notInList", { userAgent: "a" }, false],
    ["notInList", { userAgent: "b" }, true],
    ["notInList", { userAgent: undefined }, true],
    ["not:inList", { userAgent: undefined }, true],
    ["not:inList", { userAgent: "a" }, false],
    ["not:notInList", { userAgent: "a" }, true],
    ["not:notInList", { userAgent: undefined }, false],
  ])("%s of %j: %j", async (operator, fields, expected) => {
    expect(await judge("userAgent", operator, "exact", fields)).toBe(expected);
  });

  it.each([
    ["someFact:inList", ["a", "b"], true],
    ["someFact:inList", ["b"], false],
    ["someFact:notInList", ["a", "b"], true],
    ["someFact:notInList", ["a"], false],
    ["everyFact:inList", ["a", "arn:*"], true],
    ["everyFact:inList", ["a", "b"], false],
    ["everyFact:notInList", ["b", "c"], true],
    ["everyFact:notInList", ["a", "c"], false],
    ["not:someFact:inList", ["b"], true],
    ["not:someFact:inList", ["b", "a"], false],
    ["someFact:inList", undefined, false],
    ["everyFact:notInList", undefined, true],
  ])("%s of the elements %j: %j", async (operator, items, expected) => {
    expect(
      await judge("requestParameters.items[*]", operator, "exact", { requestParameters: { items } }),
    ).toBe(expected);
  });

  it("holds under a not for the values that are not in the list", async () => {
    const condition = { not: { fact: "sourceIPAddress", operator: "inList", value: "cidr" } };
    const normal = normalize(condition, {}, LISTS);
    expect(normal).toMatchObject({ operator: "not:inList" });
    expect(await createJudge(normal)(recordOf({ sourceIPAddress: "192.0.2.5" }))).toBe(false);
    expect(await createJudge(normal)(recordOf({ sourceIPAddress: "192.0.2.200" }))).toBe(true);
  });

  it("compares two lists in one rule, each with its own", async () => {
    const both = normalize(
      {
        all: [
          { fact: "userAgent", operator: "inList", value: "exact" },
          { fact: "sourceIPAddress", operator: "inList", value: "cidr" },
        ],
      },
      {},
      LISTS,
    );
    const matches = (userAgent: string, sourceIPAddress: string) =>
      createJudge(both)(recordOf({ userAgent, sourceIPAddress }));
    expect(await matches("a", "192.0.2.5")).toBe(true);
    expect(await matches("a", "203.0.113.5")).toBe(false);
    expect(await matches("b", "192.0.2.5")).toBe(false);
  });

  it("hands json-rules-engine the name of the list: it clones what it is handed, for every match", async () => {
    const cloned: unknown[] = [];
    const values = new Proxy(["a"], {
      get(target, key, receiver) {
        cloned.push(key);
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    const condition = normalize(
      { all: [{ fact: "userAgent", operator: "inList", value: "watched" }] },
      {},
      { watched: { kind: "exact", values, description: "x" } },
    );
    const ask = createJudge(condition);
    expect(await ask(recordOf({ userAgent: "a" }))).toBe(true);
    const afterFirst = cloned.length;
    expect(await ask(recordOf({ userAgent: "a" }))).toBe(true);
    expect(cloned).toHaveLength(afterFirst);
  });

  it.each([["nowhere"], [5], [["a"]], [{ fact: "userAgent" }]])("is refused for the list %j", (value) => {
    expect(() => normalize({ fact: "userAgent", operator: "inList", value }, {}, LISTS)).toThrow(
      `there is no list ${JSON.stringify(value)}`,
    );
  });
});
