/**
 * The table in memory, for the proof's thousands of days: what `openTable` is over DynamoDB, held to the same contract
 * (`test/contracts/table.ts`). It answers in the same turn, so that whoever wraps it decides when and whether.
 */
import {
  INDEXES,
  type IndexName,
  type IndexPage,
  type IndexRange,
  INDEX_READS,
  INDEX_SORT_KEY,
  type Item,
  type Key,
  type Range,
  type Table,
  type Update,
} from "../../lambda/state/table.ts";
import { compileCondition, compileUpdate, validation } from "./expressions.ts";

/** The table's five operations without waiting, and all that it holds. */
export type MemoryTable = {
  get(key: Key): Item | undefined;
  put(item: Item, condition: Parameters<Table["put"]>[1]): boolean;
  update(key: Key, update: Update): Item | undefined;
  query(pk: string, range: Range): Item[];
  queryIndex(index: IndexName, pk: string, range: IndexRange): IndexPage;
  items(): readonly Item[];
};

/** Makes an empty table. */
export function makeMemoryTable(): MemoryTable {
  const partitions = new Map<string, Map<string, Item>>();
  const everything = (): Item[] =>
    [...partitions.values()].flatMap((partition) => Array.from(partition.values()));
  const find = ({ pk, sk }: Key): Item | undefined => partitions.get(pk)?.get(sk);
  const store = (item: Item): void => {
    for (const name of INDEX_KEYS)
      if (item[name] !== undefined && typeof item[name] !== "string")
        throw validation(`${name} is the key of an index and no text`);
    const partition = partitions.get(item.pk) ?? new Map<string, Item>();
    partition.set(item.sk, item);
    partitions.set(item.pk, partition);
  };
  return {
    get: (key) => copy(find(key)),
    put(item, condition) {
      if (condition !== undefined) {
        refuseUnused(condition.condition, condition);
        if (!holds(condition.condition, find(item), condition)) return false;
      }
      store(copy(item));
      return true;
    },
    update({ pk, sk }, update) {
      const { names = {}, values = {} } = update;
      refuseUnused(`${update.update} ${update.condition ?? ""}`, update);
      const found = find({ pk, sk });
      if (update.condition !== undefined && !holds(update.condition, found, update)) return undefined;
      const changed: Record<string, unknown> = copy(found ?? { pk, sk });
      compileUpdate(update.update)(changed, names, values);
      store(changed as Item);
      return copy(changed as Item);
    },
    query(pk, { from = "", to = "\u{10ffff}", limit = Infinity, descending = false }) {
      const items = [...(partitions.get(pk)?.values() ?? [])].filter(({ sk }) => from <= sk && sk <= to);
      return copy(inOrder(items, "sk", descending).slice(0, limit));
    },
    queryIndex(index, pk, range) {
      const { from = "", to = "\u{10ffff}", descending = false, limit, filter, reads = INDEX_READS } = range;
      if (filter !== undefined) refuseUnused(filter.filter, filter);
      const all = everything().filter((item) => {
        const place = item[INDEX_SORT_KEY];
        return item[INDEXES[index]] === pk && typeof place === "string" && from <= place && place <= to;
      });
      const found: Item[] = [];
      let read = 0;
      for (const item of inOrder(all, INDEX_SORT_KEY, descending)) {
        read++;
        if (filter === undefined || holds(filter.filter, projected(item), filter))
          found.push(projected(item));
        if ((found.length >= limit || read >= reads) && read < all.length)
          return { items: copy(found), read, stopped: String(item[INDEX_SORT_KEY]) };
      }
      return { items: copy(found), read };
    },
    items: everything,
  };
}

const INDEX_KEYS: readonly string[] = [INDEX_SORT_KEY, ...Object.values(INDEXES)];
/** The attributes that the template has in its indexes. */
const PROJECTED: ReadonlySet<string> = new Set(["pk", "sk", "row", ...INDEX_KEYS]);

function projected(item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => PROJECTED.has(name))) as Item;
}

function inOrder(items: readonly Item[], by: string, descending: boolean): Item[] {
  const sorted = items.toSorted((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1));
  return descending ? sorted.toReversed() : sorted;
}

/** A copy in which nothing is shared, with itself neither: a structured clone would keep one object in two places one. */
function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map((one: unknown) => copy(one)) as T;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const copied: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) copied[name] = copy(child);
  return copied as T;
}

type Words = Pick<Update, "names" | "values">;

function holds(condition: string, item: Item | undefined, { names = {}, values = {} }: Words): boolean {
  return compileCondition(condition)({ ...item }, names, values);
}

/** DynamoDB refuses placeholders that no expression uses. */
function refuseUnused(expression: string, { names = {}, values = {} }: Words): void {
  const used = new Set(expression.match(/[#:][A-Za-z_][\w-]*/g));
  for (const name of [...Object.keys(names), ...Object.keys(values)])
    if (!used.has(name)) throw validation(`${name} is not used in any expression`);
}

/** The table behind the port, each operation as `through` lets it through. */
export function asTable(
  memory: MemoryTable,
  through: <T>(operation: keyof Table, effect: () => T) => Promise<T> = async (_, effect) => effect(),
): Table {
  return {
    get: (key) => through("get", () => memory.get(key)),
    put: (item, condition) => through("put", () => memory.put(item, condition)),
    update: (key, update) => through("update", () => memory.update(key, update)),
    query: (pk, range) => through("query", () => memory.query(pk, range)),
    queryIndex: (index, pk, range) => through("queryIndex", () => memory.queryIndex(index, pk, range)),
  };
}
