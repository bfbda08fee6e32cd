/**
 * Lists of cases, newest first, each part of one made by a bounded number of reads: by actor or by rule where one is
 * named, else day by day. A rare thing may take several parts, some of them empty; each says where the next begins.
 *
 *     const { rows, next } = await listCases(table, { severities: ["critical"] }, { limit: 50 }, deadline)
 */
import { INDEX_READS, type Item, type Table } from "../state/table.ts";
import { placeOf, dayKey, type Shelf, storedRow } from "./case-items.ts";
import { type Search, searchFor } from "./case-filter.ts";
import type { CaseRow } from "./case-schema.ts";
import type { CaseFilter, CasePage } from "./case-store.ts";
import { makeCursor, questionOf, readCursor } from "./cursor.ts";
import { readDays } from "./days.ts";

/** How much one part of a list may read: items, days, and days at once. */
const MAX_READS = 5_000;
const MAX_DAYS = 64;
const DAYS_AT_ONCE = 8;
const MAX_LIMIT = 1_000;

/** Cases of a stretch of time, newest first; `rest`: all before this may be there too. */
type Stretch = { readonly rows: readonly CaseRow[]; readonly read: number; readonly rest?: string };
type Tables = Pick<Table, "query" | "queryIndex">;

/**
 * A part of a list.
 * @throws CursorError when the cursor is none of this question; RangeError when a bound or the limit is none
 */
export async function listCases(
  table: Tables,
  filter: CaseFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  deadline: number,
): Promise<CasePage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new RangeError(`limit must be a whole number from 1 to ${MAX_LIMIT}.`);
  const question = questionOf(filter);
  const reached = cursor === undefined ? undefined : readCursor(cursor, question);
  const search = searchFor(filter);
  if (search === undefined) return { rows: [] };
  const { to = reached } = search;
  const before = reached !== undefined && to !== undefined && reached < to ? reached : to;
  const { rows, rest } = await (search.by === undefined ? walkDays : readBy)(
    table,
    search,
    before,
    limit,
    deadline,
  );
  return rest === undefined ? { rows } : { rows, next: makeCursor(rest, question) };
}

function readBy(
  table: Tables,
  search: Search,
  before: string | undefined,
  limit: number,
  deadline: number,
): Promise<Stretch> {
  const { index, key } = search.by ?? { index: "byTime", key: "" };
  return readStretch(table, search, index, (shelf) => `${shelf}#${key}`, { before, limit }, deadline);
}

/** The days that there are, one first and then ever more at once: the newest has what is wanted most often. */
async function walkDays(
  table: Tables,
  search: Search,
  before: string | undefined,
  limit: number,
  deadline: number,
): Promise<Stretch> {
  const bounds = { from: search.from?.slice(0, 10) ?? "", to: before?.slice(0, 10) ?? "\u{10ffff}" };
  const found = await Promise.all(search.shelves.map((shelf) => readDays(table, shelf, bounds, deadline)));
  const days = [...new Set(found.flat())]
    .filter((day) => before === undefined || day < before)
    .toSorted((a, b) => (a > b ? -1 : 1));
  const rows: CaseRow[] = [];
  let read = 0;
  for (let at = 0, size = 1; at < days.length; at += size, size = Math.min(2 * size, DAYS_AT_ONCE)) {
    const some = days.slice(at, at + size);
    const wanted = limit - rows.length;
    const stretches = await Promise.all(
      some.map((day) =>
        readStretch(
          table,
          search,
          "byTime",
          (shelf) => dayKey(shelf, day),
          { before, limit: wanted },
          deadline,
        ),
      ),
    );
    for (const [nth, stretch] of stretches.entries()) {
      const day = some[nth] ?? "";
      const more = at + nth + 1 < days.length;
      read += stretch.read;
      const taken = stretch.rows.slice(0, limit - rows.length);
      rows.push(...taken);
      const last = taken.at(-1);
      if (taken.length < stretch.rows.length)
        return { rows, read, rest: last === undefined ? day : placeOf(last) };
      if (stretch.rest !== undefined) return { rows, read, rest: stretch.rest };
      const enough = rows.length >= limit || read >= MAX_READS || at + nth + 1 >= MAX_DAYS;
      if (enough) return more ? { rows, read, rest: day } : { rows, read };
    }
  }
  return { rows, read };
}

/** A partition of each shelf, merged; what one of them has not read yet is left to the next part of the list. */
async function readStretch(
  table: Tables,
  { shelves, filterOf, from }: Search,
  index: Parameters<Table["queryIndex"]>[0],
  partition: (shelf: Shelf) => string,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
  deadline: number,
): Promise<Stretch> {
  const pages = await Promise.all(
    shelves.map((shelf) => {
      const filter = filterOf(shelf);
      const range = {
        ...(from === undefined ? {} : { from }),
        ...(before === undefined ? {} : { to: justBelow(before) }),
        ...(filter === undefined ? {} : { filter }),
        descending: true,
        limit,
        reads: INDEX_READS,
      };
      return table.queryIndex(index, partition(shelf), range, deadline);
    }),
  );
  const read = pages.reduce((sum, page) => sum + page.read, 0);
  const horizon = pages
    .flatMap(({ stopped }) => stopped ?? [])
    .toSorted()
    .at(-1);
  // An alert that was kept at one try and told at the next stands on both shelves: the first one is taken.
  const items = new Map<string, Item>();
  for (const item of pages.flatMap((page) => page.items))
    if (!items.has(String(item["place"]))) items.set(String(item["place"]), item);
  const known = [...items]
    .filter(([at]) => horizon === undefined || at >= horizon)
    .toSorted(([a], [b]) => (a > b ? -1 : 1));
  const rows = known.slice(0, limit).flatMap(([, item]) => storedRow(item) ?? []);
  const cut = known.length > limit ? known[limit - 1]?.[0] : horizon;
  return { rows, read, ...(cut === undefined ? {} : { rest: cut }) };
}

/** The last text in front of this one, as far as our sort keys go: bounds are included, and this one is not. */
function justBelow(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return `${text.slice(0, -1)}${String.fromCharCode(last - 1)}\u{10ffff}`;
}
