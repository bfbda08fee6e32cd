import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalize } from "../../../lambda/engine/conditions.ts";
import { compileEventRules } from "../../../lambda/engine/delivery.ts";
import { cutTo } from "../../../lambda/engine/domains.ts";
import { compileEventPattern } from "../../../lambda/engine/event-pattern/compile.ts";
import { matchesEventPattern } from "../../../lambda/engine/event-pattern/match.ts";
import { compileValues } from "../../../lambda/engine/event-pattern/value-test.ts";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import { toEventPattern } from "../../../lambda/engine/pattern-json.ts";
import type { Condition, Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import { deriveSelector } from "../../../lambda/engine/selector.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import { coveredBy } from "../../../lib/publish/covered-by.ts";
import { implies } from "../../../lib/publish/implies.ts";
import { makeRecord } from "../../properties/record-generator.ts";
import { ruleSetArbitrary } from "../../properties/rule-arbitrary.ts";
import { callRule } from "../synthesise.ts";

const EC2 = "ec2.amazonaws.com";
const OWN_ROLE = "detector-role";

function ruleOf(eventSource: string | null, conditions: Condition, id = "new"): Rule {
  return { id: `${eventSource ?? "_global"}/${id}`, eventSource, name: id, severity: "low", conditions };
}

function setOf(...rules: readonly Rule[]): RuleSet {
  return { rules, conditions: {}, lists: {}, suppressions: [] };
}

const named = (...names: readonly string[]): Condition => ({
  all: [{ fact: "eventName", operator: "in", value: names }],
});

/** Whether rules cover a new one once they are deployed. */
function covers(deployed: readonly Rule[], rule: Rule): boolean {
  const { eventRules } = deriveEventRules(setOf(...deployed), { excludeOwnRole: OWN_ROLE });
  return coveredBy({ eventRules, ownRole: OWN_ROLE })(rule, setOf(rule)) === undefined;
}

const failed: Condition = { all: [{ fact: "errorCode", operator: "exists", value: true }] };
const writes: Condition = { all: [{ fact: "readOnly", operator: "equal", value: false }] };
/** A rule for every service makes patterns that keep calls apart that failed and that did not. */
const DENIED = ruleOf(null, failed, "denied");

describe("ordinary cases", () => {
  it.each<[string, readonly Rule[], Rule, boolean]>([
    ["the same rule", [callRule(EC2, "DeleteVpc")], callRule(EC2, "DeleteVpc"), true],
    ["another name", [callRule(EC2, "DeleteVpc")], callRule(EC2, "DeleteSubnet"), false],
    ["another service", [callRule(EC2, "DeleteVpc")], callRule("iam.amazonaws.com", "DeleteVpc"), false],
    ["one of two names", [ruleOf(EC2, named("A", "B"))], ruleOf(EC2, named("B", "C")), false],
    [
      "names of two EventBridge rules",
      [ruleOf(EC2, named("CreateA"), "a"), ruleOf(EC2, { all: [...writesAnd("CreateB")] }, "b")],
      ruleOf(EC2, { all: [...writesAnd("CreateA", "CreateB")] }),
      true,
    ],
    ["a write where all writes come", [ruleOf(EC2, writes)], callRule(EC2, "DeleteSubnet"), true],
    ["a name that may be a read where writes come", [ruleOf(EC2, writes)], ruleOf(EC2, named("X")), false],
    ["all writes where one comes", [callRule(EC2, "DeleteVpc")], ruleOf(EC2, writes), false],
    [
      "all writes of a service with own calls",
      [ruleOf("sns.amazonaws.com", writes)],
      callRule("sns.amazonaws.com", "Subscribe"),
      true,
    ],
    ["own calls too", [ruleOf("sns.amazonaws.com", writes)], callRule("sns.amazonaws.com", "Publish"), true],
    ["a beginning", [ruleOf(EC2, like("Delete*"))], ruleOf(EC2, named("DeleteVpc")), true],
    ["a shorter beginning", [ruleOf(EC2, like("Delete*"))], ruleOf(EC2, like("Del*")), false],
    ["a longer beginning", [ruleOf(EC2, like("Delete*"))], ruleOf(EC2, like("DeleteV*")), true],
    ["failed calls beside a rule for them", [DENIED], ruleOf(EC2, failed), true],
    ["calls of one service beside failed ones of all", [DENIED], callRule(EC2, "DeleteVpc"), false],
    [
      "either outcome beside a rule for failed calls",
      [DENIED, callRule(EC2, "DeleteVpc")],
      callRule(EC2, "DeleteVpc"),
      true,
    ],
    [
      "all services where all come",
      [ruleOf(null, named("DeleteVpc"), "all"), DENIED, callRule(EC2, "CreateVpc")],
      ruleOf(null, named("DeleteVpc")),
      true,
    ],
    ["all services where one comes", [callRule(EC2, "DeleteVpc")], ruleOf(null, named("DeleteVpc")), false],
    ["nothing that is deployed", [], callRule(EC2, "DeleteVpc"), false],
  ])("%s", (_, deployed, rule, expected) => {
    expect(covers(deployed, rule)).toBe(expected);
  });

  it("failed calls by some where those by all come, own ones left out on both sides", () => {
    const sns = "sns.amazonaws.com";
    const byUsers: Condition = {
      all: [failed, { fact: "userIdentity.type", operator: "in", value: ["IAMUser", "AssumedRole"] }],
    };
    expect(covers([ruleOf(sns, failed)], ruleOf(sns, byUsers))).toBe(true);
    expect(covers([ruleOf(sns, byUsers)], ruleOf(sns, failed))).toBe(false);
  });

  it("says which pattern is missing", () => {
    const { eventRules } = deriveEventRules(setOf(callRule(EC2, "DeleteVpc")));
    const rule = ruleOf(EC2, named("DeleteSubnet"));
    expect(coveredBy({ eventRules })(rule, setOf(rule))).toMatchObject({
      detail: { eventSource: [EC2], eventName: ["DeleteSubnet"] },
    });
  });

  it("a pattern without read-only events covers no read", () => {
    const rule = ruleOf(EC2, named("DescribeVpcs"));
    const { eventRules } = deriveEventRules(setOf(rule));
    const quiet = eventRules.map((one) => ({ ...one, state: "ENABLED" as const }));
    expect(coveredBy({ eventRules })(rule, setOf(rule))).toBeUndefined();
    expect(coveredBy({ eventRules: quiet })(rule, setOf(rule))).toBeDefined();
  });

  it("the matcher itself takes a pattern with fewer fields to be tighter where one of them may be absent in a list", () => {
    // The first needs the element with x: 1 to lack y; the second needs all elements to lack it.
    const narrow = { requestParameters: { items: { x: [1], y: [{ exists: false }] } } };
    const event = { requestParameters: { items: [{ x: 1 }, { y: 2 }] } };
    const wide = { requestParameters: { items: { y: [{ exists: false }] } } };
    expect(matchesEventPattern(compileEventPattern(narrow), event)).toBe(true);
    expect(matchesEventPattern(compileEventPattern(wide), event)).toBe(false);
  });

  it("every rule of the shipped pack is covered by what it deploys", async () => {
    const { loadRules } = await import("../../../lambda/loader/load-rules.ts");
    const { ruleSet } = loadRules("rules");
    const { eventRules } = deriveEventRules(ruleSet, { excludeOwnRole: OWN_ROLE });
    const missing = coveredBy({ eventRules, ownRole: OWN_ROLE });
    expect(ruleSet.rules.filter((rule) => missing(rule, ruleSet) !== undefined).map(({ id }) => id)).toEqual(
      [],
    );
  });
});

function writesAnd(...names: readonly string[]): Condition[] {
  return [
    { fact: "eventName", operator: "in", value: names },
    { fact: "readOnly", operator: "equal", value: false },
  ];
}

function like(pattern: string): Condition {
  return { all: [{ fact: "eventName", operator: "like", value: pattern }] };
}

const seeds = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 15, maxLength: 15 });
const VALUES = ["a", "ab", "b", "", '"', 'a"', "192.0.2.1", "::ffff:192.0.2.1", "5"];
const argument = fc.constantFrom(...VALUES);
const matcher: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...VALUES, 5, 12, true, false, null, { exists: true }, { exists: false }),
  fc.record({ prefix: argument }),
  fc.record({ suffix: argument }),
  fc.constantFrom(
    { wildcard: "a*" },
    { wildcard: "*b" },
    { wildcard: "a*b" },
    { wildcard: String.raw`a\**` },
  ),
  fc.record({ prefix: fc.record({ "equals-ignore-case": argument }) }),
  fc.record({ "equals-ignore-case": argument }),
  fc.record({
    "anything-but": fc.oneof(argument, fc.array(argument, { minLength: 1, maxLength: 3 }), fc.constant([5])),
  }),
  fc.record({
    "anything-but": fc.oneof(
      fc.record({ prefix: fc.constantFrom("a", "ab", '"') }),
      fc.record({ suffix: fc.constantFrom("b", "ab") }),
    ),
  }),
  fc.constantFrom({ cidr: "192.0.2.0/24" }, { numeric: [">", 3] }),
);

