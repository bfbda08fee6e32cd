/**
 * Alerts in the order in which they were published. Clients of a numbered list ask for what is above the last number they
 * saw, so a number must never appear below one that somebody has read, and no alert may have two. The log is one
 * partition; whoever publishes appends the next number on condition that nobody has:
 *
 *     read the last entry (12) ─▶ its alert knows that it is 12 ─▶ has ours a number? ─▶ append 13 ─▶ ours knows
 *
 * An alert is told its number after the entry is there, and always before the next entry: whoever dies in between leaves
 * the last entry's alert without one, and the next to publish, who begins with the last entry, mends that first. So who
 * finds no number for an alert, and then is the one to append, knows that no entry of the log is that alert's.
 *
 * The last entry never expires, because the count goes on from it; it gets its expiry when there is one after it, from who
 * appended that, or from the next if that one died.
 */
import { keyOf } from "../state/alert-item.ts";
import type { Item, Table } from "../state/table.ts";
import { NUMBERS, numberKey, storedRow } from "./case-items.ts";
import type { CaseRow } from "./case-schema.ts";
import type { Numbered } from "./case-store.ts";
import { rowOfItem } from "./read-case.ts";
import { CaseBusyError, copyToNumbers, MAX_TRIES, revise, revisionOf } from "./revise.ts";

/** How often others may append first; each time somebody does get on. */
const MAX_RACES = 200;
const MOST_PUBLISHED = 1_000;
const ID = /^[0-9a-f]{32}$/;

/** An entry of the log. */
type Entry = Numbered & {
  readonly alertId: string;
  readonly revision: number;
  /** When it may go, in seconds since 1970, and whether that is written where DynamoDB looks. */
  readonly until: number;
  readonly lasts: boolean;
};

/** Gives an alert its number; undefined when there is no such alert, or nobody was told of it. */
export async function publish(
  table: Table,
  id: string,
  now: () => number,
  deadline: number,
): Promise<number | undefined> {
  if (!ID.test(id)) return undefined;
  for (let race = 0; race < MAX_RACES; race++) {
    const [last, previous] = (await readEntries(table, { limit: 2 }, deadline)) as [Entry?, Entry?];
    if (last !== undefined) await tellNumber(table, last, deadline);
    const item = await table.get(keyOf(id, "first"), deadline);
    if (item === undefined) return undefined;
    const row = rowOfItem(item);
    if (row.number !== undefined) return row.number;
    const entry = nextEntry(last, item, row, now());
    const { number } = entry;
    if (
      !(await table.put(
        { ...numberKey(number), ...entry },
        { condition: "attribute_not_exists(pk)" },
        deadline,
      ))
    )
      continue;
    await tellNumber(table, entry, deadline);
    for (const one of [last, previous]) if (one?.lasts === true) await letExpire(table, one, deadline);
    return number;
  }
  throw new CaseBusyError(`alert ${id} could not be published: ${MAX_RACES} times others were faster`);
}

/** Published alerts, newest first. */
export async function readPublished(
  table: Pick<Table, "query">,
  { before, limit }: { readonly before?: number; readonly limit: number },
  deadline: number,
): Promise<Numbered[]> {
  if (before !== undefined && before <= 1) return [];
  const entries = await readEntries(table, { before, limit: Math.min(limit, MOST_PUBLISHED) }, deadline);
  return entries.map(({ number, publishedAt, row }) => ({ number, publishedAt, row }));
}

/** The published alert of a number, with its row as it is by now. */
export async function readNumber(
  table: Pick<Table, "get">,
  number: number,
  deadline: number,
): Promise<Numbered | undefined> {
  if (!Number.isSafeInteger(number) || number < 1 || number >= 1e12) return undefined;
  const found = await table.get(numberKey(number), deadline);
  if (found === undefined) return undefined;
  const { publishedAt, row, alertId } = entryIn(found);
  const item = await table.get(keyOf(alertId, "first"), deadline);
  return { number, publishedAt, row: storedRow(item) ?? row };
}

async function readEntries(
  table: Pick<Table, "query">,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
  deadline: number,
): Promise<Entry[]> {
  const to = before === undefined || before > 1e12 ? {} : { to: numberKey(before - 1).sk };
  const items = await table.query(NUMBERS, { ...to, descending: true, limit }, deadline);
  return items.map((item) => entryIn(item));
}

function entryIn(item: Item): Entry {
  const row = storedRow(item);
  if (row === undefined) throw new TypeError(`the entry ${item.sk} of the published alerts has no row`);
  return {
    number: Number(item["number"]),
    publishedAt: String(item["publishedAt"]),
    alertId: String(item["alertId"]),
    revision: Number(item["revision"]),
    until: Number(item["until"]),
    lasts: item["expiresAt"] === undefined,
    row,
  };
}

function nextEntry(last: Entry | undefined, item: Item, row: CaseRow, now: number): Omit<Entry, "lasts"> {
  const number = (last?.number ?? 0) + 1;
  const time = new Date(now).toISOString();
  return {
    number,
    publishedAt: last !== undefined && last.publishedAt > time ? last.publishedAt : time,
    alertId: row.id,
    row: { ...row, number },
    // What the alert's own item will be at when it knows its number.
    revision: revisionOf(item) + 1,
    until: Number(item["expiresAt"] ?? 0),
  };
}

/** The alert of an entry knows its number, and the entry knows what became of the alert meanwhile. */
async function tellNumber(
  table: Table,
  { alertId, number, revision }: Pick<Entry, "alertId" | "number" | "revision">,
  deadline: number,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const item = await table.get(keyOf(alertId, "first"), deadline);
    // It is kept no longer.
    if (item === undefined) return;
    const row = rowOfItem(item);
    const told =
      row.number === undefined ? await revise(table, item, { ...row, number }, {}, deadline) : item;
    if (told === undefined) continue;
    if (revisionOf(told) > revision) await copyToNumbers(table, told, deadline);
    return;
  }
  throw new CaseBusyError(`alert ${alertId} could not be told its number: others keep changing it`);
}

async function letExpire(
  table: Pick<Table, "update">,
  { number, until }: Entry,
  deadline: number,
): Promise<void> {
  if (!(until > 0)) return;
  const update = {
    update: "SET #e = :until",
    condition: "attribute_exists(pk)",
    names: { "#e": "expiresAt" },
    values: { ":until": until },
  };
  await table.update(numberKey(number), update, deadline);
}
