import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { CaseFilter } from "../../../lambda/cases/case-store.ts";
import { openTable, type Table } from "../../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { type LocalDynamo, startDynamo } from "../state/dynalite.ts";
import { newAlert, soon, storesOver } from "./stores.ts";

const EVE = "arn:aws:iam::123456789012:user/eve";
const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;
const DISPOSITIONS = ["delivered", "suppressed", "staged", "deduplicated"] as const;

let dynamo: LocalDynamo;
const tables = new Map<string, Table>([["memory", asTable(makeMemoryTable())]]);
/** Sixty alerts over six days, some of one moment, one without a time, and one that came long before the others. */
const alerts: Alert[] = [];

beforeAll(async () => {
  dynamo = await startDynamo("State");
  tables.set("DynamoDB", openTable({ name: "State", endpoint: dynamo.endpoint }));
  for (let n = 0; n < 60; n++) {
    const time = `2026-11-${10 + (n % 6)}T10:${String(n).padStart(2, "0")}:00Z`;
    const base = newAlert(time);
    alerts.push({
      ...base,
      severity: SEVERITIES[n % 5] ?? "low",
      disposition: DISPOSITIONS[n % 7] ?? "delivered",
      rule: { ...base.rule, id: `ec2.amazonaws.com/r${n % 3}` },
      actor: { ...base.actor, ...(n % 4 === 0 ? { arn: EVE, name: "eve" } : {}) },
      cloud: { ...base.cloud, accountId: n % 2 === 0 ? "123456789012" : "210987654321" },
    });
  }
  // Many at one moment, on both sides of midnight.
  for (let n = 0; n < 14; n++) {
    const at = n % 2 === 0 ? "2026-11-14T00:00:00.000Z" : "2026-11-13T23:59:59.999Z";
    alerts.push({ ...newAlert(at), disposition: DISPOSITIONS[n % 4] ?? "delivered" });
  }
  alerts.push(newAlert("1970-01-01T00:00:00Z"), newAlert("2025-01-01T00:00:00Z"));
  for (const table of tables.values()) {
    const { tell, keep } = storesOver(table);
    for (const alert of alerts) await (alert.disposition === "delivered" ? tell(alert) : keep(alert));
  }
});
afterAll(() => dynamo.stop());

/** What a list has to hold. */
function wanted(filter: CaseFilter): string[] {
  const { dispositions = ["delivered"], severities, ruleId, actor, accountIds, from, to, channels } = filter;
  return alerts
    .filter(
      (alert) =>
        dispositions.includes(alert.disposition) &&
        (severities?.includes(alert.severity) ?? true) &&
        (ruleId === undefined || alert.rule.id === ruleId) &&
        (actor === undefined || [alert.actor.arn, alert.actor.name].includes(actor)) &&
        (channels?.includes(alert.channel.name) ?? true) &&
        (accountIds?.includes(alert.cloud.accountId ?? "") ?? true) &&
        (from === undefined || alert.startTime >= new Date(from).toISOString()) &&
        (to === undefined || alert.startTime < new Date(to).toISOString()),
    )
    .toSorted((a, b) => (`${a.startTime}#${a.id}` > `${b.startTime}#${b.id}` ? -1 : 1))
    .map(({ id }) => id);
}

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const time = fc.constantFrom(
  "2026-11-11T00:00:00Z",
  "2026-11-12T10:14:00Z",
  "2026-11-14T10:22:00+00:00",
  "2026-11-14T00:00:00Z",
  "2026-11-13T23:59:59.999Z",
  "2026-12-01T00:00:00Z",
  "2024-01-01T00:00:00Z",
);
const filters: fc.Arbitrary<CaseFilter> = fc
  .record({
    from: maybe(time),
    to: maybe(time),
    severities: maybe(some(SEVERITIES)),
    dispositions: maybe(some(DISPOSITIONS)),
    ruleId: maybe(fc.constantFrom("ec2.amazonaws.com/r0", "ec2.amazonaws.com/r1", "none")),
    actor: maybe(fc.constantFrom(EVE, "eve", "nobody", "arn:aws:iam::123456789012:user/none")),
    accountIds: maybe(some(["123456789012", "210987654321"])),
    channels: maybe(some(["console", "cli"] as const)),
  })
  .map((filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)));

