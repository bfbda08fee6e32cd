import { describe, expect, it, vi } from "vitest";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import type { Destination } from "../../lambda/destinations/destination.ts";
import { createEngine, type Evaluation } from "../../lambda/engine/engine.ts";
import type { Suppression } from "../../lambda/engine/rule.ts";
import { closeWindow, PipelineError, type Ports, processInput, UnreadableRecordError } from "../../lambda/pipeline.ts";
import { sampleMatch, sampleRecord, sampleRule } from "./alerts/sample.ts";
import { down, fake, makeStage } from "./delivery/stage.ts";

const record = sampleRecord();
const envelope = {
  version: "0",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.ec2",
  detail: record,
};
const secondMatch = sampleMatch({ id: "_global/by-hand", eventSource: null, name: "By hand" });
const alert = makeAlert(sampleMatch(), record);

function stageWith(
  destinations: readonly Destination[],
  evaluation: Partial<Evaluation> = {},
  changes: Partial<Ports> = {},
) {
  const engine = {
    evaluate: async () => ({ matches: [sampleMatch()], candidates: 1, problems: [], ...evaluation }),
  };
  const stage = makeStage(destinations, { engine, ...changes });
  const process = (input: unknown = envelope) =>
    stage.play(processInput(input, stage.ports, stage.invocation()));
  return { ...stage, process };
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
    const routing = { match: "first", routes: [{ when: { rules: ["_global/*"] }, to: [] }], otherwise: ["b"] } as const;
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
    const redeliver = async (): Promise<never> => {
      throw new Error("no queue\u202e");
    };
    const { process } = stageWith([fake("bad", down("bad")), good], { matches: [sampleMatch(), secondMatch] }, { redeliver });
    const failure: unknown = await process().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PipelineError);
    expect((failure as PipelineError).message).toBe("2 failed: no queue\\u202e; no queue\\u202e");
    expect(good.taken).toHaveLength(2);
  });

  it("fails for a rule that failed, by its name, after the alerts of the others went out", async () => {
    const a = fake("a");
    const problems = [{ ruleId: "ec2.amazonaws.com/broken", message: "boom\n\u202e" }];
    const { process, numbers, lines } = stageWith([a], { problems });
    await expect(process()).rejects.toThrow("1 failed: the rule ec2.amazonaws.com/broken failed: boom \\u202e");
    expect(a.taken).toHaveLength(1);
    expect(lines).toContainEqual(expect.objectContaining({ message: "rule failed", eventID: record.eventID }));
    expect(numbers()).toMatchObject({ RulesFailed: 1, Alerts: 1, "Deliveries@a": 1 });
  });

  it("makes, counts and logs suppressed and staged alerts, and delivers them nowhere", async () => {
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
    expect([a.taken, memory.items()]).toEqual([[], []]);
    expect(lines).toMatchObject([
      { message: "alert suppressed", suppression: "routine" },
      { message: "alert staged" },
    ]);
    expect(numbers()).toEqual({ Records: 1, RecordsMatched: 1, Alerts: 2, AlertsSuppressed: 1, AlertsStaged: 1 });
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
    const evaluate = vi.fn<Ports["engine"]["evaluate"]>(async () => ({ matches: [], candidates: 0, problems: [] }));
    const { process, time } = stageWith([], {}, { engine: { evaluate } });
    await process();
    expect(evaluate).toHaveBeenCalledWith(expect.anything(), time.now());
  });

  it("names five failures at most", async () => {
    const problems = Array.from({ length: 7 }, (_, i) => ({ ruleId: `_global/broken-${i}`, message: "boom" }));
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
    const { process, numbers } = stageWith([a], { matches: [{ ...sampleMatch(), rule: broken }, sampleMatch()] });
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

describe("repeats and windows", () => {
  const dedupWith = (changes: Partial<Ports["dedup"]>) => ({
    dedup: { admit: async () => ({ kind: "counting" as const }), close: async () => undefined, ...changes },
  });

  it("tells of a repeat only where a medium can change what it shows, and only once it shows something", async () => {
    const updating = fake("updating", async () => "ts-1", true);
    const plain = fake("plain");
    const failing = fake("failing", down("failing"), true);
    const repeat = { ...alert, count: 3 };
    let calls = 0;
    const admit: Ports["dedup"]["admit"] = async (one) =>
      calls++ === 0
        ? { kind: "first", alert: one }
        : { kind: "repeat", alert: one, of: alert.id, count: 3, notify: repeat };
    const { process, numbers, lines } = stageWith([updating, plain, failing], {}, dedupWith({ admit }));
    await process();
    await process();
    expect(updating.taken.slice(1)).toEqual([{ alert: repeat, kind: "repeat", receipt: "ts-1" }]);
    expect(plain.taken).toHaveLength(1);
    expect(lines).toContainEqual(expect.objectContaining({ message: "alert deduplicated", count: 3 }));
    expect(numbers()).toMatchObject({ Alerts: 2, AlertsDeduplicated: 1, "DeliveriesFailed@failing": 1 });
  });

  it("makes no alert while a threshold is counting", async () => {
    const a = fake("a");
    const { process, numbers } = stageWith([a], {}, dedupWith({}));
    await process();
    expect(a.taken).toEqual([]);
    expect(numbers()).toEqual({ Records: 1, RecordsMatched: 1 });
  });

  it("lets an alert through whose window cannot be asked, and says so in it", async () => {
    const a = fake("a");
    const admit = async (): Promise<never> => {
      throw new Error("no table");
    };
    const { process, numbers } = stageWith([a], {}, dedupWith({ admit }));
    await process();
    expect(a.taken[0]?.alert.notes).toEqual(["Whether this is a repeat could not be found out: no table"]);
    expect(numbers()).toMatchObject({ Alerts: 1, DedupFailed: 1 });
  });

  it("asks Lambda to try again when a threshold cannot be asked: one record alone is no alert", async () => {
    const a = fake("a");
    const admit = async (): Promise<never> => {
      throw new Error("no table");
    };
    const threshold = { count: 5, within: "10m", by: ["actor.arn"] };
    const { process } = stageWith([a], { matches: [sampleMatch({ threshold })] }, dedupWith({ admit }));
    await expect(process()).rejects.toThrow("1 failed: no table");
    expect(a.taken).toEqual([]);
  });

  it("tells whoever had the first notice of the whole window when it closes, once", async () => {
    const [a, b] = [fake("a", async () => "ts-1"), fake("b")];
    const summary = { ...alert, count: 96 };
    const close = vi.fn<Ports["dedup"]["close"]>(async () => summary);
    const routing = { match: "first", routes: [], otherwise: ["a"] } as const;
    const dedup = { admit: async () => ({ kind: "first" as const, alert }), close };
    const stage = stageWith([a, b], {}, { dedup, routing });
    await stage.process();
    const payload = { engine: "close-window", window: "w" };
    for (let n = 0; n < 2; n++) await stage.play(closeWindow(payload, stage.ports, stage.invocation()));
    expect(close.mock.calls[0]?.[0]).toEqual(payload);
    expect(a.taken.slice(1)).toEqual([{ alert: summary, kind: "summary", receipt: "ts-1" }]);
    expect(b.taken).toEqual([]);
    expect(stage.numbers()).toMatchObject({ Alerts: 1, AlertsDelivered: 1, "Deliveries@a": 2 });
  });

  it("says nothing at the close of a window in which nothing came after the first", async () => {
    const a = fake("a");
    const stage = stageWith([a]);
    await stage.play(closeWindow({ engine: "close-window" }, stage.ports, stage.invocation()));
    expect(a.taken).toEqual([]);
  });
});
