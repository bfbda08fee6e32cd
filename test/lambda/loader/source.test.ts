import { describe, expect, it } from "vitest";
import { MAX_FILE_CHARACTERS, readSource } from "../../../lambda/loader/source.ts";
import { load } from "./rules-dir.ts";

const GOOD =
  "name: Good\nseverity: low\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\n";

/** A line of YAML whose list holds the same alias, or text, nine times. */
function level(name: string, of: string): string {
  return `${name}: &${name} [${`${of},`.repeat(9)}]\n`;
}

function linesOf(text: string, file = "x.yaml"): string[] {
  return load({ [`iam.amazonaws.com/${file}`]: text }).lines.map((line) =>
    line.replace("iam.amazonaws.com/", ""),
  );
}

describe("readSource", () => {
  it("knows the place of every value and of every key, through aliases too", () => {
    const text = "a: &x\n  b: [1, { c: two }]\nd: *x\n";
    const { source } = readSource("x.yaml", text);
    expect(source?.data).toEqual({ a: { b: [1, { c: "two" }] }, d: { b: [1, { c: "two" }] } });
    expect(source?.at(["a", "b", 1, "c"])).toEqual({ line: 2, column: 15 });
    expect(source?.at(["a", "b", 1, "c"], "key")).toEqual({ line: 2, column: 12 });
    expect(source?.at(["d", "b"], "key")).toEqual({ line: 2, column: 3 });
    expect(source?.at(["a", "nothing", "here"])).toEqual({ line: 2, column: 3 });
  });

  it("reads JSON with the same places", () => {
    const { source } = readSource("x.json", '{\n\t"a": {\n\t\t"b": true\n\t}\n}\n');
    expect(source?.data).toEqual({ a: { b: true } });
    expect(source?.at(["a", "b"])).toEqual({ line: 3, column: 8 });
  });

  it("takes a byte order mark and Windows line ends", () => {
    expect(linesOf(`\ufeff${GOOD.replaceAll("\n", "\r\n")}`)).toEqual([]);
  });

  it("keeps yes, no, on, off and dates as the text they are", () => {
    const { source } = readSource("x.yaml", "a: yes\nb: off\nc: 2026-11-20\nd: 12:30\n");
    expect(source?.data).toEqual({ a: "yes", b: "off", c: "2026-11-20", d: "12:30" });
  });
});

describe("a file that is not YAML", () => {
  it.each([
    [
      "a tab",
      "name: X\nconditions:\n\tfact: x\n",
      "x.yaml:3:1 This line is indented with a tab. Indent with spaces.",
    ],
    [
      "a second colon",
      "name: Security group: opened\n",
      'x.yaml:1:7 There is a second ": " on this line. Put the value in quotes if it is text that contains ": ".',
    ],
    [
      "uneven indentation",
      "conditions:\n  all: []\n any: []\n",
      "x.yaml:3:1 All mapping items must start at the same column. Indent the lines of one list or object alike, with spaces; close every bracket.",
    ],
    [
      "an open quote",
      'name: "X\nseverity: low\n',
      'x.yaml:3:1 Missing closing "quote. Close the quote or the bracket, and separate what is inside brackets by commas.',
    ],
    [
      "a reserved character",
      "name: @x\n",
      "x.yaml:1:7 Plain value cannot start with reserved character @. Put the value in quotes.",
    ],
    [
      "two documents",
      `${GOOD}---\n${GOOD}`,
      'x.yaml:4:1 The file has more than one YAML document. Move what follows "---" to its own file.',
    ],
    ["nothing", "", "x.yaml:1:1 The file is empty. Write its content, or delete it."],
    ["only comments", "# later\n", "x.yaml:1:1 The file is empty. Write its content, or delete it."],
    [
      "a list",
      "- a\n",
      "x.yaml:1:1 A rule is an object, this is a list. Write its keys and values at the top of the file.",
    ],
    [
      "text",
      "hello\n",
      "x.yaml:1:1 A rule is an object, this is text. Write its keys and values at the top of the file.",
    ],
    [
      "a tag",
      GOOD.replace("Good", "!!binary aGk="),
      "x.yaml:1:7 Unresolved tag: tag:yaml.org,2002:binary. Delete the tag: rules hold plain text, numbers, lists and objects.",
    ],
    [
      "YAML 1.1",
      `%YAML 1.1\n---\n${GOOD}`,
      "x.yaml:1:1 The file asks for YAML 1.1. Delete the %YAML line: rules are YAML 1.2, where yes, no, on and off are text.",
    ],
    [
      "a key twice",
      `${GOOD}name: Other\n`,
      "x.yaml:4:1 The key name stands here twice. Keep one of the two.",
    ],
  ])("says so for %s", (_, text, line) => {
    expect(linesOf(text)).toEqual([line]);
  });

  it("gives the place in JSON", () => {
    expect(linesOf('{\n  "name": "x",\n  "severity": "low",,\n}\n', "x.json")).toEqual([
      "x.json:3:21 The file is no valid JSON: Expected double-quoted property name. Look for a quote, comma or bracket that is missing or too many, here or just before.",
    ]);
  });

  it.each([
    ["a comma forgotten", '{ "name": "x" "severity": "low" }', "1:15", "Expected ',' or '}'"],
    ["a word without quotes", '{\n  "name": high\n}', "2:11", "Unexpected token 'h'"],
    ["a comment", "{ // name\n}", "1:3", "Expected property name or '}'"],
    ["an end cut off", '{ "name": "x",\n', "2:1", "Expected double-quoted property name"],
    ["two values", "{}\n{}\n", "2:1", "Unexpected non-whitespace character after JSON"],
  ])("is refused in JSON, in words of JSON, for %s", (_, text, place, reason) => {
    const [line = "", ...more] = linesOf(text, "x.json");
    expect(more).toEqual([]);
    expect(line).toContain(`x.json:${place} The file is no valid JSON: ${reason}`);
  });

  it("reports an unquoted placeholder as what it is", () => {
    expect(linesOf(`${GOOD}summary: {{actor.name}} did it\n`)[0]).toBe(
      "x.yaml:4:11 A key is text, and this one is not. Put the value in quotes if it begins with { or [, as {{…}} does.",
    );
  });

  it("says so for bytes that are not UTF-8", () => {
    const { lines } = load({ "iam.amazonaws.com/x.yaml": new Uint8Array([0x61, 0xe9, 0x0a]) });
    expect(lines).toEqual(["iam.amazonaws.com/x.yaml:1:1 The file is not UTF-8. Save it as UTF-8."]);
  });

  it("stops at a file too large to be a rule", () => {
    expect(linesOf("x".repeat(MAX_FILE_CHARACTERS + 1))).toEqual([
      "x.yaml:1:1 The file has 1,000,001 characters. A rule is a page of text: move what is not a rule elsewhere.",
    ]);
  });
});

