import { describe, expect, it } from "vitest";
import { load } from "./rules-dir.ts";

const using = (...names: string[]): string =>
  `name: X\nseverity: low\nconditions:\n  all:\n${names.map((name) => `    - condition: ${name}\n`).join("")}`;
const OK = "description: It went well.\nconditions: { fact: errorCode, operator: exists, value: false }\n";

/** A shared condition that refers to another ten times. */
function ten(name: string): string {
  return `conditions:\n  any:\n${`    - condition: ${name}\n`.repeat(10)}`;
}

describe("shared conditions", () => {
  it("are part of the rule set under the name of their file", () => {
    const { lines, ruleSet } = load({
      "_conditions/succeeded.yaml": OK,
      "_conditions/write.json": '{ "conditions": { "all": [{ "condition": "succeeded" }] } }',
      "kms.amazonaws.com/x.yaml": using("write"),
    });
    expect(lines).toEqual([]);
    expect(ruleSet.conditions).toEqual({
      succeeded: { fact: "errorCode", operator: "exists", value: false },
      write: { all: [{ condition: "succeeded" }] },
    });
    expect(ruleSet.rules).toHaveLength(1);
  });

  it("that do not exist are refused with the nearest name", () => {
    const { lines, ruleSet } = load({
      "_conditions/succeeded.yaml": OK,
      "kms.amazonaws.com/good.yaml": using("succeeded"),
      "kms.amazonaws.com/x.yaml": using("suceeded", "succeeded"),
    });
    expect(lines).toEqual([
      'kms.amazonaws.com/x.yaml:5:18 conditions.all[0].condition: There is no shared condition "suceeded". Did you mean "succeeded"?',
    ]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(["kms.amazonaws.com/good"]);
  });

  it("stand below a key of their own, as in rules", () => {
    expect(
      load({ "_conditions/x.yaml": "all: []\n", "kms.amazonaws.com/x.yaml": "fact: y\n" }).lines,
    ).toEqual([
      '_conditions/x.yaml:1:1 conditions: "conditions" is missing. Add it: the condition, which rules refer to as { condition: <name of this file> }.',
      '_conditions/x.yaml:1:1 all: "all" is no key here. Put it below "conditions".',
      expect.stringContaining('"name" is missing'),
      expect.stringContaining('"severity" is missing'),
      expect.stringContaining('"conditions" is missing'),
      'kms.amazonaws.com/x.yaml:1:1 fact: "fact" is no key here. Put it below "conditions".',
    ]);
  });

  it("that do not exist are to be written when there are none", () => {
    expect(load({ "kms.amazonaws.com/x.yaml": using("by-hand") }).lines).toEqual([
      'kms.amazonaws.com/x.yaml:5:18 conditions.all[0].condition: There is no shared condition "by-hand". Write it in _conditions/by-hand.yaml.',
    ]);
  });

  it("in a circle are refused with the way round, and so is what leads there", () => {
    const { lines, ruleSet } = load({
      "_conditions/a.yaml": "conditions: { condition: b }\n",
      "_conditions/b.yaml": "conditions: { all: [{ condition: c }] }\n",
      "_conditions/c.yaml": "conditions:\n  not: { condition: a }\n",
      "_conditions/self.yaml": "conditions: { condition: self }\n",
      "_conditions/succeeded.yaml": OK,
      "kms.amazonaws.com/good.yaml": using("succeeded"),
      "kms.amazonaws.com/x.yaml": using("a"),
    });
    expect(lines.map((line) => line.replaceAll(/\S*\//g, ""))).toEqual([
      'a.yaml:1:26 conditions.condition: The shared condition "b" has errors. Mend b.yaml first.',
      'b.yaml:1:34 conditions.all[0].condition: The shared condition "c" has errors. Mend c.yaml first.',
      "c.yaml:2:21 conditions.not.condition: Shared conditions refer to each other in a circle: a -> b -> c -> a. Take one of these references out.",
      "self.yaml:1:26 conditions.condition: Shared conditions refer to each other in a circle: self -> self. Take one of these references out.",
      'x.yaml:5:18 conditions.all[0].condition: The shared condition "a" has errors. Mend a.yaml first.',
    ]);
    expect(Object.keys(ruleSet.conditions)).toEqual(["succeeded"]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(["kms.amazonaws.com/good"]);
  });

  it("with errors take only the rules with them that use them", () => {
    const { lines, ruleSet } = load({
      "_conditions/bad.yaml": "conditions: { fact: eventNam, operator: equal, value: A }\n",
      "_conditions/broken.yaml": "conditions: [\n",
      "_conditions/succeeded.yaml": OK,
      "kms.amazonaws.com/good.yaml": using("succeeded"),
      "kms.amazonaws.com/x.yaml": using("bad", "broken"),
    });
    expect(lines).toEqual([
      '_conditions/bad.yaml:1:21 conditions.fact: No CloudTrail record has a field "eventNam" at its top. Did you mean "eventName"?',
      expect.stringMatching(/^_conditions\/broken\.yaml:2:1 /),
      expect.stringMatching(
        /^kms\.amazonaws\.com\/x\.yaml:5:18 .*"bad" has errors\. Mend .*bad\.yaml first\.$/,
      ),
      expect.stringMatching(
        /^kms\.amazonaws\.com\/x\.yaml:6:18 .*"broken" has errors\. Mend .*broken\.yaml first\.$/,
      ),
    ]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(["kms.amazonaws.com/good"]);
  });

  it("are looked for even by a file that has other errors", () => {
    const { lines } = load({
      "_conditions/bad.yaml": "conditions: { any: [{ condition: nope }] }\nname: X\n",
      "kms.amazonaws.com/x.yaml": `${using("baad")}severty: low\n`,
    });
    expect(lines.map((line) => line.split(" ")[0])).toEqual([
      "_conditions/bad.yaml:1:34",
      "_conditions/bad.yaml:2:1",
      "kms.amazonaws.com/x.yaml:5:18",
      "kms.amazonaws.com/x.yaml:6:1",
    ]);
  });

  it("that multiply beyond what the engine reads are refused before they are counted out", () => {
    const { lines, ruleSet } = load({
      "_conditions/a.yaml": OK,
      "_conditions/b.yaml": ten("a"),
      "_conditions/c.yaml": ten("b"),
      "_conditions/d.yaml": ten("c"),
      "_conditions/e.yaml": ten("d"),
    });
    expect(lines).toEqual([
      "_conditions/e.yaml:1:1 conditions: The conditions come to 10000 comparisons, shared conditions counted out; at most 5000 are read. Use in with a list, or split the rule.",
    ]);
    expect(Object.keys(ruleSet.conditions)).toEqual(["a", "b", "c", "d"]);
  });

  it("called like members of every object are names like others", () => {
    const { lines } = load({ "kms.amazonaws.com/x.yaml": using("constructor") });
    expect(lines).toEqual([expect.stringContaining('There is no shared condition "constructor".')]);
  });
});
