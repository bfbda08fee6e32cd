import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openQueues, type Queues } from "../../../lambda/delivery/queues.ts";
import { type EmbeddedQueues, startEmbeddedQueues } from "../embedded-queues.ts";

let embedded: EmbeddedQueues;
let queues: Queues;
beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] ??= "local";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "local";
  process.env["AWS_REGION"] ??= "us-east-1";
  embedded = await startEmbeddedQueues();
  queues = openQueues(embedded);
});
afterAll(() => embedded.stop());

const LATER = (): number => Date.now() + 10_000;

describe("openQueues", () => {
  it("sends dead letters as JSON in which nothing is hidden", async () => {
    await queues.bury({ reason: "no\u202e", until: "2026-11-20T00:00:00.000Z" }, 0, LATER());
    const [letter] = await embedded.receive(embedded.deadDeliveriesUrl);
    expect(letter?.body).toBe('{"reason":"no\\u202e","until":"2026-11-20T00:00:00.000Z"}');
  });

  it("sends what is to be tried again with its delay, which SQS does not take above a quarter of an hour", async () => {
    const message = { alertId: "1", part: "first", destination: "slack" } as const;
    await queues.redeliver(message, 7_200_000, LATER());
    await queues.redeliver(message, 0, LATER());
    const received = await embedded.receive(embedded.redeliveryUrl, 60);
    expect(received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([message]);
    await queues.hide(received[0]?.receiptHandle ?? "", 0, LATER());
    expect(await embedded.receive(embedded.redeliveryUrl, 60)).toMatchObject([{ receives: 2 }]);
  });

  it("gives up by the deadline, and rejects when the queue does not know the message", async () => {
    await expect(queues.bury({ reason: "x", until: "" }, 0, Date.now() - 1)).rejects.toThrow(/abort/i);
    await expect(queues.hide("nonsense", 1_000, LATER())).rejects.toThrow(/./);
  });
});
