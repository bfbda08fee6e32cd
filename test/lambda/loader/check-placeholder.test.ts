import { describe, expect, it } from "vitest";
import { load, rule } from "./rules-dir.ts";

/** What the loader says of a rule with one comparison, which leaves the rule in the set. */
function problemsOf(comparison: string): string[] {
  const { lines, ruleSet } = load({ "ec2.amazonaws.com/x.yaml": rule(`all: [${comparison}]`) });
  expect(ruleSet.rules).toHaveLength(1);
  return lines;
}

describe("a placeholder that nobody replaced", () => {
  it.each([
    [
      "a value",
      "{ fact: eventName, operator: equal, value: ReplaceMe }",
      "4:52 warning: conditions.all[0].value:",
    ],
    [
      "a list",
      "{ fact: eventName, operator: in, value: [X, ReplaceMe] }",
      "4:53 warning: conditions.all[0].value[1]:",
    ],
  ])("is a warning with its place in %s", (_, comparison, place) => {
    expect(problemsOf(comparison)).toEqual([
      `ec2.amazonaws.com/x.yaml:${place} "ReplaceMe" is the placeholder of a new rule: no call has this name, so the rule never fires. Write the eventName of the call, as CloudTrail spells it.`,
    ]);
  });

  it("is meant only where the name of a call stands", () => {
    expect(problemsOf("{ fact: requestParameters.name, operator: equal, value: ReplaceMe }")).toEqual([]);
    expect(problemsOf("{ fact: eventName, operator: equal, value: ReplaceMember }")).toEqual([]);
  });
});
