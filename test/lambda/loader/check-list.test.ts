import { describe, expect, it } from "vitest";
import { load, rule } from "./rules-dir.ts";

const USER = rule("all: [{ fact: requestParameters.x, operator: inList, value: l }]");

/** The list as it was loaded, and its problems without the name of the file. */
function list(kind: string, values: string) {
  const text = `description: For a test.\nkind: ${kind}\nvalues: ${values}\n`;
  const { lines, ruleSet } = load({ "_lists/l.yaml": text, "ec2.amazonaws.com/x.yaml": USER });
  const own = lines.filter((line) => line.startsWith("_lists/"));
  return { lines: own.map((line) => line.replace("_lists/l.yaml:", "")), good: ruleSet.lists["l"] };
}

describe("a list", () => {
  it("is part of the rule set under the name of its file", () => {
    const { lines, good } = list("cidr", "[192.0.2.0/24, 2001:db8::/32, 198.51.100.7/32, 2001:DB8:0::1/128]");
    expect(lines).toEqual([]);
    expect(good).toEqual({
      description: "For a test.",
      kind: "cidr",
      values: ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32", "2001:DB8:0::1/128"],
    });
  });

  it("may be JSON, and name its schema", () => {
    const text = JSON.stringify({ $schema: "x", description: "x", kind: "exact", values: ["a"] });
    const { lines, ruleSet } = load({ "_lists/l.json": text, "ec2.amazonaws.com/x.yaml": USER });
    expect(lines).toEqual([]);
    expect(ruleSet.lists["l"]?.values).toEqual(["a"]);
  });

  it("says what every key should be", () => {
    const text = "name: x\ntype: cidr\nitems: [a]\n";
    expect(load({ "_lists/l.yaml": text }).lines).toEqual([
      expect.stringContaining('"description" is missing. Add it: what the values have in common'),
      expect.stringContaining('"kind" is missing'),
      expect.stringContaining('"values" is missing'),
      '_lists/l.yaml:1:1 name: "name" is no key here. Delete it: a list is called as its file.',
      '_lists/l.yaml:2:1 type: "type" is no key here. Did you mean "kind"?',
      '_lists/l.yaml:3:1 items: "items" is no key here. Did you mean "values"?',
    ]);
    expect(list("wildcad", "[a]").lines).toEqual([
      '2:7 kind: "wildcad" is none of exact, wildcard, cidr. Did you mean "wildcard"?',
    ]);
  });

  it.each([
    ["", "values: values is a list, this is null."],
    ["a", "values: values is a list, this is text. Begin each value"],
    ["[]", "values: The list has no values. Fill it in, or delete the file."],
    ['["a", ""]', "values[1]: The value is empty."],
    ["[[a]]", "values[0]: Lists hold text, this is a list. Write one text for each value."],
    ["[1234]", 'values[0]: Lists hold text, this is a number. Put it in quotes: "1234".'],
    ["[1.10]", 'values[0]: Lists hold text, this is a number. Put it in quotes: "1.10".'],
    ["[true]", 'values[0]: Lists hold text, this is a boolean. Put it in quotes: "true".'],
    ["[null]", "values[0]: Lists hold text, this is null."],
  ])("holds texts, at least one: %s", (values, line) => {
    const { lines, good } = list("exact", values);
    expect(lines.map((text) => text.replace(/^[\d:]+ /, ""))).toEqual([expect.stringContaining(line)]);
    expect(good).toBeUndefined();
  });

  it("warns of a value that is there twice", () => {
    const { lines, good } = list("exact", "[a, b, a]");
    expect(lines).toEqual([
      '3:16 warning: values[2]: "a" is there already, as values[0]. Delete one of the two.',
    ]);
    expect(good).toBeDefined();
  });
});

describe("a list of ranges", () => {
  it.each([
    ["192.0.2.7", "is no range of addresses. Write 192.0.2.7/32 for this address alone."],
    ['"2001:db8::7"', "is no range of addresses. Write 2001:db8::7/128 for this address alone."],
    ["192.0.2.0/33", "is no range of addresses. Write e.g. 192.0.2.0/24 or 2001:db8::/32."],
    ["192.0.2/24", "is no range of addresses. Write e.g."],
    ["300.0.2.0/24", "is no range of addresses. Write e.g."],
    ["192.0.2.0/24/8", "is no range of addresses. Write e.g."],
    ['"2001:db8::/129"', "is no range of addresses. Write e.g."],
    ["office", "is no range of addresses. Write e.g."],
    [
      "192.0.2.7/24",
      "does not begin a range: its last bits are not zero. Write 192.0.2.0/24 for the range, or 192.0.2.7/32 for the address.",
    ],
    [
      '"2001:db8::7/32"',
      "does not begin a range: its last bits are not zero. Write 2001:db8::/32 for the range, or 2001:db8::7/128 for the address.",
    ],
    [
      "10.1.2.3/0",
      "does not begin a range: its last bits are not zero. Write 0.0.0.0/0 for the range, or 10.1.2.3/32",
    ],
  ])("refuses %s with the cure", (value, advice) => {
    const { lines, good } = list("cidr", `[${value}]`);
    expect(lines).toEqual([expect.stringContaining(advice)]);
    expect(good).toBeUndefined();
  });

  it.each(["0.0.0.0/0", '"::/0"'])("warns that %s holds everything", (value) => {
    const { lines, good } = list("cidr", `[${value}]`);
    expect(lines).toEqual([expect.stringContaining("warning: values[0]:")]);
    expect(lines[0]).toContain("holds every address of its kind");
    expect(good).toBeDefined();
  });
});

describe("a list of exact values", () => {
  it.each([
    [
      '["123456789012", "12345678901"]',
      'values[1]: "12345678901" is no account id, which the other values are: it has 11 digits.',
    ],
    ['["123456789012", "1234 5678 9012"]', "values[1]:"],
    ['["1234-5678-9012"]', 'values[0]: CloudTrail writes account ids without hyphens. Write "123456789012".'],
    ['[anonymous, "1234-5678-9012"]', "values[1]: CloudTrail writes account ids without hyphens."],
  ])("refuses what can only be meant as an account id: %s", (values, line) => {
    const { lines, good } = list("exact", values);
    expect(lines).toEqual([expect.stringContaining(line)]);
    expect(good).toBeUndefined();
  });

  it.each(['["123456789012", anonymous, "443"]', '["443", "22"]', '["*"]'])("takes %s", (values) => {
    expect(list("exact", values).lines).toEqual([]);
  });

  it("warns of a * that stands for itself", () => {
    const { lines, good } = list("exact", '["arn:aws:iam::123456789012:role/*"]');
    expect(lines).toEqual([
      '3:10 warning: values[0]: "arn:aws:iam::123456789012:role/*" is compared letter by letter, its * too: the list is of kind exact. Write kind: wildcard if * stands for any characters.',
    ]);
    expect(good).toBeDefined();
  });
});

describe("a list of patterns", () => {
  it.each(['"*"', '"**"'])("refuses %s, which every text has the form of", (value) => {
    expect(list("wildcard", `[${value}]`).lines).toEqual([
      expect.stringContaining("has the form of any text. Write what the values begin or end with."),
    ]);
  });

  it("takes patterns, stars that stand for themselves, and whole texts", () => {
    expect(list("wildcard", String.raw`['a*', '*b*', 'c', 'd\*']`).lines).toEqual([]);
  });
});
