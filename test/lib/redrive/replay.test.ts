import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type AlertStore, makeAlertStore } from "../../../lambda/state/alert-store.ts";
import { openTable } from "../../../lambda/state/table.ts";
import { LOCAL_CREDENTIALS, startQueues } from "../../../lib/local/queues.ts";
import type { LocalQueue, LocalQueues } from "../../../lib/local/queues.ts";
import { startTables } from "../../../lib/local/local-table.ts";
import type { LocalTables } from "../../../lib/local/local-table.ts";
import { readDeadLetters, releaseDeadLetters } from "../../../lib/redrive/dead-letters.ts";
import { replayDeadLetter } from "../../../lib/redrive/replay.ts";
import type { ReplayPorts } from "../../../lib/redrive/replay.ts";
import { sampleAlert } from "../../lambda/alerts/sample.ts";

const REGION = "us-east-1";
const KEYS = {
  AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
};

let queues: LocalQueues;
let tables: LocalTables;
let store: AlertStore;
let redelivery: LocalQueue;
let deliveries: LocalQueue;
let records: LocalQueue;
let sqs: SQSClient;
let number = 0;
const invoked: unknown[] = [];
let invocationError: string | undefined;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", LOCAL_CREDENTIALS.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", LOCAL_CREDENTIALS.secretAccessKey);
  queues = await startQueues(REGION);
  tables = await startTables(REGION);
  await tables.createTable("State", KEYS);
  store = makeAlertStore(openTable({ name: "State", endpoint: tables.url, region: REGION }), 1);
  sqs = new SQSClient({ endpoint: queues.url, region: REGION, credentials: LOCAL_CREDENTIALS });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  sqs.destroy();
  await tables.close();
  await queues.close();
});
beforeEach(async () => {
  number += 1;
  invoked.length = 0;
  invocationError = undefined;
  redelivery = await queues.createQueue(`redelivery-${number}`);
  deliveries = await queues.createQueue(`deliveries-${number}`);
  records = await queues.createQueue(`records-${number}`);
});

const ports = (): ReplayPorts => ({
  sqs,
  store,
  redeliveryUrl: redelivery.url,
  invoke: async (event) => {
    invoked.push(event);
    return invocationError;
  },
  now: () => Date.now(),
  newOwner: () => "redrive",
});
const read = () => readDeadLetters(sqs, { deadDeliveriesUrl: deliveries.url, deadLettersUrl: records.url });
const stateOf = async (alertId: string) =>
  (await store.read(alertId, "first", Date.now() + 5_000))?.deliveries["slack"]?.state;
const caller = () => ({ owner: "detector", now: Date.now(), deadline: Date.now() + 5_000 });

/** A delivery that was given up: dead in the table, its letter in the queue. */
async function bury(): Promise<string> {
  const alert = sampleAlert({ eventID: `redrive-${number}` });
  const { id } = alert;
  await store.record(alert, "first", ["slack"], caller());
  const letter = {
    alertId: id,
    part: "first",
    destination: "slack",
    reason: "gone",
    attempts: 3,
    title: "t",
    severity: "high",
  };
  await queues.send(deliveries, JSON.stringify(letter));
  await store.settle(id, "first", "slack", { state: "dead", reason: "gone" }, caller());
  return id;
}

async function onlyLetter() {
  const letters = await read();
  expect(letters).toHaveLength(1);
  const [letter] = letters;
  if (letter === undefined) throw new Error("there is no letter");
  return letter;
}

