import { describe, expect, it } from "vitest";
import { PutEventsError, readPutEvents } from "../../../lib/local/put-events.ts";

const PLACE = { account: "123456789012", region: "us-east-1" };
const NOW = new Date("2026-11-20T10:00:00.123Z");
const GOOD = {
  Source: "aws.ec2",
  DetailType: "AWS API Call via CloudTrail",
  Detail: '{"eventName":"RunInstances"}',
};

const read = (entries: unknown) => readPutEvents(JSON.stringify({ Entries: entries }), PLACE, NOW);

/** A detail of so many bytes, made of letters of two bytes each. */
const detail = (bytes: number) => JSON.stringify({ text: "ä".repeat(bytes / 2) });

describe("the PutEvents call", () => {
  it("makes the envelope that EventBridge would deliver, aws.* sources included", () => {
    const { results, envelopes } = read([{ ...GOOD, Time: 1795082400, Resources: ["arn:aws:ec2:::x"] }]);
    expect(results).toEqual([{ EventId: envelopes[0]?.["id"] }]);
    expect(envelopes).toEqual([
      {
        version: "0",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/u),
        "detail-type": "AWS API Call via CloudTrail",
        source: "aws.ec2",
        account: "123456789012",
        time: "2026-11-19T10:00:00Z",
        region: "us-east-1",
        resources: ["arn:aws:ec2:::x"],
        detail: { eventName: "RunInstances" },
      },
    ]);
  });

  it("takes the time of the call for an entry that has none, and a time in ISO 8601", () => {
    const { envelopes } = read([GOOD, { ...GOOD, Time: "2026-01-02T03:04:05Z" }]);
    expect(envelopes.map(({ time }) => time)).toEqual(["2026-11-20T10:00:00Z", "2026-01-02T03:04:05Z"]);
  });

  it.each([
    ["no source", { ...GOOD, Source: undefined }, "InvalidArgument", "Source is a required argument"],
    ["an empty detail-type", { ...GOOD, DetailType: "" }, "InvalidArgument", "DetailType is a required"],
    ["no detail", { ...GOOD, Detail: null }, "InvalidArgument", "Detail is a required argument"],
    ["a detail that is cut", { ...GOOD, Detail: '{"a":' }, "MalformedDetail", "one JSON object"],
    ["a detail that is a list", { ...GOOD, Detail: "[]" }, "MalformedDetail", "one JSON object"],
    ["a bus that is not there", { ...GOOD, EventBusName: "mine" }, "InvalidArgument", "EventBusName"],
    ["a time that is none", { ...GOOD, Time: "soon" }, "InvalidArgument", "Time"],
    ["resources that are no texts", { ...GOOD, Resources: [1] }, "InvalidArgument", "Resources"],
  ])("gives an entry with %s its own error and takes the good ones beside it", (_, entry, code, message) => {
    const { results, envelopes } = read([GOOD, entry, GOOD]);
    expect(envelopes).toHaveLength(2);
    expect(results[1]).toEqual({ ErrorCode: code, ErrorMessage: expect.stringContaining(message) });
    expect(results[0]).toHaveProperty("EventId");
    expect(results[2]).toHaveProperty("EventId");
  });

  it("takes the default bus by its name and by its ARN", () => {
    const arn = "arn:aws:events:us-east-1:123456789012:event-bus/default";
    const { envelopes } = read([
      { ...GOOD, EventBusName: "default" },
      { ...GOOD, EventBusName: arn },
    ]);
    expect(envelopes).toHaveLength(2);
  });

  it("takes ten entries and refuses eleven, none, and what is no list", () => {
    expect(read(Array.from({ length: 10 }, () => GOOD)).envelopes).toHaveLength(10);
    for (const entries of [Array.from({ length: 11 }, () => GOOD), [], "x", undefined, null]) {
      expect(() => read(entries)).toThrow(PutEventsError);
    }
  });

  it("refuses entries of more than 1 MB together, counted in bytes", () => {
    expect(read([{ ...GOOD, Detail: detail(1_040_000) }]).envelopes).toHaveLength(1);
    const two = [
      { ...GOOD, Detail: detail(600_000) },
      { ...GOOD, Detail: detail(600_000) },
    ];
    expect(() => read(two)).toThrow(/over the limit: 12000\d\d of 1048576 bytes/u);
  });

  it.each([
    ["a body that is no JSON", "{"],
    ["an entry that is a text", '{"Entries":["x"]}'],
    ["a source that is a number", '{"Entries":[{"Source":1,"DetailType":"x","Detail":"{}"}]}'],
  ])("refuses %s as a whole", (_, body) => {
    expect(() => readPutEvents(body, PLACE, NOW)).toThrow(
      expect.objectContaining({ code: "SerializationException" }),
    );
  });
});
