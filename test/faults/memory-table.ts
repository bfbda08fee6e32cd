/**
 * The table in memory, for the proof's thousands of days: what `openTable` is over DynamoDB, held to the same contract
 * (`test/contracts/table.ts`). It answers in the same turn, so that whoever wraps it decides when and whether.
 */
import type { Item, Key, Range, Table, Update } from "../../lambda/state/table.ts";
import { compileCondition, compileUpdate, validation } from "./expressions.ts";

/** The table's four operations without waiting, and all that it holds. */
export type MemoryTable = {
  get(key: Key): Item | undefined;
  put(item: Item, condition: Parameters<Table["put"]>[1]): boolean;
  update(key: Key, update: Update): Item | undefined;
  query(pk: string, range: Range): Item[];
  items(): readonly Item[];
};

/** Makes an empty table. */
export function makeMemoryTable(): MemoryTable {
  const partitions = new Map<string, Map<string, Item>>();
  const find = ({ pk, sk }: Key): Item | undefined => partitions.get(pk)?.get(sk);
  const store = (item: Item): void => {
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
    query(pk, { from = "", to = "\u{10ffff}", limit = Infinity }) {
      const items = [...(partitions.get(pk)?.values() ?? [])].filter(({ sk }) => from <= sk && sk <= to);
      return copy(items.toSorted((a, b) => (a.sk < b.sk ? -1 : 1)).slice(0, limit));
    },
    items: () => [...partitions.values()].flatMap((partition) => Array.from(partition.values())),
  };
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
  };
}
