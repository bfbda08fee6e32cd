import { describe, expect, it } from "vitest";
import { readEnvelope, toEnvelope } from "../../../lambda/record/envelope.ts";
import { ACCOUNT, recordOf } from "../engine/samples.ts";

const ENVELOPE = {
  version: "0",
  id: "0a1b",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.ec2",
  account: ACCOUNT,
  time: "2026-11-20T09:00:03Z",
  region: "eu-central-1",
  resources: [],
  detail: recordOf(),
};

function reasonOf(value: unknown): string {
  const reading = readEnvelope(value);
  return reading.ok ? "accepted" : reading.reason;
}

describe("an EventBridge event", () => {
  it("gives its record, and itself unchanged", () => {
    const reading = readEnvelope(ENVELOPE);
    expect(reading).toEqual({ ok: true, record: ENVELOPE.detail, envelope: ENVELOPE });
  });

  it.each([
    [{ ...ENVELOPE, detail: undefined }, 'an EventBridge event without "detail"'],
    [
      { "detail-type": "AWS API Call via CloudTrail", source: "aws.ec2" },
      'an EventBridge event without "detail"',
    ],
    [{ ...ENVELOPE, detail: null }, "must be a CloudTrail record, got null"],
    [{ ...ENVELOPE, detail: "text" }, "must be a CloudTrail record, got a text"],
    [{ ...ENVELOPE, detail: "" }, "must be a CloudTrail record, got an empty text"],
    [{ ...ENVELOPE, detail: 5 }, "must be a CloudTrail record, got a number"],
    [{ ...ENVELOPE, detail: false }, "must be a CloudTrail record, got a boolean"],
    [{ ...ENVELOPE, detail: [recordOf()] }, "must be a CloudTrail record, got a list"],
    [
      { ...ENVELOPE, detail: {} },
      'in "detail": a CloudTrail record needs the text field eventSource, got nothing',
    ],
    [{ ...ENVELOPE, source: 5 }, 'must have a "source" and a "detail-type"'],
    [{ ...ENVELOPE, "detail-type": undefined }, 'must have a "source" and a "detail-type"'],
  ])("is refused with the reason when it is %j", (value, reason) => {
    expect(reasonOf(value)).toContain(reason);
  });
});

describe("a bare record, as a trail writes it to S3", () => {
  it("gets the envelope that EventBridge would have sent", () => {
    expect(readEnvelope(recordOf())).toEqual({
      ok: true,
      record: recordOf(),
      envelope: {
        ...ENVELOPE,
        id: "1c9e2f3a-5b6d-4c7e-8f90-a1b2c3d4e5f6",
        time: "2026-11-20T09:00:00Z",
      },
    });
  });

  it.each([
    ["AwsApiCall", "AWS API Call via CloudTrail"],
    ["AwsConsoleSignIn", "AWS Console Sign In via CloudTrail"],
    ["AwsConsoleAction", "AWS Console Action via CloudTrail"],
    ["AwsServiceEvent", "AWS Service Event via CloudTrail"],
    ["AwsVpceEvents", "AWS Network Activity Event via CloudTrail"],
    ["AwsCloudTrailInsight", "AWS Insight via CloudTrail"],
    ["SomethingNew", "AWS API Call via CloudTrail"],
    [undefined, "AWS API Call via CloudTrail"],
  ])("of eventType %s has the detail-type %s", (eventType, detailType) => {
    expect(toEnvelope(recordOf({ eventType }))["detail-type"]).toBe(detailType);
  });

  it.each([
    ["signin.amazonaws.com", "aws.signin"],
    ["monitoring.amazonaws.com", "aws.monitoring"],
    ["resource-explorer-2.amazonaws.com", "aws.resource-explorer-2"],
    ["local", "aws.local"],
  ])("of %s has the source %s", (eventSource, source) => {
    expect(toEnvelope(recordOf({ eventSource })).source).toBe(source);
  });

  it("keeps its envelope whole when it lacks what EventBridge repeats", () => {
    const envelope = toEnvelope({ eventSource: "s3.amazonaws.com", eventName: "PutObject" });
    expect(envelope).toMatchObject({ id: "", account: "", time: "", region: "", resources: [] });
  });

  it.each([
    [undefined, "got nothing"],
    [null, "got null"],
    [5, "got a number"],
    [[], "got a list"],
    ["text", "got a text"],
    [{}, "needs the text field eventSource, got nothing"],
    [recordOf({ eventSource: "" }), "needs the text field eventSource, got an empty text"],
    [recordOf({ eventSource: ["ec2.amazonaws.com"] }), "needs the text field eventSource, got a list"],
    [recordOf({ eventName: null }), "needs the text field eventName, got null"],
    [recordOf({ eventName: { toString: "x" } }), "needs the text field eventName, got an object"],
    [recordOf({ readOnly: "false" }), "readOnly is a text, CloudTrail writes true or false"],
    [recordOf({ readOnly: "" }), "readOnly is an empty text, CloudTrail writes true or false"],
    [recordOf({ errorCode: 403 }), "errorCode is a number, CloudTrail writes a text"],
    [recordOf({ sourceIPAddress: ["192.0.2.1"] }), "sourceIPAddress is a list, CloudTrail writes a text"],
    [recordOf({ userIdentity: [] }), "userIdentity is a list, CloudTrail writes an object"],
    [
      recordOf({ userIdentity: { sessionContext: { attributes: { mfaAuthenticated: {} } } } }),
      "userIdentity.sessionContext.attributes.mfaAuthenticated is an object, CloudTrail writes a text",
    ],
    [
      recordOf({ "userIdentity.type": ["Root"] }),
      'a key that begins with "userIdentity." holds a list or an object, CloudTrail nests what is below userIdentity',
    ],
    [
      recordOf({ userIdentity: { "sessionContext.attributes": {} } }),
      "CloudTrail nests what is below userIdentity.sessionContext",
    ],
    [{ Records: [recordOf()] }, "needs the text field eventSource, got nothing"],
  ])("is refused with the reason when it is %j", (value, reason) => {
    expect(reasonOf(value)).toContain(reason);
  });

  it("is not mistaken because of keys of JavaScript's prototypes", () => {
    const text = '{"__proto__":{"eventSource":"ec2.amazonaws.com","eventName":"RunInstances","detail":{}}}';
    expect(reasonOf(JSON.parse(text))).toContain("eventSource, got nothing");
    const whole = JSON.parse(
      JSON.stringify(recordOf()).replace("{", '{"__proto__":{"readOnly":[]},"constructor":1,'),
    );
    expect(readEnvelope(whole).ok).toBe(true);
  });

  it("is read whatever the values of its free fields are", () => {
    const odd = recordOf({
      requestParameters: "text",
      responseElements: [1],
      userIdentity: null,
      resources: 5,
    });
    expect(readEnvelope(odd).ok).toBe(true);
    expect(readEnvelope(recordOf({ userIdentity: "text", errorCode: null, eventID: {} })).ok).toBe(true);
  });
});
