/**
 * The records behind an alert: those of its window's members, each kept as the alert that it would be on its own, which
 * its rule made of it. An alert without a window stands for one record, its own.
 *
 *     const { alerts, all } = await readRecords(table, "5f…", 100, deadline)   // oldest first
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { membersOf, readMembers } from "../dedup/members.ts";
import { makeLanes } from "../delivery/lanes.ts";
import { valueAt } from "../record/untrusted.ts";
import { alertOf, keyOf, type WindowRef } from "../state/alert-item.ts";
import type { Item, Table } from "../state/table.ts";
import { keptKey } from "./case-items.ts";
import { readCaseItem } from "./read-case.ts";

/** Members that are looked at; those of neighbouring windows, of the same key and time, are among them. */
const MAX_MEMBERS = 2_000;
const READS_AT_ONCE = 16;

type Records = { readonly alerts: readonly Alert[]; readonly all: boolean };

/** Reads the records; none when there is no such alert. `all` is false where some are too many, or are gone. */
export async function readRecords(
  table: Pick<Table, "get" | "query">,
  id: string,
  limit: number,
  deadline: number,
): Promise<Records> {
  const item = await readCaseItem(table, id, deadline);
  if (item === undefined) return { alerts: [], all: true };
  const own = alertOf(item);
  const window = item["window"] as WindowRef | undefined;
  if (window === undefined) return { alerts: [own], all: own.count === 1 };
  const { partition, reach, closes } = window;
  const found = await readMembers(table, partition, reach, closes, deadline, MAX_MEMBERS + 1);
  const ids = [...new Set([...membersOf(found, window).map((member) => member.id), id])];
  const lanes = makeLanes(READS_AT_ONCE);
  const wanted = ids.slice(0, limit);
  const kept = await Promise.all(
    wanted.map((one) => lanes(() => readOne(table, one, one === id ? item : undefined, deadline))),
  );
  const summary = await table.get(keyOf(id, "summary"), deadline);
  const count = summary === undefined ? own.count : alertOf(summary).count;
  const alerts = distinct(kept.flatMap((one) => one ?? []));
  return {
    alerts: alerts.toSorted((a, b) => (a.startTime < b.startTime ? -1 : a.startTime > b.startTime ? 1 : 0)),
    all: found.length <= MAX_MEMBERS && ids.length <= limit && alerts.length >= count,
  };
}

/** What a record was kept as; else the alert that somebody was told of. */
async function readOne(
  table: Pick<Table, "get">,
  id: string,
  told: Item | undefined,
  deadline: number,
): Promise<Alert | undefined> {
  const item =
    (await table.get(keptKey(id), deadline)) ?? told ?? (await table.get(keyOf(id, "first"), deadline));
  return item === undefined ? undefined : alertOf(item);
}

/** The alert of a burst has the record that came last: where that is kept on its own too, it is one record. */
function distinct(alerts: readonly Alert[]): Alert[] {
  const seen = new Map<unknown, Alert>();
  for (const alert of alerts) {
    const key = valueAt(alert.record, "eventID") ?? alert.id;
    const known = seen.get(key);
    if (known === undefined || known.count > alert.count) seen.set(key, alert);
  }
  return [...seen.values()];
}
