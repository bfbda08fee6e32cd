/** The intake over a table in memory, queues that keep what they are sent, objects in a map, and time that only waiting moves. */
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Destination } from "../../../lambda/destinations/destination.ts";
import { createEngine } from "../../../lambda/engine/engine.ts";
import { compileEventRules, deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { createIntakeReport } from "../../../lambda/intake/intake-report.ts";
import type { IntakePorts, ObjectLetter } from "../../../lambda/intake/ports.ts";
import { makeProgress } from "../../../lambda/intake/progress.ts";
import { makeReconcile } from "../../../lambda/intake/reconcile.ts";
import { takeObjects } from "../../../lambda/intake/take-objects.ts";
import { makePassOver } from "../../../lambda/intake/wire-intake.ts";
import { asTable } from "../../faults/memory-table.ts";
import { sampleRecord, sampleRule } from "../alerts/sample.ts";
import { makeStage } from "../delivery/stage.ts";

export const OWN_ROLE = "the-engines-own-role";
export const KEY = "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/20/a.json.gz";

/** Bytes in pieces of a size. */
export async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A record with a number in its eventID. */
export function numbered(number: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return sampleRecord({ eventID: `event-${number}`, ...changes });
}

/** A log file. */
export function logFile(records: readonly unknown[]): Buffer {
  return gzipSync(JSON.stringify({ Records: records }));
}

/** A message as S3 sends it. */
export function messageOf(key: string, bucket = "trail", written = "2026-11-20T00:00:00Z"): string {
  const object = { key: encodeURIComponent(key) };
  return JSON.stringify({
    Records: [
      {
        eventSource: "aws:s3",
        eventName: "ObjectCreated:Put",
        eventTime: written,
        s3: { bucket: { name: bucket }, object },
      },
    ],
  });
}

type Options = {
  readonly graceMinutes?: number;
  readonly rules?: readonly Rule[];
  readonly changes?: Partial<IntakePorts>;
};

/** All of it. */
export function makeIntakeStage(
  destinations: readonly Destination[],
  { graceMinutes, rules = [sampleRule()], changes }: Options = {},
) {
  const ruleSet = { rules, conditions: {}, lists: {}, suppressions: [] };
  const { eventRules } = deriveEventRules(ruleSet, { excludeOwnRole: OWN_ROLE });
  const stage = makeStage(destinations, { engine: createEngine(ruleSet) });
  const { time, memory, lines } = stage;
  const objects = new Map<string, Buffer | Error>();
  const letters: ObjectLetter[] = [];
  const hidden: number[] = [];
  const table = asTable(memory);
  const report = createIntakeReport(
    (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    time.now,
  );
  const reconcile = graceMinutes === undefined ? {} : { reconcile: makeReconcile(table, report, time.now) };
  const ports: IntakePorts = {
    pipeline: { ...stage.ports, ...reconcile },
    buckets: [{ name: "trail", prefix: "AWSLogs/" }],
    grace: (graceMinutes ?? 0) * 60_000,
    delivering: compileEventRules(eventRules),
    isCanary: () => false,
    passOver: makePassOver(eventRules),
    open: async ({ key }) => {
      const found = objects.get(key) ?? Object.assign(new Error("no such key"), { name: "NoSuchKey" });
      if (found instanceof Error) throw found;
      return inPieces(found);
    },
    progress: makeProgress(table),
    bury: async (letter) => void letters.push(letter),
    hide: async (_, milliseconds) => void hidden.push(milliseconds),
    report,
    ...changes,
  };
  /** Runs work while time passes: unpacking is done by threads, which no virtual clock waits for. */
  async function play<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) {
      await time.run(10_000);
      await setImmediate();
    }
    return done;
  }
  /** Hands over one message, and gives whether it stays. */
  async function take(body: string, budget = 300_000): Promise<boolean> {
    const message = {
      messageId: "m",
      receiptHandle: "r",
      queueArn: "arn:aws:sqs:eu-west-1:123456789012:q",
      body,
      sent: time.now(),
    };
    const ends = time.now() + budget;
    const staying = await play(
      takeObjects([message], ports, { answersBy: ends - 8_000, writtenBy: ends - 1_500 }),
    );
    return staying.length > 0;
  }
  /** The numbers since the last call. */
  function counts(): Record<string, unknown> {
    lines.length = 0;
    ports.report.flush();
    return Object.fromEntries(lines.flatMap(({ _aws, ...values }) => Object.entries(values)));
  }
  return { ...stage, ports, objects, buried: letters, pauses: hidden, take, counts };
}
