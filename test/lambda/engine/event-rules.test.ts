import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import {
  compileEventRules,
  deriveEventRules,
  EventRuleBudgetError,
  type EventRuleOptions,
} from "../../../lambda/engine/event-rules.ts";
import type { Condition, Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { manyRules, OWN_ROLE, recordAround } from "./many-rules.ts";
import { deliveries, envelopeOf, invalidAmong, is, named, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

const SHIPPED = loadRules(fileURLToPath(new URL("../../../rules", import.meta.url))).ruleSet;

/** Whether every record that matches is delivered by one event rule, and no record by two. */
async function tally(
  ruleSet: RuleSet,
  options: EventRuleOptions,
  records: readonly CloudTrailRecord[],
): Promise<{ matching: number; delivered: number }> {
  const count = deliveries(deriveEventRules(ruleSet, options).eventRules);
  const engine = createEngine(ruleSet);
  const sums = { matching: 0, delivered: 0 };
  for (const record of records) {
    const delivered = count(record);
    const { matches, problems } = await engine.evaluate(record, 0);
    // EventBridge takes null for a value that is there; CloudTrail leaves errorCode out instead.
    const most = record.errorCode === null ? 2 : 1;
    const least = matches.length > 0 && !isByOwnRole(record, options) ? 1 : 0;
    const isRight = problems.length === 0 && delivered <= most && delivered >= least;
    if (!isRight)
      throw new Error(`delivered ${delivered} times: ${JSON.stringify({ matches, problems, record })}`);
    if (matches.length > 0) sums.matching++;
    sums.delivered += delivered;
  }
  return sums;
}

/** CloudTrail marks calls that write as such; what a record says against its name is no record of CloudTrail's. */
function isHonest(record: CloudTrailRecord): boolean {
  return record.readOnly !== true || /^(Describe|Get|List|Head|Assume|Decrypt)/.test(record.eventName);
}

/** Whether a call may be one of the detector's own, which are left out on purpose. */
function isByOwnRole(record: CloudTrailRecord, { excludeOwnRole }: EventRuleOptions): boolean {
  return excludeOwnRole !== undefined && JSON.stringify(record.userIdentity ?? "").includes(excludeOwnRole);
}

function around(ruleSet: RuleSet, rules: readonly Rule[], records: number): readonly CloudTrailRecord[] {
  return rules
    .flatMap((rule, at) =>
      Array.from({ length: records }, (_, seed) => recordAround(rule, ruleSet, at * 10_000 + seed)),
    )
    .filter(isHonest);
}

describe("the event rules of the shipped rules", () => {
  it.each<[string, EventRuleOptions]>([
    ["without the exclusion of the engine's own role", {}],
    ["with it", { excludeOwnRole: OWN_ROLE }],
  ])(
    "deliver every record that matches, and every record once, %s",
    { timeout: 60_000 },
    async (_, options) => {
      const sums = await tally(SHIPPED, options, around(SHIPPED, SHIPPED.rules, 240));
      expect(sums.matching).toBeGreaterThan(500);
      expect(sums.delivered).toBeGreaterThan(sums.matching);
    },
  );

  it("are at most 20, valid, and share no record", () => {
    for (const options of [{}, { excludeOwnRole: OWN_ROLE }, { excludeOwnRole: "x".repeat(64) }]) {
      const { eventRules, overlaps } = deriveEventRules(SHIPPED, options);
      expect(eventRules.length).toBeLessThanOrEqual(20);
      expect(overlaps).toEqual([]);
      expect(invalidAmong(eventRules)).toEqual([]);
    }
  });

  it("name every rule that they deliver records for, and no rule that there is none of", () => {
    const { eventRules } = deriveEventRules(SHIPPED);
    const ids = SHIPPED.rules.map(({ id }) => id);
    expect([...new Set(eventRules.flatMap(({ rules }) => rules))].toSorted()).toEqual(ids.toSorted());
    // What lets through all eventSources but some has nothing for the rules of those.
    const others = eventRules.find(({ name }) => name.startsWith("others-"));
    expect(others?.rules.length).toBeGreaterThan(0);
    expect(others?.rules.filter((id) => !id.startsWith("_global/"))).toEqual([]);
  });

  it("name each rule that matches a record which they deliver", async () => {
    const { eventRules } = deriveEventRules(SHIPPED);
    const deliver = compileEventRules(eventRules);
    const engine = createEngine(SHIPPED);
    let seen = 0;
    for (const record of around(SHIPPED, SHIPPED.rules, 60)) {
      const { matches } = await engine.evaluate(record, 0);
      const listed = new Set(deliver(envelopeOf(record)).flatMap(({ rules }) => rules));
      for (const { rule } of matches) {
        seen++;
        expect([rule.id, listed.has(rule.id)]).toEqual([rule.id, true]);
      }
    }
    expect(seen).toBeGreaterThan(100);
  });

  it("are the same whenever they are derived", () => {
    expect(deriveEventRules(SHIPPED)).toEqual(deriveEventRules(SHIPPED));
  });

  it("deliver a call whose errorCode is null or empty, which CloudTrail never writes", () => {
    const count = deliveries(deriveEventRules(SHIPPED).eventRules);
    for (const errorCode of [null, ""]) {
      expect(count(recordOf({ userIdentity: { type: "Root" }, errorCode }))).toBeGreaterThan(0);
    }
    expect(count(recordOf({ userIdentity: { type: "Root" } }))).toBe(1);
  });
});

describe("the event rules of a large rule set", () => {
  const ruleSet = manyRules(1_000, 60);

  it("fit the default budget of 100 with 1,000 rules over 60 eventSources, and lose no record", {
    timeout: 240_000,
  }, async () => {
    const { eventRules } = deriveEventRules(ruleSet);
    expect(eventRules.length).toBeLessThanOrEqual(100);
    expect(invalidAmong(eventRules)).toEqual([]);
    const count = deliveries(eventRules);
    const engine = createEngine(ruleSet);
    let matching = 0;
    const lost: CloudTrailRecord[] = [];
    for (const record of around(
      ruleSet,
      ruleSet.rules.filter((_, at) => at % 7 === 0),
      12,
    )) {
      if ((await engine.evaluate(record, 0)).matches.length === 0) continue;
      matching++;
      if (count(record) === 0) lost.push(record);
    }
    expect(lost).toEqual([]);
    expect(matching).toBeGreaterThan(200);
  });

  it("are loosened to fit a smaller budget, which is reported, and still lose no record", {
    timeout: 60_000,
  }, async () => {
    const rules = Array.from({ length: 60 }, (_, at) =>
      ruleOf(
        `s${at % 3}.amazonaws.com/r${at}`,
        {
          all: [
            named(`Put${at}`),
            is("requestParameters.name", `a-long-name-of-a-thing-${"x".repeat(100)}-${at}`),
          ],
        },
        `s${at % 3}.amazonaws.com`,
      ),
    );
    const large = ruleSetOf(rules);
    const tight = deriveEventRules(large).eventRules.length;
    const { eventRules, notes } = deriveEventRules(large, { budget: tight - 1 });
    expect(eventRules.length).toBeLessThan(tight);
    expect(notes.join()).toContain(`to fit ${tight - 1} EventBridge rules`);
    const count = deliveries(eventRules);
    const engine = createEngine(large);
    const matching: CloudTrailRecord[] = [];
    for (const record of around(large, rules, 4)) {
      if ((await engine.evaluate(record, 0)).matches.length > 0) matching.push(record);
    }
    expect(matching.length).toBeGreaterThan(20);
    expect(matching.filter((record) => count(record) !== 1)).toEqual([]);
  });

  it("are refused, with what to do, where they cannot fit", { timeout: 60_000 }, () => {
    let error: unknown;
    try {
      deriveEventRules(manyRules(300, 60), { budget: 1 });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(EventRuleBudgetError);
    expect(String(error)).toMatch(
      /These 300 rules need \d+ EventBridge rules, and the budget is 1\. Raise engine\.eventRules\.budget in cdk\.json/,
    );
  });
});

describe("a rule of any source that names eventSources itself", () => {
  it.each<[string, Condition, readonly string[], readonly string[]]>([
    [
      "one",
      is("eventSource", "sns.amazonaws.com"),
      ["sns.amazonaws.com"],
      ["ec2.amazonaws.com", "kms.amazonaws.com"],
    ],
    [
      "one that has rules of its own",
      is("eventSource", "ec2.amazonaws.com"),
      ["ec2.amazonaws.com"],
      ["sns.amazonaws.com"],
    ],
    [
      "all but some",
      { fact: "eventSource", operator: "notIn", value: ["ec2.amazonaws.com", "kms.amazonaws.com"] },
      ["sns.amazonaws.com"],
      ["ec2.amazonaws.com", "kms.amazonaws.com"],
    ],
    [
      "those with a beginning",
      { fact: "eventSource", operator: "startsWith", value: "s" },
      ["sns.amazonaws.com", "s3.amazonaws.com"],
      ["ec2.amazonaws.com"],
    ],
    [
      "those with an ending",
      { fact: "eventSource", operator: "endsWith", value: ".amazonaws.com" },
      ["sns.amazonaws.com", "s3.amazonaws.com", "ec2.amazonaws.com"],
      ["x.example.com"],
    ],
  ])("(%s) is delivered from there", (_, conditions, inside, outside) => {
    const ruleSet = ruleSetOf([
      ruleOf("_global/g", { all: [conditions, is("errorCode", "X")] }, null),
      ruleOf("ec2.amazonaws.com/own", named("Own")),
      ruleOf("s3.amazonaws.com/own", named("Own"), "s3.amazonaws.com"),
    ]);
    const count = deliveries(deriveEventRules(ruleSet).eventRules);
    for (const eventSource of inside)
      expect([eventSource, count(recordOf({ eventSource, errorCode: "X" })) >= 1]).toEqual([
        eventSource,
        true,
      ]);
    for (const eventSource of outside)
      expect([eventSource, count(recordOf({ eventSource, errorCode: "X" }))]).toEqual([eventSource, 0]);
    expect(count(recordOf({ eventName: "Own" }))).toBe(1);
  });
});

describe("a rule set without rules", () => {
  it("makes no event rule", () => {
    expect(deriveEventRules(ruleSetOf([]))).toMatchObject({ eventRules: [], overlaps: [] });
  });

  it("is told from a rule that no record passes, and from one that all pass", () => {
    const all = deriveEventRules(
      ruleSetOf([ruleOf("_global/all", { fact: "userAgent", operator: "includes", value: "x" }, null)]),
    ).eventRules;
    expect(deliveries(all)(recordOf())).toBe(1);
    const never = ruleSetOf([ruleOf("r", { all: [is("eventSource", "other.amazonaws.com"), named("A")] })]);
    expect(deriveEventRules(never).eventRules).toEqual([]);
  });
});