describe.each(["memory", "DynamoDB"])("lists of cases over %s", (name) => {
  const store = () => storesOver(tables.get(name) as Table).cases;
  async function listAll(filter: CaseFilter, limit: number): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    for (let part = 0; part < 200; part++) {
      const page = await store().list(filter, { limit, ...(cursor === undefined ? {} : { cursor }) }, soon());
      expect(page.rows.length).toBeLessThanOrEqual(limit);
      ids.push(...page.rows.map(({ id }) => id));
      cursor = page.next;
      if (cursor === undefined) return ids;
    }
    throw new Error("it never ends");
  }

  it("hold exactly what was asked for, newest first, however it is divided", async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.constantFrom(1, 3, 7, 100), async (filter, limit) => {
        expect(await listAll(filter, limit)).toEqual(wanted(filter));
      }),
      { numRuns: name === "memory" ? 300 : 40 },
    );
  });

  it("find what has no time that can be read, and what is older than is kept", async () => {
    const ids = await listAll({}, 20);
    expect(ids.slice(-2)).toEqual([alerts.at(-1)?.id, alerts.at(-2)?.id]);
  });

  it("hold nothing where nothing is allowed", async () => {
    expect(await store().list({ accountIds: [] }, { limit: 9 }, soon())).toEqual({ rows: [] });
    expect(await store().list({ statuses: [] }, { limit: 9 }, soon())).toEqual({ rows: [] });
  });

  it("follow the status", async () => {
    const id = wanted({ severities: ["high"] })[0] ?? "";
    await store().change(id, { by: "alice", status: "acknowledged" }, soon());
    const { rows } = await store().list({ statuses: ["acknowledged"] }, { limit: 9 }, soon());
    expect(rows).toMatchObject([{ id, status: "acknowledged", changedAt: expect.any(String) as unknown }]);
    await store().change(id, { by: "alice", status: "open" }, soon());
    expect(await listAll({ statuses: ["acknowledged"] }, 9)).toEqual([]);
  });

  it("refuse cursors that are none, or of another question, and say the cure", async () => {
    const { next } = await store().list({}, { limit: 1 }, soon());
    const other = { severities: ["low" as const] };
    await expect(store().list(other, { limit: 1, cursor: next ?? "" }, soon())).rejects.toThrow(
      /other filters.*leave it out/,
    );
    const forged = [
      "",
      "x",
      "{}",
      "\u0000",
      "a".repeat(10_000),
      Buffer.from('{"before":"~"}').toString("base64url"),
    ];
    for (const cursor of forged)
      await expect(store().list({}, { limit: 1, cursor }, soon())).rejects.toMatchObject({
        name: "CursorError",
      });
  });

  it("refuse limits and times that are none", async () => {
    for (const limit of [0, 1.5, NaN, 1_001])
      await expect(store().list({}, { limit }, soon())).rejects.toThrow(/1 to 1000/);
    await expect(store().list({ from: "yesterday" }, { limit: 1 }, soon())).rejects.toThrow(
      /from must be a time/,
    );
  });
});

describe("a part of a list", () => {
  it("is short, and not late, where what is asked for is rare; the next goes on", async () => {
    const table = asTable(makeMemoryTable());
    const { tell, cases } = storesOver(table);
    const rare = await tell(newAlert("2026-11-10T00:00:00Z", { severity: "critical" }));
    for (let n = 0; n < 2_500; n++)
      await tell(newAlert(`2026-11-10T${String(1 + (n % 20)).padStart(2, "0")}:00:00Z`, { severity: "low" }));
    const first = await cases.list({ severities: ["critical"] }, { limit: 10 }, soon());
    expect(first.rows).toEqual([]);
    const second = await cases.list(
      { severities: ["critical"] },
      { limit: 10, cursor: first.next ?? "" },
      soon(),
    );
    expect(second.rows.map(({ id }) => id)).toEqual([rare.id]);
    expect(second.next).toBeUndefined();
  });

  it("has an alert once that was kept at one try and told at the next", async () => {
    const { tell, keep, cases } = storesOver(asTable(makeMemoryTable()));
    const alert = newAlert("2026-11-10T00:00:00Z");
    await keep({ ...alert, disposition: "deduplicated" });
    await tell(alert);
    const all = { dispositions: [...DISPOSITIONS] };
    const { rows } = await cases.list(all, { limit: 10 }, soon());
    expect(rows.map(({ disposition }) => disposition)).toEqual(["delivered"]);
  });
});
