import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AlertStore, type Caller, makeAlertStore } from "../../../lambda/state/alert-store.ts";
import { openTable, type Table } from "../../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { type LocalDynamo, startDynamo } from "./dynalite.ts";

let dynamo: LocalDynamo;
const tables: Record<string, Table> = { memory: asTable(makeMemoryTable()) };
beforeAll(async () => {
  dynamo = await startDynamo("State");
  tables["DynamoDB"] = openTable({ name: "State", endpoint: dynamo.endpoint });
});
afterAll(() => dynamo.stop());

let made = 0;
const fresh = () => sampleAlert({ eventID: `event-${++made}` });
/** `after` milliseconds from now; each may take ten seconds. */
const caller = (owner: string, after = 0): Caller => ({
  owner,
  now: Date.now() + after,
  deadline: Date.now() + after + 10_000,
});

describe.each(["DynamoDB", "memory"])("the alert store over %s", (name) => {
  const store = (): AlertStore => makeAlertStore(tables[name] as Table, 90);

  it("records an alert once, with all deliveries claimed, and forgets it after ninety days", async () => {
    const alert = fresh();
    const recorded = await store().record(alert, "first", ["a", "b"], caller("one"));
    expect(recorded).toMatchObject({ isNew: true, busy: [] });
    expect(recorded.mine.map(({ destination, attempts }) => [destination, attempts])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
    const found = await store().read(alert.id, "first", Date.now() + 10_000);
    expect(found?.alert).toEqual(alert);
    expect(found?.deliveries["a"]).toMatchObject({ state: "pending", owner: "one" });
    const item = await tables[name]?.get({ pk: `ALERT#${alert.id}`, sk: "ALERT" }, Date.now() + 10_000);
    expect(item).toMatchObject({ ruleId: alert.rule.id, severity: "high", startTime: alert.startTime });
    expect(Number(item?.["expiresAt"]) - Date.now() / 1000).toBeCloseTo(90 * 86_400, -2);
  });

  it("finds its own record when the answer was lost, and is not taken for another", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a"], caller("one"));
    expect(await store().record(alert, "first", ["a"], caller("one"))).toMatchObject({
      isNew: true,
      mine: [{ destination: "a", attempts: 1 }],
    });
    const other = await store().record(alert, "first", ["a"], caller("two"));
    expect(other).toMatchObject({ isNew: false, mine: [], busy: [{ destination: "a" }] });
    expect(other.busy[0]?.until).toBeGreaterThan(Date.now() + 9_000);
  });

  it("lets exactly one of many claim a delivery whose lease is over", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a"], caller("dead"));
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store().claim(alert.id, "first", "a", caller(`n${n}`, 20_000))),
    );
    expect(claims.filter(({ may }) => may)).toHaveLength(1);
    expect(claims.find(({ may }) => may)).toMatchObject({
      alert: { id: alert.id },
      delivery: { attempts: 2 },
    });
  });

  it("adds a destination that is routed to since, and does not forget one that is not any more", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a"], caller("one"));
    const again = await store().record(alert, "first", ["b"], caller("two", 20_000));
    expect(again.mine.map(({ destination }) => destination)).toEqual(["a", "b"]);
  });

  it("keeps what is delivered delivered, whoever comes late with another outcome", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a"], caller("one"));
    await store().settle(alert.id, "first", "a", { state: "delivered", receipt: "r" }, caller("one"));
    await store().settle(alert.id, "first", "a", { state: "queued", reason: "late", due: 0 }, caller("one"));
    await store().settle(alert.id, "first", "a", { state: "dead", reason: "late" }, caller("one"));
    const found = await store().read(alert.id, "first", Date.now() + 10_000);
    expect(found?.deliveries["a"]).toMatchObject({ state: "delivered", receipt: "r" });
    expect(await store().claim(alert.id, "first", "a", caller("two", 20_000))).toEqual({
      may: false,
      why: "settled",
    });
  });

  it("does not let one who lost its lease queue or bury what another is delivering", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a"], caller("slow"));
    await store().claim(alert.id, "first", "a", caller("quick", 20_000));
    await store().settle(alert.id, "first", "a", { state: "dead", reason: "x" }, caller("slow"));
    expect((await store().read(alert.id, "first", Date.now() + 10_000))?.deliveries["a"]).toMatchObject({
      state: "pending",
      owner: "quick",
    });
  });

  it("says of exactly one outcome that it was the alert's last, lost answers and all", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a", "b", "c"], caller("one"));
    const settle = (id: string, state: "delivered" | "dead") =>
      store().settle(
        alert.id,
        "first",
        id,
        state === "dead" ? { state, reason: "no" } : { state },
        caller("one"),
      );
    expect(await settle("a", "delivered")).toBeUndefined();
    await settle("b", "dead");
    expect(await settle("c", "delivered")).toBe("dead");
    // The answers to these had been lost.
    expect(await settle("a", "delivered")).toBeUndefined();
    expect(await settle("b", "dead")).toBeUndefined();
    expect(await settle("c", "delivered")).toBe("dead");
  });

  it("lets nobody claim what is queued before it is due", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a"], caller("one"));
    const due = Date.now() + 60_000;
    await store().settle(
      alert.id,
      "first",
      "a",
      { state: "queued", reason: "x".repeat(999), due },
      caller("one"),
    );
    expect(await store().claim(alert.id, "first", "a", caller("two"))).toEqual({
      may: false,
      why: "busy",
      until: due,
    });
    const claim = await store().claim(alert.id, "first", "a", caller("two", 60_001));
    expect(claim).toMatchObject({ may: true, delivery: { attempts: 2, state: "queued" } });
    expect((await store().record(alert, "first", ["a"], caller("three", 60_001))).mine).toEqual([]);
  });

  it("gives the summary's claim the receipt of the first notice, and knows what is not there", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a"], caller("one"));
    await store().settle(alert.id, "first", "a", { state: "delivered", receipt: "ts-1" }, caller("one"));
    await store().record(alert, "summary", ["a"], caller("one"));
    expect(await store().claim(alert.id, "summary", "a", caller("two", 20_000))).toMatchObject({
      may: true,
      receipt: "ts-1",
    });
    expect(await store().claim("none", "first", "a", caller("two"))).toEqual({ may: false, why: "gone" });
    expect(await store().claim(alert.id, "first", "none", caller("two"))).toEqual({
      may: false,
      why: "gone",
    });
    expect(await store().read("none", "first", Date.now() + 10_000)).toBeUndefined();
  });

  it("keeps an alert that nobody is told of once, lists it, and never takes it for told", async () => {
    const alert = fresh();
    expect(await store().keep(alert, { of: "f".repeat(32) }, caller("one"))).toBe(true);
    // The answer was lost, and then the record comes again.
    expect(await store().keep(alert, {}, caller("one"))).toBe(true);
    expect(await store().keep({ ...alert, severity: "low" }, {}, caller("two"))).toBe(false);
    expect(await store().read(alert.id, "first", Date.now() + 10_000)).toBeUndefined();
    expect(await store().claim(alert.id, "first", "a", caller("three"))).toEqual({ may: false, why: "gone" });
    const item = await tables[name]?.get({ pk: `ALERT#${alert.id}`, sk: "KEPT" }, Date.now() + 10_000);
    expect(item).toMatchObject({
      row: { severity: "high", repeatOf: "f".repeat(32) },
      day: "kept#2026-11-20",
    });
    expect(Number(item?.["expiresAt"]) - Date.now() / 1000).toBeCloseTo(90 * 86_400, -2);
    expect(await store().record(alert, "first", ["a"], caller("four"))).toMatchObject({ isNew: true });
  });

  it("lists no record that only counts", async () => {
    const alert = fresh();
    expect(await store().keep(alert, { counted: true }, caller("one"))).toBe(true);
    const item = await tables[name]?.get({ pk: `ALERT#${alert.id}`, sk: "KEPT" }, Date.now() + 10_000);
    expect(item).toMatchObject({ counted: true });
    for (const key of ["row", "place", "day", "actorKey", "ruleKey"]) expect(item).not.toHaveProperty(key);
  });

  it("knows when each delivery was last attempted", async () => {
    const alert = fresh();
    await store().record(alert, "first", ["a"], caller("one"));
    const later = caller("two", 60_000);
    await store().claim(alert.id, "first", "a", later);
    const found = await store().read(alert.id, "first", Date.now() + 10_000);
    expect(found?.deliveries["a"]?.last).toBe(later.now);
    expect(found?.deliveries["a"]?.since).toBeLessThan(later.now);
  });

  it("keeps an alert of more than an item may hold, shortened and saying so", async () => {
    const noise = Array.from({ length: 150_000 }, (_, n) => Math.imul(n, 2_654_435_761).toString(36)).join(
      "",
    );
    const alert = { ...fresh(), record: { ...fresh().record, requestParameters: { noise } } };
    await store().record(alert, "first", ["a"], caller("one"));
    const found = await store().read(alert.id, "first", Date.now() + 10_000);
    expect(found?.alert).toMatchObject({ id: alert.id, summary: alert.summary });
    expect(found?.alert.notes?.join()).toContain("left out of the record for size: requestParameters");
  });
});
