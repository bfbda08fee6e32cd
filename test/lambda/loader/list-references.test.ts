import { describe, expect, it } from "vitest";
import { load, rule } from "./rules-dir.ts";

const OFFICE = "description: The office.\nkind: cidr\nvalues: [192.0.2.0/24]\n";
const ACCOUNTS = 'description: Ours.\nkind: exact\nvalues: ["123456789012"]\n';
const comparing = (fact: string, operator: string, value: string): string =>
  `{ fact: ${fact}, operator: "${operator}", value: ${value} }`;
const all = (...conditions: string[]): string => rule(`all: [${conditions.join(", ")}]`);
const SUPPRESSION = (conditions: string): string =>
  `rules: [ec2.amazonaws.com/x]\nconditions: { all: [${conditions}] }\nreason: r\nowner: o\nexpires: 2027-03-31\n`;

/** The problems of a rule whose only condition is this one, without the name of its file. */
function linesOf(condition: string): string[] {
  const { lines } = load({
    "_lists/office.yaml": OFFICE,
    "_lists/accounts.yaml": ACCOUNTS,
    "ec2.amazonaws.com/used.yaml": all(
      comparing("sourceIPAddress", "inList", "office"),
      comparing("recipientAccountId", "inList", "accounts"),
    ),
    "ec2.amazonaws.com/x.yaml": all(condition),
  });
  return lines.map((line) => line.replace("ec2.amazonaws.com/x.yaml:", ""));
}

describe("a comparison with a list", () => {
  it("is good with one that is there, decorators and not: included", () => {
    expect(linesOf(comparing("sourceIPAddress", "notInList", "office"))).toEqual([]);
    expect(linesOf(comparing("sourceIPAddress", "not:inList", "office"))).toEqual([]);
    expect(linesOf(comparing('"requestParameters.a[*]"', "someFact:inList", "accounts"))).toEqual([]);
    expect(linesOf(comparing("requestParameters.ip", "inList", "office"))).toEqual([]);
  });

  it("is refused with one that is not there, wherever it stands, with the nearest name", () => {
    const bad = comparing("sourceIPAddress", "inList", "ofice");
    const { lines, ruleSet } = load({
      "_conditions/c.yaml": `conditions: ${bad}\n`,
      "_lists/office.yaml": OFFICE,
      "_suppressions/s.yaml": SUPPRESSION(bad),
      "ec2.amazonaws.com/good.yaml": all(comparing("sourceIPAddress", "inList", "office")),
      "ec2.amazonaws.com/x.yaml": all(comparing("eventName", "equal", "X"), bad),
      "ec2.amazonaws.com/y.yaml": rule("condition: c"),
    });
    const advice = 'There is no list "ofice". Did you mean "office"?';
    expect(lines).toEqual([
      `_conditions/c.yaml:1:65 conditions.value: ${advice}`,
      `_suppressions/s.yaml:2:73 conditions.all[0].value: ${advice}`,
      `ec2.amazonaws.com/x.yaml:4:111 conditions.all[1].value: ${advice}`,
      expect.stringContaining(
        'ec2.amazonaws.com/y.yaml:4:14 conditions.condition: The shared condition "c" has errors.',
      ),
    ]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(["ec2.amazonaws.com/good"]);
    expect(ruleSet).toMatchObject({ conditions: {}, suppressions: [] });
  });

  it("says where to write the first list", () => {
    const { lines } = load({ "ec2.amazonaws.com/x.yaml": all(comparing("sourceIPAddress", "inList", "a")) });
    expect(lines).toEqual([expect.stringContaining('There is no list "a". Write it in _lists/a.yaml.')]);
  });

  it("is refused with one that has errors, which are to be mended first", () => {
    const { lines, ruleSet } = load({
      "_lists/office.yaml": OFFICE.replace("/24", "/42"),
      "ec2.amazonaws.com/x.yaml": all(comparing("sourceIPAddress", "inList", "office")),
    });
    expect(lines).toEqual([
      expect.stringContaining('_lists/office.yaml:3:10 values[0]: "192.0.2.0/42" is no range'),
      expect.stringContaining('The list "office" has errors. Mend _lists/office.yaml first.'),
    ]);
    expect(ruleSet.rules).toEqual([]);
  });

  it.each([
    [
      comparing("userAgent", "inList", "[a, b]"),
      "these are values. Use in, or write the values into a file of _lists",
    ],
    [comparing("userAgent", "notInList", "[a]"), "these are values. Use notIn, or"],
    [
      comparing("userAgent", "inList", "{ fact: eventName }"),
      "this is an object. Write the name of a file in _lists",
    ],
    [comparing("userAgent", "inList", "5"), "this is a number, 5. Write the name of a file in _lists"],
    [comparing("userAgent", "inList", '""'), "this is an empty text."],
    [
      comparing("userAgent", "someValue:inList", "office"),
      "someValue: goes through values, and a list is compared with as a whole. Take someValue: out.",
    ],
    [comparing("userAgent", "swap:inList", "accounts"), "swap: would put the list in the place of the fact."],
    [comparing("readOnly", "inList", "accounts"), "readOnly is true or false, and lists hold text."],
    [
      comparing('"resources[*].ARN"', "inList", "accounts"),
      'Write "someFact:inList" for at least one element',
    ],
    [comparing("userIdentity", "inList", "accounts"), "userIdentity is an object"],
    [comparing("userAgnt", "inList", "accounts"), 'Did you mean "userAgent"?'],
    [comparing("userAgent", "inlist", "accounts"), '"inlist" is no operator. Did you mean "inList"?'],
    [comparing("userAgent", "isInList", "accounts"), 'Did you mean "inList"?'],
    ["{ fact: userAgent, operator: inList }", "This condition has no value."],
  ])("is refused when it is none: %s", (condition, advice) => {
    const lines = linesOf(condition).filter((line) => !line.includes("warning"));
    expect(lines).toEqual([expect.stringContaining(advice)]);
  });
});

describe("a list of the wrong kind", () => {
  it("is warned of where ranges are compared with what is no address", () => {
    expect(linesOf(comparing("eventName", "inList", "office"))).toEqual([
      '4:55 warning: conditions.all[0].value: eventName is no address, and the list "office" holds ranges of addresses. Compare sourceIPAddress with it, or eventName with a list of another kind.',
    ]);
    expect(linesOf(comparing("userIdentity.arn", "notInList", "office"))).toHaveLength(1);
  });

  it("is warned of where an address is compared with ranges as text", () => {
    const { lines } = load({
      "_lists/office.yaml": OFFICE.replace("cidr", "exact"),
      "ec2.amazonaws.com/x.yaml": all(comparing("sourceIPAddress", "inList", "office")),
    });
    expect(lines).toEqual([
      'ec2.amazonaws.com/x.yaml:4:61 warning: conditions.all[0].value: The list "office" is of kind exact, so that sourceIPAddress is compared with "192.0.2.0/24" as text and never in that range. Write kind: cidr in _lists/office.yaml.',
    ]);
  });
});

describe("a list that no condition names", () => {
  it("is warned of, at its file", () => {
    const { lines, ruleSet } = load({
      "_lists/office.yaml": OFFICE,
      "ec2.amazonaws.com/x.yaml": all(comparing("eventName", "equal", "X")),
    });
    expect(lines).toEqual([
      "_lists/office.yaml:1:1 warning: No condition compares with this list. Use it, { fact: …, operator: inList, value: office }, or delete it.",
    ]);
    expect(ruleSet.lists).toHaveProperty("office");
  });
});
