import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { processInput } from "../../../lambda/pipeline.ts";
import { down, fake } from "../delivery/stage.ts";
import { KEY, logFile, makeIntakeStage, messageOf, numbered, OWN_ROLE } from "./stage.ts";
import { sampleRule } from "../alerts/sample.ts";

const eventIds = (taken: readonly { alert: { record: { eventID?: unknown } } }[]) =>
  taken.map(({ alert }) => alert.record.eventID);
const sorted = (ids: readonly unknown[]) => ids.map(String).toSorted((a, b) => (a < b ? -1 : 1));
const quiet = (number: number) => numbered(number, { eventName: "DescribeVpcs", readOnly: true });

const by = (userName: string) => ({
  errorCode: "AccessDenied",
  userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { userName } } },
});
const recordTime = (number: number) => numbered(number, { eventTime: "2026-11-19T23:55:00Z" });

describe("a log file", () => {
  it("alerts on what a rule matches, once, however often it is named", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack]);
    stage.objects.set(KEY, logFile([quiet(1), numbered(2), quiet(3), numbered(4)]));
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(stage.counts()).toEqual({ TrailObjects: 1, TrailRecords: 4 });
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(eventIds(slack.taken)).toEqual(["event-2", "event-4"]);
  });

  it("alerts on nothing that EventBridge has brought", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack]);
    const envelope = { "detail-type": "AWS API Call via CloudTrail", source: "aws.ec2", detail: numbered(1) };
    await stage.play(processInput(envelope, stage.ports.pipeline, stage.invocation()));
    stage.objects.set(KEY, logFile([numbered(1)]));
    await stage.take(messageOf(KEY));
    expect(slack.taken).toHaveLength(1);
    expect(slack.taken[0]?.alert.late).toBeUndefined();
  });

  it("leaves out what the deployed patterns leave out: failed calls of the engine's own role", async () => {
    const slack = fake("slack");
    const rule = sampleRule({ conditions: { fact: "errorCode", operator: "exists", value: true } });
    const stage = makeIntakeStage([slack], { rules: [rule] });
    stage.objects.set(KEY, logFile([numbered(1, by(OWN_ROLE)), numbered(2, by("somebody"))]));
    await stage.take(messageOf(KEY));
    expect(eventIds(slack.taken)).toEqual(["event-2"]);
  });

  it("loses one record to one bad record, and counts it", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack]);
    const [one, two, three] = [1, 2, 3].map((number) => JSON.stringify(numbered(number)));
    const broken = `{"Records":[${one},${two?.slice(0, -200)},${three},{"eventName":7}]}`;
    stage.objects.set(KEY, gzipSync(broken));
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(eventIds(slack.taken)).toEqual(["event-1", "event-3"]);
    expect(stage.counts()["TrailRecordsUnreadable"]).toBe(2);
    expect(stage.buried).toEqual([]);
  });

  it.each([
    ["no gzip", Buffer.from('{"Records":[]}'), "not packed with gzip"],
    ["nothing", Buffer.alloc(0), "empty"],
    [
      "gzip that is cut short",
      logFile(Array.from({ length: 300 }, (_, at) => numbered(at, { requestID: Math.sin(at) }))).subarray(
        0,
        4_000,
      ),
      "cut short",
    ],
    [
      "JSON that is cut short",
      gzipSync(JSON.stringify({ Records: [numbered(0)] }).slice(0, -2)),
      "ends inside its list",
    ],
  ])("of %s alerts on what can be read and is given up, with the reason", async (_, bytes, reason) => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack]);
    stage.objects.set(KEY, bytes);
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(stage.buried).toEqual([
      expect.objectContaining({
        engine: "intake",
        bucket: "trail",
        key: KEY,
        reason: expect.stringContaining(reason) as string,
      }),
    ]);
    if (bytes.length > 100) expect(slack.taken.length).toBeGreaterThan(0);
  });

  it("is skipped when it is a digest or holds Insights, by its key or by what is in it", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack]);
    const digest = {
      awsAccountId: "123456789012",
      digestStartTime: "2026-11-20T00:00:00Z",
      logFiles: [{ s3Object: "a" }],
    };
    stage.objects.set(KEY, gzipSync(JSON.stringify(digest)));
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(await stage.take(messageOf(KEY.replace("CloudTrail/", "CloudTrail-Digest/")))).toBe(false);
    expect(await stage.take(messageOf(KEY.replace("CloudTrail/", "CloudTrail-Insight/")))).toBe(false);
    expect(stage.counts()).toEqual({ TrailObjectsSkipped: 3 });
    stage.objects.set(
      KEY,
      logFile([numbered(1, { eventType: "AwsCloudTrailInsight", eventCategory: "Insight" })]),
    );
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect([slack.taken, stage.buried]).toEqual([[], []]);
  });

  it("is skipped when it is of no configured bucket or prefix: nobody has forged records read", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack]);
    for (const [key, bucket] of [
      [KEY, "theirs"],
      [`x/${KEY}`, "trail"],
    ] as const) {
      stage.objects.set(key, logFile([numbered(1)]));
      expect(await stage.take(messageOf(key, bucket))).toBe(false);
    }
    expect(stage.counts()).toEqual({ TrailObjectsSkipped: 2 });
    expect(slack.taken).toEqual([]);
  });

  it("is given up at once when it is gone, and tried for hours when it may not be read", async () => {
    const stage = makeIntakeStage([]);
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(stage.buried).toEqual([
      expect.objectContaining({ reason: expect.stringContaining("NoSuchKey") as string }),
    ]);
    stage.objects.set(KEY, Object.assign(new Error("denied"), { name: "AccessDenied" }));
    let tries = 1;
    while (await stage.take(messageOf(KEY))) tries++;
    expect(tries).toBe(16);
    expect(stage.pauses.slice(0, 3)).toEqual([60_000, 120_000, 240_000]);
    expect(Math.max(...stage.pauses)).toBe(3_600_000);
    expect(stage.buried[1]?.reason).toContain("AccessDenied");
    // Sent back after the cause was mended, it is read.
    const slack = fake("slack");
    const mended = makeIntakeStage([slack]);
    mended.objects.set(KEY, logFile([numbered(1)]));
    await mended.take(JSON.stringify(stage.buried[1]));
    expect(slack.taken).toHaveLength(1);
  });

  it("that was read before is read again when somebody sends its dead letter back", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack]);
    stage.objects.set(KEY, Object.assign(new Error("denied"), { name: "AccessDenied" }));
    while (await stage.take(messageOf(KEY)));
    stage.objects.set(KEY, logFile([numbered(1)]));
    await stage.take(JSON.stringify(stage.buried[0]));
    expect(slack.taken).toHaveLength(1);
  });

  it("that takes longer than an invocation is gone on with, and no alert is lost or told twice", async () => {
    const records = Array.from({ length: 120 }, (_, at) => (at % 3 === 0 ? quiet(at) : numbered(at)));
    const slack = fake("slack", async () => {
      await stage.time.sleep(10_000);
      return undefined;
    });
    const stage = makeIntakeStage([slack]);
    stage.objects.set(KEY, logFile(records));
    let tries = 1;
    while (await stage.take(messageOf(KEY), 45_000)) {
      tries++;
      expect(tries).toBeLessThan(30);
    }
    expect(tries).toBeGreaterThan(2);
    const wanted = records
      .filter(({ eventName }) => eventName !== "DescribeVpcs")
      .map(({ eventID }) => eventID);
    expect(sorted(eventIds(slack.taken))).toEqual(sorted(wanted));
    expect(stage.pauses.every((pause) => pause === 0)).toBe(true);
    expect(stage.buried).toEqual([]);
  });

  it("goes on at the first record that failed, and is done when the cause is gone", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack]);
    let broken = true;
    const store = stage.ports.pipeline.store;
    const record: typeof store.record = async (alert, ...rest) => {
      if (broken && alert.record.eventID === "event-2") throw new Error("the table is down");
      return store.record(alert, ...rest);
    };
    const ports = { ...stage.ports, pipeline: { ...stage.ports.pipeline, store: { ...store, record } } };
    Object.assign(stage.ports, ports);
    stage.objects.set(KEY, logFile([1, 2, 3].map((number) => numbered(number))));
    expect(await stage.take(messageOf(KEY))).toBe(true);
    expect(sorted(eventIds(slack.taken))).toEqual(["event-1", "event-3"]);
    broken = false;
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(sorted(eventIds(slack.taken))).toEqual(["event-1", "event-2", "event-3"]);
  });

  it("waits for nothing when a destination is down: its alert is in the redelivery queue", async () => {
    const stage = makeIntakeStage([fake("slack", down("slack"))]);
    stage.objects.set(KEY, logFile([numbered(1)]));
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(stage.queued).toHaveLength(1);
  });
});

