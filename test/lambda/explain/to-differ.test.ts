import { describe, expect, it } from "vitest";
import { OPERATORS } from "../../../lambda/engine/operators.ts";
import { toDiffer } from "../../../lambda/explain/to-differ.ts";

const FAILS = { fact: "f", holds: false, saw: undefined } as const;

describe("what would have had to differ", () => {
  it.each([
    ["equal", "a", 'would hold if it is "a"'],
    ["notEqual", "a", 'would hold if it is not "a"'],
    ["not:equal", "a", 'would hold if it is not "a"'],
    ["in", ["a", "b"], "would hold if it is one of these"],
    ["notIn", ["a", "b"], "would hold if it is none of these"],
    ["inList", "offices", 'would hold if it is on the list "offices"'],
    ["notInList", "offices", 'would hold if it is not on the list "offices"'],
    ["not:notInList", "offices", 'would hold if it is on the list "offices"'],
    ["doesNotContain", "a", 'would hold if it is a list without "a" in it'],
    ["greaterThan", 5, "would hold if it is above 5"],
    ["exists", true, "would hold with f"],
    ["exists", false, "would hold without f"],
    ["not:exists", true, "would hold without f"],
    ["someFact:startsWith", "a", 'would hold if an element begins with "a"'],
    ["not:someFact:startsWith", "a", 'would hold if no element begins with "a"'],
    ["someFact:not:startsWith", "a", 'would hold if an element does not begin with "a"'],
    ["everyFact:startsWith", "a", 'would hold if every element begins with "a"'],
    ["not:everyFact:startsWith", "a", 'would hold if an element does not begin with "a"'],
    ["someFact:exists", true, "would hold if an element is something"],
    ["someValue:endsWith", ["a", "b"], 'would hold if it ends with one of ["a","b"]'],
    ["everyValue:includes", ["a", "b"], 'would hold if it contains each of ["a","b"]'],
    ["swap:contains", ["a"], 'would hold if ["a"] has it in it'],
    ["grantsFederated", true, "would hold if it lets tokens of a shared provider in"],
    ["grantsFederated", false, "would hold if it does not let tokens of a shared provider in"],
    ["grantsPublic", true, "would hold if it lets anybody in"],
    ["grantsPublic", false, "would hold if it does not let anybody in"],
  ])("for %s %j", (operator, value, sentence) => {
    expect(toDiffer({ ...FAILS, operator, value })).toBe(sentence);
  });

  it("is the opposite for what holds", () => {
    const holds = { fact: "f", holds: true, saw: "ab", operator: "startsWith", value: "a" };
    expect(toDiffer(holds)).toBe('would not hold if it does not begin with "a"');
    expect(toDiffer({ ...holds, operator: "not:startsWith" })).toBe('would not hold if it begins with "a"');
    expect(toDiffer({ ...holds, operator: "exists", value: false })).toBe("would not hold with f");
  });

  it("names the other fact with what it is", () => {
    const other = { fact: "actor.name", saw: "ada" };
    expect(toDiffer({ ...FAILS, operator: "equal", value: { fact: "actor.name" }, other })).toBe(
      'would hold if it is actor.name ("ada")',
    );
  });

  it("has words for every operator there is", () => {
    for (const operator of Object.keys(OPERATORS))
      expect(toDiffer({ ...FAILS, operator, value: "v" })).not.toContain("meets");
  });

  it("tells a text from what looks like it", () => {
    expect(toDiffer({ ...FAILS, operator: "equal", value: true, saw: "true" })).toMatch(
      /; the record has "true" with quotes, a text, which is not the same as true without$/,
    );
    expect(toDiffer({ ...FAILS, operator: "in", value: ["false"], saw: false })).toMatch(
      /; the record has false without quotes, which is not the same as the text$/,
    );
  });

  it("tells when only the case differs", () => {
    expect(toDiffer({ ...FAILS, operator: "equal", value: "Yes", saw: "YES" })).toMatch(
      /; only upper and lower case differ: equalIgnoreCase takes either$/,
    );
  });

  it("tells a list from one value", () => {
    expect(toDiffer({ ...FAILS, operator: "startsWith", value: "a", saw: ["ab"] })).toMatch(
      /; the record has a list there: someFact:startsWith looks at its elements$/,
    );
    expect(toDiffer({ ...FAILS, operator: "someFact:startsWith", value: "a", saw: "ab" })).toMatch(
      /; the record has no list there: take someFact: out$/,
    );
    expect(toDiffer({ ...FAILS, operator: "contains", value: "a", saw: ["b"] })).not.toContain(";");
  });

  it("names the key that the record has instead", () => {
    expect(toDiffer({ ...FAILS, operator: "equal", value: "a", near: "g" })).toMatch(/; the record has g$/);
  });
});
