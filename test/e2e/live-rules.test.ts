/**
 * Rules published to a bucket, and the bundled detector, byte for byte as it deploys, in a process of its own: which
 * rules its invocations work with, and what it says when something is broken.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Rule } from "../../lambda/engine/rule.ts";
import { textAt, valueAt } from "../../lambda/record/untrusted.ts";
import { bundleEntry } from "../../lib/bundle.ts";
import { ask, ended, startProcess } from "../../lib/local/lambda-child.ts";
import { type LocalTables, startTables } from "../../lib/local/local-table.ts";
import { type LocalQueues, startQueues } from "../../lib/local/queues.ts";
import { type DeployedEngine, readDeployedEngine } from "../../lib/publish/deployed-engine.ts";
import { publish, rollBack } from "../../lib/publish/publish.ts";
import { type BucketStandIn, startBucket } from "../lib/publish/bucket-stand-in.ts";
import { BUCKET, deployEngine, PREFIX, PUBLISHER, setOf } from "../lib/publish/stage.ts";
import { callRule } from "../lib/synthesise.ts";

const REGION = "eu-west-1";
const MINUTE = 60_000;
/** Every record an alert of its own. */
const dedup = { window: "off" };
const VPC: Rule = { ...callRule("ec2.amazonaws.com", "DeleteVpc"), dedup };
const SUBNET: Rule = { ...callRule("ec2.amazonaws.com", "DeleteSubnet"), dedup };
/** What the bundle has: one rule, whose pattern delivers both calls, that fires on neither of them. */
const QUIET: Rule = {
  ...VPC,
  id: "ec2.amazonaws.com/quiet",
  conditions: {
    all: [
      { fact: "eventName", operator: "in", value: ["DeleteVpc", "DeleteSubnet"] },
      { fact: "readOnly", operator: "equal", value: false },
      // No event pattern can say this.
      { fact: "userAgent", operator: "matches", value: "never[0-9]+ever" },
    ],
  },
};
const CONTENT = {
  destinations: [{ id: "topic", type: "sns" }],
  routing: { match: "first" as const, routes: [], otherwise: ["topic"] },
};
const WHO = { engine: "0.1.0", created: "2026-11-21T02:00:00.000Z", by: PUBLISHER };

let folder: string;
let tables: LocalTables;
let queues: LocalQueues;
let topicArn: string;
let bucket: BucketStandIn;
let engine: DeployedEngine;
let child: ChildProcess;
let logged: string[];
let time: number;
let calls = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "engine-live-"));
  bundleEntry("lambda/handler.ts", folder);
  const beside = {
    "rules.json": setOf(QUIET),
    "config.json": { ...CONTENT, keepDays: 90 },
    "event-rules.json": [],
  };
  for (const [name, content] of Object.entries(beside))
    writeFileSync(join(folder, name), JSON.stringify(content));
  tables = await startTables(REGION);
  await tables.createTable("State", {
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
  });
  queues = await startQueues(REGION);
  topicArn = await queues.createTopic("alerts");
});
afterAll(async () => {
  await Promise.all([tables.close(), queues.close()]);
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  bucket = await startBucket();
  const clients = deployEngine(bucket, setOf(QUIET), { ...CONTENT });
  engine = await readDeployedEngine(clients, "CloudTrailEngine");
  logged = [];
  time = Date.now();
  child = await startDetector();
});
afterEach(async () => {
  await ended(child);
  await bucket.close();
});

function startDetector(): Promise<ChildProcess> {
  const environment = {
    ENGINE_TOPIC_ARN: topicArn,
    ENGINE_TABLE: "State",
    ENGINE_REDELIVERY_URL: `${queues.url}/000000000000/redelivery`,
    ENGINE_DEAD_DELIVERIES_URL: `${queues.url}/000000000000/dead`,
    ENGINE_TIMER_ROLE_ARN: "arn:aws:iam::123456789012:role/timers",
    ENGINE_TIMER_GROUP: "timers",
    ENGINE_DEAD_LETTERS_ARN: `arn:aws:sqs:${REGION}:123456789012:dead`,
    ENGINE_LIVE_RULES: `${BUCKET}/${PREFIX}`,
  };
  const spec = {
    arn: `arn:aws:lambda:${REGION}:123456789012:function:detector`,
    name: "detector",
    asset: "",
    handler: "index.handler",
    timeoutSeconds: 60,
    memoryMb: 512,
    environment,
    retries: 0,
    onFailure: undefined,
  };
  return startProcess({
    spec,
    folder,
    runtimeEnvironment: {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_SNS: queues.url,
      AWS_ENDPOINT_URL_SQS: queues.url,
      AWS_ENDPOINT_URL_DYNAMODB: tables.url,
      AWS_ENDPOINT_URL_S3: bucket.url,
    },
    onLog: (line) => logged.push(line),
  });
}

