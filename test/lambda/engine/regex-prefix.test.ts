import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { regexAlternatives } from "../../../lambda/engine/regex-prefix.ts";
import type { Matcher } from "../../../lambda/engine/selector.ts";

const prefixes = (...texts: readonly string[]): readonly Matcher[] => texts.map((prefix) => ({ prefix }));

describe("what a regular expression demands of the beginning of a text", () => {
  it.each<[string, readonly Matcher[] | undefined]>([
    ["^Delete", prefixes("Delete")],
    ["^Delete.*", prefixes("Delete")],
    ["^Run$", ["Run"]],
    ["^(Put|Delete)", prefixes("Put", "Delete")],
    ["^(?:Put|Delete)Bucket", prefixes("Put", "Delete")],
    ["^(Put|Delete)$", ["Put", "Delete"]],
    [String.raw`^arn:aws:s3:::a\.b`, prefixes("arn:aws:s3:::a.b")],
    [String.raw`^a\$`, prefixes("a$")],
    // A quantifier makes the last character optional.
    ["^ab?", prefixes("a")],
    ["^ab*c", prefixes("a")],
    ["^ab+", prefixes("a")],
    ["^ab{0}", prefixes("a")],
    [String.raw`^ab\.?`, prefixes("ab")],
    ["^a?", undefined],
    ["^a*b", undefined],
    // A group that is optional, or repeated, demands nothing that is simply read.
    ["^(Put|Delete)?", undefined],
    ["^(Put|Delete)*x", undefined],
    // An alternative outside the group may have no anchor.
    ["^Put|Delete", undefined],
    ["^(Put|Delete)x|y", undefined],
    ["^Put.*|Delete", undefined],
    ["^(a|)b", undefined],
    ["^(a||b)", undefined],
    [String.raw`^(a\|b)`, undefined],
    ["^", undefined],
    ["^$", undefined],
    ["", undefined],
    ["Delete", undefined],
    [".*Delete", undefined],
    ["(^Delete)", undefined],
    ["(?i)^delete", undefined],
    ["^(?i)delete", undefined],
    ["^(?i:delete)", undefined],
    ["^[A-Z]x", undefined],
    ["^.x", undefined],
    [String.raw`^\d`, undefined],
    [String.raw`^\Qa.b\E`, undefined],
    [String.raw`^\x41`, undefined],
    ["^é", undefined],
  ])("%s", (pattern, alternatives) => {
    expect(regexAlternatives(pattern)).toEqual(alternatives);
  });

  it("is true of every text in which the regular expression finds something", () => {
    const piece = fc.constantFrom(
      "a",
      "b",
      "A",
      "(",
      ")",
      "(?:",
      "|",
      "*",
      "+",
      "?",
      "{0,1}",
      "{0}",
      ".",
      "$",
      "^",
      "\\.",
      "\\$",
      "\\|",
      "\\\\",
      "[ab]",
      "(?i)",
      "(?m)",
      "(?s)",
      "\n",
      "-",
      "\\b",
      "\\A",
      "\\z",
    );
    const pattern = fc
      .tuple(fc.constantFrom("^", "^", "^", "^(", "^(?:"), fc.array(piece, { maxLength: 7 }))
      .map(([head, rest]) => head + rest.join(""));
    const text = fc
      .array(fc.constantFrom("a", "b", "A", ".", "$", "|", "\\", "\n", "-", "(", "{"), { maxLength: 5 })
      .map((letters) => letters.join(""));
    const tally = { found: 0 };
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 10, maxLength: 10 }), (written, texts) => {
        const alternatives = regexAlternatives(written);
        if (alternatives === undefined) return;
        let regex: RE2JS;
        try {
          regex = RE2JS.compile(written);
        } catch {
          return;
        }
        const beginnings = alternatives.flatMap(demanded);
        const continued = beginnings.flatMap((beginning) => texts.map((rest) => beginning + rest));
        const found = [...texts, ...beginnings, ...continued].filter((one) => regex.matcher(one).find());
        tally.found += found.length;
        const stopped = found.filter((one) => !alternatives.some((matcher) => accepts(matcher, one)));
        expect({ pattern: written, alternatives, stopped }).toEqual({
          pattern: written,
          alternatives,
          stopped: [],
        });
      }),
      { numRuns: 20_000 },
    );
    expect(tally.found).toBeGreaterThan(5_000);
  });
});

function demanded(matcher: Matcher): string[] {
  if (typeof matcher === "string") return [matcher];
  return typeof matcher === "object" && matcher !== null ? [String(matcher.prefix)] : [];
}

function accepts(matcher: Matcher, text: string): boolean {
  if (typeof matcher === "string") return matcher === text;
  return typeof matcher === "object" && matcher !== null && text.startsWith(String(matcher.prefix));
}