describe("reconciliation", () => {
  const start = Date.parse("2026-11-20T00:00:00Z");
  it("looks at an object once the grace period is over", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack], { graceMinutes: 30 });
    expect(stage.time.now()).toBe(start);
    stage.objects.set(KEY, logFile([recordTime(1)]));
    expect(await stage.take(messageOf(KEY))).toBe(true);
    expect(stage.pauses).toEqual([1_800_000]);
    expect(slack.taken).toEqual([]);
  });

  it("marks what EventBridge never brought as late, and counts how many and how late", async () => {
    const slack = fake("slack");
    const stage = makeIntakeStage([slack], { graceMinutes: 30 });
    const envelope = {
      "detail-type": "AWS API Call via CloudTrail",
      source: "aws.ec2",
      detail: recordTime(1),
    };
    await stage.play(
      processInput(envelope, { ...stage.ports.pipeline, reconcile: undefined } as never, stage.invocation()),
    );
    stage.objects.set(KEY, logFile([recordTime(1), recordTime(2)]));
    await stage.wait(40 * 60_000);
    const late = Math.round((stage.time.now() - Date.parse("2026-11-19T23:55:00Z")) / 60_000);
    expect(await stage.take(messageOf(KEY))).toBe(false);
    expect(eventIds(slack.taken)).toEqual(["event-1", "event-2"]);
    expect(slack.taken[0]?.alert.late).toBeUndefined();
    expect(slack.taken[1]?.alert.late).toEqual({ byMinutes: late });
    expect(slack.taken[1]?.alert.notes?.join(" ")).toContain(`Late by ${late} minutes`);
    const counts = stage.counts();
    expect(counts["LateAlerts"]).toBe(1);
    expect(counts["LateSeconds"]).toEqual([expect.any(Number)]);
  });

  it.each(["suppressed", "deduplicated"] as const)(
    "does not alert on what was %s when EventBridge brought it",
    async (disposition) => {
      const slack = fake("slack");
      const stage = makeIntakeStage([slack], { graceMinutes: 0 });
      const { store, clock, newOwner } = stage.ports.pipeline;
      const known = { owner: newOwner(), now: clock.now(), deadline: clock.now() + 1000 };
      stage.objects.set(KEY, logFile([recordTime(1)]));
      const other = makeIntakeStage([fake("a")]);
      other.objects.set(KEY, logFile([recordTime(1)]));
      await other.take(messageOf(KEY));
      const [taken] = (other.ports.pipeline.destinations.get("a") as ReturnType<typeof fake>).taken;
      if (taken === undefined) throw new Error("no alert");
      const { alert } = taken;
      await store.keep(
        { ...alert, disposition },
        disposition === "deduplicated" ? { of: "0".repeat(32) } : {},
        known,
      );
      await stage.take(messageOf(KEY));
      expect(slack.taken.length).toBe(disposition === "suppressed" ? 0 : 1);
      expect(stage.counts()["LateAlerts"]).toBeUndefined();
    },
  );
});
