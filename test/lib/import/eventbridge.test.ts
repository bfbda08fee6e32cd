import { describe, expect, it } from "vitest";
import { importEventBridge } from "../../../lib/import/eventbridge/eventbridge.ts";
import { matcherOf, ruleOf } from "./one-rule.ts";

const importJson = (data: unknown) =>
  importEventBridge({ file: "my-pattern.json", text: JSON.stringify(data, null, 2) });
const refusal = (detail: unknown): string =>
  importJson({ detail })
    .remarks.map(({ message }) => message)
    .join(" ");

describe("an event pattern", () => {
  it("becomes a rule of its service, and source says nothing more than eventSource", () => {
    const { rules, remarks } = importJson({
      source: ["aws.iam"],
      "detail-type": [{ suffix: "via CloudTrail" }],
      detail: {
        eventSource: ["iam.amazonaws.com"],
        eventName: ["CreateUser", { prefix: "Delete" }],
        errorCode: [{ exists: false }],
      },
    });
    expect(remarks).toEqual([]);
    expect(rules[0]).toMatchObject({
      folder: "iam.amazonaws.com",
      stem: "my-pattern",
      rule: {
        severity: "medium",
        conditions: {
          all: [
            {
              any: [
                { fact: "eventName", operator: "equal", value: "CreateUser" },
                { fact: "eventName", operator: "startsWith", value: "Delete" },
              ],
            },
            { fact: "errorCode", operator: "exists", value: false },
          ],
        },
      },
    });
  });

  it("is found in what aws events list-rules prints, disabled ones staged, schedules passed over", () => {
    const EventPattern = JSON.stringify({ detail: { eventName: ["StopLogging"] } });
    const { rules, remarks } = importJson({
      Rules: [
        { Name: "Trail stopped", EventPattern, State: "ENABLED", Description: "Look." },
        { Name: "Nightly", ScheduleExpression: "rate(1 day)" },
        { Name: "Old", EventPattern, State: "DISABLED" },
      ],
    });
    expect(rules.map(({ rule }) => [rule["name"], rule["description"], rule["mode"]])).toEqual([
      ["Trail stopped", "Look.", undefined],
      ["Old", undefined, "staged"],
    ]);
    expect(remarks).toMatchObject([{ kind: "changed", line: 13, subject: "Old" }]);
  });

  it("is found in a CloudFormation template", () => {
    const Properties = { Name: "mine", EventPattern: { detail: { eventName: ["StopLogging"] } } };
    const { rules } = importJson({
      Resources: { A: { Type: "AWS::Events::Rule", Properties }, B: { Type: "AWS::SNS::Topic" } },
    });
    expect(rules.map(({ subject }) => subject)).toEqual(["mine"]);
  });

  it("keeps a letter's other forms out: a Kelvin sign is no k to EventBridge", async () => {
    const [draft] = importJson({ detail: { userAgent: [{ prefix: { "equals-ignore-case": "k" } }] } }).rules;
    if (draft === undefined) throw new Error("refused");
    const matches = matcherOf(ruleOf(draft));
    const record = { eventSource: "iam.amazonaws.com", eventName: "CreateUser" };
    expect(await matches({ ...record, userAgent: "Kali" })).toBe(true);
    expect(await matches({ ...record, userAgent: "\u212Aali" })).toBe(false);
  });

  it.each([
    ["fields of one element", { requestParameters: { items: { from: [22], to: [22] } } }, /same element/],
    ["a type that never is", { eventName: [5] }, /never one of/],
    ["a field of no record", { outcome: ["denied"] }, /"outcome"/],
    [
      "a negated prefix in what may be a list",
      { requestParameters: { a: [{ "anything-but": { prefix: "x" } }] } },
      /a list there/,
    ],
    ["letters beyond A to Z", { userAgent: [{ "equals-ignore-case": "é" }] }, /in its own way/],
    ["what EventBridge refuses", { eventName: [{ contains: "x" }] }, /not valid/],
    ["an object as a value", { userIdentity: [{ exists: false }] }, /never exists/],
  ])("is refused: %s", (_name, detail, reason) => {
    expect(importJson({ detail }).rules).toEqual([]);
    expect(refusal(detail)).toMatch(reason);
  });

  it("is refused when it asks for what only the event around the record has", () => {
    expect(importJson({ resources: ["x"], detail: { eventName: ["A"] } }).remarks[0]?.message).toMatch(
      /"resources"/,
    );
    expect(importJson({ source: ["my.app"] }).remarks[0]?.message).toMatch(/cannot be told/);
    expect(importEventBridge({ file: "x.json", text: "{" }).remarks[0]?.message).toMatch(/no JSON/);
  });
});
