import { describe, expect, it, vi } from "vitest";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import { DeliveryError, type Destination } from "../../lambda/destinations/destination.ts";
import { createEngine, type Evaluation } from "../../lambda/engine/engine.ts";
import { PipelineError, type Ports, processInput, UnreadableRecordError } from "../../lambda/pipeline.ts";
import type { Suppression } from "../../lambda/engine/rule.ts";
import type { Counts } from "../../lambda/report.ts";
import { sampleMatch, sampleRecord, sampleRule } from "./alerts/sample.ts";

const record = sampleRecord();
const envelope = {
  version: "0",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.ec2",
  detail: record,
};
const BUDGET = 60_000;
const secondMatch = sampleMatch({ id: "_global/by-hand", eventSource: null, name: "By hand" });

function destinationTo(
  id: string,
  taken: Alert[],
  deliver: () => Promise<void> = async () => undefined,
): Destination {
  return {
    id,
    type: "test",
    deliver: async (alert) => {
      await deliver();
      taken.push(alert);
    },
  };
}

function portsWith(destinations: readonly Destination[], evaluation: Partial<Evaluation> = {}) {
  const report = {
    delivered: vi.fn<(alert: Alert, id: string) => void>(),
    kept: vi.fn<(alert: Alert) => void>(),
    deliveryFailed: vi.fn<(alert: Alert, id: string, error: unknown) => void>(),
    recordUnreadable: vi.fn<(reason: string) => void>(),
    ruleFailed: vi.fn<(ruleId: string, message: string, eventId: unknown) => void>(),
    suppressionFailed: vi.fn<(id: string, ruleId: string, message: string, eventId: unknown) => void>(),
    counted: vi.fn<(counts: Counts) => void>(),
  };
  const engine = {
    evaluate: async () => ({ matches: [sampleMatch()], candidates: 1, problems: [], ...evaluation }),
  };
  return { ports: { engine, destinations, report } satisfies Ports, report };
}

const fail = (destination: string) => async (): Promise<never> => {
  throw new DeliveryError(`${destination} is down`, { destination, retryable: true });
};

