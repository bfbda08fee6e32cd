import { describe, expect, it } from "vitest";
import { compileEventRules, deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { deliveries, envelopeOf, is, named, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

function stateOf(conditions: Condition): string {
  return deriveEventRules(ruleSetOf([ruleOf("r", conditions)]))
    .eventRules.map(({ state }) => state)
    .join();
}

function deliver(conditions: Condition, fields: Record<string, unknown>): number {
  return deliveries(deriveEventRules(ruleSetOf([ruleOf("r", conditions)])).eventRules)(recordOf(fields));
}

describe("the state of an event rule", () => {
  const ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

  it.each<[string, Condition, string]>([
    ["a write by name", named("RunInstances", "DeleteTrail"), "ENABLED"],
    ["a sign-in", named("ConsoleLogin"), "ENABLED"],
    [
      "writes by the beginning of their names",
      { fact: "eventName", operator: "startsWith", value: "DeleteBucket" },
      "ENABLED",
    ],
    ["readOnly false", { all: [is("readOnly", false), is("errorCode", "X")] }, "ENABLED"],
    ["a read by name", named("DescribeInstances"), ALL],
    ["a write beside a read", named("RunInstances", "DescribeInstances"), ALL],
    ["AssumeRole", named("AssumeRole"), ALL],
    ["Decrypt", named("Decrypt"), ALL],
    ["GenerateDataKey", named("GenerateDataKey"), ALL],
    [
      "a name that begins like writes and reads",
      { fact: "eventName", operator: "startsWith", value: "Create" },
      ALL,
    ],
    ["readOnly that may be absent", { fact: "readOnly", operator: "notEqual", value: true }, ALL],
    ["readOnly true", is("readOnly", true), ALL],
    ["anything of a kind", is("errorCode", "AccessDenied"), ALL],
    ["everything but one name", { fact: "eventName", operator: "notEqual", value: "DescribeInstances" }, ALL],
  ])("for %s", (_, conditions, state) => {
    expect(stateOf(conditions)).toBe(state);
  });

  it("is asked for by one read among many writes, and applies to what is delivered", () => {
    for (const eventName of ["AssumeRole", "Decrypt", "GenerateDataKey", "DescribeInstances"]) {
      expect(deliver(named(eventName, "RunInstances"), { eventName, readOnly: true })).toBe(1);
    }
    // A data event is delivered in either state, a management event that only reads is not.
    const written = is("readOnly", false);
    expect(deliver(written, { readOnly: false })).toBe(1);
    expect(
      deliver(named("PutObject"), { eventName: "PutObject", readOnly: true, eventCategory: "Data" }),
    ).toBe(1);
  });
});

describe("who may make an event that is delivered", () => {
  const { eventRules } = deriveEventRules(
    ruleSetOf([ruleOf("r", named("ConsoleLogin"), "signin.amazonaws.com")]),
  );
  const delivering = compileEventRules(eventRules);
  const record = recordOf({
    eventSource: "signin.amazonaws.com",
    eventName: "ConsoleLogin",
    eventType: "AwsConsoleSignIn",
  });
  const envelope = envelopeOf(record);

  it.each([
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS API Call via CloudTrail",
  ])("AWS, under the detail-type %s", (detailType) => {
    expect(delivering({ ...envelope, "detail-type": detailType })).toHaveLength(1);
  });

  it.each([
    { source: "my.app" },
    { source: "awsome" },
    { source: "AWS.signin" },
    { source: "" },
    { "detail-type": "Sign-in Anomaly Alert" },
  ])("nobody else: %j", (forged) => {
    expect(delivering({ ...envelope, ...forged })).toEqual([]);
  });
});
