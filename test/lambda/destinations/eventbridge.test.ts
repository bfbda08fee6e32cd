import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { afterEach, describe, expect, it } from "vitest";
import { toldAlertSchema } from "../../../lambda/cases/told-alert.ts";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { Destination } from "../../../lambda/destinations/destination.ts";
import { eventbridge, makeEventBridge } from "../../../lambda/destinations/eventbridge.ts";
import {
  destinationContract,
  firstOf,
  NO_DEADLINE,
  type Stage,
  summaryOf,
} from "../../contracts/destinations.ts";
import { sdkStage, type ServedAws, serveAws } from "../../contracts/sdk-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";

const BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/alerts";
const SETTINGS = { id: "bus", type: "eventbridge", busArn: BUS } as const;
const MAX = 1_000_000;

/** As EventBridge counts (EventBridge guide, "Calculating PutEvents event entry size"). */
function sizeOf({
  Source = "",
  DetailType = "",
  Detail = "",
  Resources = [],
}: PutEventsRequestEntry): number {
  return [Source, DetailType, Detail, ...Resources]
    .map((text) => Buffer.byteLength(text))
    .reduce((total, bytes) => total + bytes, 0);
}

function check(body: string): void {
  const entry = JSON.parse(body) as PutEventsRequestEntry;
  expect(sizeOf(entry)).toBeLessThanOrEqual(MAX);
  expect(entry.Source).not.toMatch(/^aws/i);
  expect(entry.DetailType?.length).toBeLessThanOrEqual(128);
  expect(toldAlertSchema.safeParse(JSON.parse(entry.Detail ?? "")).error).toBeUndefined();
  for (const arn of entry.Resources ?? []) expect(arn).toMatch(/^arn:[\x21-\x7e]+$/);
}

async function entryOf(alert: Alert, settings: object = {}): Promise<PutEventsRequestEntry> {
  const { answer, sent } = sdkStage([{ status: 200 }]);
  await makeEventBridge({ ...SETTINGS, ...settings }, answer).deliver(firstOf(alert), NO_DEADLINE);
  return JSON.parse(sent[0] ?? "") as PutEventsRequestEntry;
}

/** A destination whose bus takes the request and refuses the entry. */
function refusing(ErrorCode: string, ErrorMessage = "no"): Destination {
  return makeEventBridge(SETTINGS, async () => ({
    FailedEntryCount: 1,
    Entries: [{ ErrorCode, ErrorMessage }],
  }));
}