describe("never says covered when it is not", () => {
  it("of single matchers and the values that they accept", () => {
    let implied = 0;
    fc.assert(
      fc.property(matcher, fc.array(matcher, { minLength: 1, maxLength: 3 }), (narrow, wide) => {
        if (!implies(narrow, wide)) return;
        implied++;
        const [one, other] = [compileValues([narrow], ""), compileValues(wide, "")];
        const lost: unknown[] = one.absence && !other.absence ? ["absence"] : [];
        for (const value of [
          ...VALUES,
          "abc",
          "ba",
          "c",
          'a"b',
          5,
          12,
          0,
          true,
          false,
          null,
          "A",
          "a*",
          "192.000.2.1",
        ])
          if (one.passes?.(value) === true && other.passes?.(value) !== true) lost.push(value);
        expect(lost).toEqual([]);
      }),
      { numRuns: 30_000 },
    );
    expect(implied).toBeGreaterThan(2_000);
  });

  it("of random rules, deployed beside wider and narrower ones, and random records", {
    timeout: 120_000,
  }, () => {
    const tally = { covered: 0, not: 0, accepted: 0 };
    const sets = fc.tuple(ruleSetArbitrary, ruleSetArbitrary, ruleSetArbitrary, fc.nat(5));
    fc.assert(
      fc.property(sets, seeds, ([first, second, third, shape], records) => {
        const [one, two, three] = [first, second, third].map(({ rules }) => rules[0]);
        if (one === undefined || two === undefined || three === undefined) return;
        const both: Condition = { all: [one.conditions, two.conditions] };
        const either: Condition = { any: [one.conditions, two.conditions] };
        const pairs: readonly (readonly [Condition, Condition])[] = [
          [one.conditions, one.conditions],
          [both, one.conditions],
          [both, either],
          [one.conditions, both],
          [{ any: [both, three.conditions] }, either],
          [either, { any: [both, three.conditions] }],
        ];
        const [narrow, wide] = pairs[shape] ?? [both, either];
        const rule = { ...one, conditions: narrow };
        const rules = [
          { ...one, conditions: wide },
          { ...three, id: "three" },
        ];
        const { eventRules } = deriveEventRules({ ...first, rules });
        if (coveredBy({ eventRules })(rule, first) !== undefined) {
          tally.not++;
          return;
        }
        tally.covered++;
        const deliver = compileEventRules(eventRules);
        const patterns = deriveSelector(normalize(rule.conditions, first.conditions, first.lists))
          .map((conjunct) =>
            rule.eventSource === null ? conjunct : cutTo("eventSource", [rule.eventSource], conjunct),
          )
          .filter((conjunct) => conjunct !== undefined)
          .map((conjunct) => compileEventPattern(toEventPattern([conjunct])));
        for (const seed of records) {
          const made = JSON.parse(JSON.stringify(makeRecord({ ...first, rules: [rule] }, seed))) as unknown;
          const reading = readEnvelope(made);
          if (!reading.ok) throw new Error(reading.reason);
          const { envelope } = reading;
          if (!patterns.some((pattern) => matchesEventPattern(pattern, envelope))) continue;
          tally.accepted++;
          if (deliver(envelope).length === 0)
            throw new Error(`not delivered: ${JSON.stringify([rule, eventRules, made])}`);
        }
      }),
      { numRuns: 4_000 },
    );
    expect(tally.covered).toBeGreaterThan(1_000);
    expect(tally.not).toBeGreaterThan(150);
    expect(tally.accepted).toBeGreaterThan(5_000);
  });
});
