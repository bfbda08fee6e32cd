import { SQSClient, ChangeMessageVisibilityCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startEventSource } from "../../../lib/local/event-source.ts";
import type { EventSource } from "../../../lib/local/event-source.ts";
import { startClock } from "../../../lib/local/local-clock.ts";
import type { LocalClock } from "../../../lib/local/local-clock.ts";
import type { InvocationResult } from "../../../lib/local/local-lambda.ts";
import { LOCAL_CREDENTIALS, startQueues } from "../../../lib/local/queues.ts";
import type { LocalQueue, LocalQueues } from "../../../lib/local/queues.ts";

type Records = { readonly messageId: string; readonly receiptHandle: string; readonly body: string }[];

let queues: LocalQueues;
let queue: LocalQueue;
let dead: LocalQueue;
let clock: LocalClock;
let sqs: SQSClient;
let source: EventSource;
const batches: { readonly at: number; readonly records: Records }[] = [];
const problems: string[] = [];
let answer: (records: Records) => Promise<InvocationResult>;
const taken = async (): Promise<InvocationResult> => ({ ok: true, value: { batchItemFailures: [] } });

beforeEach(async () => {
  batches.length = 0;
  problems.length = 0;
  answer = taken;
  clock = startClock({ speed: 100_000 });
  queues = await startQueues("us-east-1");
  queue = await queues.createQueue("redelivery");
  dead = await queues.createQueue("dead");
  sqs = new SQSClient({ endpoint: queues.url, region: "us-east-1", credentials: LOCAL_CREDENTIALS });
  source = startEventSource({
    spec: {
      queueArn: queue.arn,
      functionName: "f",
      batchSize: 10,
      maxConcurrency: 2,
      visibilitySeconds: 360,
      maxReceives: 3,
      deadLettersArn: dead.arn,
    },
    queue,
    queues,
    clock,
    deadLetters: dead,
    region: "us-east-1",
    invoke: async (event) => {
      const { Records: records } = event as { Records: Records };
      batches.push({ at: clock.now(), records });
      return answer(records);
    },
    onProblem: (line) => problems.push(line),
  });
});
afterEach(async () => {
  await source.stop();
  clock.stop();
  sqs.destroy();
  await queues.close();
});

const send = (body: string, DelaySeconds = 0) =>
  sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body, DelaySeconds }));
const empty = () => expect.poll(() => source.depth(), { timeout: 5000 }).toBe(0);
const failing = (records: Records): InvocationResult => ({
  ok: true,
  value: { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) },
});

describe("the event source of a local queue", () => {
  it("hands messages over as Lambda does, after their delay on the run's clock, and deletes them", async () => {
    const began = clock.now();
    await send("late", 900);
    await empty();
    expect(batches).toHaveLength(1);
    expect((batches[0]?.at ?? 0) - began).toBeGreaterThanOrEqual(900_000);
    expect(batches[0]?.records[0]).toMatchObject({
      body: "late",
      eventSource: "aws:sqs",
      eventSourceARN: queue.arn,
      attributes: { ApproximateReceiveCount: "1" },
    });
    expect(await queues.depth(queue)).toBe(0);
  });

  it("brings only what the function names as failed again, when the time that it asked for is over", async () => {
    answer = async (records) => {
      const bad = records.filter(({ body }) => body === "bad");
      if (bad.length > 0) answer = taken;
      for (const { receiptHandle: ReceiptHandle } of bad)
        await sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: queue.url,
            ReceiptHandle,
            VisibilityTimeout: 3600,
          }),
        );
      return failing(bad);
    };
    await Promise.all([send("good", 5), send("bad", 5)]);
    await empty();
    const received = batches.flatMap(({ records }) => records.map(({ body }) => body));
    expect(received.filter((body) => body === "good")).toHaveLength(1);
    expect(received.filter((body) => body === "bad")).toHaveLength(2);
    const times = batches.flatMap(({ at, records }) =>
      records.some(({ body }) => body === "bad") ? [at] : [],
    );
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(3_600_000);
  });

  it("brings a whole batch again after the queue's own time when the function fails", async () => {
    const error = { errorType: "E", errorMessage: "no", trace: [] };
    answer = async () => {
      answer = taken;
      return { ok: false, error };
    };
    await send("one");
    await empty();
    expect(batches).toHaveLength(2);
    expect((batches[1]?.at ?? 0) - (batches[0]?.at ?? 0)).toBeGreaterThanOrEqual(359_990);
    expect(problems).toEqual(["a redelivery failed: no"]);
  });

  it("gives a message to the dead-letter queue that was received too often", async () => {
    answer = async (records) => failing(records);
    await send("never");
    await empty();
    expect(batches).toHaveLength(3);
    expect(await queues.peek(dead)).toEqual(["never"]);
  });
});
