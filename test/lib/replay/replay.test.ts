import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { Engine } from "../../../lambda/engine/engine.ts";
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { Condition, Rule, RuleSet, Suppression } from "../../../lambda/engine/rule.ts";
import { createLineWriter } from "../../../lib/replay/line-writer.ts";
import { type Item, toItems } from "../../../lib/replay/records.ts";
import { type ReplayOptions, replay, type Tally } from "../../../lib/replay/replay.ts";
import { createReporter } from "../../../lib/replay/reporter.ts";
import { sampleRecord } from "./sample-record.ts";

const rule = (id: string, eventName: string): Rule => ({
  id: `ec2.amazonaws.com/${id}`,
  name: id,
  severity: "low",
  eventSource: "ec2.amazonaws.com",
  conditions: { all: [{ fact: "eventName", operator: "equal", value: eventName }] },
});
const engine = createEngine({
  rules: [
    rule("started", "StartInstances"),
    rule("stopped", "StopInstances"),
    rule("stopped-too", "StopInstances"),
  ],
  conditions: {},
  lists: {},
  suppressions: [],
});

function items(...values: unknown[]): Item[] {
  return toItems(
    values.map((value, index) => ({ ok: true, value, line: index + 1, column: 1 })),
    "t.json",
  );
}

async function* batches(...all: Item[][]): AsyncGenerator<readonly Item[]> {
  for (const batch of all) yield await Promise.resolve(batch);
}

async function run(
  input: AsyncIterable<readonly Item[]>,
  options: Partial<ReplayOptions> = {},
): Promise<{ tally: Tally; alerts: Alert[]; said: string[] }> {
  const alerts: Alert[] = [];
  const said: string[] = [];
  const tally = await replay(input, {
    engine,
    at: 0,
    onAlert(alert) {
      alerts.push(alert);
      return undefined;
    },
    onUnreadable: (place, reason) => said.push(`${place.line} ${reason}`),
    onFailedRule: (place, ruleId, message) => said.push(`${place.line} ${ruleId} ${message}`),
    ...options,
  });
  return { tally, alerts, said };
}

const suppression = (id: string, expires: string, conditions?: Condition): Suppression => ({
  id,
  rules: ["ec2.amazonaws.com/stop*"],
  conditions: conditions ?? { all: [{ fact: "eventName", operator: "exists", value: true }] },
  reason: "Routine.",
  owner: "platform",
  expires,
});

const text = (stream: PassThrough): string => String(stream.read() ?? "");

describe("replay", () => {
  it("gives one alert a match, in the order of the input and of the rules, without dedup", async () => {
    const start = sampleRecord(1, { eventName: "StartInstances" });
    const stop = sampleRecord(2);
    const { tally, alerts } = await run(batches(items(stop, start), items(stop)));
    expect(alerts.map((alert) => alert.rule.id.split("/")[1])).toEqual([
      "stopped",
      "stopped-too",
      "started",
      "stopped",
      "stopped-too",
    ]);
    expect(alerts[0]?.id).toBe(alerts[3]?.id);
    expect(tally).toMatchObject({ read: 3, delivered: 3, alerted: 3, alerts: 5, unreadable: 0, failed: 0 });
    expect(tally.perRule.get("ec2.amazonaws.com/stopped")).toEqual({
      delivered: 2,
      suppressed: 0,
      staged: 0,
    });
  });

  it("evaluates only what an event pattern delivers", async () => {
    const stop = sampleRecord(1);
    const { tally, alerts } = await run(batches(items(stop, sampleRecord(2, { awsRegion: "us-east-1" }))), {
      delivering: (envelope) => (envelope.region === "us-east-1" ? [{}] : []),
    });
    expect(tally).toMatchObject({ read: 2, delivered: 1, alerts: 2 });
    expect(alerts.every((alert) => alert.cloud.region === "us-east-1")).toBe(true);
  });

  it("counts what is suppressed and staged apart, as of the given time, and which suppression held", async () => {
    const inLondon = { all: [{ fact: "awsRegion", operator: "equal", value: "eu-west-2" }] };
    const ruleSet: RuleSet = {
      rules: [{ ...rule("started", "StartInstances"), mode: "staged" }, rule("stopped", "StopInstances")],
      conditions: {},
      lists: {},
      suppressions: [
        suppression("london", "2027-03-31", inLondon),
        suppression("never", "2027-03-31", { all: [{ fact: "awsRegion", operator: "equal", value: "x" }] }),
        suppression("over", "2026-12-31"),
      ],
    };
    const records = [
      sampleRecord(1, { eventName: "StartInstances", awsRegion: "eu-west-2" }),
      sampleRecord(2, { awsRegion: "eu-west-2" }),
      sampleRecord(3),
    ];
    const { tally, alerts } = await run(batches(items(...records)), {
      engine: createEngine(ruleSet),
      at: Date.UTC(2027, 2, 31, 23, 59),
    });
    expect(alerts.map(({ disposition }) => disposition)).toEqual(["staged", "suppressed", "delivered"]);
    expect(alerts[1]?.suppression?.id).toBe("london");
    expect(tally).toMatchObject({ alerts: 1, alerted: 1, suppressed: 1, staged: 1 });
    expect(tally.perRule.get("ec2.amazonaws.com/stopped")).toEqual({
      delivered: 1,
      suppressed: 1,
      staged: 0,
    });
    expect([...tally.perSuppression]).toEqual([
      ["london", 1],
      ["never", 0],
      ["over", 0],
    ]);
  });

  it("counts what is unreadable and goes on", async () => {
    const { tally, said } = await run(batches(items("text", sampleRecord(1), null)));
    expect(tally).toMatchObject({ read: 1, unreadable: 2, alerts: 2 });
    expect(said.map((line) => line[0])).toEqual(["1", "3"]);
  });

  it("reports a rule that cannot be evaluated and still gives the others' alerts", async () => {
    const failing: Engine = {
      ...engine,
      evaluate: async (record) => ({
        ...(await engine.evaluate(record, 0)),
        problems: [{ ruleId: "ec2.amazonaws.com/odd", message: "boom" }],
      }),
    };
    const { tally, said } = await run(batches(items(sampleRecord(1))), { engine: failing });
    expect(said).toEqual(["1 ec2.amazonaws.com/odd boom"]);
    expect(tally).toMatchObject({ alerts: 2, failed: 1 });
  });

  it("waits for a slow reader of alerts", async () => {
    let open = 0;
    let most = 0;
    await run(batches(items(sampleRecord(1), sampleRecord(2), sampleRecord(3))), {
      onAlert: async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        open--;
      },
    });
    expect(most).toBe(1);
  });
});

