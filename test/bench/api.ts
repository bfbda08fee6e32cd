/**
 * `npm run bench:api [-- --alerts 100000 --calls 200]`: how long the API takes over so many stored alerts, on the embedded
 * table, one call at a time: p50 and p99 of each kind of call, and the memory of the process that answers. The table is a
 * process of its own, so that its memory is not counted; the alerts are written as the detector writes them.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { makeAlertStore } from "../../lambda/state/alert-store.ts";
import type { Item } from "../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../faults/memory-table.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";
import type { Answers, Task } from "./api-calls.ts";
import { createDice } from "./random.ts";

/** What the alerts differ in. */
const SHAPE = { days: 60, actors: 400, rules: 60, end: Date.parse("2026-11-20T12:00:00Z") } as const;
const SEVERITIES = ["info", "low", "low", "medium", "medium", "medium", "high", "high", "critical"] as const;
const TABLE = "State";
/** DynamoDB takes 25 items in one call. */
const BATCH = 25;
const CHUNK = 1_000;
const AT_ONCE = 4;
/** About the heap that Node gives itself in a function of 512 MB. */
const HEAP_MB = 256;

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { alerts: { type: "string", default: "100000" }, calls: { type: "string", default: "200" } },
  });
  const [alerts, calls] = [Number(values.alerts), Number(values.calls)];
  if (!(alerts >= 1_000) || !(calls >= 10)) {
    process.stderr.write(
      "bench:api: --alerts takes a number of at least 1000, --calls one of at least 10.\n",
    );
    process.exitCode = 2;
    return;
  }
  const table = start("api-table.ts", [TABLE], ["--max-old-space-size=12000"]);
  try {
    const endpoint = String(await message(table));
    const began = performance.now();
    const ids = await fill(endpoint, alerts);
    const filled = (performance.now() - began) / 1000;
    process.stderr.write(`${count(alerts)} alerts stored in ${filled.toFixed(0)} s\n`);
    const api = start("api-calls.ts", [], [`--max-old-space-size=${HEAP_MB}`]);
    const task: Task = { endpoint, table: TABLE, ids, calls, shape: SHAPE };
    api.send(task);
    print(alerts, calls, (await message(api)) as Answers);
    await once(api, "exit");
  } finally {
    table.kill();
  }
}

function start(file: string, args: readonly string[] = [], flags: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return fork(path, [...args], { execArgv: [...process.execArgv, ...flags] });
}

async function message(child: ChildProcess): Promise<unknown> {
  const [first] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`a process of the bench ended with ${String(code)}`);
    }),
  ])) as [unknown];
  return first;
}

/** Writes the alerts; gives the ids of some of them. */
async function fill(endpoint: string, alerts: number): Promise<string[]> {
  process.env["AWS_ACCESS_KEY_ID"] ??= "local";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "local";
  const client = new DynamoDBClient({ endpoint, region: "us-east-1" });
  const dice = createDice(5);
  const ids: string[] = [];
  for (let done = 0; done < alerts; done += CHUNK) {
    const size = Math.min(CHUNK, alerts - done);
    const items = await itemsOf(
      Array.from({ length: size }, (_, at) => alertOf(done + at, alerts, dice)),
      ids,
    );
    const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, at) =>
      items.slice(at * BATCH, (at + 1) * BATCH),
    );
    for (let at = 0; at < batches.length; at += AT_ONCE)
      await Promise.all(batches.slice(at, at + AT_ONCE).map((batch) => write(client, batch)));
    if ((done / CHUNK) % 10 === 9) process.stderr.write(`${count(done + size)} …\n`);
  }
  client.destroy();
  return ids;
}

async function write(client: DynamoDBClient, items: readonly Item[]): Promise<void> {
  const requests = items.map((item) => ({
    PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) },
  }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }));
}

/** What the detector's store puts for alerts that were delivered. */
async function itemsOf(alerts: readonly Alert[], ids: string[]): Promise<readonly Item[]> {
  const memory = makeMemoryTable();
  const store = makeAlertStore(asTable(memory), 90);
  const caller = { owner: "bench", now: SHAPE.end, deadline: Date.now() + 60_000 };
  for (const alert of alerts) {
    await store.record(alert, "first", ["topic"], caller);
    await store.settle(alert.id, "first", "topic", { state: "delivered", receipt: "r" }, caller);
  }
  ids.push(...alerts.slice(0, 10).map(({ id }) => id));
  return memory.items();
}

/** The nth alert, of a time spread over the days. */
function alertOf(n: number, of: number, dice: ReturnType<typeof createDice>): Alert {
  const startTime = new Date(SHAPE.end - Math.floor((n / of) * SHAPE.days * 86_400_000)).toISOString();
  const actor = `arn:aws:iam::123456789012:user/user-${dice.below(SHAPE.actors)}`;
  const rule = `ec2.amazonaws.com/rule-${dice.below(SHAPE.rules)}`;
  const alert = sampleAlert(
    { eventID: `${dice.hex(8)}-${n}`, eventTime: startTime, sourceIPAddress: `192.0.2.${dice.below(256)}` },
    { id: rule, severity: dice.pick(SEVERITIES) },
  );
  return {
    ...alert,
    startTime,
    endTime: startTime,
    actor: { ...alert.actor, arn: actor, name: actor.slice(31) },
  };
}

function print(alerts: number, calls: number, { times, bytes, answered }: Answers): void {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const lines = [
    `Node ${process.versions.node}, ${availableParallelism()} × ${model}`,
    `${count(alerts)} alerts on the embedded table; ${count(calls)} calls of each kind, one at a time; ${count(answered)} answered`,
    "",
    `${"call".padEnd(44)}${"p50 ms".padStart(9)}${"p99 ms".padStart(9)}`,
    ...times.map(
      ({ name, p50, p99 }) => `${name.padEnd(44)}${p50.toFixed(1).padStart(9)}${p99.toFixed(1).padStart(9)}`,
    ),
    "",
    `memory of the answering process (its heap held to ${HEAP_MB} MB): ${mega(bytes.before)} MB before the first call, ${mega(bytes.after)} MB after the last, ${mega(bytes.most)} MB at most`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
