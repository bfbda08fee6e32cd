/**
 * The whole product with every kind of destination, through outages: who is down is told when it is back, once; who
 * refuses for good leaves dead letters, and `engine redrive` brings them back.
 */
import { readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { redriveCommand } from "../../bin/commands/redrive.ts";
import { sendTestCommand } from "../../bin/commands/send-test.ts";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { makeAlertStore } from "../../lambda/state/alert-store.ts";
import { openTable } from "../../lambda/state/table.ts";
import { DESTINATION_NAMES } from "../../lib/local/choices.ts";
import { startLocalRun } from "../../lib/local/local-run.ts";
import type { LocalRun } from "../../lib/local/local-run.ts";
import { play } from "../../lib/local/play.ts";
import { LOCAL_CREDENTIALS } from "../../lib/local/queues.ts";
import type { StandIn } from "../../lib/local/stand-in.ts";
import type { Session } from "../../lib/redrive/session.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DAY = fileURLToPath(new URL("../../examples/day.ndjson", import.meta.url));
const OWN_EVENT = JSON.parse(
  readFileSync(new URL("../../examples/console-change.json", import.meta.url), "utf8"),
) as PutEventsRequestEntry[];

let run: LocalRun;
let session: Session;
const alerts: Alert[] = [];
const problems: string[] = [];

beforeAll(async () => {
  run = await startLocalRun({
    directory: ROOT,
    destinations: DESTINATION_NAMES,
    speed: 10_000,
    onAlert: (alert) => alerts.push(alert),
    onProblem: (line) => problems.push(line),
  });
  const { queues, tables } = run.services;
  vi.stubEnv("AWS_ACCESS_KEY_ID", LOCAL_CREDENTIALS.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", LOCAL_CREDENTIALS.secretAccessKey);
  let owners = 0;
  session = {
    outputs: async () => run.outputs,
    sqs: new SQSClient({ region: run.region, endpoint: queues, credentials: LOCAL_CREDENTIALS }),
    openStore: (name) => makeAlertStore(openTable({ name, endpoint: tables, region: run.region }), 1),
    invoke: async (_, event) => {
      const result = await run.invoke(event);
      return result.ok ? result : { ok: false, error: result.error.errorMessage };
    },
    now: () => run.clock.now(),
    newOwner: () => `redrive-${(owners += 1)}`,
  };
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await run.stop();
});

function standIn(id: string): StandIn {
  const found = run.standIns.get(id);
  if (found === undefined) throw new Error(`there is no stand-in ${id}`);
  return found;
}

async function runVerb(command: ReturnType<typeof redriveCommand>, args: readonly string[]) {
  const stdout = new PassThrough();
  const printed = text(stdout);
  const io = { stdin: Readable.from([]), stdout, stderr: new PassThrough() };
  const code = await command.run(args, io);
  stdout.end();
  return { code, stdout: await printed };
}
const redrive = (...args: string[]) =>
  runVerb(
    redriveCommand(() => session, {}),
    [...args, "--region", "us-east-1"],
  );

describe("every destination, through outages", () => {
  it("gets the day's alerts, once; one that was down gets them when it is back", async () => {
    standIn("slack").fail({ status: 503 }, run.clock.now() + 3 * 3_600_000);
    standIn("pagerduty").fail({ status: 400 });
    await play({
      busUrl: run.busUrl,
      region: run.region,
      paths: [DAY],
      stopped: () => false,
      onProblem: (line) => problems.push(line),
    });
    await run.finished();
    const counts = await run.counts();
    expect(problems).toEqual([]);
    expect(counts).toMatchObject({ failures: 0, deadLetters: 0, waiting: 0, windows: 0 });
    expect(new Set(alerts.map(({ id }) => id)).size).toBeGreaterThan(40);
    // What cannot be changed later is told exactly what the topic was told: each alert, and each window's summary.
    for (const id of ["datadog-logs", "slack", "teams", "webhook", "ses", "eventbridge"])
      expect([id, standIn(id).told.length]).toEqual([id, alerts.length]);
    expect(standIn("slack").failed()).toBeGreaterThan(alerts.length);
    expect(counts.redelivered).toBeGreaterThanOrEqual(alerts.length - counts.deduplicated);
    const bodies = standIn("webhook").told.map(({ body }) => body as Alert);
    expect(bodies.map(({ id, count }) => `${id} ${count}`).toSorted()).toEqual(
      alerts.map(({ id, count }) => `${id} ${count}`).toSorted(),
    );
    expect(standIn("pagerduty").told).toEqual([]);
    expect(counts.deadDeliveries).toBe(alerts.length);
  }, 90_000);

  it("lists what one destination refused for good, and shows one whole", async () => {
    const listed = await redrive("list", "--format", "json");
    const { deadLetters } = JSON.parse(listed.stdout) as { deadLetters: Record<string, string>[] };
    expect(deadLetters).toHaveLength(alerts.length);
    expect(new Set(deadLetters.map(({ destination }) => destination))).toEqual(new Set(["pagerduty"]));
    const [first] = deadLetters;
    expect(first?.["reason"]).toContain("answered 400");
    const shown = await redrive("show", first?.["id"] ?? "");
    expect(shown.stdout).toContain(first?.["title"]);
    expect(shown.stdout).toMatch(/^ {2}pagerduty: dead after 1 attempt, 127\.0\.0\.1:\d+ answered 400/mu);
    expect(shown.stdout).toMatch(/^ {2}slack: delivered after \d+ attempts$/mu);
  });

  it("brings them back when the destination is mended, each once, and tells nobody else again", async () => {
    const before = [...run.standIns.values()].map(({ id, told }) => [id, told.length] as const);
    standIn("pagerduty").heal();
    const sent = await redrive("send", "--all");
    expect(sent.code).toBe(0);
    await run.settled();
    const told = standIn("pagerduty").told.map(({ body }) => body as { dedup_key: string });
    expect(told).toHaveLength(alerts.length);
    expect(new Set(told.map(({ dedup_key: key }) => key))).toEqual(new Set(alerts.map(({ id }) => id)));
    const others = before.filter(([id]) => id !== "pagerduty");
    expect(others.map(([id]) => [id, standIn(id).told.length])).toEqual(others);
    expect((await redrive()).stdout).toBe("CloudTrailEngine has no dead letters.\n");
  }, 30_000);

  it("sends a test through all of them and names the one that refuses, with its reason", async () => {
    standIn("teams").fail({ status: 400 });
    const command = sendTestCommand(() => session, { AWS_REGION: "us-east-1" });
    const { code, stdout } = await runVerb(command, []);
    const lines = stdout.trimEnd().split("\n");
    expect(code).toBe(1);
    expect(lines).toHaveLength(DESTINATION_NAMES.length + 1);
    expect(lines.filter((line) => !line.startsWith("ok "))).toEqual([
      expect.stringMatching(/^FAIL {2}teams \(teams\): 127\.0\.0\.1:\d+ answered 400/u),
    ]);
    expect(standIn("webhook").told.at(-1)?.line).toContain("TEST, nothing has happened");
    const { stdout: one } = await runVerb(command, ["--to", "ses", "--format", "json"]);
    expect(JSON.parse(one)).toMatchObject({ outcomes: [{ destination: "ses", ok: true }] });
  });

  it("gives up after a day of refusals and keeps the delivery as a dead letter", async () => {
    standIn("teams").heal();
    standIn("webhook").fail({ status: 503 });
    const began = run.clock.now();
    const client = new EventBridgeClient({
      endpoint: run.busUrl,
      region: run.region,
      credentials: LOCAL_CREDENTIALS,
    });
    await client.send(new PutEventsCommand({ Entries: OWN_EVENT }));
    client.destroy();
    await run.settled();
    expect(run.clock.now() - began).toBeGreaterThanOrEqual(24 * 3_600_000);
    const { stdout } = await redrive("--format", "json");
    const { deadLetters } = JSON.parse(stdout) as { deadLetters: Record<string, unknown>[] };
    expect(deadLetters.length).toBeGreaterThan(0);
    for (const { destination, attempts } of deadLetters) {
      expect(destination).toBe("webhook");
      expect(attempts).toBeGreaterThan(24);
    }
  }, 60_000);
});
