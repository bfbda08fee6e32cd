/**
 * An alert that nobody was told of is kept beside those that somebody was: suppressed, staged, or a repeat of another. So
 * is a record that only counts towards a threshold: it is no alert, is in no list, and is there as one of the records
 * behind the alert that the threshold makes. Both lie under a key of their own, which nobody looks at who asks whether
 * an alert was told.
 *
 *     await keepAlert(table, 90, alert, {}, caller)   // true: nobody had kept it before
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { expiry, keptKey, listed } from "../cases/case-items.ts";
import { describeAlert } from "./alert-item.ts";
import type { Caller } from "./alert-store.ts";
import type { Table } from "./table.ts";

/** What is kept: of a repeat the alert that it repeats; `counted`, that it is a record that counts. */
export type Kept = { readonly of?: string; readonly counted?: true };

/** Keeps an alert once. @returns whether nobody but this caller has kept it. */
export async function keepAlert(
  table: Table,
  keepDays: number,
  alert: Alert,
  { of, counted }: Kept,
  { owner, now, deadline }: Caller,
): Promise<boolean> {
  const item = {
    ...keptKey(alert.id),
    ...describeAlert(alert),
    ...(counted === true ? { counted } : listed(alert, "kept", { now, repeatOf: of })),
    recordedBy: owner,
    createdAt: now,
    expiresAt: expiry(now, keepDays),
  };
  if (await table.put(item, { condition: "attribute_not_exists(pk)" }, deadline)) return true;
  // Its own name: the put was done, and its answer was lost.
  const found = await table.get(keptKey(alert.id), deadline);
  return found?.["recordedBy"] === owner;
}
