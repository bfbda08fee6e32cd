import { createHash } from "node:crypto";
import { assert, constant, constantFrom, dictionary, jsonValue, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { alertSchema } from "../../../lambda/alerts/alert-schema.ts";
import { makeAlert } from "../../../lambda/alerts/alert.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { sampleAlert, sampleRecord, sampleMatch } from "./sample.ts";

describe("makeAlert", () => {
  it("makes the whole document of DESIGN.md", () => {
    const record = sampleRecord();
    const alert = makeAlert(sampleMatch(), record);
    expect(alertSchema.parse(alert)).toEqual(alert);
    expect(alert).toMatchObject({
      status: "open",
      disposition: "delivered",
      severity: "high",
      title: "ec2.amazonaws.com: Security group opened to the internet",
      summary: "Admin/alice@example.com opened sg-0a1b2c3d to the internet",
      startTime: "2026-11-20T10:15:30.000Z",
      endTime: "2026-11-20T10:15:30.000Z",
      count: 1,
      source: { ip: "192.0.2.10", userAgent: "AWS Internal" },
      cloud: { accountId: "123456789012", region: "eu-west-1", service: "ec2" },
      outcome: { result: "success" },
      channel: { name: "console", confidence: "high" },
    });
    expect(alert.record).toEqual(record);
    expect(alert).not.toHaveProperty("notes");
  });

  it("takes its id from the rule and the eventID alone", () => {
    const expected = createHash("sha256")
      .update("ec2.amazonaws.com/security-group-opened\n3f2504e0-4f89-41d3-9a0c-0305e82c3301")
      .digest("hex")
      .slice(0, 32);
    expect(sampleAlert().id).toBe(expected);
    expect(sampleAlert({ sourceIPAddress: "192.0.2.99" }).id).toBe(expected);
    expect(sampleAlert({ eventID: "other" }).id).not.toBe(expected);
    expect(sampleAlert({}, { id: "_global/other" }).id).not.toBe(expected);
  });

  it("takes the id of a record without eventID from its content, in any order of keys, and says so", () => {
    const record = sampleRecord({ eventID: undefined });
    const reordered = Object.fromEntries(Object.entries(record).toReversed()) as CloudTrailRecord;
    const alert = makeAlert(sampleMatch(), record);
    expect(makeAlert(sampleMatch(), reordered).id).toBe(alert.id);
    expect(makeAlert(sampleMatch(), { ...record, awsRegion: "us-east-1" }).id).not.toBe(alert.id);
    expect(alert.notes?.join()).toContain("no eventID");
  });

  it("titles an alert of a global rule with the record's own source", () => {
    const alert = sampleAlert(
      { eventSource: "s3.amazonaws.com" },
      { eventSource: null, id: "_global/x", name: "By hand" },
    );
    expect(alert.title).toBe("s3.amazonaws.com: By hand");
  });

  it.each([
    ["2026-11-20T10:15:30.123456Z", "2026-11-20T10:15:30.123Z"],
    ["2026-11-20T10:15:30", "2026-11-20T10:15:30.000Z"],
    ["2026-11-20T12:15:30+02:00", "2026-11-20T10:15:30.000Z"],
    [1795169730, "2026-11-20T10:15:30.000Z"],
    [1795169730000, "2026-11-20T10:15:30.000Z"],
  ])("reads the time %s", (eventTime, expected) => {
    const alert = sampleAlert({ eventTime });
    expect(alert.startTime).toBe(expected);
    expect(alert).not.toHaveProperty("notes");
  });

  it.each([
    [undefined],
    [null],
    ["yesterday"],
    ["Jul 10, 2023 11:54:39 AM"],
    ["2026-13-45T99:99:99Z"],
    [1e300],
    [-1],
    [{}],
  ])("stands in for the unreadable time %s and says so", (eventTime) => {
    const alert = sampleAlert({ eventTime });
    expect(alert.startTime).toBe("1970-01-01T00:00:00.000Z");
    expect(alert.notes?.join()).toContain("eventTime");
  });

  it("cuts what is nested too deep to be written as JSON, says so, and keeps the rest", () => {
    const deep = JSON.parse(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`) as Record<string, unknown>;
    const alert = sampleAlert({ requestParameters: { groupId: "sg-1", deep } });
    const text = JSON.stringify(alert);
    expect(text).toContain("nested too deep");
    expect(text).toContain("sg-1");
    expect(alert.notes?.join()).toContain("64 levels: 1 deeper");
  });

  it("keeps the keys __proto__ and constructor as keys", () => {
    const requestParameters = JSON.parse(
      `{"__proto__":{"polluted":true},"constructor":1,"deep":${"[".repeat(80)}${"]".repeat(80)}}`,
    ) as unknown;
    const alert = sampleAlert({ requestParameters });
    expect(JSON.stringify(alert.record.requestParameters)).toContain(
      '"__proto__":{"polluted":true},"constructor":1',
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("lists the resources that CloudTrail names, at most 100", () => {
    const resources = [
      { ARN: "arn:aws:s3:::bucket", accountId: "123456789012", type: "AWS::S3::Bucket" },
      { ARNPrefix: "arn:aws:s3:::bucket/" },
      "hostile",
      { type: "AWS::S3::Object" },
    ];
    expect(sampleAlert({ resources }).resources).toEqual([
      { arn: "arn:aws:s3:::bucket", accountId: "123456789012", type: "AWS::S3::Bucket" },
      { arn: "arn:aws:s3:::bucket/" },
    ]);
    const many = sampleAlert({
      resources: Array.from({ length: 500 }, (_, i) => ({ ARN: `arn:aws:x:::${i}` })),
    });
    expect(many.resources).toHaveLength(100);
    expect(many.notes?.join()).toContain("500 resources");
  });

  it.each([
    [
      "eu-west-1",
      "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events/a%2Fb",
    ],
    [
      "cn-north-1",
      "https://cn-north-1.console.amazonaws.cn/cloudtrailv2/home?region=cn-north-1#/events/a%2Fb",
    ],
    [
      "us-gov-west-1",
      "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudtrailv2/home?region=us-gov-west-1#/events/a%2Fb",
    ],
    ["us-iso-east-1", undefined],
    ["evil.example/eu-west-1", undefined],
  ])("links to the console of the partition of %s", (awsRegion, link) => {
    expect(sampleAlert({ awsRegion, eventID: "a/b" }).links.record).toBe(link);
  });

  it("links to no event history for data events, which it does not hold", () => {
    expect(sampleAlert({ eventCategory: "Data" }).links).toEqual({});
  });

  it("makes a valid alert of any JSON in any field", () => {
    const hostile = dictionary(
      constantFrom(
        "userIdentity",
        "eventTime",
        "eventID",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "errorMessage",
        "responseElements",
        "resources",
        "additionalEventData",
        "eventType",
        "recipientAccountId",
        "serviceEventDetails",
        "sessionCredentialFromConsole",
        "eventCategory",
        "requestParameters",
        "__proto__",
      ),
      oneof(jsonValue(), string({ unit: "binary" }), constant({ type: ["Root"], sessionContext: [] })),
    );
    assert(
      property(hostile, string({ minLength: 1, unit: "binary" }), (fields, eventName) => {
        const record = { ...fields, eventSource: "ec2.amazonaws.com", eventName } as CloudTrailRecord;
        const alert = makeAlert(sampleMatch(), record);
        expect(alertSchema.safeParse(alert).error).toBeUndefined();
        expect(JSON.stringify(makeAlert(sampleMatch(), record))).toBe(JSON.stringify(alert));
        expect(alert.title + alert.summary).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 500 },
    );
  });
});
