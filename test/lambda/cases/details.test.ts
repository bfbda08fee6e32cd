import { describe, expect, it } from "vitest";
import { scopeValueSchemas } from "../../../lambda/cases/case-schema.ts";
import { computeDetails } from "../../../lambda/cases/details.ts";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import type { Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import { sampleAlert, sampleRule } from "../alerts/sample.ts";

const conditions = {
  all: [
    { fact: "eventName", operator: "equal", value: "AuthorizeSecurityGroupIngress" },
    {
      fact: "requestParameters.ipPermissions.items[*].ipRanges.items[*].cidrIp",
      operator: "someFact:equal",
      value: "0.0.0.0/0",
    },
  ],
};
const setOf = (...rules: readonly Rule[]): RuleSet => ({
  rules,
  conditions: {},
  lists: {},
  suppressions: [],
});
const ruleSet = setOf(sampleRule({ conditions }));
const { eventRules } = deriveEventRules(ruleSet);
const ranges = (...addresses: readonly string[]) => ({
  items: [{ fromPort: 22, ipRanges: { items: addresses.map((cidrIp) => ({ cidrIp })) } }],
});
const alert = sampleAlert({
  requestParameters: { groupId: "sg-1", ipPermissions: ranges("192.0.2.0/24", "0.0.0.0/0") },
});

describe("the details of an alert", () => {
  it("tell the record, what the conditions saw, the fields that made them hold, and how the record came", () => {
    const { value, notes } = computeDetails(alert, ruleSet, eventRules);
    expect(notes).toEqual([]);
    expect(scopeValueSchemas.details.safeParse(value).error).toBeUndefined();
    expect(value.alert).toEqual(alert);
    expect(value.record["userIdentity.sessionContext.sessionIssuer.userName"]).toBe("Admin");
    expect(value.rule?.matchedKeys).toEqual([
      "eventName",
      "requestParameters.ipPermissions.items.0.ipRanges.items.1.cidrIp",
    ]);
    expect(value.rule?.conditions).toMatchObject({
      kind: "all",
      holds: true,
      conditions: [{ saw: '"AuthorizeSecurityGroupIngress"' }, { saw: '["192.0.2.0/24","0.0.0.0/0"]' }],
    });
    expect(value.eventRules).toHaveLength(1);
    expect(value.eventRules[0]).toMatchObject({ name: eventRules[0]?.name, state: "ENABLED" });
    expect(JSON.stringify(value.eventRules[0]?.eventPattern)).toContain("AuthorizeSecurityGroupIngress");
  });

  it("say that the rule is gone", () => {
    const { value, notes } = computeDetails(alert, setOf(), eventRules);
    expect(value.rule).toBeUndefined();
    expect(notes.join()).toMatch(/security-group-opened is not in the rule set any more/);
  });

  it("say that the rule was changed, in what shows and in what it says now", () => {
    const severe = setOf(sampleRule({ conditions, severity: "low" }));
    expect(computeDetails(alert, severe, eventRules).notes.join()).toMatch(/changed .*\(its severity\)/);
    const other = setOf(sampleRule({ conditions: { fact: "eventName", operator: "equal", value: "Other" } }));
    const { value, notes } = computeDetails(alert, other, []);
    expect(value.rule).toMatchObject({ matchedKeys: [], conditions: { holds: false } });
    expect(notes.join("\n")).toMatch(/do not hold for the record as it is kept/);
    expect(notes.join("\n")).toMatch(/None of the EventBridge rules/);
  });

  it("say why conditions and patterns that are broken could not be told, and lose nothing else", () => {
    const broken = setOf(sampleRule({ conditions: { condition: "gone" } }));
    const rule = eventRules.map((one) => ({ ...one, eventPattern: { source: [{ what: 1 }] } }));
    const { value, notes } = computeDetails(alert, broken, rule);
    expect(notes.join("\n")).toMatch(/could not be explained: there is no shared condition "gone"/);
    expect(notes.join("\n")).toMatch(/could not be told: /);
    expect(Object.keys(value.record).length).toBeGreaterThan(20);
  });

  it("stay far below what an item may have, whatever the record and the rule, and say what was cut", () => {
    const wide = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`field${n}`, "v".repeat(20)]));
    const huge = sampleAlert({
      requestParameters: {
        policy: "p\u202e".repeat(60_000),
        ...wide,
        ipPermissions: ranges("0.0.0.0/0"),
      },
    });
    const many = {
      all: [
        ...conditions.all,
        {
          any: [
            ...Array.from({ length: 4_000 }, (_, n) => ({ fact: `x${n}`, operator: "equal", value: n })),
            conditions.all[0] ?? { all: [] },
          ],
        },
      ],
    };
    const { value, notes } = computeDetails(huge, setOf(sampleRule({ conditions: many })), eventRules);
    expect(Buffer.byteLength(JSON.stringify({ value, notes }))).toBeLessThan(340_000);
    expect(scopeValueSchemas.details.safeParse(value).error).toBeUndefined();
    expect(value.rule?.conditions).toMatchObject({ holds: true });
    for (const key of value.rule?.matchedKeys ?? []) expect(Object.hasOwn(value.record, key)).toBe(true);
    expect(value.rule?.matchedKeys).toContain(
      "requestParameters.ipPermissions.items.0.ipRanges.items.0.cidrIp",
    );
    expect(notes.join("\n")).toMatch(/texts are cut/);
    expect(notes.join("\n")).toMatch(/fields are left out/);
    expect(notes.join("\n")).toMatch(/3951 comparisons are left out/);
  });
});
