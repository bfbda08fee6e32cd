/**
 * The load test, `npm run load`: so many records a minute through the whole local product, some of them alerting, and at
 * the end the books: every alert at every destination, none twice, how late, how much memory. Exit code 1 when one is
 * lost or doubled.
 *
 *     npm run load -- --records 10000 --alerts 5 --minutes 2
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { loadRules } from "../../lambda/loader/load-rules.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { startLocalRun } from "../../lib/local/local-run.ts";
import { LOCAL_CREDENTIALS } from "../../lib/local/queues.ts";
import { quantile } from "./quantile.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLE = new URL("../../examples/console-change.json", import.meta.url);
/** Whose messages name their alert. */
const DESTINATIONS = { webhook: "id", pagerduty: "dedup_key" } as const;
const WARM_AFTER_MS = 15_000;

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "10000" },
    alerts: { type: "string", default: "5" },
    minutes: { type: "string", default: "2" },
  },
});
const [perMinute, percent, minutes] = [values.records, values.alerts, values.minutes].map(Number);
if (
  !(Number(perMinute) >= 10) ||
  !(Number(percent) >= 0 && Number(percent) <= 100) ||
  !(Number(minutes) > 0)
) {
  process.stderr.write("load: --records N (a minute, at least 10), --alerts PERCENT, --minutes N\n");
  process.exit(2);
}
process.exitCode = await load(Number(perMinute), Number(percent) / 100, Number(minutes));

async function load(recordsPerMinute: number, share: number, duration: number): Promise<number> {
  const [example] = JSON.parse(readFileSync(EXAMPLE, "utf8")) as [PutEventsRequestEntry];
  const template = JSON.parse(example.Detail ?? "") as Record<string, unknown>;
  const engine = createEngine(loadRules(new URL("rules", `file://${ROOT}`).pathname).ruleSet);
  const idsOf = async (record: Record<string, unknown>): Promise<string[]> => {
    const reading = readEnvelope({ ...record });
    if (!reading.ok) throw new Error(reading.reason);
    const { matches } = await engine.evaluate(reading.record, Date.now());
    return matches.map((match) => makeAlert(match, reading.record).id);
  };
  /** When the last destination was told of each alert, and how often each was. */
  const arrivals = new Map<string, Map<string, number[]>>();
  const arrived = (destination: string, alertId: string, at: number): void => {
    const of = arrivals.get(destination) ?? new Map<string, number[]>();
    arrivals.set(destination, of);
    of.set(alertId, [...(of.get(alertId) ?? []), at]);
  };
  const problems: string[] = [];
  const run = await startLocalRun({
    directory: ROOT,
    destinations: Object.keys(DESTINATIONS),
    speed: 1,
    onAlert: ({ id }) => arrived("topic", id, Date.now()),
    onProblem: (line) => problems.push(line),
  });
  const client = new EventBridgeClient({
    endpoint: run.busUrl,
    region: run.region,
    credentials: LOCAL_CREDENTIALS,
  });
  try {
    const total = Math.round(recordsPerMinute * duration);
    const sentAt = new Map<string, number>();
    const expected = new Map<string, string>();
    process.stderr.write(`${total} records in ${duration} minutes, ${share * 100} % of them alert …\n`);
    const began = Date.now();
    let made = 0;
    for (let sent = 0; sent < total; ) {
      const entries: PutEventsRequestEntry[] = [];
      for (; entries.length < 10 && sent < total; sent++) {
        const alerting = Math.floor((sent + 1) * share) > made;
        const record = alerting ? alertingRecord(template, (made += 1)) : quietRecord(template, sent);
        const eventID = String(record["eventID"]);
        sentAt.set(eventID, Date.now());
        if (alerting) for (const id of await idsOf(record)) expected.set(id, eventID);
        entries.push({ ...example, Detail: JSON.stringify(record) });
      }
      const { FailedEntryCount: failed } = await client.send(new PutEventsCommand({ Entries: entries }));
      if (failed !== 0) throw new Error(`the event bus refused ${failed} entries`);
      const ahead = began + (sent / recordsPerMinute) * 60_000 - Date.now();
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
    const seconds = (Date.now() - began) / 1000;
    await run.settled();
    const ends = Date.now();
    for (const [id, key] of Object.entries(DESTINATIONS)) {
      for (const { body, at } of run.standIns.get(id)?.told ?? [])
        arrived(id, String((body as Record<string, unknown>)[key]), at);
    }
    const late: number[] = [];
    const lateWarm: number[] = [];
    let lost = 0;
    let doubled = 0;
    for (const [alertId, eventID] of expected) {
      const times = ["topic", ...Object.keys(DESTINATIONS)].map((id) => arrivals.get(id)?.get(alertId) ?? []);
      lost += times.filter(({ length }) => length === 0).length;
      doubled += times.filter(({ length }) => length > 1).length;
      if (times.some(({ length }) => length === 0)) continue;
      const sent = sentAt.get(eventID) ?? 0;
      const took = Math.max(...times.flat()) - sent;
      late.push(took);
      if (sent - began > WARM_AFTER_MS) lateWarm.push(took);
    }
    const counts = await run.counts();
    const bytes = Math.max(...run.pids().map((pid) => peakMemory(pid)));
    say(
      `${total} records in ${seconds.toFixed(0)} s, settled ${((ends - began) / 1000 - seconds).toFixed(1)} s later, on ${availableParallelism()} cores`,
    );
    say(
      `let through ${counts.letThrough}, invocations ${counts.invocations} in ${run.pids().length} processes, failed for good ${counts.failures}`,
    );
    say(
      `alerts ${expected.size} to ${Object.keys(DESTINATIONS).length + 1} destinations: lost ${lost}, doubled ${doubled}, dead ${counts.dead}`,
    );
    say(
      `from the bus to the last destination: p50 ${quantile(late, 0.5)} ms, p99 ${quantile(late, 0.99)} ms, longest ${Math.max(...late)} ms`,
    );
    say(
      `  without the first ${WARM_AFTER_MS / 1000} s, in which processes start: p50 ${quantile(lateWarm, 0.5)} ms, p99 ${quantile(lateWarm, 0.99)} ms`,
    );
    say(`memory of the largest detector process: ${(bytes / 1_048_576).toFixed(0)} MB at its peak`);
    for (const problem of problems.slice(0, 5)) process.stderr.write(`! ${problem.slice(0, 300)}\n`);
    return lost === 0 && doubled === 0 && counts.failures === 0 && expected.size > 0 ? 0 : 1;
  } finally {
    client.destroy();
    await run.stop();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A change by hand of its own actor, so that none is a repeat of another. */
function alertingRecord(template: Record<string, unknown>, number: number): Record<string, unknown> {
  const userName = `user-${number}`;
  const arn = `arn:aws:iam::123456789012:user/${userName}`;
  const userIdentity = { type: "IAMUser", userName, arn, accountId: "123456789012" };
  return { ...template, eventID: eventId("a", number), userIdentity };
}

/** A read, which nothing watches. */
function quietRecord(template: Record<string, unknown>, number: number): Record<string, unknown> {
  return { ...template, eventID: eventId("b", number), eventName: "DescribeInstances", readOnly: true };
}

function eventId(kind: string, number: number): string {
  return `${kind}0000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** The most memory that a process had, in bytes; NaN where the system does not tell. */
function peakMemory(pid: number): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? Number.NaN) * 1024;
  } catch {
    return Number.NaN;
  }
}