describe("the EventBridge destination", () => {
  destinationContract({
    make: (replies): Stage => {
      const { sent, answer } = sdkStage(replies);
      return { destination: makeEventBridge(SETTINGS, answer), sent, now: () => Date.now() };
    },
    taken: {
      status: 200,
      body: JSON.stringify({
        FailedEntryCount: 0,
        Entries: [{ EventId: "11710aed-b79e-4468-a20b-bb3c0c3b4860" }],
      }),
    },
    budget: 10_000,
    checkBody: check,
    limits: [
      {
        of: "an entry's 1,000,000 bytes",
        max: MAX,
        measure: (body) => sizeOf(JSON.parse(body) as PutEventsRequestEntry),
        grow: (padding) => firstOf(sampleAlert({ responseElements: { big: "x".repeat(padding) } })),
        saysCut: (body) => body.includes("left out of the record for size: responseElements"),
      },
    ],
  });

  it("puts the alert document under a source and detail-type that patterns can ask for", async () => {
    const entry = await entryOf(sampleAlert());
    expect(entry).toMatchObject({
      EventBusName: BUS,
      Source: "cloudtrail-engine",
      DetailType: "CloudTrail Engine Alert",
    });
    expect(JSON.parse(entry.Detail ?? "")).toEqual(sampleAlert());
    expect(await entryOf(sampleAlert(), { source: "com.example", detailType: "Alert" })).toMatchObject({
      Source: "com.example",
      DetailType: "Alert",
    });
  });

  it("tells the close of a window under a detail-type of its own", async () => {
    const { answer, sent } = sdkStage([{ status: 200 }]);
    await makeEventBridge(SETTINGS, answer).deliver(summaryOf(), NO_DEADLINE);
    const entry = JSON.parse(sent[0] ?? "") as PutEventsRequestEntry;
    expect(entry.DetailType).toBe("CloudTrail Engine Alert Summary");
    expect(JSON.parse(entry.Detail ?? "")).toMatchObject({ count: 96 });
  });

  it("lists ARNs as the event's resources, at most 20, and nothing else", async () => {
    const arns = Array.from({ length: 25 }, (_, at) => `arn:aws:s3:::bucket-${at}`);
    const resources = ["not an arn", "arn:aws:s3:::b c", ...arns].map((ARN) => ({ ARN }));
    expect((await entryOf(sampleAlert({ resources }))).Resources).toEqual(arns.slice(0, 20));
  });

  it("gives the event's id as its receipt", async () => {
    const destination = makeEventBridge(SETTINGS, async () => ({
      FailedEntryCount: 0,
      Entries: [{ EventId: "e1" }],
    }));
    expect(await destination.deliver(firstOf(), NO_DEADLINE)).toBe("e1");
  });

  it.each(["InternalFailure", "InternalException", "ThrottlingException", "SomethingNew"])(
    "tries again later when the bus refuses an entry for now (%s in a 200)",
    async (code) => {
      await expect(refusing(code).deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
        retryable: true,
        status: 200,
      });
    },
  );

  it.each(["InvalidArgument", "MalformedDetail", "InvalidAccountIdException", "RedactionFailure"])(
    "gives up when the bus calls the entry itself wrong (%s in a 200)",
    async (code) => {
      const failure = refusing(code, "first\nsecond \u0007").deliver(firstOf(), NO_DEADLINE);
      await expect(failure).rejects.toMatchObject({ retryable: false, status: 200 });
      await expect(failure).rejects.toThrow(`${BUS} refused the event: ${code}: first second \\u0007`);
    },
  );

  it.each([
    "AccessDeniedException",
    "NotAuthorizedForSourceException",
    "NotAuthorizedForDetailTypeException",
  ])("waits for a right that is missing, and says where to give it (%s)", async (code) => {
    const failure = refusing(code).deliver(firstOf(), NO_DEADLINE);
    await expect(failure).rejects.toMatchObject({ retryable: true });
    await expect(failure).rejects.toThrow("resource policy");
  });

  it("does not take an entry for accepted that is counted as failed without a code", async () => {
    const destination = makeEventBridge(SETTINGS, async () => ({ FailedEntryCount: 1 }));
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ retryable: true });
  });

  it("may put events on its bus and nothing else", () => {
    expect(eventbridge.permissions(SETTINGS)).toEqual([{ actions: ["events:PutEvents"], resources: [BUS] }]);
  });

  it.each([
    {},
    { source: "com.example/alerts", detailType: "x".repeat(100) },
    { busArn: "arn:aws-us-gov:events:us-gov-west-1:210987654321:event-bus/default" },
    { endpoint: "http://127.0.0.1:4566" },
  ])("accepts the settings %j", (settings) => {
    expect(eventbridge.check({ ...SETTINGS, ...settings })).toEqual([]);
  });

  it.each([
    [{ busArn: undefined }, "busArn"],
    [{ busArn: "default" }, "busArn"],
    [{ busArn: `${BUS}/aws.partner` }, undefined],
    [{ busArn: "arn:aws:events:eu-west-1:123456789012:event-bus/aws.partner/x" }, "busArn"],
    [{ source: "aws.ec2" }, "source"],
    [{ source: "AWS.ec2" }, "source"],
    [{ source: "aws" }, "source"],
    [{ source: "awsome" }, undefined],
    [{ source: "x".repeat(257) }, "source"],
    [{ detailType: "AWS API Call via CloudTrail" }, "detailType"],
    [{ detailType: "x".repeat(101) }, "detailType"],
    [{ detailType: " x" }, "detailType"],
  ])("judges the settings %j", (settings, problem) => {
    const problems = eventbridge.check({ ...SETTINGS, ...settings });
    expect(problems).toHaveLength(problem === undefined ? 0 : 1);
    expect(problems.join("")).toContain(problem ?? "");
  });
});

describe("the EventBridge destination's client", () => {
  let served: ServedAws | undefined;
  afterEach(() => served?.close());

  it("puts the event through the SDK, signed for the bus's own Region", async () => {
    served = await serveAws([{ status: 200, body: { FailedEntryCount: 0, Entries: [{ EventId: "e1" }] } }]);
    const busArn = BUS.replace("eu-west-1", "us-east-2");
    const destination = eventbridge.make({ ...SETTINGS, busArn, endpoint: served.endpoint });
    expect(await destination.deliver(firstOf(), NO_DEADLINE)).toBe("e1");
    expect(served.requests[0]?.authorization).toContain("/us-east-2/events/aws4_request");
    const { Entries } = JSON.parse(served.requests[0]?.body ?? "") as { Entries: PutEventsRequestEntry[] };
    expect(Entries).toHaveLength(1);
    expect(Entries[0]?.EventBusName).toBe(busArn);
  });

  it("turns the service's refusal into a DeliveryError", async () => {
    served = await serveAws([
      {
        status: 400,
        body: { message: "Event bus alerts does not exist." },
        type: "ResourceNotFoundException",
      },
    ]);
    const destination = eventbridge.make({ ...SETTINGS, endpoint: served.endpoint });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: true,
      status: 400,
      message: expect.stringContaining("Event bus alerts does not exist.") as string,
    });
  });

  it("makes one attempt, since a second copy would be seen", async () => {
    served = await serveAws([{ status: 500, body: { message: "down" } }]);
    const destination = eventbridge.make({ ...SETTINGS, endpoint: served.endpoint });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ retryable: true });
    expect(served.requests).toHaveLength(1);
  });

  it("gives up at the deadline when the service does not answer", async () => {
    served = await serveAws(["hang"]);
    const destination = eventbridge.make({ ...SETTINGS, endpoint: served.endpoint });
    await expect(destination.deliver(firstOf(), Date.now() + 300)).rejects.toMatchObject({ retryable: true });
  });
});
