import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { showLists } from "../../../lambda/lists/show-lists.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import { dynamicLists } from "../../../lambda/lists/refresh-all.ts";
import type { Envelope } from "../../../lambda/record/record.ts";
import { openTable } from "../../../lambda/state/table.ts";
import { bundleLists } from "../../../lib/dynamic-lists.ts";
import { runtimeEnvironment } from "../../../lib/local/lambda-environment.ts";
import { startClock } from "../../../lib/local/local-clock.ts";
import { startLocalLists } from "../../../lib/local/local-lists.ts";
import { startTables } from "../../../lib/local/local-table.ts";
import { LOCAL_CREDENTIALS } from "../../../lib/local/queues.ts";
import { tagPatterns } from "../../../lib/list-permissions.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const REGION = "us-east-1";
const KEYS = {
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
  ],
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  BillingMode: "PAY_PER_REQUEST",
};

/** The real bundle of the example's lists over a local table and the stand-in for the tagging API. */
async function start() {
  const { ruleSet } = loadRules(join(import.meta.dirname, "../../../examples/dynamic-lists/rules"));
  const folder = mkdtempSync(join(tmpdir(), "engine-local-lists-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  mkdirSync(folder, { recursive: true });
  const lists = dynamicLists(ruleSet.lists);
  bundleLists(lists, folder);
  const tables = await startTables(REGION);
  closing.push(() => tables.close());
  await tables.createTable("State", KEYS);
  const clock = startClock({ speed: 10_000 });
  closing.push(() => clock.stop());
  const problems: string[] = [];
  const spec = {
    arn: "arn",
    name: "Lists",
    asset: "a",
    handler: "index.handler",
    timeoutSeconds: 120,
    memoryMb: 512,
    environment: { ENGINE_TABLE: "State" },
    retries: 0,
    onFailure: undefined,
  };
  const eventRules = tagPatterns(lists).map((eventPattern, at) => ({
    name: `r${at}`,
    state: "ENABLED" as const,
    eventPattern,
    rules: [],
    targets: ["queue"],
  }));
  const url = tables.url;
  const place = { queues: url, tables: url, secrets: url, scheduler: url };
  const local = await startLocalLists(
    { scheduled: [{ spec, inputs: [{ engine: "refresh-lists" }] }], queueRules: eventRules },
    {
      clock,
      folderOf: () => folder,
      environmentOf: (one) => runtimeEnvironment(one, REGION, place),
      onProblem: (line) => void problems.push(line),
    },
  );
  closing.push(() => local?.stop());
  const table = openTable({ name: "State", endpoint: url, region: REGION, credentials: LOCAL_CREDENTIALS });
  const valuesOf = async () =>
    (await showLists(ruleSet.lists, "prod-buckets", { table, now: Date.now }, Date.now() + 10_000))[0]?.all;
  return { take: (envelope: Envelope) => local?.take(envelope), valuesOf, problems };
}

const retagged = {
  version: "0",
  id: "1",
  source: "aws.s3",
  account: "123456789012",
  region: REGION,
  time: "2026-11-20T10:00:00Z",
  resources: [],
  "detail-type": "AWS API Call via CloudTrail",
  detail: {
    eventSource: "s3.amazonaws.com",
    eventName: "PutBucketTagging",
    requestParameters: {
      bucketName: "shop-orders-123456789012",
      Tagging: { TagSet: { Tag: { Key: "Environment", Value: "Dev" } } },
    },
  },
} as unknown as Envelope;

describe("dynamic lists in the local run", () => {
  it("are filled by the bundled function when it starts, and again when a record changes a tag", async () => {
    const { take, valuesOf, problems } = await start();
    const before = ["shop-orders-123456789012", "shop-reports-123456789012", "trail-123456789012"];
    expect(await valuesOf()).toEqual(before);
    take(retagged);
    await expect.poll(valuesOf, { timeout: 20_000, interval: 50 }).toEqual(before.slice(1));
    expect(problems).toEqual([]);
  }, 40_000);

  it("are not there where the stack has none", async () => {
    const place = { clock: startClock({ speed: 1 }), folderOf: () => "", environmentOf: () => ({}) };
    const none = { scheduled: [], queueRules: [] };
    expect(await startLocalLists(none, { ...place, onProblem: () => undefined })).toBeUndefined();
  });
});
