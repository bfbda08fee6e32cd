/**
 * Rows change under a revision: whoever changes one says which revision it read, and of two that changed the same one the
 * second looks again. A published alert has its row a second time, in the log of numbers; that copy follows, and whoever
 * dies in between leaves one that the next reader of the item brings up to date.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { alertOf } from "../state/alert-item.ts";
import type { Item, Table } from "../state/table.ts";
import { dayKey, dayOf, listed, numberKey, storedRow } from "./case-items.ts";
import type { CaseRow } from "./case-schema.ts";
import { noteDay } from "./days.ts";

/** How often others may be faster. */
export const MAX_TRIES = 20;

/** Others kept on changing the same case. */
export class CaseBusyError extends Error {
  override readonly name = "CaseBusyError";
}

/** The revision of an item: how often its row was changed. */
export function revisionOf(item: Item): number {
  return typeof item["revision"] === "number" ? item["revision"] : 0;
}

/** Writes a row and what goes with it; undefined when the item has another revision by now. */
export async function revise(
  table: Pick<Table, "update">,
  item: Item,
  row: CaseRow,
  more: Readonly<Record<string, unknown>>,
  deadline: number,
): Promise<Item | undefined> {
  const known = revisionOf(item);
  const keys = storedRow(item) === undefined ? indexed(item) : undefined;
  // Nobody noted the day of an item of an earlier version: lists would not come to it.
  if (keys !== undefined) await noteDay(table, keys.day, Number(item["expiresAt"] ?? 0), deadline);
  const fields = {
    ...keys,
    ...more,
    row,
    revision: known + 1,
  };
  const names = Object.keys(fields);
  return table.update(
    { pk: item.pk, sk: item.sk },
    {
      update: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
      condition:
        known === 0
          ? "attribute_exists(pk) AND attribute_not_exists(#revision)"
          : "attribute_exists(pk) AND #revision = :known",
      names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      values: {
        ...Object.fromEntries(names.map((name) => [`:${name}`, fields[name as keyof typeof fields]])),
        ...(known === 0 ? {} : { ":known": known }),
      },
    },
    deadline,
  );
}

/** What an item of an earlier version lacks. */
function indexed(item: Item): Readonly<Record<string, unknown>> & { readonly day: string } {
  const alert: Alert = alertOf(item);
  const shelf = item.sk === "KEPT" ? "kept" : "told";
  const { row: _, ...keys } = listed(alert, shelf, { now: 0 });
  return { ...keys, day: dayKey(shelf, dayOf(alert)) };
}

/** Brings the copy of a published alert's row up to date. */
export async function copyToNumbers(
  table: Pick<Table, "update">,
  item: Item,
  deadline: number,
): Promise<void> {
  const row = storedRow(item);
  if (row?.number === undefined) return;
  await table.update(
    numberKey(row.number),
    {
      update: "SET #row = :row, #revision = :revision",
      condition: "attribute_exists(pk) AND #revision < :revision",
      names: { "#row": "row", "#revision": "revision" },
      values: { ":row": row, ":revision": revisionOf(item) },
    },
    deadline,
  );
}
