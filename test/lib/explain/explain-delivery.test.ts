import { describe, expect, it } from "vitest";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import { toEnvelope } from "../../../lambda/record/envelope.ts";
import { explainDelivery } from "../../../lib/explain/explain-delivery.ts";
import { recordOf, ruleOf, ruleSetOf } from "../../lambda/engine/samples.ts";

const READS = ruleOf("ec2.amazonaws.com/reads", {
  any: [
    { fact: "eventName", operator: "equal", value: "DescribeInstances" },
    {
      all: [
        { fact: "eventName", operator: "equal", value: "GetPasswordData" },
        { fact: "requestParameters.instanceId", operator: "equal", value: "i-1" },
      ],
    },
  ],
});
const RULES = ruleSetOf([READS]);
const { eventRules } = deriveEventRules(RULES);

describe("the explanation of a delivery", () => {
  it("judges by the state too: in state ENABLED a rule gets no read-only management calls", () => {
    const read = toEnvelope(
      recordOf({ eventName: "DescribeInstances", readOnly: true, managementEvent: true }),
    );
    expect(explainDelivery(READS, RULES, eventRules, read)).toMatchObject({
      delivered: true,
      readHeldBack: false,
    });
    const enabled = eventRules.map((one) => ({ ...one, state: "ENABLED" as const }));
    expect(explainDelivery(READS, RULES, enabled, read)).toMatchObject({
      delivered: false,
      by: [],
      serving: [{ state: "ENABLED" }],
      ownSelector: true,
      readHeldBack: true,
      misses: [],
    });
  });

  it("explains the call that it is, not one that the rule watches as well", () => {
    const other = recordOf({ eventName: "GetPasswordData", requestParameters: { instanceId: "i-2" } });
    expect(explainDelivery(READS, RULES, eventRules, toEnvelope(other)).misses).toEqual([
      { field: "detail.requestParameters.instanceId", wanted: ["i-1"], saw: ["i-2"], inOtherElement: false },
    ]);
  });

  it("explains the nearest of several patterns of one rule", () => {
    // Too much for one pattern: it is split.
    const names = Array.from({ length: 150 }, (_, at) => `DeleteSomethingThatHasALongName${at}`);
    const many = ruleOf("ec2.amazonaws.com/many", {
      all: [
        { fact: "eventName", operator: "in", value: names },
        { fact: "errorCode", operator: "exists", value: false },
      ],
    });
    const set = ruleSetOf([many]);
    const derived = deriveEventRules(set).eventRules;
    expect(derived.length).toBeGreaterThan(1);
    for (const eventName of [names[0], names.at(-1)]) {
      const envelope = toEnvelope(recordOf({ eventName, errorCode: "AccessDenied" }));
      const { misses, serving } = explainDelivery(many, set, derived, envelope);
      expect(misses.map(({ field }) => field)).toEqual(["detail.errorCode"]);
      expect(serving).toHaveLength(derived.length);
    }
  });
});
