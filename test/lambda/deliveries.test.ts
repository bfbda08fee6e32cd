import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { DELIVERIES_AT_ONCE, deliverAll, type Outcome } from "../../lambda/deliveries.ts";
import type { Destination } from "../../lambda/destinations/destination.ts";
import { sampleAlert } from "./alerts/sample.ts";

const alerts = (count: number): Alert[] =>
  Array.from({ length: count }, (_, i) => sampleAlert({}, { id: `_global/rule-${i}` }));

function destination(id: string, deliver: Destination["deliver"]): Destination {
  return { id, type: "test", deliver };
}

async function outcomesOf(
  some: readonly Alert[],
  destinations: readonly Destination[],
  budget = 60_000,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  await deliverAll(some, destinations, Date.now() + budget, (outcome) => outcomes.push(outcome));
  return outcomes;
}

describe("deliverAll", () => {
  it("gives one destination no more than eight alerts at once, and all of them in the end", async () => {
    let [open, most] = [0, 0];
    const counting = destination("counting", async () => {
      most = Math.max(most, ++open);
      await sleep(1);
      open--;
    });
    const outcomes = await outcomesOf(alerts(300), [counting]);
    expect(most).toBe(DELIVERIES_AT_ONCE);
    expect(new Set(outcomes.map(({ alert }) => alert.id)).size).toBe(300);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
  });

  it("does not let a destination that is stuck with its first alerts keep another from its last", async () => {
    const taken: string[] = [];
    const { promise: stuck, resolve: release } = Promise.withResolvers<void>();
    const quick = destination("quick", async (alert) => {
      taken.push(alert.id);
      if (taken.length === 100) release();
    });
    const outcomes = await outcomesOf(alerts(100), [destination("slow", () => stuck), quick]);
    expect(taken).toHaveLength(100);
    expect(outcomes).toHaveLength(200);
  });

  it("delivers the most severe first, and the others in their order", async () => {
    const order: string[] = [];
    const some = (["low", "critical", "info", "high", "low"] as const).map((severity, i) =>
      sampleAlert({}, { id: `_global/${i}`, severity }),
    );
    await outcomesOf(some, [destination("a", async ({ rule }) => void order.push(rule.id))]);
    expect(order).toEqual(["_global/1", "_global/3", "_global/0", "_global/4", "_global/2"]);
  });

  it("tells every destination the deadline, and ends soon after it though they ignore it", async () => {
    const seen: number[] = [];
    const hanging = destination("hanging", (_, deadline) => {
      seen.push(deadline);
      return new Promise(() => undefined);
    });
    const start = Date.now();
    const outcomes = await outcomesOf(alerts(20), [hanging], 60);
    expect(Date.now() - start).toBeLessThan(2_000);
    expect(seen).toHaveLength(DELIVERIES_AT_ONCE);
    expect(seen.every((deadline) => deadline >= start + 60 && deadline <= start + 1_000)).toBe(true);
    const reasons = outcomes.map((outcome) => (outcome.ok ? "" : String(outcome.error)));
    expect(reasons.filter((reason) => reason.includes("had not ended when"))).toHaveLength(8);
    expect(reasons.filter((reason) => reason.includes("no time was left"))).toHaveLength(12);
  });

  it("starts nothing when there is no time, and calls that curable", async () => {
    let started = 0;
    const [outcome] = await outcomesOf(alerts(1), [destination("a", async () => void started++)], -1);
    expect(started).toBe(0);
    expect(outcome).toMatchObject({ ok: false, destination: "a", error: { retryable: true } });
  });

  it("keeps the destination's own reason when it gives up at the deadline itself", async () => {
    const late = destination("late", async (_, deadline) => {
      await sleep(deadline - Date.now() + 20);
      throw new Error("did not answer");
    });
    expect(await outcomesOf(alerts(1), [late], 30)).toMatchObject([
      { ok: false, error: { message: "did not answer" } },
    ]);
  });
});
