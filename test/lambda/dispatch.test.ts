import { describe, expect, it, vi } from "vitest";
import { type BackgroundPort, dispatch } from "../../lambda/dispatch.ts";
import type { Ports } from "../../lambda/pipeline.ts";
import { sampleRecord } from "./alerts/sample.ts";
import { down, fake, makeStage } from "./delivery/stage.ts";

const envelope = {
  version: "0",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.ec2",
  detail: sampleRecord(),
};

function play(
  stage: ReturnType<typeof makeStage>,
  input: unknown,
  buildCases: BackgroundPort["buildCases"] = async () => [],
) {
  return stage.play(dispatch(input, { ...stage.ports, buildCases }, stage.invocation()));
}

/** A change as the table's stream brings it. */
function change(pk: string, sk: string, SequenceNumber: string, eventName = "INSERT") {
  return {
    eventID: "e1",
    eventName,
    eventSource: "aws:dynamodb",
    dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber, StreamViewType: "KEYS_ONLY" },
  };
}

describe("dispatch", () => {
  it("processes a record, and writes its numbers", async () => {
    const a = fake("a");
    const stage = makeStage([a]);
    expect(await play(stage, envelope)).toBeUndefined();
    expect(a.taken).toHaveLength(1);
    expect(stage.lines.at(-2)).toMatchObject({ Records: 1, Alerts: 1 });
  });

  it("writes its numbers when it fails too", async () => {
    const stage = makeStage([]);
    await expect(play(stage, { nothing: true })).rejects.toThrow("no CloudTrail record");
    expect(stage.lines.at(-1)).toMatchObject({ Records: 1, RecordsUnreadable: 1 });
  });

  it("works on a batch of the redelivery queue and says which messages stay", async () => {
    const stage = makeStage([fake("a", down("a"))]);
    await play(stage, envelope);
    await stage.wait(30_000);
    const body = JSON.stringify(stage.queued[0]?.message);
    const message = { eventSource: "aws:sqs", messageId: "m1", receiptHandle: "h1", body };
    expect(await play(stage, { Records: [message, { ...message, messageId: "m2", body: "x" }] })).toEqual({
      batchItemFailures: [{ itemIdentifier: "m1" }],
    });
    expect(stage.letters).toHaveLength(1);
  });

  it("has the cases built of what the table's stream brings, and says which changes must come again", async () => {
    const buildCases = vi.fn<BackgroundPort["buildCases"]>(async () => ["12"]);
    const Records = [
      change("ALERT#1", "ALERT", "11"),
      change("ALERT#1", "ALERT", "13", "MODIFY"),
      change("ALERT#2", "SUMMARY", "12"),
    ];
    expect(await play(makeStage([]), { Records }, buildCases)).toEqual({
      batchItemFailures: [{ itemIdentifier: "12" }],
    });
    expect(buildCases.mock.calls[0]?.[0]).toEqual([
      { pk: "ALERT#1", sk: "ALERT", sequence: "11" },
      { pk: "ALERT#2", sk: "SUMMARY", sequence: "12" },
    ]);
  });

  it("takes a change without keys for none of ours, and brings it no second time", async () => {
    const Records = [{ eventSource: "aws:dynamodb", eventName: "INSERT", dynamodb: { Keys: "x" } }];
    expect(await play(makeStage([]), { Records })).toEqual({ batchItemFailures: [] });
  });

  it.each([
    { Records: [] },
    { Records: [change("ALERT#1", "ALERT", "1"), { eventSource: "aws:sqs" }] },
    { Records: [{ eventSource: "aws:s3", body: "{}" }] },
    { Records: "x" },
    { engine: "unknown" },
    { engine: ["close-window"] },
  ])("takes %j for a record that cannot be read", async (input) => {
    await expect(play(makeStage([]), input)).rejects.toThrow("no CloudTrail record");
  });

  it("closes a window for a timer", async () => {
    const close = vi.fn<Ports["dedup"]["close"]>(async () => undefined);
    const dedup = { admit: async () => ({ kind: "counting" as const }), close };
    const payload = { engine: "close-window", window: "w" };
    expect(await play(makeStage([], { dedup }), payload)).toBeUndefined();
    expect(close.mock.calls[0]?.[0]).toBe(payload);
  });

  it("sends a labelled test through every destination, gives each one's answer, and records nothing", async () => {
    const good = fake("good");
    const stage = makeStage([good, fake("bad", down("bad"))]);
    expect(await play(stage, { engine: "send-test" })).toEqual({
      outcomes: [
        { destination: "good", type: "test", ok: true, milliseconds: 0 },
        { destination: "bad", type: "test", ok: false, milliseconds: 0, reason: "bad is down" },
      ],
    });
    expect(good.taken[0]).toMatchObject({
      kind: "first",
      alert: {
        severity: "info",
        title: expect.stringContaining("TEST") as string,
        summary: expect.stringContaining("Nothing has happened") as string,
        rule: { tags: ["test"] },
      },
    });
    expect([stage.memory.items(), stage.queued, stage.letters]).toEqual([[], [], []]);
    expect(stage.numbers()).toEqual({});
  });

  it("sends the test to those that were asked for, and says of others that they are not there", async () => {
    const [a, b] = [fake("a"), fake("b")];
    const stage = makeStage([a, b]);
    const answer = await play(stage, { engine: "send-test", to: ["b", "b", "c"] });
    expect(answer).toMatchObject({
      outcomes: [
        { destination: "b", ok: true },
        {
          destination: "c",
          type: "unknown",
          ok: false,
          reason: expect.stringContaining("no destination c") as string,
        },
      ],
    });
    expect([a.taken.length, b.taken.length]).toEqual([0, 1]);
  });

  it("gives up on a test that is not answered in time", async () => {
    const stage = makeStage([fake("stuck", () => new Promise<never>(() => undefined))]);
    expect(await play(stage, { engine: "send-test" })).toMatchObject({
      outcomes: [{ ok: false, reason: expect.stringContaining("had not answered") as string }],
    });
  });
});
