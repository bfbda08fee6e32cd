import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { deliverAlerts, DELIVERIES_AT_ONCE } from "../../../lambda/delivery/deliver-alerts.ts";
import { deliveriesOf, keyOf } from "../../../lambda/state/alert-item.ts";
import { makeAlertStore } from "../../../lambda/state/alert-store.ts";
import type { Table } from "../../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { down, fake, makeStage } from "./stage.ts";

const alert = sampleAlert();
const alerts = (count: number): Alert[] =>
  Array.from({ length: count }, (_, i) => sampleAlert({}, { id: `_global/rule-${i}` }));
const to = (destinations: readonly string[], ...some: readonly Alert[]) =>
  some.map((one) => ({ alert: one, part: "first" as const, destinations }));

describe("deliverAlerts", () => {
  it("records, delivers to every destination and writes down each receipt", async () => {
    const [a, b] = [fake("a", async () => "ts-1"), fake("b")];
    const stage = makeStage([a, b]);
    expect(await stage.play(deliverAlerts(to(["a", "b"], alert), stage.ports, stage.invocation()))).toEqual(
      [],
    );
    expect([a.taken, b.taken]).toEqual([[{ alert, kind: "first" }], [{ alert, kind: "first" }]]);
    expect(deliveriesOf(stage.memory.get(keyOf(alert.id, "first")))).toMatchObject({
      a: { state: "delivered", receipt: "ts-1", attempts: 1 },
      b: { state: "delivered", attempts: 1 },
    });
    expect(stage.numbers()).toEqual({
      Alerts: 1,
      AlertsDelivered: 1,
      "Deliveries@a": 1,
      "Deliveries@b": 1,
    });
  });

  it("delivers nothing again that the table knows to be delivered", async () => {
    const a = fake("a");
    const stage = makeStage([a]);
    for (let n = 0; n < 2; n++)
      await stage.play(deliverAlerts(to(["a"], alert), stage.ports, stage.invocation()));
    expect(a.taken).toHaveLength(1);
    expect(stage.numbers()).toMatchObject({ Alerts: 1, AlertsDelivered: 1 });
  });

  it("queues what failed for that destination alone, no longer than SQS can, and remembers when it is due", async () => {
    const stage = makeStage([fake("a", down("a", true, 7_200_000)), fake("b")]);
    expect(await stage.play(deliverAlerts(to(["a", "b"], alert), stage.ports, stage.invocation()))).toEqual(
      [],
    );
    expect(stage.queued).toEqual([
      { message: { alertId: alert.id, part: "first", destination: "a" }, delay: 900_000 },
    ]);
    expect(deliveriesOf(stage.memory.get(keyOf(alert.id, "first")))).toMatchObject({
      a: { state: "queued", reason: "a is down", lease: stage.time.now() + 7_200_000 },
      b: { state: "delivered" },
    });
    expect(stage.numbers()).toEqual({ Alerts: 1, "DeliveriesFailed@a": 1, "Deliveries@b": 1 });
  });

  it("buries what will not heal at once, with the reason, and counts the alert as dead", async () => {
    const stage = makeStage([fake("a", down("a", false)), fake("b")]);
    await stage.play(deliverAlerts(to(["a", "gone", "b"], alert), stage.ports, stage.invocation()));
    expect(stage.letters).toMatchObject([
      {
        alertId: alert.id,
        destination: "gone",
        reason: expect.stringContaining("no destination gone") as string,
      },
      { destination: "a", reason: "a is down", attempts: 1, title: alert.title, severity: "high" },
    ]);
    expect(stage.queued).toEqual([]);
    expect(stage.numbers()).toMatchObject({
      Alerts: 1,
      AlertsDead: 1,
      "DeliveriesDead@a": 1,
      "DeliveriesDead@gone": 1,
    });
  });

  it("tells an alert at once that lists may not find, and fails, so that the next try lists it", async () => {
    const a = fake("a");
    const memory = makeMemoryTable();
    const state = { down: true };
    const table = asTable(memory);
    const withoutDays: Table = {
      ...table,
      update: (key, ...rest) =>
        state.down && key.pk === "DAYS" ? Promise.reject(new Error("throttled")) : table.update(key, ...rest),
    };
    const stage = makeStage([a], { store: makeAlertStore(withoutDays, 90) });
    const deliver = () => stage.play(deliverAlerts(to(["a"], alert), stage.ports, stage.invocation()));
    expect(await deliver()).toMatchObject([{ name: "UnlistedError" }]);
    expect(a.taken).toHaveLength(1);
    state.down = false;
    expect(await deliver()).toEqual([]);
    expect(a.taken).toHaveLength(1);
    expect(memory.items().map(({ pk }) => pk)).toContain("DAYS");
  });

  it("asks the queue to look again at a delivery that another invocation holds", async () => {
    const a = fake("a");
    const stage = makeStage([a]);
    const { answersBy, writtenBy } = stage.invocation();
    const other = { owner: "other", now: stage.time.now(), deadline: writtenBy };
    await stage.ports.store.record(alert, "first", ["a"], other);
    await stage.play(deliverAlerts(to(["a"], alert), stage.ports, { answersBy, writtenBy }));
    expect(a.taken).toEqual([]);
    expect(stage.queued).toMatchObject([{ message: { alertId: alert.id, destination: "a" } }]);
    expect(stage.queued[0]?.delay).toBeGreaterThan(writtenBy - stage.time.now());
  });

  it("delivers what was recorded by an invocation that died, when its lease is over", async () => {
    const a = fake("a");
    const stage = makeStage([a]);
    const other = { owner: "other", now: stage.time.now(), deadline: stage.time.now() + 58_000 };
    await stage.ports.store.record(alert, "first", ["a"], other);
    await stage.wait(62_000);
    await stage.play(deliverAlerts(to(["a"], alert), stage.ports, stage.invocation()));
    expect(a.taken).toHaveLength(1);
    expect(deliveriesOf(stage.memory.get(keyOf(alert.id, "first")))).toMatchObject({ a: { attempts: 2 } });
    expect(stage.numbers()).toMatchObject({ AlertsDelivered: 1, "DeliveriesRedelivered@a": 1 });
  });

  it("gives one destination no more than eight alerts at once, and all of them in the end", async () => {
    let [open, most] = [0, 0];
    const stage: ReturnType<typeof makeStage> = makeStage([
      fake("a", async () => {
        most = Math.max(most, ++open);
        await stage.time.sleep(10);
        open--;
        return undefined;
      }),
    ]);
    await stage.play(deliverAlerts(to(["a"], ...alerts(100)), stage.ports, stage.invocation()));
    expect(most).toBe(DELIVERIES_AT_ONCE);
    expect(stage.numbers()).toMatchObject({ Alerts: 100, AlertsDelivered: 100 });
  });

  it("does not let a destination that hangs keep another from its last alert, and ends in time", async () => {
    const quick = fake("quick");
    const stage = makeStage([fake("stuck", () => new Promise<never>(() => undefined)), quick]);
    const start = stage.time.now();
    const invocation = stage.invocation();
    const done = deliverAlerts(to(["stuck", "quick"], ...alerts(20)), stage.ports, invocation);
    await stage.time.run(1);
    expect(quick.taken).toHaveLength(20);
    expect(await stage.play(done)).toEqual([]);
    expect(stage.time.now() - start).toBeLessThan(58_000);
    expect(stage.queued).toHaveLength(20);
    expect(stage.lines.map(({ reason }) => reason)).toContain(
      "stuck had not answered when the invocation's time was up",
    );
  });

  it("delivers the most severe first, and the others in their order", async () => {
    const a = fake("a");
    const stage = makeStage([a]);
    const some = (["low", "critical", "info", "high", "low"] as const).map((severity, i) =>
      sampleAlert({}, { id: `_global/${i}`, severity }),
    );
    await stage.play(deliverAlerts(to(["a"], ...some), stage.ports, stage.invocation()));
    expect(a.taken.map((notice) => notice.alert.rule.id)).toEqual([1, 3, 0, 4, 2].map((i) => `_global/${i}`));
  });

  it("takes a destination's mistake for a failure that may heal, whatever it throws", async () => {
    const rude = {
      ...fake("rude"),
      deliver: () => {
        throw "just text";
      },
    };
    const stage = makeStage([rude]);
    await stage.play(deliverAlerts(to(["rude"], alert), stage.ports, stage.invocation()));
    expect(stage.queued).toHaveLength(1);
    expect(stage.lines[0]).toMatchObject({ message: "delivery failed", retryable: true });
  });

  it("fails when an alert can neither be recorded nor queued, and delivers the others", async () => {
    const a = fake("a");
    const stage = makeStage([a, fake("b", down("b"))], {
      redeliver: async () => {
        throw new Error("no queue");
      },
    });
    const failures = await stage.play(deliverAlerts(to(["a", "b"], alert), stage.ports, stage.invocation()));
    expect(failures.map(String)).toEqual(["Error: no queue"]);
    expect(a.taken).toHaveLength(1);
    expect(deliveriesOf(stage.memory.get(keyOf(alert.id, "first")))).toMatchObject({
      b: { state: "pending" },
    });
  });

  it("gives a summary the receipts of the first notice", async () => {
    const a = fake("a");
    const stage = makeStage([a]);
    const summary = { alert, part: "summary" as const, destinations: ["a"], receipts: { a: "ts-1" } };
    await stage.play(deliverAlerts([summary], stage.ports, stage.invocation()));
    expect(a.taken).toEqual([{ alert, kind: "summary", receipt: "ts-1" }]);
    expect(stage.numbers()).toEqual({ "Deliveries@a": 1 });
  });
});
