import { describe, expect, it } from "vitest";
import { load, linesOf } from "./rules-dir.ts";

/** The problems of one comparison, without file and line. */
function problems(fact: string, operator: string, value: string): string[] {
  const lines = linesOf(`fact: "${fact}"\noperator: "${operator}"\nvalue: ${value}`);
  return lines.map((line) => line.replace(/^\d+:\d+ (?:conditions\.)?/, ""));
}

/** The warnings about one comparison, which do not keep its rule from being loaded. */
function warned(condition: string): readonly string[] {
  const { lines, ruleSet } = load({
    "ec2.amazonaws.com/x.yaml": `name: X\nseverity: low\nconditions: { not: ${condition} }\n`,
  });
  expect(ruleSet.rules).toHaveLength(1);
  return lines.map((line) => line.replace(/^.* warning: conditions\.not\./, ""));
}

describe("a fact that has a few values only", () => {
  it.each([
    ["channel.name", "equal", "consol", 'value: channel.name is never "consol". Did you mean "console"?'],
    [
      "channel.name",
      "notEqual",
      "Console",
      'value: channel.name is never "Console". Did you mean "console"?',
    ],
    [
      "channel.name",
      "in",
      "[console, cloudshel]",
      'value[1]: channel.name is never "cloudshel". Did you mean "cloudshell"?',
    ],
    [
      "channel.name",
      "not:in",
      "[servce]",
      'value[0]: channel.name is never "servce". Did you mean "service"?',
    ],
    [
      "channel.name",
      "equal",
      "browser",
      'value: channel.name is never "browser". Known are: console, cloudshell, cli, sdk, terraform, pulumi, cdk, cloudformation, service, unknown.',
    ],
    [
      "channel.confidence",
      "equal",
      "sure",
      'value: channel.confidence is never "sure". Known are: low, medium, high.',
    ],
    ["outcome", "equal", "succes", 'value: outcome is never "succes". Did you mean "success"?'],
    [
      "outcome",
      "someValue:equal",
      "[denied, faild]",
      'value[1]: outcome is never "faild". Did you mean "failed"?',
    ],
    [
      "outcome",
      "startsWith",
      "err",
      "value: This is never true of outcome. Compare with a value that it can have: success, denied, failed.",
    ],
    [
      "actor.root",
      "equal",
      '"true"',
      'value: CloudTrail writes true or false here, never "true". Take the quotes off: true.',
    ],
    [
      "actor.mfa",
      "equal",
      '"false"',
      'value: CloudTrail writes true or false here, never "false". Take the quotes off: false.',
    ],
    [
      "actor.crossAccount",
      "equal",
      "yes",
      'value: CloudTrail writes true or false here, never "yes". Write true or false.',
    ],
    [
      "actor.accountId",
      "equal",
      "123456789012",
      'value: CloudTrail writes text here, which is never the number 123456789012. Put it in quotes: "123456789012".',
    ],
  ])("%s %s %s is refused, with the cure", (fact, operator, value, advice) => {
    expect(problems(fact, operator, value)).toEqual([advice]);
  });

  it.each([
    ["channel.name", "equal", "console"],
    ["channel.name", "not:in", "[service, cloudformation]"],
    ["channel.name", "startsWith", "cl"],
    ["channel.name", "matches", "^(cli|sdk)$"],
    ["channel.name", "swap:in", "console"],
    ["channel.reasons", "someFact:includes", "eventType"],
    ["channel.reasons[0]", "includes", "eventType"],
    ["outcome", "in", "[denied, failed]"],
    ["actor.root", "notEqual", "true"],
    ["actor.mfa", "exists", "false"],
    ["actor.mfa", "equal", "false"],
    ["actor.crossAccount", "equal", "true"],
    ["actor.type", "equal", "SomethingNew"],
    ["actor.name", "equal", "ada"],
    ["outcome", "equal", "{ fact: requestParameters.outcome }"],
  ])("%s %s %s is taken", (fact, operator, value) => {
    expect(problems(fact, operator, value)).toEqual([]);
  });

  it("is only doubted where the comparison says nothing, or names a kind of caller that may be new", () => {
    expect(warned("{ fact: outcome, operator: exists, value: true }")).toEqual([
      "value: This is always true of outcome. Delete the condition: it holds for each of success, denied, failed.",
    ]);
    for (const fact of ["actor.type", "userIdentity.type"])
      expect(warned(`{ fact: ${fact}, operator: in, value: [Root, IamUsr] }`)).toEqual([
        'value[1]: CloudTrail documents no caller of type "IamUsr". Did you mean "IAMUser"?',
      ]);
  });
});
