/**
 * A case by its alert's id: the alert as it is known by now, what people did, and where it was told. It is put together
 * when it is asked for, of what each wrote on its own.
 *
 *     (await readCase(table, "5f…", deadline))?.alert.count   // 96, once its window is closed
 */
import { isObject, textAt } from "../record/untrusted.ts";
import { alertOf, deliveriesOf, type DeliveryRecord, keyOf, type Part } from "../state/alert-item.ts";
import type { Item, Table } from "../state/table.ts";
import { keptKey, LOG_RANGE, storedRow } from "./case-items.ts";
import { rowOf } from "./case-row.ts";
import type { Case, CaseRow, HistoryEntry, Integration } from "./case-schema.ts";

const ID = /^[0-9a-f]{32}$/;
/** Entries of a history that are read, the last ones: whoever may change a case may do so without end. */
const MOST_ENTRIES = 1_000;

/** The item that a case stands on: of the alert that was told, else of the one that was kept; undefined without either. */
export async function readCaseItem(
  table: Pick<Table, "get">,
  id: string,
  deadline: number,
): Promise<Item | undefined> {
  if (!ID.test(id)) return undefined;
  const [told, kept] = await Promise.all([
    table.get(keyOf(id, "first"), deadline),
    table.get(keptKey(id), deadline),
  ]);
  return told ?? (kept?.["counted"] === true ? undefined : kept);
}

/** The row of an item; of one that an earlier version wrote, made of its alert. */
export function rowOfItem(item: Item): CaseRow {
  const { createdAt } = item;
  const made = typeof createdAt === "number" ? createdAt : 0;
  return storedRow(item) ?? rowOf(alertOf(item), { createdAt: new Date(made).toISOString() });
}

/** Reads a case; undefined when there is none of that id. */
export async function readCase(
  table: Pick<Table, "get" | "query">,
  id: string,
  deadline: number,
): Promise<Case | undefined> {
  const item = await readCaseItem(table, id, deadline);
  if (item === undefined) return undefined;
  const [summary, log] = await Promise.all([
    table.get(keyOf(id, "summary"), deadline),
    table.query(item.pk, { ...LOG_RANGE, descending: true, limit: MOST_ENTRIES }, deadline),
  ]);
  const alert = alertOf(summary ?? item);
  const row = rowOfItem(item);
  const { count, endTime } = alert;
  return {
    row: { ...row, count, endTime },
    alert: { ...alert, status: row.status },
    history: historyOf(item, log.toReversed()),
    integrations: [...integrationsOf(item, "first"), ...integrationsOf(summary, "summary")],
  };
}

/** The entry that was made last, which is in the item before it is in the log. */
export function lastEntry(item: Item): HistoryEntry | undefined {
  return isEntry(item["entry"]) ? item["entry"] : undefined;
}

/** An entry in an item of the log. */
export function entryOf(item: Item | undefined): HistoryEntry | undefined {
  return isEntry(item?.["entry"]) ? item["entry"] : undefined;
}

function isEntry(value: unknown): value is HistoryEntry {
  return isObject(value) && textAt(value, "id") !== undefined && textAt(value, "at") !== undefined;
}

function historyOf(item: Item, log: readonly Item[]): HistoryEntry[] {
  const entries = log.flatMap((one) => entryOf(one) ?? []);
  const last = lastEntry(item);
  // Whoever wrote it may have died before it was in the log.
  return last === undefined || entries.some(({ id }) => id === last.id) ? entries : [...entries, last];
}

function integrationsOf(item: Item | undefined, part: Part): Integration[] {
  return Object.entries(deliveriesOf(item)).map(([destination, delivery]) =>
    integrationOf(destination, part, delivery),
  );
}

function integrationOf(
  destination: string,
  part: Part,
  { state, attempts, since, last, lease, reason }: DeliveryRecord,
): Integration {
  return {
    destination,
    part,
    outcome: state,
    attempts,
    firstAttempt: timeOf(since),
    ...(last === undefined ? {} : { lastAttempt: timeOf(last) }),
    ...(state === "queued" ? { nextAttempt: timeOf(lease) } : {}),
    ...(reason === undefined || state === "delivered" ? {} : { reason }),
  };
}

function timeOf(time: number): string {
  return new Date(time).toISOString();
}
