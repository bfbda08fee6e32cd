import { Rule } from "json-rules-engine";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { load } from "./rules-dir.ts";

const GOOD =
  "name: Good\nseverity: low\nconditions: { all: [{ fact: eventName, operator: equal, value: A }] }\n";

/** A good rule but for its severity, as JSON with two spaces a level. */
function json(severity: string): string {
  const conditions = { all: [{ fact: "eventName", operator: "equal", value: "A" }] };
  return JSON.stringify({ $schema: "../rule.schema.json", name: "J", severity, conditions }, null, 2);
}

function linesOf(text: string, path = "iam.amazonaws.com/x.yaml"): string[] {
  return load({ [path]: text }).lines.map((line) => line.replace(`${path}:`, ""));
}

describe("the keys of a rule", () => {
  it("reports every wrong key and value of a file at once, in the order of its lines", () => {
    const text = `naem: X
severity: hihg
id: foo
eventSource: ec2.amazonaws.com
tags: cis
attack: [T15]
references: ["javascript:alert(1)"]
description: ""
runbook: 5
conditions: { all: [{ fact: eventName, operator: equal, value: A }] }
`;
    expect(linesOf(text)).toEqual([
      '1:1 naem: "naem" is no key here. Did you mean "name"?',
      '2:11 severity: "hihg" is none of info, low, medium, high, critical. Did you mean "high"?',
      `3:1 id: "id" is no key here. Delete it: a rule's id is its path.`,
      `4:1 eventSource: "eventSource" is no key here. Delete it: the folder is the rule's eventSource.`,
      '5:7 tags: "cis" is text, expected a list. Write a list.',
      '6:10 attack[0]: "T15" is not what belongs here. Write it as described: a MITRE ATT&CK technique id of v19, e.g. T1098.001.',
      '7:14 references[0]: "javascript:alert(1)" is not what belongs here. Write it as described: a link that begins with https://.',
      "8:14 description: description is empty. Fill it in: what the rule watches for and why it matters.",
      "9:10 runbook: 5 is a number, expected text. Write text, in quotes if need be.",
    ]);
  });

  it("takes a type of alert for Lacework's tools, and says what it must look like", () => {
    const { ruleSet } = load({
      "iam.amazonaws.com/x.yaml": `${GOOD}lacework: { alertType: Virtual Private Cloud (VPC) Change }\n`,
    });
    expect(ruleSet.rules[0]?.lacework).toEqual({ alertType: "Virtual Private Cloud (VPC) Change" });
    expect(linesOf(`${GOOD}lacework: { alertType: " é", type: X }\n`)).toEqual([
      expect.stringMatching(
        /lacework\.alertType: " é" is not what belongs here\. Write it as described: a type of Lacework's alerts/,
      ),
      expect.stringMatching(/lacework\.type: "type" is no key here\. Known are: alertType\./),
    ]);
    expect(linesOf(`${GOOD}lacework: { alertType: ${"x".repeat(101)} }\n`)).toEqual([
      expect.stringContaining("lacework.alertType: alertType is longer than 100. Shorten it."),
    ]);
    expect(linesOf(`${GOOD}lacework: {}\n`)).toEqual([
      expect.stringContaining('"alertType" is missing. Add it: a type of Lacework\'s alerts'),
    ]);
  });

  it("says what a missing key is for, at the top of the rule", () => {
    expect(linesOf("# a comment\nseverity: low\n")).toEqual([
      expect.stringMatching(
        /^2:1 name: "name" is missing\. Add it: what happened, as the title of the alert says it, /,
      ),
      `2:1 conditions: "conditions" is missing. Add it: when the rule matches, in json-rules-engine's own format, with all, any, not or condition at the top.`,
    ]);
  });

  it("refuses a comparison at the root of its conditions, which json-rules-engine would throw for", () => {
    const bare = "name: X\nseverity: low\nconditions: { fact: eventName, operator: equal, value: A }\n";
    expect(linesOf(bare)).toEqual([
      "3:1 conditions: json-rules-engine needs all, any, not or condition at the top of a rule, not a comparison. Write conditions: { all: [ { fact: …, operator: …, value: … } ] }.",
    ]);
    expect(() => new Rule({ event: { type: "x" }, conditions: parse(bare).conditions })).toThrow(/root must/);
    for (const root of ["all: [{", "any: [{", "not: {"]) {
      const closed = `${root} fact: eventName, operator: equal, value: A }${root.includes("[") ? "]" : ""}`;
      expect(linesOf(`name: X\nseverity: low\nconditions: { ${closed} }\n`)).toEqual([]);
    }
  });

  it("refuses a name longer than a title may be", () => {
    expect(linesOf(GOOD.replace("Good", "x".repeat(151)))).toEqual([
      "1:7 name: name is longer than 150. Shorten it.",
    ]);
  });

  it("works the same in JSON, where a schema may be named", () => {
    expect(linesOf(json("hihg"), "iam.amazonaws.com/x.json")).toEqual([
      '4:15 severity: "hihg" is none of info, low, medium, high, critical. Did you mean "high"?',
    ]);
    const { ruleSet } = load({ "iam.amazonaws.com/x.json": json("high") });
    expect(ruleSet.rules).toEqual([
      {
        id: "iam.amazonaws.com/x",
        eventSource: "iam.amazonaws.com",
        name: "J",
        severity: "high",
        conditions: { all: [{ fact: "eventName", operator: "equal", value: "A" }] },
      },
    ]);
  });

  it("shows hostile text harmlessly", () => {
    const [line] = linesOf(GOOD.replace("low", '"lo\\u001b[31mw\\u202e"'));
    expect(line).toBe(
      '2:11 severity: "lo\\u001b[31mw\\u202e" is none of info, low, medium, high, critical. Write one of them.',
    );
  });
});

describe("the placeholders of a summary", () => {
  it("are facts, and each wrong one is shown where it stands", () => {
    const summary =
      'summary: "{{actr.name}}, {{}}, {{ actor.name }}, {{requestParameters..x}}, {{outcome.result}}, {{open"\n';
    expect(linesOf(GOOD + summary)).toEqual([
      '4:11 summary: No CloudTrail record has a field "actr" at its top. Did you mean "actor"?',
      "4:26 summary: A {{…}} names no fact. Write {{fact}}, e.g. {{actor.name}}, or {{fact | otherFact}}.",
      '4:50 summary: "requestParameters..x" has an empty part at character 19. Take the extra dot out.',
      '4:76 summary: outcome is a single value. Write "outcome".',
      "4:96 summary: A {{ has no }}. Write {{fact}}, e.g. {{actor.name}}.",
    ]);
  });

  it("are shown at the summary where its text is folded", () => {
    expect(linesOf(`${GOOD}summary: >\n  first line\n  {{actr.name}}\n`)).toEqual([
      '4:10 summary: No CloudTrail record has a field "actr" at its top. Did you mean "actor"?',
    ]);
  });
});