describe("a dead delivery that is sent again", () => {
  it("is open in the table, in the redelivery queue once, and no dead letter any more", async () => {
    const id = await bury();
    expect(await replayDeadLetter(await onlyLetter(), ports())).toMatchObject({ ok: true });
    expect(await stateOf(id)).toBe("queued");
    const messages = (await queues.peek(redelivery)).map((body) => JSON.parse(body) as unknown);
    expect(messages).toEqual([{ alertId: id, part: "first", destination: "slack" }]);
    expect(await queues.depth(deliveries)).toBe(0);
    const claim = await store.claim(id, "first", "slack", caller());
    expect(claim).toMatchObject({ may: true, delivery: { attempts: 1 } });
  });

  it("is not lost when it is interrupted after any step, and is done when it is run again", async () => {
    for (const failing of [1, 2]) {
      number += 1;
      const id = await bury();
      let calls = 0;
      const interrupted = new SQSClient({
        endpoint: queues.url,
        region: REGION,
        credentials: LOCAL_CREDENTIALS,
      });
      interrupted.middlewareStack.add(
        (next) => (args) => {
          calls += 1;
          if (calls === failing) throw new Error("interrupted");
          return next(args);
        },
        { step: "initialize" },
      );
      const letter = await onlyLetter();
      expect(await replayDeadLetter(letter, { ...ports(), sqs: interrupted })).toMatchObject({ ok: false });
      interrupted.destroy();
      await releaseDeadLetters(sqs, [letter]);
      expect(await stateOf(id)).toBe("queued");
      expect(await replayDeadLetter(await onlyLetter(), ports())).toMatchObject({ ok: true });
      expect(await queues.depth(deliveries)).toBe(0);
      const sent = (await queues.peek(redelivery)).filter((body) => body.includes(id));
      // A second message is harmless: whoever comes first claims the delivery.
      expect(sent).toHaveLength(failing);
      expect(await store.claim(id, "first", "slack", caller())).toMatchObject({ may: true });
      expect(await store.claim(id, "first", "slack", { ...caller(), owner: "other" })).toMatchObject({
        may: false,
        why: "busy",
      });
    }
  });

  it("is left alone when it was delivered meanwhile, and its letter goes", async () => {
    const id = await bury();
    await store.reopen(id, "first", "slack", caller());
    await store.settle(id, "first", "slack", { state: "delivered" }, caller());
    expect(await replayDeadLetter(await onlyLetter(), ports())).toEqual({
      ok: true,
      says: "slack has it already; the dead letter is gone",
    });
    expect(await queues.peek(redelivery)).toEqual([]);
    expect(await queues.depth(deliveries)).toBe(0);
  });

  it("stays when the table does not know it any more, and says what to do", async () => {
    await queues.send(deliveries, JSON.stringify({ alertId: "old", destination: "slack", reason: "gone" }));
    const replayed = await replayDeadLetter(await onlyLetter(), ports());
    expect(replayed).toMatchObject({ ok: false });
    expect(replayed.says).toContain("keepDays");
    expect(await queues.depth(deliveries)).toBe(1);
  });
});

describe("a record that could not be processed", () => {
  const event = {
    "detail-type": "AWS API Call via CloudTrail",
    detail: { eventSource: "a", eventName: "B" },
  };
  const wrapped = { requestPayload: event, responsePayload: { errorMessage: "broken rule" } };

  it("goes to the detector as it came, whether Lambda or EventBridge left it", async () => {
    await queues.send(records, JSON.stringify(wrapped));
    await queues.send(records, JSON.stringify(event));
    const letters = await read();
    expect(letters.map(({ reason }) => reason).toSorted()).toEqual([
      "EventBridge could not hand it to the detector",
      "broken rule",
    ]);
    for (const letter of letters) expect(await replayDeadLetter(letter, ports())).toMatchObject({ ok: true });
    expect(invoked).toEqual([event, event]);
    expect(await queues.depth(records)).toBe(0);
  });

  it("stays where it is when the detector fails again", async () => {
    await queues.send(records, JSON.stringify(wrapped));
    invocationError = "still broken";
    const replayed = await replayDeadLetter(await onlyLetter(), ports());
    expect(replayed).toMatchObject({ ok: false });
    expect(replayed.says).toContain("still broken");
    expect(await queues.depth(records)).toBe(1);
  });

  it("is shown and not sent when it is no message of the engine", async () => {
    await queues.send(records, "{ not JSON");
    const letter = await onlyLetter();
    expect(letter.kind).toBe("unknown");
    expect(await replayDeadLetter(letter, ports())).toMatchObject({ ok: false });
    expect(invoked).toEqual([]);
  });
});
