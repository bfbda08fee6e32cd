import { describe, expect, it } from "vitest";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import { baseRecord } from "../../../lib/rule-tests/base-record.ts";
import { buildRecord } from "../../../lib/rule-tests/build-record.ts";

describe("baseRecord", () => {
  it("is a successful write by a role's session from the command line", () => {
    const record = baseRecord("kms.amazonaws.com");
    expect(record).toMatchObject({
      eventSource: "kms.amazonaws.com",
      readOnly: false,
      eventType: "AwsApiCall",
      userIdentity: { type: "AssumedRole" },
    });
    for (const absent of ["errorCode", "errorMessage", "sessionCredentialFromConsole"])
      expect(record).not.toHaveProperty(absent);
    expect(record).not.toHaveProperty("userIdentity.invokedBy");
    expect(readEnvelope(record).ok).toBe(true);
  });

  it("is of EC2 where the rule is for every source", () => {
    expect(baseRecord(null).eventSource).toBe("ec2.amazonaws.com");
  });

  it("is a sign-in in a browser where the source is that of sign-ins", () => {
    const record = baseRecord("signin.amazonaws.com");
    expect(record).toMatchObject({
      eventName: "ConsoleLogin",
      eventType: "AwsConsoleSignIn",
      readOnly: false,
      requestParameters: null,
      responseElements: { ConsoleLogin: "Success" },
      tlsDetails: { clientProvidedHostHeader: "us-east-1.signin.aws.amazon.com" },
    });
    expect(String(record["userAgent"])).toMatch(/^Mozilla/);
    // Whether there was a second factor is for the case to say.
    expect(record).not.toHaveProperty("additionalEventData.MFAUsed");
    expect(readEnvelope(record)).toMatchObject({
      envelope: { "detail-type": "AWS Console Sign In via CloudTrail" },
    });
  });

  it("has the user agent in brackets as S3 writes it, and the one host of a global service", () => {
    expect(baseRecord("s3.amazonaws.com")["userAgent"]).toMatch(/^\[aws-cli\/.*\]$/);
    const host = "tlsDetails.clientProvidedHostHeader";
    expect(baseRecord("iam.amazonaws.com")).toHaveProperty(host, "iam.amazonaws.com");
    expect(baseRecord("kms.amazonaws.com")).toHaveProperty(host, "kms.us-east-1.amazonaws.com");
  });

  it("is fresh each time", () => {
    buildRecord(null, { remove: ["userIdentity.arn"] });
    expect(baseRecord(null)).toHaveProperty("userIdentity.arn");
  });
});

describe("buildRecord", () => {
  it("merges objects and replaces lists and plain values", () => {
    const { record } = buildRecord("ec2.amazonaws.com", {
      record: {
        eventName: "RunInstances",
        userIdentity: { invokedBy: "autoscaling.amazonaws.com", sessionContext: null },
        requestParameters: { items: [1] },
        resources: [{ arn: "a" }],
      },
    });
    expect(record.eventName).toBe("RunInstances");
    expect(record).toHaveProperty("userIdentity.type", "AssumedRole");
    expect(record).toHaveProperty("userIdentity.invokedBy", "autoscaling.amazonaws.com");
    expect(record).toHaveProperty("userIdentity.sessionContext", null);
    expect(record).toHaveProperty("requestParameters", { items: [1] });
    expect(record).toHaveProperty("resources", [{ arn: "a" }]);
  });

  it("begins with the record of the source that the case names", () => {
    const { record } = buildRecord(null, { record: { eventSource: "signin.amazonaws.com" } });
    expect(record).toMatchObject({ eventSource: "signin.amazonaws.com", eventType: "AwsConsoleSignIn" });
    expect(buildRecord("kms.amazonaws.com", { record: { eventSource: 5 } }).record).toMatchObject({
      eventSource: 5,
    });
  });

  it("removes before it merges, so that a case can replace an object whole", () => {
    const { record, absent } = buildRecord(null, {
      remove: ["userIdentity", "tlsDetails.tlsVersion"],
      record: { userIdentity: { type: "Root" } },
    });
    expect(record["userIdentity"]).toEqual({ type: "Root" });
    expect(record["tlsDetails"]).not.toHaveProperty("tlsVersion");
    expect(absent).toEqual([]);
  });

  it("tells which keys were not there to remove", () => {
    const { absent } = buildRecord(null, {
      remove: ["userIdentity.sesionContext", "eventName.x", "readOnly", "constructor"],
    });
    expect(absent).toEqual(["userIdentity.sesionContext", "eventName.x", "constructor"]);
  });
});
