import { describe, expect, it } from "vitest";
import { deliverAlerts } from "../../../lambda/delivery/deliver-alerts.ts";
import { redeliver } from "../../../lambda/delivery/redeliver.ts";
import type { Destination } from "../../../lambda/destinations/destination.ts";
import { deliveriesOf, keyOf } from "../../../lambda/state/alert-item.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { down, fake, makeStage } from "./stage.ts";

const alert = sampleAlert();
const HOUR = 3_600_000;

/** A stage on which the alert has failed once at destination a. */
async function failedOnce(first: () => Promise<never>, then: Destination["deliver"]) {
  let attempts = 0;
  const a = fake("a", (...all) => (attempts++ === 0 ? first() : then(...all)));
  const stage = makeStage([a]);
  const routed = [{ alert, part: "first" as const, destinations: ["a"] }];
  await stage.play(deliverAlerts(routed, stage.ports, stage.invocation()));
  const body = JSON.stringify(stage.queued[0]?.message);
  const message = { messageId: "m1", receiptHandle: "h1", body };
  const again = (...messages: (typeof message)[]) =>
    stage.play(redeliver(messages.length > 0 ? messages : [message], stage.ports, stage.invocation()));
  const delivery = () => deliveriesOf(stage.memory.get(keyOf(alert.id, "first")))["a"];
  return { stage, a, message, again, delivery };
}

describe("redeliver", () => {
  it("delivers what is due, once, and lets the message go", async () => {
    const { stage, a, message, again, delivery } = await failedOnce(down("a"), async () => "ts-9");
    await stage.wait(30_000);
    expect(await again(message, { ...message, messageId: "m2", receiptHandle: "h2" })).toEqual(["m2"]);
    expect(a.taken).toEqual([{ alert, kind: "first" }]);
    expect(delivery()).toMatchObject({ state: "delivered", attempts: 2, receipt: "ts-9" });
    expect(await again()).toEqual([]);
    expect(a.taken).toHaveLength(1);
    expect(stage.numbers()).toMatchObject({ AlertsDelivered: 1, "DeliveriesRedelivered@a": 1 });
  });

  it("hides a message that comes before its delivery is due, and makes no attempt", async () => {
    const { stage, again, delivery } = await failedOnce(down("a", true, 2 * HOUR), async () => undefined);
    await stage.wait(900_000);
    expect(await again()).toEqual(["m1"]);
    expect(stage.hidden).toEqual([{ handle: "h1", milliseconds: 2 * HOUR - 900_000 + 1_000 }]);
    expect(delivery()?.attempts).toBe(1);
  });

  it("doubles its pauses up to an hour, goes on for more than a day, then buries it with the last reason", async () => {
    const { stage, again } = await failedOnce(down("a"), down("a"));
    const pauses: number[] = [];
    const start = stage.time.now();
    await stage.wait(30_000);
    while ((await again()).length > 0) {
      const { milliseconds = 0 } = stage.hidden.at(-1) ?? {};
      pauses.push(milliseconds);
      await stage.wait(milliseconds);
    }
    expect(pauses.slice(0, 8)).toEqual([60, 120, 240, 480, 960, 1_920, 3_600, 3_600].map((s) => s * 1000));
    expect(stage.time.now() - start).toBeGreaterThanOrEqual(24 * HOUR);
    expect(stage.letters).toMatchObject([{ alertId: alert.id, destination: "a", reason: "a is down" }]);
    expect(
      Date.parse(stage.letters[0]?.until ?? "") - Date.parse(stage.letters[0]?.since ?? ""),
    ).toBeGreaterThanOrEqual(24 * HOUR);
    expect(stage.numbers()).toMatchObject({ AlertsDead: 1, "DeliveriesDead@a": 1 });
    expect(await again()).toEqual([]);
    expect(stage.letters).toHaveLength(1);
  });

  it("hides no longer than SQS can, however long the other side asks, and tries when trying ends", async () => {
    const { stage, again, delivery } = await failedOnce(down("a"), down("a", true, 400 * HOUR));
    const start = stage.time.now();
    await stage.wait(30_000);
    await again();
    expect(stage.hidden.at(-1)?.milliseconds).toBe(11 * HOUR);
    expect(delivery()?.lease).toBe(start + 26 * HOUR);
  });

  it("buries a permanent refusal at once", async () => {
    const { stage, again } = await failedOnce(down("a"), down("a", false));
    await stage.wait(30_000);
    expect(await again()).toEqual([]);
    expect(stage.letters).toMatchObject([{ destination: "a", attempts: 2 }]);
  });

  it("may be tried again as long as a new one after it was reopened", async () => {
    const { stage, a, again } = await failedOnce(down("a", false), async () => undefined);
    const { ports, letters, time } = stage;
    const { alertId = "", part = "first", destination = "" } = letters[0] ?? {};
    const caller = { owner: "redrive", now: time.now(), deadline: time.now() + 10_000 };
    expect(await ports.store.reopen(alertId, part, destination, caller)).toBe(true);
    expect(await ports.store.reopen(alertId, part, destination, caller)).toBe(false);
    const body = JSON.stringify({ alertId, part, destination });
    expect(await again({ messageId: "m3", receiptHandle: "h3", body })).toEqual([]);
    expect(a.taken).toHaveLength(1);
    // It was counted when it died.
    expect(stage.numbers()).toMatchObject({ Alerts: 1, AlertsDead: 1, "Deliveries@a": 1 });
    expect(stage.numbers()).toEqual({});
  });

  it.each(["{cut", "null", "{}", '{"alertId":"x","destination":"a","part":"third"}', '{"alertId":1}'])(
    "buries the message %j, which names no delivery, as it is",
    async (body) => {
      const stage = makeStage([]);
      const message = { messageId: "m1", receiptHandle: "h1", body };
      expect(await stage.play(redeliver([message], stage.ports, stage.invocation()))).toEqual([]);
      expect(stage.letters).toMatchObject([
        { body, reason: expect.stringContaining("names no delivery") as string },
      ]);
    },
  );

  it("buries a delivery whose alert the table has forgotten", async () => {
    const stage = makeStage([fake("a")]);
    const body = JSON.stringify({ alertId: "forgotten", part: "first", destination: "a" });
    const message = { messageId: "m1", receiptHandle: "h1", body };
    expect(await stage.play(redeliver([message], stage.ports, stage.invocation()))).toEqual([]);
    expect(stage.letters).toMatchObject([{ alertId: "forgotten", destination: "a" }]);
  });

  it("keeps a message when the table cannot be asked, and works on the others", async () => {
    const { stage, a, message } = await failedOnce(down("a"), async () => undefined);
    await stage.wait(30_000);
    const store = {
      ...stage.ports.store,
      claim: async (...all: Parameters<typeof stage.ports.store.claim>) => {
        if (all[0] === "broken") throw new Error("no table");
        return stage.ports.store.claim(...all);
      },
    };
    const broken = {
      ...message,
      messageId: "m2",
      body: JSON.stringify({ alertId: "broken", part: "first", destination: "a" }),
    };
    const staying = redeliver([broken, message], { ...stage.ports, store }, stage.invocation());
    expect(await stage.play(staying)).toEqual(["m2"]);
    expect(a.taken).toHaveLength(1);
    expect(stage.lines).toContainEqual(
      expect.objectContaining({ message: "redelivery failed", messageId: "m2", reason: "Error: no table" }),
    );
  });
});
