/**
 * The days that have alerts: the index by time has a partition a day, and lists walk those that there are. So an alert
 * whose record came weeks late, or had no time that can be read, is found as any other, and quiet months cost nothing.
 *
 *     { pk: "DAYS", sk: "told#2026-11-20", expiresAt: 1803081600 }
 */
import type { Table } from "../state/table.ts";
import { DAYS, dayKey, expiry, type Shelf } from "./case-items.ts";

const DAY_MS = 86_400_000;
/** For how long a day that was noted is not noted again; it lives so much longer than the alerts. */
const NOTED_FOR_MS = DAY_MS;
const MOST_REMEMBERED = 1_000;

/** Notes that a day has alerts, once a day in each process. */
export function makeDayNotes(
  table: Pick<Table, "update">,
  keepDays: number,
): (shelf: Shelf, day: string, now: number, deadline: number) => Promise<void> {
  const noted = new Map<string, number>();
  return async (shelf, day, now, deadline) => {
    const sk = dayKey(shelf, day);
    const last = noted.get(sk);
    if (last !== undefined && now - last < NOTED_FOR_MS) return;
    const until = expiry(Math.ceil(now / DAY_MS) * DAY_MS + 2 * NOTED_FOR_MS, keepDays);
    await noteDay(table, sk, until, deadline);
    if (noted.size >= MOST_REMEMBERED) noted.clear();
    noted.set(sk, now);
  };
}

/** Notes a day of a shelf, under its key in the index, for at least until then, in seconds since 1970. */
export async function noteDay(
  table: Pick<Table, "update">,
  sk: string,
  until: number,
  deadline: number,
): Promise<void> {
  const update = {
    update: "SET #e = :until",
    condition: "attribute_not_exists(#e) OR #e < :until",
    names: { "#e": "expiresAt" },
    values: { ":until": until },
  };
  await table.update({ pk: DAYS, sk }, update, deadline);
}

/** Days that have alerts on a shelf, the latest first. */
export async function readDays(
  table: Pick<Table, "query">,
  shelf: Shelf,
  { from, to }: { readonly from: string; readonly to: string },
  deadline: number,
): Promise<string[]> {
  const range = { from: dayKey(shelf, from), to: dayKey(shelf, to), descending: true };
  const items = await table.query(DAYS, range, deadline);
  return items.map(({ sk }) => sk.slice(dayKey(shelf, "").length));
}
