/**
 * The distinct values of a key, so that a flood of few values costs no more than a trickle: of each value, per half of
 * the threshold's time, only when it was first and last seen. A span of the whole time that falls between the two would
 * be longer than the half, so no span has a value that these do not show.
 *
 *     { pk: "WINDOW#3f…", sk: "VALUE#2026-11-20T16:00:00.000Z#9c…", first: 1795190405000, last: 1795190470000 }
 */
import { hash } from "node:crypto";
import type { Table } from "../state/table.ts";
import type { Point } from "./burst.ts";

/** A value, and when it was seen. */
type Sighting = { readonly value: string; readonly time: number };

/** Notes that a value was seen; doing so twice changes nothing. */
export async function putValue(
  table: Table,
  pk: string,
  { value, time }: Sighting,
  within: number,
  { expiresAt, deadline }: { readonly expiresAt: number; readonly deadline: number },
): Promise<void> {
  const key = { pk, sk: `${slotKey(time, within)}#${hash("sha256", value).slice(0, 32)}` };
  const item = { ...key, first: time, last: time, expiresAt };
  if (await table.put(item, { condition: "attribute_not_exists(pk)" }, deadline)) return;
  const values = { ":time": time };
  const later = {
    update: "SET #last = :time",
    condition: "#last < :time",
    names: { "#last": "last" },
    values,
  };
  if ((await table.update(key, later, deadline)) !== undefined) return;
  const earlier = {
    update: "SET #first = :time",
    condition: "#first > :time",
    names: { "#first": "first" },
    values,
  };
  await table.update(key, earlier, deadline);
}

/** The values around a time, with when they were there. */
export async function readValues(
  table: Table,
  pk: string,
  time: number,
  within: number,
  deadline: number,
): Promise<Point[]> {
  const range = { from: slotKey(time - within, within), to: `${slotKey(time + within, within)}~` };
  const items = await table.query(pk, range, deadline);
  return items.map(({ sk, first, last }) => ({
    from: Number(first),
    to: Number(last),
    value: sk.slice(sk.lastIndexOf("#") + 1),
  }));
}

function slotKey(time: number, within: number): string {
  const slot = Math.ceil(within / 2);
  return `VALUE#${new Date(Math.floor(time / slot) * slot).toISOString()}`;
}
