/**
 * A record under the dotted keys that rules name, as the package `flat` writes them. Records are hostile, so two things
 * differ from it: where two ways lead to one key (`{ "a": { "b": 1 }, "a.b": 2 }`), neither value hides the other, and
 * a record that is too large to keep is cut, the fields that a rule matched on last.
 *
 *     flattenRecord({ a: { b: [1, {}] } }, { maxBytes: 1_000, first: [] }).record   // { "a.b.0": 1, "a.b.1": {} }
 */
import { cutText } from "../record/cut-text.ts";

/** A flattened record, and what of it was cut. */
export type Flattened = {
  readonly record: Record<string, unknown>;
  /** How many texts were cut. */
  readonly cut: number;
  /** How many keys were left out. */
  readonly left: number;
};

type Entry = readonly [key: string, value: unknown];

/** Texts are cut to these lengths in turn before keys are left out. */
const TEXT_LENGTHS = [Number.POSITIVE_INFINITY, 4_096, 1_024, 256];
/** No field of a real record is this far down, nor are there so many. */
const MAX_KEY = 1_024;
const MAX_KEYS = 20_000;

/**
 * Flattens a record to at most `maxBytes` of JSON.
 * @param options.first keys that stay when others must be left out
 */
export function flattenRecord(
  record: Readonly<Record<string, unknown>>,
  { maxBytes, first }: { readonly maxBytes: number; readonly first: readonly string[] },
): Flattened {
  const { entries, left } = leavesOf(record);
  let shortened: readonly Entry[] = entries;
  for (const length of TEXT_LENGTHS) {
    shortened = entries.map(([key, value]) => [key, cutValue(value, length)] as const);
    if (sizeOf(shortened) <= maxBytes) return made(shortened, entries, left);
  }
  const wanted = new Set(first);
  const kept: Entry[] = [];
  let room = maxBytes;
  for (const entry of shortened.toSorted(([a], [b]) => Number(wanted.has(b)) - Number(wanted.has(a)))) {
    room -= sizeOf([entry]);
    if (room < 0) break;
    kept.push(entry);
  }
  return made(kept, entries, left);
}

function made(kept: readonly Entry[], all: readonly Entry[], left: number): Flattened {
  const whole = new Map(all);
  return {
    // fromEntries defines keys, so that a key "__proto__" stays a key.
    record: Object.fromEntries(kept),
    cut: kept.filter(([key, value]) => value !== whole.get(key)).length,
    left: left + all.length - kept.length,
  };
}

/** Without recursion: a record is as deep as its sender likes. What is under too long a key is `left` as a whole. */
function leavesOf(record: Readonly<Record<string, unknown>>): {
  readonly entries: readonly Entry[];
  readonly left: number;
} {
  const entries: Entry[] = [];
  let left = 0;
  const waiting: Entry[] = Object.entries(record).toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [key, value] = next;
    if (key.length > MAX_KEY || entries.length === MAX_KEYS) {
      left += 1;
      continue;
    }
    const below = typeof value === "object" && value !== null ? Object.entries(value) : [];
    if (below.length === 0) entries.push(next);
    else
      for (const [name, child] of below.toReversed())
        waiting.push([key === "" ? name : `${key}.${name}`, child as unknown]);
  }
  return { entries: distinct(entries), left };
}

/** Of several values under one key, all: the second under `key (2)`. */
function distinct(entries: readonly Entry[]): readonly Entry[] {
  const seen = new Map<string, number>();
  const taken = new Set(entries.map(([key]) => key));
  return entries.map(([key, value]) => {
    let count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count === 1) return [key, value];
    while (taken.has(`${key} (${count})`)) count += 1;
    taken.add(`${key} (${count})`);
    return [`${key} (${count})`, value];
  });
}

function cutValue(value: unknown, length: number): unknown {
  return typeof value === "string" && value.length > length ? cutText(value, length) : value;
}

function sizeOf(entries: readonly Entry[]): number {
  // The comma and the colon of each.
  return entries.reduce(
    (sum, [key, value]) =>
      sum + Buffer.byteLength(JSON.stringify(key)) + Buffer.byteLength(JSON.stringify(value) ?? "null") + 2,
    2,
  );
}
