import { describe, expect, it } from "vitest";
import { deriveJqCondition } from "../../../lambda/jq/selector.ts";
import { anchoredPrefixes } from "../../../lambda/jq/selector-regex.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";

/** A condition in one line: `eventName equal A`, `(… and …)`, `(… or …)`. */
function line(condition: Condition | undefined): string {
  if (condition === undefined) return "anything";
  if ("all" in condition) return `(${condition.all.map(line).join(" and ")})`;
  if ("any" in condition) return `(${condition.any.map(line).join(" or ")})`;
  if (!("fact" in condition)) return "?";
  return `${condition.fact} ${condition.operator} ${String(condition.value)}`;
}
const derived = (expression: string): string => line(deriveJqCondition(expression));

describe("the selector of a jq rule", () => {
  it.each([
    ['select(.eventName == "A")', "eventName equal A"],
    ['.eventName == "A"', "eventName equal A"],
    ['"A" == .eventName', "eventName equal A"],
    ['select(.eventName == "A") | "made \\(.x)"', "eventName equal A"],
    ['select(.eventName == "A").userIdentity', "eventName equal A"],
    ['select(.eventName == "A" and .a.b == 1)', "(eventName equal A and a.b equal 1)"],
    ['select(.eventName == "A") | select(.x.y == "B")', "(eventName equal A and x.y equal B)"],
    ['.eventName == "A" or .eventName == "B"', "(eventName equal A or eventName equal B)"],
    ['.eventName | IN("A", "B")', "(eventName equal A or eventName equal B)"],
    ['IN(.eventName; "A", "B")', "(eventName equal A or eventName equal B)"],
    ['.eventName == ("A", "B")', "(eventName equal A or eventName equal B)"],
    ['.eventName | test("^(Get|List)")', "(eventName startsWith Get or eventName startsWith List)"],
    [
      '.eventName | test("^(Get|List)") | not',
      "(eventName not:startsWith Get and eventName not:startsWith List)",
    ],
    ['.a.eventName | test("^Get") | not', "anything"],
    ['.a.b | startswith("x")', "a.b startsWith x"],
    ['.["a"]."b" | endswith("x")', "a.b endsWith x"],
    ['.eventName | ascii_downcase == "a"', "eventName equalIgnoreCase a"],
    [".errorCode == null", "errorCode exists false"],
    ["select(.errorCode)", "errorCode exists true"],
    [".errorCode | not", "(errorCode exists false or errorCode equal false)"],
    [".requestParameters.a == null", "anything"],
    ['.eventName != "A"', "eventName notEqual A"],
    ['.requestParameters.a != "A"', "anything"],
    ['.eventName as $e | select($e == "A")', "eventName equal A"],
    ['. as $r | select($r.eventName == "A") | $r.x', "eventName equal A"],
    ['if .eventName == "A" then . else empty end', "eventName equal A"],
    [
      'if .eventName == "A" then false elif .x == "B" then true else null end',
      "(eventName notEqual A and x equal B)",
    ],
    ['(.eventName == "A")?', "eventName equal A"],
    ['select(.eventName == "A" and (.items | length) > 2)', "eventName equal A"],
    ['select(.eventName == "A" or (.items | length) > 2)', "anything"],
    ['select(.eventName == "A") # and more\n| .x', "eventName equal A"],
    ['.actor.name == "A"', "anything"],
    ['.a["b.c"] == "A"', "anything"],
    ['.items[0].x == "A"', "anything"],
    ['.x == "\ufffd"', "anything"],
    ['def select(f): .; select(.eventName == "A")', "anything"],
    ['try error(.x) catch .eventName == "A"', "anything"],
    ["empty", "anything"],
    ["0", "anything"],
    [".a |= 1", "anything"],
    ["(".repeat(300) + "." + ")".repeat(300), "anything"],
    [".eventName ==", "anything"],
  ])("of %s", (expression, expected) => {
    expect(derived(expression)).toBe(expected);
  });

  it("stays small where names are used again and again", () => {
    const names = Array.from({ length: 300 }, (_, at) => `($v${at} and ($v${at} | not)) as $v${at + 1} | `);
    const expression = `(.eventName == "A") as $v0 | ${names.join("")}select($v300)`;
    expect(JSON.stringify(deriveJqCondition(expression) ?? "").length).toBeLessThan(100_000);
  });

  it("knows that a constant which is not always there may be missing from IN", () => {
    expect(derived('.eventName | IN("A", ("B" | select(false))) | not')).toBe("anything");
  });
});

describe("the beginnings that a regular expression demands", () => {
  it.each([
    ["^Get", ["Get"], true],
    ["^(?:Get|List)(User|Role)$", ["GetUser", "GetRole", "ListUser", "ListRole"], false],
    ["^A|^B", ["A", "B"], true],
    ["^Ab?", ["A"], false],
    ["^Ab+c", ["Ab"], false],
    ["^A(b|cd*)e", ["Ab", "Ac"], false],
    ["^a\\.b", ["a.b"], true],
    ["^A[a-z]+B", ["A"], false],
    ["^A\\d", ["A"], false],
  ])("%s", (pattern, prefixes, exact) => {
    expect(anchoredPrefixes(pattern)).toEqual({ prefixes, exact });
  });

  it.each([
    "Get",
    "^A|B",
    "^A?",
    "^(A|)",
    "^(?i)a",
    "^(?!A)",
    "^A{2}?",
    "^[[:alpha:]]",
    "^A\\x41",
    "(^A)",
    "^A)",
    ".*",
  ])("nothing of %s", (pattern) => {
    expect(anchoredPrefixes(pattern)).toBeUndefined();
  });
});
