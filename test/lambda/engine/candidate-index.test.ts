import { array, assert, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { Literal, Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { makeRecord } from "../../properties/record-generator.ts";
import { LISTS, ruleSetArbitrary } from "../../properties/rule-arbitrary.ts";
import { ruleSetOf } from "./samples.ts";

const is = (fact: string, operator: string, value: unknown): Literal => ({ fact, operator, value });
const rule = (id: string, conditions: Rule["conditions"]): Rule => ({
  id,
  name: id,
  severity: "low",
  eventSource: id.startsWith("_global/") ? null : (id.split("/")[0] ?? ""),
  conditions,
});
const withLists = (rules: readonly Rule[], conditions: RuleSet["conditions"]): RuleSet => ({
  ...ruleSetOf(rules, conditions),
  lists: LISTS,
});
const setOf = (...rules: Rule[]): RuleSet => ({ rules, conditions: {}, lists: {}, suppressions: [] });
const idsOf = (ruleSet: RuleSet, record: CloudTrailRecord): string[] =>
  createEngine(ruleSet)
    .candidates(record)
    .map((one) => one.rule.id);

const RECORD: CloudTrailRecord = {
  eventSource: "ec2.amazonaws.com",
  eventName: "DeleteVpc",
  userIdentity: { type: "Root" },
};

const withPort = (port: number): CloudTrailRecord => ({
  ...RECORD,
  requestParameters: { items: [{ port }] },
});

describe("the candidates of a record", () => {
  it("are the same whether rules are looked for together or one by one", () => {
    let candidates = 0;
    assert(
      property(array(ruleSetArbitrary, { minLength: 8, maxLength: 8 }), nat(), (sets, seed) => {
        const rules = sets.flatMap(({ rules: [one] }, at) =>
          one === undefined ? [] : [{ ...one, id: `${one.id}-${at}` }],
        );
        const conditions = sets[0]?.conditions ?? {};
        // The shared conditions differ from set to set; all rules use those of the first.
        const together = createEngine(withLists(rules, conditions));
        const alone = rules.map((one) => createEngine(withLists([one], conditions)));
        for (const [at, { rules: own }] of sets.entries()) {
          const record = makeRecord(withLists(own, conditions), seed + at);
          const expected = alone.flatMap((engine) => engine.candidates(record).map((one) => one.rule.id));
          expect(together.candidates(record).map((one) => one.rule.id)).toEqual(expected);
          candidates += expected.length;
        }
      }),
      { numRuns: 400 },
    );
    expect(candidates).toBeGreaterThan(2_000);
  });

  it("come in the order of the rule set, each once, however many ways lead to a rule", () => {
    const ruleSet = setOf(
      rule("ec2.amazonaws.com/both", {
        any: [is("eventName", "equal", "DeleteVpc"), is("eventName", "startsWith", "Delete")],
      }),
      rule("_global/root", is("userIdentity.type", "equal", "Root")),
      rule("ec2.amazonaws.com/always", is("userAgent", "notEqual", "x")),
    );
    expect(idsOf(ruleSet, RECORD)).toEqual([
      "ec2.amazonaws.com/both",
      "_global/root",
      "ec2.amazonaws.com/always",
    ]);
  });

  it("are found by the beginning of a name, and not by another one with the same first letter", () => {
    const ruleSet = setOf(rule("ec2.amazonaws.com/a", is("eventName", "startsWith", "Delete")));
    expect(idsOf(ruleSet, RECORD)).toHaveLength(1);
    expect(idsOf(ruleSet, { ...RECORD, eventName: "DescribeVpcs" })).toEqual([]);
    expect(idsOf(ruleSet, { ...RECORD, eventName: "Del" })).toEqual([]);
  });

  it("are found when a field is absent, null, or one of more values than are compared one by one", () => {
    const names = ["A", "B", "C", "D", "E", "F"];
    const ruleSet = setOf(
      rule("ec2.amazonaws.com/no-error", is("errorCode", "exists", false)),
      ...names.map((name) => rule(`ec2.amazonaws.com/${name}`, is("eventName", "equal", name))),
    );
    expect(idsOf(ruleSet, { ...RECORD, eventName: "E" })).toEqual([
      "ec2.amazonaws.com/no-error",
      "ec2.amazonaws.com/E",
    ]);
    expect(idsOf(ruleSet, { ...RECORD, errorCode: null })).toEqual(["ec2.amazonaws.com/no-error"]);
    expect(idsOf(ruleSet, { ...RECORD, errorCode: "AccessDenied" })).toEqual([]);
  });

  it("are found through a value that collides with another one under the same dotted key", () => {
    const ruleSet = setOf(rule("_global/root", is("userIdentity.type", "equal", "Root")));
    const record = { ...RECORD, userIdentity: { type: "IAMUser" }, "userIdentity.type": "Root" };
    expect(idsOf(ruleSet, record)).toEqual(["_global/root"]);
  });

  it("of an eventSource that no rule names are those of any source", () => {
    const ruleSet = setOf(
      rule("ec2.amazonaws.com/a", is("eventName", "equal", "DeleteVpc")),
      rule("_global/a", is("eventName", "equal", "DeleteVpc")),
    );
    expect(idsOf(ruleSet, { ...RECORD, eventSource: "s3.amazonaws.com" })).toEqual(["_global/a"]);
    for (const eventSource of ["__proto__", "constructor", ""])
      expect(idsOf(ruleSet, { ...RECORD, eventSource })).toEqual(["_global/a"]);
  });

  it("do not depend on the record before", () => {
    const engine = createEngine(
      setOf(
        rule("ec2.amazonaws.com/a", is("requestParameters.items[*].port", "someFact:equal", 22)),
        rule("ec2.amazonaws.com/b", is("requestParameters.items[*].port", "someFact:equal", 80)),
      ),
    );
    const ids = [22, 80, 443, 22].map((port) => engine.candidates(withPort(port)).map((one) => one.rule.id));
    expect(ids).toEqual([["ec2.amazonaws.com/a"], ["ec2.amazonaws.com/b"], [], ["ec2.amazonaws.com/a"]]);
  });
});
