import { describe, expect, it } from "vitest";
import { wantedInWords } from "../../../lib/explain/pattern-words.ts";

describe("what a pattern wants, in words", () => {
  it.each([
    [["a"], '"a"'],
    [[false, null], "false or null"],
    [["a", { prefix: "b" }, { exists: false }], '"a", a text that begins with "b" or nothing'],
    [[{ suffix: { "equals-ignore-case": ".PNG" } }], 'a text that ends with ".PNG" in either case'],
    [[{ "anything-but": ["a", "b"] }], 'anything but "a" or "b"'],
    [[{ "anything-but": { prefix: ["a", "b"] } }], 'anything but a text that begins with "a" or "b"'],
    [
      [{ wildcard: "a*b" }, { cidr: "192.0.2.0/24" }],
      'a text of the form "a*b" or an address in "192.0.2.0/24"',
    ],
    [[{ numeric: [">", 0, "<=", 5] }], "a number > 0 <= 5"],
    [[{ exists: true }], "any value"],
    [[{ constructor: 1 }], '{"constructor":1}'],
    [["a", "b", "c", "d", "e", "f", "g", "h"], '"a", "b", "c", "d", "e", "f" or one of 2 more'],
  ])("%j is %s", (wanted, words) => {
    expect(wantedInWords(wanted)).toBe(words);
  });
});