describe("YAML that JSON cannot hold", () => {
  it("refuses an alias bomb where it begins to explode, and nothing else about it", () => {
    const bomb = ["b", "c", "d", "e", "f", "g"].reduce(
      (text, name, at) => text + level(name, `*${"abcdef"[at]}`),
      level("a", "x"),
    );
    const lines = linesOf(bomb);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^x\.yaml:5:\d+ .*more than 50,000 values, aliases counted out\. Write it plainly and smaller\.$/,
    );
  });

  it("refuses an alias inside itself", () => {
    expect(linesOf(GOOD.replace("Good", "&a [*a]"))).toContain(
      "x.yaml:1:11 name[0][0]: This alias contains itself. Write the value out instead of the alias.",
    );
  });

  it("takes an honest alias", () => {
    const conditions =
      "conditions:\n  any:\n    - &c { fact: eventName, operator: equal, value: A }\n    - not: *c\n";
    expect(linesOf(`name: X\nseverity: low\n${conditions}`)).toEqual([]);
  });

  it("refuses nesting that would overflow the stack, of either kind", () => {
    expect(linesOf("[".repeat(50_000))).toEqual([
      expect.stringMatching(
        /^x\.yaml:1:\d+ The file is nested too deeply to be read\. Split deep conditions into shared conditions\.$/,
      ),
    ]);
    const deep = `${"{ not: ".repeat(70)}{ fact: eventName, operator: equal, value: A }${" }".repeat(70)}`;
    expect(linesOf(`name: X\nseverity: low\nconditions: ${deep}\n`)).toEqual([
      expect.stringContaining("more than 64 levels"),
    ]);
  });

  it.each([
    [
      "12345678901234567890",
      '"12345678901234567890" is beyond 2^53, where numbers lose digits. Write it as text, "12345678901234567890": CloudTrail gives such values as text.',
    ],
    [
      "012345678901",
      '"012345678901" would be read as the number 12345678901. Write it as text, "012345678901": CloudTrail gives such values as text.',
    ],
    [".inf", ".inf is no number that JSON knows. Write a finite number."],
    ["1e999", "1e999 is no number that JSON knows. Write a finite number."],
    ["*nowhere", "This alias refers to no anchor above it. Put the value in quotes if it is text."],
  ])("refuses %s as a value", (value, advice) => {
    const conditions = `conditions: { not: { fact: requestParameters.id, operator: equal, value: ${value} } }`;
    expect(linesOf(`name: X\nseverity: low\n${conditions}\n`)).toEqual([
      `x.yaml:3:74 conditions.not.value: ${advice}`,
    ]);
  });

  it("refuses merge keys and __proto__ with their place, and pollutes nothing", () => {
    expect(linesOf(`${GOOD}__proto__: { polluted: true }\n`)).toEqual([
      "x.yaml:4:1 __proto__: No key may be called __proto__. Delete it.",
    ]);
    expect(linesOf(GOOD.replace("[{ fact", "[{ <<: { x: y }, fact"))).toEqual([
      "x.yaml:3:23 conditions.all[0].<<: YAML merge keys are not read. Write the keys out here.",
    ]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("treats constructor and toString as the unknown keys they are", () => {
    expect(linesOf(`${GOOD}constructor: 1\ntoString: 2\n`)).toEqual([
      expect.stringMatching(/^x\.yaml:4:1 constructor: "constructor" is no key here\. Known are: /),
      expect.stringMatching(/^x\.yaml:5:1 toString: "toString" is no key here\. Known are: /),
    ]);
  });
});