describe("processInput", () => {
  it("takes a matching record from the envelope to every destination", async () => {
    const [a, b]: [Alert[], Alert[]] = [[], []];
    const { ports, report } = portsWith([destinationTo("a", a), destinationTo("b", b)], {
      matches: [sampleMatch(), secondMatch],
    });
    await processInput(envelope, ports, BUDGET);
    const expected = [makeAlert(sampleMatch(), record), makeAlert(secondMatch, record)];
    expect(a).toEqual(expected);
    expect(b).toEqual(expected);
    expect(report.counted.mock.calls).toEqual([
      [
        {
          RecordsEvaluated: 1,
          RecordsUnreadable: 0,
          Alerts: 2,
          AlertsSuppressed: 0,
          AlertsStaged: 0,
          Deliveries: 4,
          DeliveriesFailed: 0,
          RulesFailed: 0,
          SuppressionsFailed: 0,
        },
      ],
    ]);
    expect(report.delivered).toHaveBeenCalledTimes(4);
  });

  it("works with the real engine", async () => {
    const taken: Alert[] = [];
    const { report } = portsWith([]);
    const engine = createEngine({ rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] });
    await processInput(envelope, { engine, destinations: [destinationTo("a", taken)], report }, BUDGET);
    await processInput(
      { ...envelope, detail: sampleRecord({ eventName: "DescribeVpcs" }) },
      { engine, destinations: [destinationTo("a", taken)], report },
      BUDGET,
    );
    expect(taken.map(({ id }) => id)).toEqual([makeAlert(sampleMatch(), record).id]);
    expect(report.counted.mock.calls[1]?.[0]).toMatchObject({ RecordsEvaluated: 1, Alerts: 0 });
  });

  it("tries everything before it fails for a destination that failed", async () => {
    const taken: Alert[] = [];
    const { ports, report } = portsWith(
      [destinationTo("bad", [], fail("bad")), destinationTo("good", taken)],
      {
        matches: [sampleMatch(), secondMatch],
      },
    );
    const failure: unknown = await processInput(envelope, ports, BUDGET).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PipelineError);
    expect((failure as PipelineError).errors).toHaveLength(2);
    expect((failure as PipelineError).message).toBe("2 failed: bad is down; bad is down");
    expect(taken).toHaveLength(2);
    expect(report.counted.mock.calls[0]?.[0]).toMatchObject({
      Alerts: 2,
      Deliveries: 2,
      DeliveriesFailed: 2,
    });
    expect(report.deliveryFailed.mock.calls.map(([, id]) => id)).toEqual(["bad", "bad"]);
  });

  it("does not let a slow destination hold up another", async () => {
    const taken: Alert[] = [];
    const { promise: slow, resolve: release } = Promise.withResolvers<void>();
    const { ports } = portsWith([destinationTo("slow", [], () => slow), destinationTo("quick", taken)]);
    const done = processInput(envelope, ports, BUDGET);
    await vi.waitFor(() => expect(taken).toHaveLength(1));
    release();
    await done;
  });

  it("survives a destination that throws instead of rejecting, or throws no error", async () => {
    const taken: Alert[] = [];
    const rude: Destination = {
      id: "rude",
      type: "test",
      deliver: () => {
        throw "just text";
      },
    };
    const { ports } = portsWith([rude, destinationTo("good", taken)]);
    await expect(processInput(envelope, ports, BUDGET)).rejects.toThrow(
      "1 failed: something that is no error was thrown",
    );
    expect(taken).toHaveLength(1);
  });

  it("fails for a rule that failed, by its name, after the alerts of the others went out", async () => {
    const taken: Alert[] = [];
    const problems = [{ ruleId: "ec2.amazonaws.com/broken", message: "boom\n\u202e" }];
    const { ports, report } = portsWith([destinationTo("a", taken)], { problems });
    const failure: unknown = await processInput(envelope, ports, BUDGET).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PipelineError);
    expect((failure as PipelineError).message).toBe(
      "1 failed: the rule ec2.amazonaws.com/broken failed: boom \\u202e",
    );
    expect(taken).toHaveLength(1);
    expect(report.ruleFailed.mock.calls).toEqual([
      ["ec2.amazonaws.com/broken", "boom\n\u202e", record.eventID],
    ]);
    expect(report.counted.mock.calls[0]?.[0]).toMatchObject({ RulesFailed: 1, Alerts: 1, Deliveries: 1 });
  });

  it("makes, counts and logs suppressed and staged alerts, and delivers them nowhere", async () => {
    const taken: Alert[] = [];
    const suppression: Suppression = {
      id: "routine",
      rules: ["*"],
      conditions: { all: [{ fact: "eventName", operator: "exists", value: true }] },
      reason: "Routine.",
      owner: "platform",
      expires: "2027-03-31",
    };
    const { ports, report } = portsWith([destinationTo("a", taken)], {
      matches: [
        { ...sampleMatch(), disposition: "suppressed", suppression },
        { ...secondMatch, disposition: "staged" },
      ],
    });
    await processInput(envelope, ports, BUDGET);
    expect(taken).toEqual([]);
    expect(report.kept.mock.calls.map(([alert]) => [alert.disposition, alert.suppression?.id])).toEqual([
      ["suppressed", "routine"],
      ["staged", undefined],
    ]);
    expect(report.counted.mock.calls[0]?.[0]).toMatchObject({
      Alerts: 0,
      AlertsSuppressed: 1,
      AlertsStaged: 1,
      Deliveries: 0,
    });
  });

  it("delivers what a suppression that failed let through, says so, and does not ask to be tried again", async () => {
    const taken: Alert[] = [];
    const problems = [{ ruleId: "_global/x", suppressionId: "routine", message: "boom" }];
    const matches = [{ ...sampleMatch(), notes: ["The suppression routine could not be evaluated."] }];
    const { ports, report } = portsWith([destinationTo("a", taken)], { matches, problems });
    await processInput(envelope, ports, BUDGET);
    expect(taken[0]?.notes).toEqual(["The suppression routine could not be evaluated."]);
    expect(report.suppressionFailed.mock.calls).toEqual([["routine", "_global/x", "boom", record.eventID]]);
    expect(report.counted.mock.calls[0]?.[0]).toMatchObject({
      Alerts: 1,
      RulesFailed: 0,
      SuppressionsFailed: 1,
    });
  });

  it("asks whether suppressions have expired as of now", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2027, 2, 31, 23, 59) });
    const { report } = portsWith([]);
    const evaluate = vi.fn<Ports["engine"]["evaluate"]>(async () => ({
      matches: [],
      candidates: 0,
      problems: [],
    }));
    try {
      await processInput(envelope, { engine: { evaluate }, destinations: [], report }, BUDGET);
    } finally {
      vi.useRealTimers();
    }
    expect(evaluate).toHaveBeenCalledWith(expect.anything(), Date.UTC(2027, 2, 31, 23, 59));
  });

  it("names failed rules before failed deliveries, and five failures at most", async () => {
    const problems = Array.from({ length: 4 }, (_, i) => ({
      ruleId: `_global/broken-${i}`,
      message: "boom",
    }));
    const bad = Array.from({ length: 3 }, (_, i) => destinationTo(`bad-${i}`, [], fail(`bad-${i}`)));
    const { ports } = portsWith(bad, { problems });
    await expect(processInput(envelope, ports, BUDGET)).rejects.toThrow(
      /^7 failed: the rule _global\/broken-0 failed: boom; .*_global\/broken-3 failed: boom; bad-0 is down; and 2 more$/,
    );
  });

  it("fails, having told and counted it, before Lambda ends an invocation whose destination hangs", async () => {
    const taken: Alert[] = [];
    const hanging = destinationTo("hanging", [], () => new Promise<never>(() => undefined));
    const { ports, report } = portsWith([hanging, destinationTo("good", taken)]);
    const start = Date.now();
    await expect(processInput(envelope, ports, 50)).rejects.toThrow(
      "the delivery to hanging was given up: it had not ended when the invocation's time was up",
    );
    expect(Date.now() - start).toBeLessThan(2_000);
    expect(taken).toHaveLength(1);
    expect(report.deliveryFailed).toHaveBeenCalledTimes(1);
    expect(report.counted.mock.calls[0]?.[0]).toMatchObject({ Deliveries: 1, DeliveriesFailed: 1 });
  });

  it("fails after all other alerts went out when a match could not be made an alert", async () => {
    const taken: Alert[] = [];
    const broken = Object.defineProperty({ ...sampleRule(), id: "_global/broken" }, "severity", {
      get: () => {
        throw new Error("boom");
      },
    });
    const { ports, report } = portsWith([destinationTo("a", taken)], {
      matches: [{ ...sampleMatch(), rule: broken }, sampleMatch()],
    });
    await expect(processInput(envelope, ports, BUDGET)).rejects.toThrow(
      "no alert could be made for the rule _global/broken",
    );
    expect(taken).toHaveLength(1);
    expect(report.ruleFailed).toHaveBeenCalledTimes(1);
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
    const { ports, report } = portsWith([]);
    await expect(processInput(input, ports, BUDGET)).rejects.toThrow(UnreadableRecordError);
    expect(report.recordUnreadable).toHaveBeenCalledTimes(1);
    expect(report.counted.mock.calls[0]?.[0]).toMatchObject({ RecordsUnreadable: 1, RecordsEvaluated: 0 });
  });

  it("says of a forged event where it came from, with nothing hidden", async () => {
    const { ports, report } = portsWith([]);
    const input = { ...envelope, source: `me\u202e\n${"x".repeat(500)}` };
    await expect(processInput(input, ports, BUDGET)).rejects.toThrow('must begin with "aws."');
    expect(report.recordUnreadable.mock.calls[0]?.[0]).toMatch(/got "me\\\\u202e x{50,90}…"$/);
  });
});
