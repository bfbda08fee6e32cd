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
