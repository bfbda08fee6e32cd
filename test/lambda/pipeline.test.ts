import { describe, expect, it, vi } from "vitest";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import type { Suppression } from "../../lambda/engine/rule.ts";
import { PipelineError, type Ports, processInput, UnreadableRecordError } from "../../lambda/pipeline.ts";
import { sampleMatch, sampleRecord, sampleRule } from "./alerts/sample.ts";
import { down, fake, makeStage } from "./delivery/stage.ts";
import { envelope, record, stageWith } from "./pipeline-stage.ts";

const secondMatch = sampleMatch({ id: "_global/by-hand", eventSource: null, name: "By hand" });
const alert = makeAlert(sampleMatch(), record);

async function noQueue(): Promise<never> {
  throw new Error("no queue\u202e");
}

describe("processInput", () => {
  it("takes a matching record from the envelope to every destination", async () => {
    const [a, b] = [fake("a"), fake("b")];
    const { process, numbers } = stageWith([a, b], { matches: [sampleMatch(), secondMatch] });
    await process();
    const expected = [alert, makeAlert(secondMatch, record)].map((one) => ({ alert: one, kind: "first" }));
    expect(a.taken).toEqual(expected);
    expect(b.taken).toEqual(expected);
    expect(numbers()).toEqual({
      Records: 1,
      RecordsMatched: 1,
      Alerts: 2,
      AlertsDelivered: 2,
      "Deliveries@a": 2,
      "Deliveries@b": 2,
    });
  });

  it("works with the real engine", async () => {
    const a = fake("a");
    const engine = createEngine({ rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] });
    const { process, numbers } = stageWith([a], {}, { engine });
    await process();
    await process({ ...envelope, detail: sampleRecord({ eventName: "DescribeVpcs" }) });
    expect(a.taken.map((notice) => notice.alert.id)).toEqual([alert.id]);
    expect(numbers()).toMatchObject({ Records: 2, RecordsMatched: 1, RecordsUnmatched: 1, Alerts: 1 });
  });

  it("sends an alert where its rule or its route says, and everywhere rather than nowhere", async () => {
    const [a, b] = [fake("a"), fake("b")];
    const routing = {
      match: "first",
      routes: [{ when: { rules: ["_global/*"] }, to: [] }],
      otherwise: ["b"],
    } as const;
    const own = sampleMatch({ id: "ec2.amazonaws.com/own", destinations: ["a"] });
    const { process, lines } = stageWith([a, b], { matches: [own, sampleMatch(), secondMatch] }, { routing });
    await process();
    const ids = (one: typeof a): string[] => one.taken.map((notice) => notice.alert.rule.id).toSorted();
    expect(ids(a)).toEqual(["_global/by-hand", "ec2.amazonaws.com/own"]);
    expect(ids(b)).toEqual(["_global/by-hand", sampleRule().id]);
    expect(lines.map(({ message }) => message)).toContain("no route, so every destination");
  });

  it("does not fail for a destination that is down: its alert waits in the queue, the others have theirs", async () => {
    const good = fake("good");
    const { process, queued, numbers } = stageWith([fake("bad", down("bad")), good]);
    await process();
    expect(good.taken).toHaveLength(1);
    expect(queued.map(({ message }) => message.destination)).toEqual(["bad"]);
    expect(numbers()).toMatchObject({ Alerts: 1, "DeliveriesFailed@bad": 1, "Deliveries@good": 1 });
  });

  it("fails, after everything was tried, when an alert is not in safe hands", async () => {
    const good = fake("good");
    const { process } = stageWith(
      [fake("bad", down("bad")), good],
      { matches: [sampleMatch(), secondMatch] },
      { redeliver: noQueue },
    );
    const failure: unknown = await process().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PipelineError);
    expect((failure as PipelineError).message).toBe("2 failed: no queue\\u202e; no queue\\u202e");
    expect(good.taken).toHaveLength(2);
  });

  it("fails for a rule that failed, by its name, after the alerts of the others went out", async () => {
    const a = fake("a");
    const problems = [{ ruleId: "ec2.amazonaws.com/broken", message: "boom\n\u202e" }];
    const { process, numbers, lines } = stageWith([a], { problems });
    await expect(process()).rejects.toThrow(
      "1 failed: the rule ec2.amazonaws.com/broken failed: boom \\u202e",
    );
    expect(a.taken).toHaveLength(1);
    expect(lines).toContainEqual(
      expect.objectContaining({ message: "rule failed", eventID: record.eventID }),
    );
    expect(numbers()).toMatchObject({ RulesFailed: 1, Alerts: 1, "Deliveries@a": 1 });
  });

  it("makes, counts, logs and keeps suppressed and staged alerts, and delivers them nowhere", async () => {
    const a = fake("a");
    const suppression: Suppression = {
      id: "routine",
      rules: ["*"],
      conditions: { all: [{ fact: "eventName", operator: "exists", value: true }] },
      reason: "Routine.",
      owner: "platform",
      expires: "2027-03-31",
    };
    const { process, numbers, lines, memory } = stageWith([a], {
      matches: [
        { ...sampleMatch(), disposition: "suppressed", suppression },
        { ...secondMatch, disposition: "staged" },
      ],
    });
    await process();
    expect(a.taken).toEqual([]);
    expect(memory.items().flatMap(({ sk, row }) => (row === undefined ? [] : [[sk, row]]))).toMatchObject([
      ["KEPT", { disposition: "suppressed" }],
      ["KEPT", { disposition: "staged" }],
    ]);
    expect(lines).toMatchObject([
      { message: "alert suppressed", suppression: "routine" },
      { message: "alert staged" },
    ]);
    expect(numbers()).toEqual({
      Records: 1,
      RecordsMatched: 1,
      Alerts: 2,
      AlertsSuppressed: 1,
      AlertsStaged: 1,
    });
  });

  it("delivers what a suppression that failed let through, says so, and does not ask to be tried again", async () => {
    const a = fake("a");
    const problems = [{ ruleId: "_global/x", suppressionId: "routine", message: "boom" }];
    const matches = [{ ...sampleMatch(), notes: ["The suppression routine could not be evaluated."] }];
    const { process, numbers } = stageWith([a], { matches, problems });
    await process();
    expect(a.taken[0]?.alert.notes).toEqual(["The suppression routine could not be evaluated."]);
    expect(numbers()).toMatchObject({ Alerts: 1, SuppressionsFailed: 1 });
  });

  it("asks whether suppressions have expired as of now", async () => {
    const evaluate = vi.fn<Ports["engine"]["evaluate"]>(async () => ({
      matches: [],
      candidates: 0,
      problems: [],
    }));
    const { process, time } = stageWith([], {}, { engine: { evaluate } });
    await process();
    expect(evaluate).toHaveBeenCalledWith(expect.anything(), time.now());
  });

  it("names five failures at most", async () => {
    const problems = Array.from({ length: 7 }, (_, i) => ({
      ruleId: `_global/broken-${i}`,
      message: "boom",
    }));
    await expect(stageWith([], { problems, matches: [] }).process()).rejects.toThrow(
      /^7 failed: the rule _global\/broken-0 failed: boom; .*_global\/broken-4 failed: boom; and 2 more$/,
    );
  });

  it("fails after all other alerts went out when a match could not be made an alert", async () => {
    const a = fake("a");
    const broken = Object.defineProperty({ ...sampleRule(), id: "_global/broken" }, "severity", {
      get: () => {
        throw new Error("boom");
      },
    });
    const { process, numbers } = stageWith([a], {
      matches: [{ ...sampleMatch(), rule: broken }, sampleMatch()],
    });
    await expect(process()).rejects.toThrow("no alert could be made for the rule _global/broken");
    expect(a.taken).toHaveLength(1);
    expect(numbers()).toMatchObject({ RulesFailed: 1 });
  });

  it("lets nobody be told of the canary, and takes it for a record without a match", async () => {
    const a = fake("a");
    const { process, numbers } = stageWith([a], {}, { isCanary: () => true });
    await process();
    expect(a.taken).toEqual([]);
    expect(numbers()).toEqual({ Records: 1, RecordsUnmatched: 1 });
  });

  it.each([
    [undefined],
    [null],
    ["text"],
    [[]],
    [{}],
    [{ version: "0", source: "aws.ec2", "detail-type": "x" }],
    [{ ...envelope, detail: "text" }],
    [{ ...envelope, detail: null }],
    [{ ...envelope, detail: { eventSource: "ec2.amazonaws.com" } }],
    [record],
    [{ ...envelope, source: "custom.app" }],
    [{ ...envelope, source: "AWS.ec2" }],
    [{ ...envelope, source: "aws" }],
    [{ ...envelope, source: ["aws.ec2"] }],
    [{ ...envelope, source: undefined }],
    [{ ...envelope, "detail-type": undefined }],
    [{ ...envelope, "detail-type": "" }],
  ])("counts, reports and throws input that is no record: %j", async (input) => {
    const stage = makeStage([]);
    const processed = stage.play(processInput(input, stage.ports, stage.invocation()));
    await expect(processed).rejects.toThrow(UnreadableRecordError);
    expect(stage.lines).toMatchObject([{ message: "record unreadable" }]);
    expect(stage.numbers()).toEqual({ Records: 1, RecordsUnreadable: 1 });
  });

  it("says of a forged event where it came from, with nothing hidden", async () => {
    const { process, lines } = stageWith([]);
    const input = { ...envelope, source: `me\u202e\n${"x".repeat(500)}` };
    await expect(process(input)).rejects.toThrow('must begin with "aws."');
    expect(lines[0]?.["reason"]).toMatch(/got "me\\\\u202e x{50,90}…"$/);
  });
});