/** Has the detector evaluate a call a while later, and gives the rules of the alerts that it delivered. */
async function invoke(eventName: string, later = 0): Promise<string[]> {
  time += later;
  calls += 1;
  const from = logged.length;
  const requestId = `request-${calls}`;
  const event = {
    version: "0",
    id: requestId,
    source: "aws.ec2",
    "detail-type": "AWS API Call via CloudTrail",
    account: "123456789012",
    region: REGION,
    time: "2026-11-21T02:00:00Z",
    detail: {
      eventVersion: "1.11",
      eventID: `00000000-0000-4000-8000-${String(calls).padStart(12, "0")}`,
      eventTime: "2026-11-21T02:00:00Z",
      eventSource: "ec2.amazonaws.com",
      eventName,
      awsRegion: REGION,
      readOnly: false,
      recipientAccountId: "123456789012",
      userIdentity: { type: "IAMUser", userName: "mira", accountId: "123456789012" },
    },
  };
  const message = {
    requestId,
    event,
    now: time,
    deadline: time + MINUTE,
    functionName: "detector",
    functionArn: "",
  };
  const reply = await ask(child, MINUTE, (one) => one.requestId === requestId, message);
  expect(reply).toMatchObject({ ok: true });
  return linesSince(from)
    .filter((line) => textAt(line, "message") === "alert delivered")
    .map((line) => textAt(line, "ruleId") ?? "");
}

function linesSince(from: number): unknown[] {
  return logged.slice(from).map((line) => JSON.parse(line) as unknown);
}

const failures = () =>
  linesSince(0)
    .filter((line) => textAt(line, "message") === "published rules not taken")
    .map((line) => textAt(line, "reason"));
const counted = () => linesSince(0).filter((line) => valueAt(line, "LiveRulesFailed") === 1).length;
const publishRules = (...rules: readonly Rule[]) =>
  publish(engine, { ruleSet: setOf(...rules), ...CONTENT }, WHO);

it("the next invocation after a minute uses what was published, and what was rolled back to", async () => {
  expect(await invoke("DeleteVpc")).toEqual([]);
  const report = await publishRules(QUIET, VPC);
  expect(report).toMatchObject({ done: true, refused: [] });
  expect(await invoke("DeleteVpc", MINUTE / 2)).toEqual([]);
  expect(await invoke("DeleteVpc", 2 * MINUTE)).toEqual([VPC.id]);
  await publishRules(QUIET, VPC, SUBNET);
  expect(await invoke("DeleteSubnet", 2 * MINUTE)).toEqual([SUBNET.id]);
  await rollBack(engine, undefined, WHO);
  expect(await invoke("DeleteSubnet", 2 * MINUTE)).toEqual([]);
  expect(await invoke("DeleteVpc")).toEqual([VPC.id]);
  await rollBack(engine, "deployed", WHO);
  expect(await invoke("DeleteVpc", 2 * MINUTE)).toEqual([]);
  expect(failures()).toEqual([]);
}, 60_000);

it("a new sandbox uses it for its first record", async () => {
  await publishRules(QUIET, VPC);
  expect(await invoke("DeleteVpc")).toEqual([VPC.id]);
}, 60_000);

it("the last good rules stay when an object is broken, has another hash, or is not there, each counted and told", async () => {
  await publishRules(QUIET, VPC);
  expect(await invoke("DeleteVpc")).toEqual([VPC.id]);
  const path = `${BUCKET}/${PREFIX}current.json`;
  bucket.put(path, "{ broken");
  expect(await invoke("DeleteVpc", 2 * MINUTE)).toEqual([VPC.id]);
  const bytes = '{"format":1}';
  const versionId = bucket.put(`${BUCKET}/${PREFIX}rule-set.json`, bytes);
  const pointer = { format: 1, published: "", by: "", versionId, sha256: "0".repeat(64), size: bytes.length };
  bucket.put(path, JSON.stringify(pointer));
  expect(await invoke("DeleteVpc", 2 * MINUTE)).toEqual([VPC.id]);
  bucket.put(path, JSON.stringify({ ...pointer, versionId: "gone" }));
  expect(await invoke("DeleteVpc", 2 * MINUTE)).toEqual([VPC.id]);
  expect(failures()).toEqual([
    expect.stringContaining("is no JSON"),
    expect.stringContaining("is not what was published"),
    expect.stringContaining("NoSuchVersion"),
  ]);
  expect(counted()).toBe(3);
}, 60_000);

it("nothing published is no failure, though S3 says that it is denied", async () => {
  bucket.denies = true;
  expect(await invoke("DeleteVpc")).toEqual([]);
  expect(failures()).toEqual([]);
}, 60_000);
