import { describe, expect, it } from "vitest";
import { AlternativeLists, Alternatives } from "../../../lambda/record/facts.ts";
import { showValue } from "../../../lambda/explain/show-value.ts";

describe("a value for people", () => {
  it("is JSON, so that a text and a number differ, and nothing where there is none", () => {
    expect([5, "5", null, undefined, "nothing"].map(showValue)).toEqual([
      "5",
      '"5"',
      "null",
      "nothing",
      '"nothing"',
    ]);
  });

  it("is cut, and holds nothing that a terminal would act on", () => {
    expect(showValue("x".repeat(10_000))).toHaveLength(160);
    expect(showValue("a\u009b2J\u202eb")).toBe('"a\\u009b2J\\u202eb"');
  });

  it("shows every value of keys that collide", () => {
    expect(showValue(new Alternatives(["a", 1]))).toBe('"a" and also 1');
    const list = [
      "a",
      new Alternatives(["b", "c"]),
      new AlternativeLists([["d"], [new Alternatives(["e"])]]),
    ];
    expect(showValue(list)).toBe('["a","b","c","d","e"]');
  });
});
