import { describe, expect, it } from "vitest";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { watchedCalls } from "../../../lib/catalogue/watched-calls.ts";

const name = (operator: string, value: unknown): Condition => ({ fact: "eventName", operator, value });
const other: Condition = { fact: "errorCode", operator: "exists", value: false };
const shared = { conditions: { two: name("in", ["B", "A"]), succeeded: other }, lists: {} };
const watched = (conditions: Condition) => watchedCalls({ conditions }, shared);

describe("the calls that a rule watches", () => {
  it.each<[string, Condition, string[] | undefined]>([
    ["one name", { all: [name("equal", "StopLogging"), other] }, ["StopLogging"]],
    [
      "names of branches",
      { any: [name("equal", "B"), { all: [name("in", ["C", "A"]), other] }] },
      ["A", "B", "C"],
    ],
    ["names in a shared condition", { all: [{ condition: "two" }, { condition: "succeeded" }] }, ["A", "B"]],
    ["a beginning", { all: [name("startsWith", "CreateFunction")] }, ["CreateFunction*"]],
    ["an end", { all: [name("endsWith", "Policy")] }, ["*Policy"]],
    ["alternatives of a regular expression", { all: [name("matches", "^(A|B)$")] }, ["A", "B"]],
    ["a name in any case", { all: [name("equalIgnoreCase", "stop")] }, ["stop"]],
    [
      "the tighter of two",
      { all: [name("startsWith", "Delete"), name("equal", "DeleteTrail")] },
      ["DeleteTrail"],
    ],
    ["any call, when a branch names none", { any: [name("equal", "A"), other] }, undefined],
    ["any call, when a name is only excluded", { all: [name("notEqual", "A"), other] }, undefined],
    ["any call, when there is a negation", { not: { all: [name("equal", "A"), other] } }, undefined],
    ["any call, without a name", { all: [other] }, undefined],
  ])("are %s", (_, conditions, calls) => {
    expect(watched(conditions)).toEqual(calls);
  });
});
