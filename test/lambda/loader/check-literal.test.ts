import { describe, expect, it } from "vitest";
import { load, linesOf, rule } from "./rules-dir.ts";

/** The problems of one comparison, without file and line. */
function problems(fact: string, operator: string, value: string): string[] {
  const lines = linesOf(`fact: "${fact}"\noperator: "${operator}"\nvalue: ${value}`);
  return lines.map((line) => line.replace("conditions.", ""));
}

describe("a fact that no record has", () => {
  it.each([
    ["EventName", 'No CloudTrail record has a field "EventName" at its top. Did you mean "eventName"?'],
    [
      "requestParameter.groupId",
      'No CloudTrail record has a field "requestParameter" at its top. Did you mean "requestParameters"?',
    ],
    [
      "invokedBy",
      'No CloudTrail record has a field "invokedBy" at its top. Did you mean "userIdentity.invokedBy"?',
    ],
    [
      "sessionContext.attributes.mfaAuthenticated",
      'No CloudTrail record has a field "sessionContext" at its top. Did you mean "userIdentity.sessionContext.attributes.mfaAuthenticated"?',
    ],
    ["detail.eventName", expect.stringMatching(/"detail" at its top\. Write the field's dotted key/)],
    ["constructor.name", expect.stringContaining('"constructor" at its top')],
    ["actor.nam", 'actor has no "nam". Did you mean "name"?'],
    ["actor.sesionIssuer", 'actor has no "sesionIssuer". Did you mean "sessionIssuer"?'],
    ["actor.name.first", 'actor.name is a single value. Write "actor.name".'],
    ["actor[0]", expect.stringMatching(/^actor is no list\. Go on with one of its keys: type, name, arn/)],
    ["channel.nmae", 'channel has no "nmae". Did you mean "name"?'],
    ["channel.reasons.first", 'channel.reasons is a list of texts. Write "channel.reasons".'],
    ["outcome.x", 'outcome is a single value. Write "outcome".'],
    ["outcome[0]", 'outcome is a single value. Write "outcome".'],
    [
      "requestParameters..x",
      '"requestParameters..x" has an empty part at character 19. Take the extra dot out.',
    ],
    ["requestParameters.x.", '"requestParameters.x." ends with a dot. Take it out.'],
    ["requestParameters.items[*]x", '"requestParameters.items[*]x" lacks a dot after [*]. Write [*].x…'],
    ["requestParameters.items[a]", expect.stringContaining('cannot be read at character 24 ("[")')],
  ])("%s is refused", (fact, advice) => {
    const [line = "", ...more] = problems(fact, "equal", "A");
    expect(more).toEqual([]);
    expect(line.slice(0, "4:9 fact: ".length)).toBe("4:9 fact: ");
    expect(line.slice("4:9 fact: ".length)).toEqual(advice);
  });

  it("is refused as the other side of a comparison too", () => {
    expect(problems("requestParameters.a", "equal", "{ fact: requestParameter.b }")).toEqual([
      '6:18 value.fact: No CloudTrail record has a field "requestParameter" at its top. Did you mean "requestParameters"?',
    ]);
    expect(problems("requestParameters.a", "equal", "{ fact: requestParameters.b, path: $.c }")).toEqual([
      '6:39 value.path: "path" means nothing beside the fact of a value. Take it out and write the dotted key as the fact.',
    ]);
  });

  it("is only doubted below userIdentity, which grows", () => {
    const { lines, ruleSet } = load({
      "ec2.amazonaws.com/x.yaml":
        "name: X\nseverity: low\nconditions: { not: { fact: userIdentity.tpye, operator: equal, value: Root } }\n",
    });
    expect(lines).toEqual([
      'ec2.amazonaws.com/x.yaml:3:28 warning: conditions.not.fact: CloudTrail documents no userIdentity.tpye. Did you mean "userIdentity.type"?',
    ]);
    expect(ruleSet.rules).toHaveLength(1);
  });
});

describe("a value that the operator can never match", () => {
  it.each([
    [
      "requestParameters.x",
      "equal",
      "{ a: 1 }",
      "6:10 value: A value is text, a number, true, false, null or a list; this is an object. Write one condition for each of its keys, or { fact: otherFact } to compare with another fact.",
    ],
    [
      "requestParameters.x",
      "equal",
      "[a]",
      "6:10 value: equal compares with a single value, this is a list. Use in, or name one element of the fact, e.g. items[0].",
    ],
    [
      "requestParameters.x",
      "notEqual",
      "[a]",
      "6:10 value: notEqual compares with a single value, this is a list. Use notIn, or name one element of the fact, e.g. items[0].",
    ],
    [
      "eventName",
      "in",
      "PutObject",
      '6:10 value: in compares with a list, this is text. Write ["PutObject"], or use equal.',
    ],
    ["eventName", "in", "[]", "6:10 value: The list is empty. Fill it in, or delete the condition."],
    [
      "requestParameters.x",
      "in",
      "[a, [b]]",
      "6:14 value[1]: in compares with a single value, this is a list. Use one condition for each, or name one element of the fact, e.g. items[0].",
    ],
    [
      "eventName",
      "startsWith",
      "5",
      '6:10 value: startsWith compares with text, 5 is a number. Put it in quotes: "5".',
    ],
    [
      "eventName",
      "startsWith",
      "[a]",
      '6:10 value: startsWith compares with text, ["a"] is a list. Write one text, or one condition for each under any.',
    ],
    [
      "eventName",
      "startsWith",
      '""',
      "6:10 value: startsWith with an empty text holds for any text. Write the text, or use exists.",
    ],
    [
      "requestParameters.n",
      "greaterThan",
      "many",
      '6:10 value: greaterThan compares with a number, "many" is none. Write a number.',
    ],
    [
      "requestParameters.n",
      "lessThan",
      "true",
      "6:10 value: lessThan compares with a number, true is none. Write a number.",
    ],
    [
      "sourceIPAddress",
      "inCidr",
      "192.0.2.0",
      '6:10 value: "192.0.2.0" is no address range. Write e.g. 192.0.2.0/24 or 2001:db8::/32.',
    ],
    [
      "sourceIPAddress",
      "inCidr",
      "192.0.2.0/33",
      '6:10 value: "192.0.2.0/33" is no address range. Write e.g. 192.0.2.0/24 or 2001:db8::/32.',
    ],
    [
      "userAgent",
      "matches",
      '"(?=x)"',
      expect.stringMatching(/^6:10 value: This is no regular expression in RE2 syntax/),
    ],
    [
      "userAgent",
      "matches",
      '"("',
      expect.stringMatching(/^6:10 value: This is no regular expression in RE2 syntax/),
    ],
    [
      "userAgent",
      "matches",
      `"${"a".repeat(1_001)}"`,
      expect.stringMatching(/^6:10 value: A regular expression may have 1000 characters/),
    ],
    [
      "errorCode",
      "exists",
      '"true"',
      '6:10 value: exists takes true or false, this is "true". Write true or false, without quotes.',
    ],
    ["requestParameters.l", "contains", "{ a: b }", expect.stringContaining("this is an object")],
    [
      "requestParameters.l",
      "someValue:equal",
      "a",
      "6:10 value: someValue: goes through a list, this is text. Write a list, or take someValue: out.",
    ],
    [
      "requestParameters.l",
      "someValue:startsWith",
      "[a, 5]",
      '6:14 value[1]: startsWith compares with text, 5 is a number. Put it in quotes: "5".',
    ],
    [
      "recipientAccountId",
      "equal",
      "123456789012",
      '6:10 value: CloudTrail writes text here, which is never the number 123456789012. Put it in quotes: "123456789012".',
    ],
    [
      "eventVersion",
      "equal",
      "1.10",
      '6:10 value: CloudTrail writes text here, which is never the number 1.10. Put it in quotes: "1.10".',
    ],
    [
      "sessionCredentialFromConsole",
      "equal",
      "true",
      '6:10 value: CloudTrail writes text here, which is never the boolean true. Put it in quotes: "true".',
    ],
    [
      "userIdentity.sessionContext.attributes.mfaAuthenticated",
      "in",
      "[true]",
      '6:11 value[0]: CloudTrail writes text here, which is never the boolean true. Put it in quotes: "true".',
    ],
    [
      "readOnly",
      "equal",
      '"false"',
      '6:10 value: CloudTrail writes true or false here, never "false". Take the quotes off: false.',
    ],
    [
      "errorCode",
      "equal",
      "null",
      "6:10 value: CloudTrail never writes null here: it leaves the field out. Write operator: exists, value: false.",
    ],
    [
      "userIdentity",
      "equal",
      "Root",
      '6:10 value: The fact is an object, which is never "Root". Go on to one of its keys with a dot.',
    ],
    [
      "channel",
      "startsWith",
      "con",
      "4:9 fact: channel is an object, and startsWith compares with a value. Go on to one of its keys: channel.…",
    ],
    [
      "eventName",
      "contains",
      "Sec",
      '5:13 operator: contains looks into lists, and eventName is a single value. Did you mean "includes"?',
    ],
    [
      "eventName",
      "someFact:equal",
      "A",
      '5:13 operator: someFact: goes through a list, and eventName is none. Write "equal".',
    ],
    [
      "requestParameters.a[*].b",
      "equal",
      "A",
      '5:13 operator: requestParameters.a[*].b is a list, and equal compares with a single value. Write "someFact:equal" for at least one element, or "everyFact:equal" for all.',
    ],
  ])("%s %s %s", (fact, operator, value, line) => {
    expect(problems(fact, operator, value)).toEqual([line]);
  });

  it.each([
    ["equal", "s3.amazonaws.com", false],
    ["not:startsWith", "ec2", false],
    ["in", "[ec2.amazonaws.com, s3.amazonaws.com]", true],
  ])("eventSource %s %s, which the folder has settled", (operator, value, holds) => {
    const conditions = `not: { fact: eventSource, operator: "${operator}", value: ${value} }`;
    expect(load({ "ec2.amazonaws.com/x.yaml": rule(conditions) }).lines).toEqual([
      holds
        ? "ec2.amazonaws.com/x.yaml:4:8 warning: conditions.not: This is always true: the folder makes eventSource ec2.amazonaws.com. Delete the condition."
        : "ec2.amazonaws.com/x.yaml:4:8 conditions.not: This is never true: the folder makes eventSource ec2.amazonaws.com. Move the rule to the folder of that eventSource, or to _global.",
    ]);
  });

  it("may name any eventSource in a global rule", () => {
    const text =
      "name: X\nseverity: low\nconditions: { all: [{ fact: eventSource, operator: equal, value: s3.amazonaws.com }] }\n";
    expect(load({ "_global/x.yaml": text }).lines).toEqual([]);
  });
});

describe("what a hostile record could make slow", () => {
  it.each([
    ["userAgent", "matches", "{ fact: requestParameters.x }", "would come from the record"],
    ["userAgent", "swap:matches", '"a+"', "would come from the record"],
    [
      "requestParameters.a[*]",
      "someFact:someValue:equal",
      '{ fact: "requestParameters.b[*]" }',
      "would be compared with every element of another",
    ],
  ])("is refused: %s %s %s", (fact, operator, value, said) => {
    expect(problems(fact, operator, value).join("\n")).toContain(said);
  });

  it("is not a list that stands in the rule", () => {
    expect(problems("requestParameters.a[*]", "someFact:someValue:equal", "[x, y]")).toEqual([]);
  });
});
