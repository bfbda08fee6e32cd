/**
 * The index that picks the rules worth a look. A rule stands under one field whose exact values, or beginnings, its
 * selector names: eventName where it can, else the field that the fewest records share. Each eventSource has a shelf
 * with its own rules and those of any source, so that a record costs a few look-ups, however many rules there are.
 *
 *     ec2.amazonaws.com   eventName      RunInstances    → [rule, rule]
 *                         eventName      begins Delete…  → [rule]
 *                         errorCode      AccessDenied    → [rule of any source]
 *                         always                         → [rule that names no value of any field]
 */
import { PLAIN_VALUE_FACTS } from "../record/record-shape.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { FactCache } from "./fact-cache.ts";
import { type IndexKey, keyOf } from "./index-key.ts";
import type { Selector } from "./selector.ts";

/** The entries that stand under one field. */
type Field<T> = {
  readonly fact: number;
  readonly byValue: Map<unknown, T[]>;
  /** By the length of the beginning, then by the beginning. */
  readonly byPrefix: Map<number, Map<string, T[]>>;
  readonly absent: T[];
  readonly all: T[];
};

type Shelf<T> = { readonly fields: Map<number, Field<T>>; readonly always: T[] };
type Indexed = { readonly eventSource: string | null; readonly selector: Selector };
type Visit<T> = (entry: T) => void;

/**
 * Finds, for a record, the entries whose selector may accept it; an entry may be found more than once.
 * `facts` must be at the record.
 */
export type CandidateIndex<T> = { visit(record: CloudTrailRecord, each: Visit<T>): void };

/** Builds the index. */
export function buildIndex<T extends Indexed>(entries: readonly T[], facts: FactCache): CandidateIndex<T> {
  const keyed = entries.map((entry) => ({ entry, key: keyOf(entry.selector, PLAIN_VALUE_FACTS) }));
  const anySource = keyed.filter(({ entry }) => entry.eventSource === null);
  const shelves = new Map<string | null, Shelf<T>>();
  const shelfOf = (source: string | null): Shelf<T> => {
    let shelf = shelves.get(source);
    if (shelf === undefined) {
      shelf = { fields: new Map(), always: [] };
      for (const { entry, key } of anySource) place(shelf, entry, key, facts);
      shelves.set(source, shelf);
    }
    return shelf;
  };
  const otherSources = shelfOf(null);
  for (const { entry, key } of keyed) {
    if (entry.eventSource !== null) place(shelfOf(entry.eventSource), entry, key, facts);
  }
  return {
    visit(record, each) {
      const { fields, always } = shelves.get(record.eventSource) ?? otherSources;
      for (const field of fields.values()) visitField(field, facts.get(field.fact), each);
      for (const entry of always) each(entry);
    },
  };
}

function place<T>(shelf: Shelf<T>, entry: T, key: IndexKey | undefined, facts: FactCache): void {
  if (key === undefined) {
    shelf.always.push(entry);
    return;
  }
  const fact = facts.number(key.path);
  const field = getOrMake<number, Field<T>>(shelf.fields, fact, () => ({
    fact,
    byValue: new Map(),
    byPrefix: new Map(),
    absent: [],
    all: [],
  }));
  field.all.push(entry);
  if (key.absent) field.absent.push(entry);
  for (const value of key.values) getOrMake(field.byValue, value, (): T[] => []).push(entry);
  for (const prefix of key.prefixes) {
    const ofLength = getOrMake(field.byPrefix, prefix.length, () => new Map<string, T[]>());
    getOrMake(ofLength, prefix, (): T[] => []).push(entry);
  }
}

function visitField<T>({ byValue, byPrefix, absent, all }: Field<T>, value: unknown, each: Visit<T>): void {
  if (value === undefined || value === null) {
    for (const entry of absent) each(entry);
  } else if (typeof value === "object") {
    // Colliding keys gave several values, or a list where a plain value should be: no look-up can tell.
    for (const entry of all) each(entry);
  } else {
    const found = byValue.get(value);
    if (found !== undefined) for (const entry of found) each(entry);
    if (typeof value === "string" && byPrefix.size > 0) visitPrefixes(byPrefix, value, each);
  }
}

function visitPrefixes<T>(
  byPrefix: ReadonlyMap<number, ReadonlyMap<string, readonly T[]>>,
  text: string,
  each: Visit<T>,
): void {
  for (const [length, ofLength] of byPrefix) {
    const found = ofLength.get(text.slice(0, length));
    if (found !== undefined) for (const entry of found) each(entry);
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
