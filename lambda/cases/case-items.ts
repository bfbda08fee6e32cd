/**
 * How cases lie in the table, beside the alert's notices (`lambda/state/alert-item.ts`):
 *
 *     pk ALERT#<alert id>   sk KEPT          an alert that nobody was told of; `counted`: a record that only counted
 *                           sk LOG#<entry>   what somebody did to the case
 *                           sk SCOPE#<name>  what the background computed
 *     pk NUMBERS            sk 000000000012  a published alert, by its number
 *     pk DAYS               sk told#2026-11-20   a day that has alerts
 *
 * `ALERT` and `KEPT` hold the row that lists show, and the keys of the indexes: alerts that somebody was told of and
 * those that are only kept stand on two shelves, so that a flood of suppressed ones is not in the way of the others.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { isObject, textAt } from "../record/untrusted.ts";
import type { Item, Key } from "../state/table.ts";
import { actorKeyOf, boundKey } from "./actor-key.ts";
import type { CaseRow, ScopeName } from "./case-schema.ts";
import { rowOf } from "./case-row.ts";

/** Where an alert stands in the indexes. */
export type Shelf = "told" | "kept";

export const NUMBERS = "NUMBERS";
export const DAYS = "DAYS";
const LOG = "LOG#";
const DAY_MS = 86_400_000;

/** The key of a kept alert. */
export function keptKey(alertId: string): Key {
  return { pk: `ALERT#${alertId}`, sk: "KEPT" };
}

/** The key of an entry of a case's history; entries sort by their ids. */
export function logKey(alertId: string, entryId: string): Key {
  return { pk: `ALERT#${alertId}`, sk: `${LOG}${entryId}` };
}

/** The range of a case's history. */
export const LOG_RANGE = { from: LOG, to: `${LOG}\u{10ffff}` } as const;

/** The key of a change that was asked for under an idempotency key, which is given as its hash. */
export function onceKey(alertId: string, hashed: string): Key {
  return { pk: `ALERT#${alertId}`, sk: `ONCE#${hashed}` };
}

/** The key of a stored scope. */
export function scopeKey(alertId: string, scope: ScopeName): Key {
  return { pk: `ALERT#${alertId}`, sk: `SCOPE#${scope}` };
}

/** The key of a published alert; twelve digits, so that numbers sort as texts. */
export function numberKey(number: number): Key {
  return { pk: NUMBERS, sk: String(number).padStart(12, "0") };
}

/** What an item has so that lists find it. */
export function listed(
  alert: Alert,
  shelf: Shelf,
  { now, repeatOf }: { readonly now: number; readonly repeatOf?: string | undefined },
): Readonly<Record<string, unknown>> {
  return {
    row: rowOf(alert, { createdAt: new Date(now).toISOString(), repeatOf }),
    place: placeOf(alert),
    day: dayKey(shelf, dayOf(alert)),
    actorKey: `${shelf}#${actorKeyOf(alert)}`,
    ruleKey: `${shelf}#${boundKey(alert.rule.id)}`,
  };
}

/** The sort key of all indexes: the time, and what tells apart alerts of one time. */
export function placeOf({ startTime, id }: Pick<Alert, "startTime" | "id">): string {
  return `${startTime}#${id}`;
}

export function dayOf({ startTime }: Pick<Alert, "startTime">): string {
  return startTime.slice(0, 10);
}

/** The partition of a day in the index by time. */
export function dayKey(shelf: Shelf, day: string): string {
  return `${shelf}#${day}`;
}

/** The row in an item; undefined where there is none: items of earlier versions have none. */
export function storedRow(item: Item | undefined): CaseRow | undefined {
  return isObject(item?.["row"]) && textAt(item["row"], "id") !== undefined
    ? (item["row"] as unknown as CaseRow)
    : undefined;
}

/** When an item that is made now may go, in seconds since 1970. */
export function expiry(now: number, keepDays: number): number {
  return Math.ceil((now + keepDays * DAY_MS) / 1000);
}
