import { describe, expect, it } from "vitest";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import { deliveries, invalidAmong, is, named, recordOf, ruleOf, ruleSetOf } from "./samples.ts";

describe("a rule that is too long for one event pattern", () => {
  it("with 500 values in a list is divided, and every value is delivered once", async () => {
    const names = Array.from({ length: 500 }, (_, at) => `PutThingNumber${at}`);
    const ruleSet = ruleSetOf([ruleOf("r", { all: [named(...names), is("errorCode", "X")] })]);
    const { eventRules, overlaps } = deriveEventRules(ruleSet);
    expect(eventRules.length).toBeGreaterThan(3);
    expect(overlaps).toEqual([]);
    expect(invalidAmong(eventRules)).toEqual([]);
    const count = deliveries(eventRules);
    for (const eventName of names)
      expect([eventName, count(recordOf({ eventName, errorCode: "X" }))]).toEqual([eventName, 1]);
    for (const eventName of ["PutThingNumber", "PutThingNumber500", "A", "Z"])
      expect(count(recordOf({ eventName, errorCode: "X" }))).toBe(0);
  });

  it("with 500 values of another field is divided, overlaps and says so, and loses no record", () => {
    const values = Array.from({ length: 500 }, (_, at) => `a-bucket-number-${at}`);
    const ruleSet = ruleSetOf([
      ruleOf("r", { fact: "requestParameters.bucketName", operator: "in", value: values }),
    ]);
    const { eventRules } = deriveEventRules(ruleSet);
    expect(invalidAmong(eventRules)).toEqual([]);
    const count = deliveries(eventRules);
    for (const bucketName of values)
      expect([bucketName, count(recordOf({ requestParameters: { bucketName } })) >= 1]).toEqual([
        bucketName,
        true,
      ]);
  });

  it("with 500 values that it excludes lets more through, and never less", () => {
    const values = Array.from({ length: 500 }, (_, at) => `Error${at}`);
    const ruleSet = ruleSetOf([
      ruleOf("r", { all: [named("A"), { fact: "errorCode", operator: "notIn", value: values }] }),
    ]);
    const { eventRules } = deriveEventRules(ruleSet);
    expect(invalidAmong(eventRules)).toEqual([]);
    const count = deliveries(eventRules);
    for (const errorCode of ["Other", null, undefined])
      expect(count(recordOf({ eventName: "A", errorCode }))).toBe(1);
    expect(count(recordOf({ eventName: "B" }))).toBe(0);
  });

  it("with one value of 3,000 characters lets more through, and never less", () => {
    const long = "x".repeat(3_000);
    const ruleSet = ruleSetOf([ruleOf("r", { all: [named("A"), is("userAgent", long)] })]);
    const { eventRules } = deriveEventRules(ruleSet);
    expect(invalidAmong(eventRules)).toEqual([]);
    expect(deliveries(eventRules)(recordOf({ eventName: "A", userAgent: long }))).toBe(1);
  });
});

describe("an eventSource with 300 call names beside rules of any source", () => {
  const names = Array.from(
    { length: 300 },
    (_, at) => `${["Create", "Delete", "Put", "Attach"][at % 4]}SomethingNumber${at}`,
  );
  const globals = [
    ruleOf(
      "_global/root",
      {
        all: [
          is("userIdentity.type", "Root"),
          { fact: "eventName", operator: "notEqual", value: "PutSomethingNumber2" },
        ],
      },
      null,
    ),
    ruleOf("_global/denied", { fact: "errorCode", operator: "startsWith", value: "AccessDenied" }, null),
    ruleOf(
      "_global/console",
      {
        all: [
          is("sessionCredentialFromConsole", "true"),
          { fact: "eventName", operator: "startsWith", value: "Create" },
        ],
      },
      null,
    ),
  ];
  const ruleSet = ruleSetOf([
    ...globals,
    ...names.map((name) => ruleOf(`ec2.amazonaws.com/${name}`, named(name))),
  ]);
  const { eventRules, overlaps } = deriveEventRules(ruleSet);
  const count = deliveries(eventRules);

  it("is divided by the first letters of the names, without overlaps", () => {
    expect(eventRules.length).toBeGreaterThan(3);
    expect(overlaps).toEqual([]);
    expect(invalidAmong(eventRules)).toEqual([]);
  });

  it("delivers each name once, for the rules of any source as well", () => {
    for (const eventName of [...names, "CreateOther", "X", "A", "Z"]) {
      const isNamed = names.includes(eventName);
      const record = (fields: Record<string, unknown>): number =>
        count(recordOf({ eventName, readOnly: false, ...fields }));
      expect([eventName, record({})]).toEqual([eventName, isNamed ? 1 : 0]);
      expect([eventName, record({ userIdentity: { type: "Root" } })]).toEqual([eventName, 1]);
      expect([eventName, record({ errorCode: "AccessDenied" })]).toEqual([eventName, 1]);
      // What the pattern of "all other names" lets through beyond Create… costs an invocation, and is never twice.
      const fromConsole = record({ sessionCredentialFromConsole: "true" });
      const least = isNamed || eventName.startsWith("Create") ? 1 : 0;
      expect([eventName, fromConsole >= least && fromConsole <= 1]).toEqual([eventName, true]);
      expect([eventName, record({ eventSource: "sns.amazonaws.com", errorCode: "AccessDenied" })]).toEqual([
        eventName,
        1,
      ]);
      expect([eventName, record({ eventSource: "sns.amazonaws.com" })]).toEqual([eventName, 0]);
    }
  });
});
