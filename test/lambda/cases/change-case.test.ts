import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CaseChange } from "../../../lambda/cases/case-store.ts";
import { openTable, type Table } from "../../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { type LocalDynamo, startDynamo } from "../state/dynalite.ts";
import { newAlert, soon, storesOver } from "./stores.ts";

const TIME = "2026-11-20T10:00:00Z";

let dynamo: LocalDynamo;
const tables = new Map<string, Table>([["memory", asTable(makeMemoryTable())]]);
beforeAll(async () => {
  dynamo = await startDynamo("State");
  tables.set("DynamoDB", openTable({ name: "State", endpoint: dynamo.endpoint }));
});
afterAll(() => dynamo.stop());

describe.each(["memory", "DynamoDB"])("changes of cases over %s", (name) => {
  const stores = (now?: () => number) => storesOver(tables.get(name) as Table, now);
  const change = (id: string, what: Partial<CaseChange>) =>
    stores().cases.change(id, { by: "alice", ...what }, soon());

  it("take every way between statuses but the one from closed to acknowledged", async () => {
    const { tell, cases } = stores();
    const { id } = await tell(newAlert(TIME));
    const closed = { status: "closed", reason: "expected" } as const;
    for (const step of [
      { status: "acknowledged" },
      { status: "open" },
      closed,
      { status: "open" },
      { status: "acknowledged" },
      closed,
    ] as const)
      expect(await change(id, step)).toMatchObject({ ok: true, row: { status: step.status } });
    expect(await change(id, { status: "acknowledged" })).toMatchObject({
      ok: false,
      why: "refused",
      message: expect.stringContaining("reopen it first") as unknown,
    });
    const { history } = (await cases.read(id, soon())) ?? { history: [] };
    expect(history.map(({ from, to }) => `${from}>${to}`)).toEqual([
      "open>acknowledged",
      "acknowledged>open",
      "open>closed",
      "closed>open",
      "open>acknowledged",
      "acknowledged>closed",
    ]);
    expect(history.map((entry) => entry.id)).toEqual(history.map((entry) => entry.id).toSorted());
  });

  it.each<[string, Partial<CaseChange>, RegExp]>([
    ["nothing", {}, /status, a comment, or both/],
    ["a blank comment", { comment: " \n" }, /status, a comment, or both/],
    ["closing without a reason", { status: "closed" }, /needs a reason/],
    [
      "closing for another reason and not saying which",
      { status: "closed", reason: "other" },
      /needs a comment/,
    ],
    ["a reason without closing", { status: "open", reason: "expected" }, /goes with status closed/],
    ["a comment that is too long", { comment: "x".repeat(4_001) }, /4001.*shorten/],
  ])("refuse %s", async (_, what, message) => {
    const { tell, cases } = stores();
    const { id } = await tell(newAlert(TIME));
    expect(await change(id, what)).toMatchObject({
      ok: false,
      why: "refused",
      message: expect.stringMatching(message) as unknown,
    });
    expect((await cases.read(id, soon()))?.history).toEqual([]);
  });

  it("that are as asked for stay so: a second time is no second entry", async () => {
    const { tell, cases } = stores();
    const { id } = await tell(newAlert(TIME));
    expect(await change(id, { status: "open" })).toMatchObject({ ok: true, entry: { to: "open" } });
    const closed = { status: "closed", reason: "expected" } as const;
    const first = await change(id, closed);
    expect(await change(id, closed)).toEqual(first);
    expect((await cases.read(id, soon()))?.history).toHaveLength(1);
    expect(await change(id, { ...closed, reason: "false-positive" })).toMatchObject({ ok: true });
    expect((await cases.read(id, soon()))?.history).toHaveLength(2);
  });

  it("change once for one idempotency key, also when others changed them since", async () => {
    const { tell, cases } = stores();
    const { id } = await tell(newAlert(TIME));
    const once = { comment: "One \ud800.", idempotencyKey: "k1" };
    const first = await change(id, once);
    await change(id, { comment: "Two.", idempotencyKey: "k2" });
    await change(id, { status: "acknowledged" });
    const again = await change(id, once);
    expect(again).toMatchObject({ ok: true, entry: first.ok ? first.entry : {} });
    const { history } = (await cases.read(id, soon())) ?? { history: [] };
    expect(history.map(({ comment }) => comment)).toEqual(["One \ufffd.", "Two.", undefined]);
  });

  it("lose no change of many at once", async () => {
    const { tell, cases } = stores();
    const { id } = await tell(newAlert(TIME));
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, n) => change(id, { comment: `c${n}`, idempotencyKey: `k${n % 6}` })),
    );
    expect(made.every(({ ok }) => ok)).toBe(true);
    const { history = [] } = (await cases.read(id, soon())) ?? {};
    expect(history).toHaveLength(6);
    expect(new Set(history.map((entry) => entry.id)).size).toBe(6);
  });

  it("keep entries in order when the clock goes back", async () => {
    let now = Date.now();
    const { tell, cases } = stores(() => now);
    const { id } = await tell(newAlert(TIME));
    await cases.change(id, { by: "a", comment: "first" }, soon());
    now -= 3_600_000;
    await cases.change(id, { by: "a", comment: "second" }, soon());
    const { history = [] } = (await cases.read(id, soon())) ?? {};
    expect(history.map(({ comment }) => comment)).toEqual(["first", "second"]);
  });
});
