import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startClock } from "../../../lib/local/local-clock.ts";
import type { LocalClock } from "../../../lib/local/local-clock.ts";
import type { InvocationResult } from "../../../lib/local/local-lambda.ts";
import { startTables } from "../../../lib/local/local-table.ts";
import { LOCAL_CREDENTIALS } from "../../../lib/local/queues.ts";
import type { StreamSourceSpec } from "../../../lib/local/stream-source-spec.ts";
import { type NewItem, startTableStream, type TableStream } from "../../../lib/local/table-stream.ts";

const STREAM = "arn:aws:dynamodb:us-east-1:123456789012:table/State/stream/2026-01-01T00:00:00.000";
const SPEC: StreamSourceSpec = {
  streamArn: STREAM,
  table: "State",
  functionName: "Detector",
  batchSize: 3,
  filters: [{ eventName: ["INSERT"], dynamodb: { Keys: { sk: { S: ["ALERT", { prefix: "LOG#" }] } } } }],
  retries: 2,
  onFailure: "arn:dead",
};

type Records = readonly {
  readonly dynamodb: {
    readonly Keys: { readonly pk: { readonly S: string } };
    readonly SequenceNumber: string;
  };
}[];

let clock: LocalClock;
let stream: TableStream;
const batches: { readonly at: number; readonly pks: readonly string[] }[] = [];
const letters: object[] = [];
const problems: string[] = [];
const records: unknown[] = [];
let answer: (records: Records) => InvocationResult;
const item = (pk: string, sk = "ALERT", table = "State"): NewItem => ({
  table,
  keys: { pk: { S: pk }, sk: { S: sk } },
});

beforeEach(() => {
  for (const list of [batches, letters, problems, records]) list.length = 0;
  answer = () => ({ ok: true, value: { batchItemFailures: [] } });
  clock = startClock({ speed: 100_000 });
  stream = startTableStream({
    spec: SPEC,
    clock,
    region: "us-east-1",
    invoke: async (event) => {
      const { Records: batch } = event as { Records: Records };
      records.push(...batch);
      batches.push({ at: clock.now(), pks: batch.map(({ dynamodb }) => dynamodb.Keys.pk.S) });
      return answer(batch);
    },
    bury: async (letter) => void letters.push(letter),
    onProblem: (line) => problems.push(line),
  });
});
afterEach(async () => {
  await stream.stop();
  clock.stop();
});

const emptied = () => expect.poll(() => stream.depth(), { interval: 2, timeout: 10_000 }).toBe(0);
const failing =
  (...bad: readonly string[]) =>
  (batch: Records): InvocationResult => ({
    ok: true,
    value: {
      batchItemFailures: batch
        .filter(({ dynamodb }) => bad.includes(dynamodb.Keys.pk.S))
        .map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })),
    },
  });

describe("the stream of a local table", () => {
  it("brings what passes the filter, in order, in batches, with keys only", async () => {
    for (const [at, sk] of ["ALERT", "PROFILE", "LOG#1", "SCOPE#details", "ALERT", "ALERT"].entries())
      stream.take(item(`p${at}`, sk));
    stream.take(item("elsewhere", "ALERT", "Other"));
    await emptied();
    expect(batches.map(({ pks }) => pks)).toEqual([["p0", "p2", "p4"], ["p5"]]);
    expect(records[0]).toMatchObject({
      eventName: "INSERT",
      eventSource: "aws:dynamodb",
      eventSourceARN: STREAM,
      dynamodb: { Keys: { pk: { S: "p0" }, sk: { S: "ALERT" } }, StreamViewType: "KEYS_ONLY" },
    });
  });

  it("brings a batch again from the first change that failed, later, and keeps the others' order", async () => {
    let tries = 0;
    answer = (batch) => (++tries === 1 ? failing("p1")(batch) : failing()(batch));
    for (const name of ["p0", "p1", "p2", "p3"]) stream.take(item(name));
    await emptied();
    expect(batches.map(({ pks }) => pks)).toEqual([
      ["p0", "p1", "p2"],
      ["p1", "p2", "p3"],
    ]);
    expect((batches[1]?.at ?? 0) - (batches[0]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it("gives a change up that fails too often, says where it stands, and goes on", async () => {
    answer = failing("p1");
    for (const name of ["p0", "p1", "p2"]) stream.take(item(name));
    await emptied();
    expect(batches.map(({ pks }) => pks)).toEqual([["p0", "p1", "p2"], ["p1", "p2"], ["p1", "p2"], ["p2"]]);
    expect(letters).toMatchObject([
      { requestContext: { functionArn: "Detector" }, DDBStreamBatchInfo: { streamArn: STREAM } },
    ]);
    expect(problems).toEqual([expect.stringContaining("given up after 3 tries")]);
  });

  it.each<InvocationResult>([
    { ok: false, error: { errorType: "E", errorMessage: "broke", trace: [] } },
    { ok: true, value: { batchItemFailures: [{ itemIdentifier: "nobody's" }] } },
    { ok: true, value: { batchItemFailures: "x" } },
  ])("takes all of a batch for failed when the answer is %j", async (bad) => {
    let tries = 0;
    answer = () => (++tries === 1 ? bad : { ok: true, value: undefined });
    for (const name of ["p0", "p1"]) stream.take(item(name));
    await emptied();
    expect(batches.map(({ pks }) => pks)).toEqual([
      ["p0", "p1"],
      ["p0", "p1"],
    ]);
  });
});

const key = (name: string) => ({ pk: { S: name }, sk: { S: "A" } });

describe("a local table", () => {
  it("tells of items that come into being, once, and of none that a condition kept out", async () => {
    const tables = await startTables("us-east-1");
    const client = new DynamoDBClient({
      endpoint: tables.url,
      region: "us-east-1",
      credentials: LOCAL_CREDENTIALS,
      maxAttempts: 1,
    });
    try {
      await tables.createTable("State", {
        AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
      });
      const seen: NewItem[] = [];
      tables.watch((one) => seen.push(one));
      const put = (name: string, ConditionExpression?: string) =>
        client.send(
          new PutItemCommand({
            TableName: "State",
            Item: { ...key(name), n: { N: "1" } },
            ConditionExpression,
          }),
        );
      const update = (name: string) =>
        client.send(
          new UpdateItemCommand({
            TableName: "State",
            Key: key(name),
            UpdateExpression: "SET n = :n",
            ExpressionAttributeValues: { ":n": { N: "2" } },
          }),
        );
      await expect(put("kept out", "attribute_exists(pk)")).rejects.toThrow("conditional request failed");
      await put("a", "attribute_not_exists(pk)");
      await expect(put("a", "attribute_not_exists(pk)")).rejects.toThrow("conditional request failed");
      await put("a");
      await update("a");
      await update("b");
      await client.send(new DeleteItemCommand({ TableName: "State", Key: key("a") }));
      await put("a");
      await expect.poll(() => seen.map(({ keys }) => keys)).toEqual([key("a"), key("b"), key("a")]);
      expect(new Set(seen.map(({ table }) => table))).toEqual(new Set(["State"]));
    } finally {
      client.destroy();
      await tables.close();
    }
  });
});
