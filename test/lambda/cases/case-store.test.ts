import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caseSchema } from "../../../lambda/cases/case-schema.ts";
import type { CaseChange } from "../../../lambda/cases/case-store.ts";
import { describeAlert, keyOf } from "../../../lambda/state/alert-item.ts";
import { openTable, type Table } from "../../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { type LocalDynamo, startDynamo } from "../state/dynalite.ts";
import { newAlert, soon, storesOver } from "./stores.ts";

const NONE = "0".repeat(32);
const TIME = "2026-11-20T10:00:00Z";

let dynamo: LocalDynamo;
const tables = new Map<string, Table>([["memory", asTable(makeMemoryTable())]]);
beforeAll(async () => {
  dynamo = await startDynamo("State");
  tables.set("DynamoDB", openTable({ name: "State", endpoint: dynamo.endpoint }));
});
afterAll(() => dynamo.stop());

describe.each(["memory", "DynamoDB"])("cases over %s", (name) => {
  const table = () => tables.get(name) as Table;
  const stores = (now?: () => number) => storesOver(table(), now);
  const change = (id: string, what: Partial<CaseChange>) =>
    stores().cases.change(id, { by: "alice", ...what }, soon());

  it("are read with the status, the history and the deliveries of now", async () => {
    const { tell, cases } = stores();
    const alert = await tell(newAlert(TIME));
    await change(alert.id, { status: "acknowledged", comment: "I look." });
    const found = await cases.read(alert.id, soon());
    expect(caseSchema.safeParse(found).error).toBeUndefined();
    expect(found).toMatchObject({
      alert: { id: alert.id, status: "acknowledged" },
      row: { id: alert.id, status: "acknowledged", ruleId: alert.rule.id },
      history: [{ by: "alice", from: "open", to: "acknowledged", comment: "I look." }],
      integrations: [{ destination: "topic", part: "first", outcome: "delivered", attempts: 1 }],
    });
    expect(found?.integrations[0]?.lastAttempt).toBeDefined();
  });

  it("have the count and the end of their summary, and so do lists once they are told", async () => {
    const { tell, alerts, cases, caller } = stores();
    const alert = await tell(newAlert(TIME));
    expect(await cases.summarise(alert.id, soon())).toBe(false);
    const summary = { ...alert, count: 7, endTime: "2026-11-20T10:09:00.000Z", summary: "Seven times" };
    await alerts.record(summary, "summary", ["topic"], caller());
    expect(await cases.read(alert.id, soon())).toMatchObject({
      alert: { count: 7, summary: "Seven times" },
      row: { count: 7, endTime: "2026-11-20T10:09:00.000Z" },
      integrations: [{ part: "first" }, { part: "summary", outcome: "pending" }],
    });
    await cases.publish(alert.id, soon());
    expect(await cases.summarise(alert.id, soon())).toBe(true);
    const filter = { ruleId: alert.rule.id, from: TIME };
    const { rows } = await cases.list(filter, { limit: 100 }, soon());
    expect(rows.find(({ id }) => id === alert.id)).toMatchObject({ count: 7, summary: "Seven times" });
    const [published] = await cases.published({ limit: 1 }, soon());
    expect(published?.row).toMatchObject({ id: alert.id, count: 7 });
  });

  it("of kept alerts are found and changed as others, and say what they repeat", async () => {
    const { keep, cases } = stores();
    const alert = await keep(newAlert(TIME, { disposition: "deduplicated" }), { of: NONE });
    expect(await change(alert.id, { status: "closed", reason: "expected" })).toMatchObject({ ok: true });
    expect(await cases.read(alert.id, soon())).toMatchObject({
      row: { status: "closed", disposition: "deduplicated", repeatOf: NONE },
      integrations: [],
    });
  });

  it("are not made of records that only count, of other ids or of what is no id", async () => {
    const { keep, cases } = stores();
    const { id } = await keep(newAlert(TIME), { counted: true });
    for (const one of [id, NONE, "", "ALERT", `${id}#`, "\u0000"]) {
      expect(await cases.read(one, soon())).toBeUndefined();
      expect(await change(one, { comment: "x" })).toMatchObject({ ok: false, why: "not-found" });
      expect(await cases.publish(one, soon())).toBeUndefined();
      expect(await cases.records(one, 10, soon())).toEqual({ alerts: [], all: true });
    }
  });

  it("store a scope once, whatever it holds", async () => {
    const { cases } = stores();
    expect(await cases.readScope(NONE, "details", soon())).toBeUndefined();
    const value = { state: "ready", value: { "": [null, 1.5, "\u202e"], deep: {} } };
    expect(await cases.writeScope(NONE, "details", value, soon())).toBe(true);
    expect(await cases.writeScope(NONE, "details", { other: true }, soon())).toBe(false);
    expect(await cases.readScope(NONE, "details", soon())).toEqual(value);
    const noise = Array.from({ length: 60_000 }, () => Math.random());
    await expect(cases.writeScope(NONE, "events", noise, soon())).rejects.toThrow(RangeError);
  });

  it("give the records of a window, those that only counted too, oldest first", async () => {
    const { tell, keep, cases } = stores();
    const [one, two, three] = [0, 1, 2].map((n) => newAlert(`2026-11-20T10:0${n}:00Z`));
    if (one === undefined || two === undefined || three === undefined) throw new Error("no alerts");
    const [reach, opened, closes] = ["09:50", "10:00", "10:10"].map((at) =>
      Date.parse(`2026-11-20T${at}:00Z`),
    );
    const window = {
      partition: `WINDOW#${name}`,
      id: "w1",
      reach: reach ?? 0,
      opened: opened ?? 0,
      closes: closes ?? 0,
    };
    for (const { id, startTime } of [one, two, three])
      await table().put(
        {
          pk: window.partition,
          sk: `MEMBER#${startTime}#${id}`,
          id,
          time: Date.parse(startTime),
          at: 0,
          window: "w1",
        },
        undefined,
        soon(),
      );
    await keep(one, { counted: true });
    await keep(two, { counted: true });
    // The alert of a burst has the id of the first record and holds the last.
    await tell({ ...three, id: one.id, startTime: one.startTime, count: 3 }, window);
    await keep(three, { counted: true });
    const { alerts, all } = await cases.records(one.id, 10, soon());
    expect(alerts.map(({ record }) => record["eventID"])).toEqual(
      [one, two, three].map(({ record }) => record["eventID"]),
    );
    expect(all).toBe(true);
    expect(await cases.records(one.id, 2, soon())).toMatchObject({ all: false, alerts: [{}, {}] });
  });

  it("say when records of a window are gone", async () => {
    const { tell, cases } = stores();
    const window = { partition: "WINDOW#gone", id: "w", reach: 0, opened: 1, closes: 2 };
    const alert = await tell(newAlert(TIME, { count: 4 }), window);
    expect(await cases.records(alert.id, 10, soon())).toEqual({ alerts: [alert], all: false });
    const alone = await tell(newAlert(TIME));
    expect(await cases.records(alone.id, 10, soon())).toEqual({ alerts: [alone], all: true });
  });

  it("that an earlier version stored are read, changed and then listed", async () => {
    const { cases } = stores();
    const alert = newAlert("2026-11-19T10:00:00Z");
    const expiresAt = Math.ceil(Date.now() / 1000) + 86_400;
    // Without a row, the keys of indexes, and a note of its day.
    const old = { deliveries: {}, settles: 1, createdAt: Date.now(), expiresAt };
    await table().put({ ...keyOf(alert.id, "first"), ...describeAlert(alert), ...old }, undefined, soon());
    const filter = { from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z" };
    expect((await cases.list(filter, { limit: 9 }, soon())).rows).toEqual([]);
    expect(await cases.read(alert.id, soon())).toMatchObject({ row: { id: alert.id, status: "open" } });
    expect(await change(alert.id, { status: "acknowledged" })).toMatchObject({ ok: true });
    expect((await cases.list(filter, { limit: 9 }, soon())).rows).toMatchObject([{ id: alert.id }]);
  });

  it("are published once each, in order, and read back by number with the status of now", async () => {
    const { tell, cases } = stores();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await tell(newAlert(TIME))).id);
    const before = (await cases.published({ limit: 1 }, soon()))[0]?.number ?? 0;
    const numbers = await Promise.all([...ids, ...ids].map((id) => cases.publish(id, soon())));
    expect(new Set(numbers)).toEqual(new Set([1, 2, 3, 4, 5].map((n) => before + n)));
    expect(numbers.slice(0, 5)).toEqual(numbers.slice(5));
    const listed = await cases.published({ limit: 5 }, soon());
    expect(listed.map(({ number }) => number)).toEqual([5, 4, 3, 2, 1].map((n) => before + n));
    expect(listed.map(({ publishedAt }) => publishedAt)).toEqual(
      listed
        .map(({ publishedAt }) => publishedAt)
        .toSorted()
        .toReversed(),
    );
    const [id = ""] = ids;
    const number = numbers[0] ?? 0;
    expect(await cases.byNumber(number, soon())).toMatchObject({
      number,
      row: { id, number, status: "open" },
    });
    await change(id, { status: "closed", reason: "expected" });
    const page = await cases.published({ before: number + 1, limit: 1 }, soon());
    expect(page).toMatchObject([{ number, row: { id, status: "closed" } }]);
    expect(await cases.byNumber(number, soon())).toMatchObject({ row: { status: "closed" } });
    for (const none of [0, -1, 1.5, NaN, 1e15, before + 99])
      expect(await cases.byNumber(none, soon())).toBeUndefined();
    expect(await cases.published({ before: 1, limit: 9 }, soon())).toEqual([]);
  });

  it("never let the last number expire, and the others with their alerts", async () => {
    const { tell, cases } = stores();
    const [a, b] = [await tell(newAlert(TIME)), await tell(newAlert(TIME))];
    const [first = 0, last = 0] = [await cases.publish(a.id, soon()), await cases.publish(b.id, soon())];
    const entry = (n: number) => table().get({ pk: "NUMBERS", sk: String(n).padStart(12, "0") }, soon());
    const item = await table().get({ pk: `ALERT#${a.id}`, sk: "ALERT" }, soon());
    expect((await entry(first))?.["expiresAt"]).toBe(item?.["expiresAt"]);
    expect(await entry(last)).not.toHaveProperty("expiresAt");
  });
});
