import { describe, expect, it } from "vitest";
import { didYouMean, nearest } from "../../../lambda/words/nearest.ts";

describe("nearest", () => {
  it.each([
    ["equals", "equal"],
    ["EQUAL", "equal"],
    ["euqal", "equal"],
    ["notEqal", "notEqual"],
    ["startWith", "startsWith"],
  ])("takes %s for %s", (word, meant) => {
    expect(nearest(word, ["equal", "notEqual", "startsWith", "in"])).toBe(meant);
  });

  it("suggests nothing when no word is near", () => {
    expect(nearest("frobnicate", ["equal", "in"])).toBeUndefined();
    expect(nearest("", ["equal"])).toBeUndefined();
  });

  it("does not spend time on a word longer than any known one could be misspelt to", () => {
    expect(nearest("e".repeat(1_000_000), ["equal"])).toBeUndefined();
  });
});

describe("didYouMean", () => {
  it("names the nearest word, else the given advice, else all known words", () => {
    expect(didYouMean("equals", ["equal", "in"])).toBe('Did you mean "equal"?');
    expect(didYouMean("frobnicate", ["equal", "in"], "Look it up.")).toBe("Look it up.");
    expect(didYouMean("frobnicate", ["equal", "in"])).toBe("Known are: equal, in.");
  });
});