describe("reporter", () => {
  const tally: Tally = {
    read: 5000,
    delivered: 0,
    alerted: 0,
    alerts: 1,
    suppressed: 0,
    staged: 0,
    unreadable: 0,
    failed: 0,
    perRule: new Map(),
    perSuppression: new Map(),
  };

  it("makes hostile names and reasons harmless on a terminal", () => {
    const stream = new PassThrough();
    createReporter(stream).complain({ file: "a\u001b[2J.json", line: 1, column: 2 }, "bad \u202e\n text");
    expect(text(stream)).toBe("a\\u001b[2J.json:1:2: bad \\u202e\\u000a text\n");
  });

  it("shows twenty complaints of one file and the number of the others", () => {
    const stream = new PassThrough();
    const reporter = createReporter(stream);
    for (let line = 1; line <= 1025; line++) reporter.complain({ file: "a.bin", line }, "no JSON");
    reporter.complain({ file: "b.json", line: 1 }, "no JSON");
    reporter.finish();
    const lines = text(stream).trimEnd().split("\n");
    expect(lines).toHaveLength(22);
    expect(lines[20]).toBe("a.bin: 1,005 more that could not be read");
    expect(lines[21]).toBe("b.json:1: no JSON");
  });

  it("draws progress on a terminal only, now and then, and takes it away for words", () => {
    let now = 0;
    const plain = new PassThrough();
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    for (const stream of [plain, terminal]) {
      now = 0;
      const reporter = createReporter(stream, () => now);
      reporter.sources({
        sources: [{ kind: "file", name: "a", size: 400 }],
        problems: [],
        digests: 0,
        others: [],
        links: [],
      });
      reporter.progress({ file: "a", bytes: 100 });
      reporter.tick(tally);
      now = 1000;
      reporter.tick(tally);
      now = 1001;
      reporter.tick(tally);
      reporter.say("words");
      reporter.finish();
    }
    expect(text(plain)).toBe("words\n");
    expect(text(terminal)).toBe("\r\u001b[K25%  5,000 records, 1 alert, 5,000 records/s\r\u001b[Kwords\n");
  });
});

describe("line writer", () => {
  it("joins small lines and makes the caller wait when the stream is full", async () => {
    const stream = new PassThrough({ highWaterMark: 1000 });
    const writer = createLineWriter(stream);
    expect(writer.write("a")).toBeUndefined();
    expect(stream.readableLength).toBe(0);
    const full = writer.write("b".repeat(70_000));
    expect(full).toBeInstanceOf(Promise);
    let waited = true;
    void full?.then(() => {
      waited = false;
      return undefined;
    });
    await Promise.resolve();
    expect(waited).toBe(true);
    expect(text(stream)).toBe(`a\n${"b".repeat(70_000)}\n`);
    await full;
    expect(waited).toBe(false);
  });

  it("stops waiting when nobody reads any more", async () => {
    const stream = new PassThrough({ highWaterMark: 10 });
    const writer = createLineWriter(stream);
    const full = writer.write("b".repeat(70_000));
    stream.destroy();
    await full;
    void writer.write("c");
    await writer.flush();
    expect(stream.destroyed).toBe(true);
  });
});
