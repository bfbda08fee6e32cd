import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { likeParts } from "../../../lambda/engine/like.ts";
import { holds, problemOf } from "./operator-calls.ts";

describe("operators on texts", () => {
  it.each([
    ["startsWith", "AccessDeniedException", "AccessDenied", true],
    ["startsWith", "accessDenied", "Access", false],
    ["endsWith", "Client.UnauthorizedOperation", "UnauthorizedOperation", true],
    ["endsWith", "x", "xx", false],
    ["includes", "a:role/aws-service-role/b", ":role/aws-service-role/", true],
    ["includes", "abc", "ac", false],
    ["equalIgnoreCase", "YES", "yes", true],
    ["equalIgnoreCase", "Yes ", "yes", false],
    // Letters beyond A to Z have case rules on which EventBridge and JavaScript differ.
    ["equalIgnoreCase", "É", "é", false],
    ["equalIgnoreCase", "\u212a", "k", false],
    ["equalIgnoreCase", "İ", "i", false],
    ["equalIgnoreCase", "ſ", "s", false],
    ["equalIgnoreCase", "Straße", "STRASSE", false],
    ["equalIgnoreCase", "é", "é", true],
  ])("%s %j %j", (name, fact, value, result) => {
    expect(holds(name, fact, value)).toBe(result);
  });

  it.each(["startsWith", "endsWith", "includes", "equalIgnoreCase", "like", "matches", "inCidr"])(
    "%s holds for texts only: never for a list, a number or nothing",
    (name) => {
      const value = name === "inCidr" ? "0.0.0.0/0" : "";
      for (const fact of [undefined, null, 5, true, ["x"], { x: "x" }])
        expect(holds(name, fact, value)).toBe(false);
    },
  );
});

describe("like", () => {
  it.each([
    ["Delete*", "DeleteTrail", true],
    ["Delete*", "Delete", true],
    ["Delete*", "UndeleteTrail", false],
    ["*Policy", "PutRolePolicy", true],
    ["Put*Policy", "PutRolePolicy", true],
    ["Put*Policy", "PutPolicy", true],
    ["Put*Policy", "PutPolic", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["ab*ba", "aba", false],
    ["*a*b*c*", "xaxbxcx", true],
    ["*a*b*c*", "acb", false],
    ["*ab*ab", "xabab", true],
    ["*ab*ab", "xab", false],
    ["*", "", true],
    ["**", "anything", true],
    ["a**b", "ab", true],
    ["a", "a", true],
    ["a", "ab", false],
    [String.raw`\*`, "*", true],
    [String.raw`\*`, "x", false],
    [String.raw`a\*b*`, "a*bc", true],
    [String.raw`a\\*`, "a\\x", true],
    [String.raw`a\\\*`, "a\\*", true],
    [String.raw`a\b`, "a\\b", true],
    ["a\\", "a\\", true],
    ["?.[a-z]", "x.b", false],
    ["é*", "été", true],
    ["*\n*", "a\nb", true],
  ])("%s of %j", (pattern, text, result) => {
    expect(holds("like", text, pattern)).toBe(result);
  });

  it("says what a regular expression with .* for each star says", () => {
    const alphabet = fc.constantFrom("a", "b", "*", "\\");
    const text = fc.array(alphabet, { maxLength: 10 }).map((letters) => letters.join(""));
    fc.assert(
      fc.property(text, text, (pattern, candidate) => {
        const parts = likeParts(pattern).map((part) => part.replaceAll(/[*\\]/g, String.raw`\$&`));
        expect(holds("like", candidate, pattern)).toBe(
          new RegExp(`^${parts.join(".*")}$`, "s").test(candidate),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it("reads on in steps that grow with the text, not with its powers, whatever the stars", () => {
    const pattern = `${"*a".repeat(40)}*b`;
    const text = "a".repeat(50_000);
    expect(holds("like", text, pattern)).toBe(false);
    expect(holds("like", `${text}b`, pattern)).toBe(true);
  });
});

describe("matches", () => {
  it.each([
    ["^Delete", "DeleteTrail", true],
    ["^Delete", "UndeleteTrail", false],
    ["Trail", "DeleteTrail", true],
    ["^(Put|Delete)Bucket", "DeleteBucketPolicy", true],
    ["(?i)^delete", "DELETE", true],
    [String.raw`\d{12}`, "arn:aws:iam::123456789012:root", true],
    ["^$", "", true],
    ["a.c", "a\nc", false],
    ["(?s)a.c", "a\nc", true],
    ["é", "été", true],
    [".", "\ud800", true],
  ])("%s of %j", (pattern, text, result) => {
    expect(holds("matches", text, pattern)).toBe(result);
  });

  it("is refused at validation where it is no regular expression in linear time, with the reason", () => {
    expect(problemOf("matches", "^a+$")).toBeUndefined();
    for (const pattern of [
      "(?=a)",
      "(?<!a)b",
      String.raw`(a)\1`,
      "(",
      "[z-a]",
      "a{1001}",
      "((a{100}){100}){100}",
    ]) {
      expect(problemOf("matches", pattern)).toContain("RE2 syntax");
    }
    expect(problemOf("matches", "a".repeat(1_001))).toContain("split it into several conditions");
  });

  it("holds for nothing, and throws nothing, where a pattern from the record is none", () => {
    for (const pattern of ["(", "(?=a)", "a".repeat(1_001), ""])
      expect(holds("matches", "aaa", pattern)).toBe(pattern === "");
  });

  const catastrophic = [
    "(a+)+$",
    "(a|aa)*b",
    "(.*a){20}b",
    "((a*)*)*c",
    "(a|a)*d",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "(?:a?){50}a{50}$",
    "(a|b)*a(a|b){12}$",
  ];

  it.each(catastrophic)(
    "%s takes eight times as long for eight times the text, not two to the power of it",
    (pattern) => {
      const cost = (length: number): number => {
        const candidate = `${"ax".repeat(length / 2)}!`;
        let best = Number.POSITIVE_INFINITY;
        for (let round = 0; round < 5; round++) {
          const start = performance.now();
          holds("matches", candidate, pattern);
          best = Math.min(best, performance.now() - start);
        }
        return best;
      };
      cost(8_192);
      // Half a millisecond on top, because clocks and collectors disturb what takes less. Backtracking would never end.
      expect(cost(65_536)).toBeLessThan(8 * 8 * (cost(8_192) + 0.5));
    },
  );
});
