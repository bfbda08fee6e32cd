/**
 * The index that picks the rules worth a look. A rule stands under one field whose exact values, or beginnings, its
 * selector names: eventName where it can, else the field that the fewest records share. Each eventSource has a shelf
 * with its own rules and those of any source, so that a record costs a few look-ups, however many rules there are.
 *
 *     ec2.amazonaws.com   eventName      RunInstances    → [rule, rule]
 *                         eventName      Delete…         → [rule]
 *                         errorCode      AccessDenied    → [rule of any source]
 *                         always                         → [rule that names no value of any field]
 */
import type { CloudTrailRecord } from "../record/record.ts";
import { type Bucket, addTo, makeBucket, type Tested, type Visit, visitBucket } from "./bucket.ts";
import { type IndexField, makeField, placeInField, visitField } from "./index-field.ts";
import type { IndexKey } from "./index-key.ts";

/** The entries for records of one eventSource. */
type Shelf<T> = { readonly fields: IndexField<T>[]; readonly always: Bucket<T> };

type Indexed = Tested & {
  /** What it is found by; undefined when it must always be looked at. */
  readonly key: IndexKey | undefined;
};

/** Finds, for a record, the entries whose selector may accept it; an entry may be found more than once. */
export type CandidateIndex<T> = { visit(record: CloudTrailRecord, each: Visit<T>): void };

/**
 * Builds the index. The shelf of an eventSource is filled when its first record comes, so that a cold start compiles
 * the rules of one eventSource and not of all.
 * @param compile must not throw, and is called once for each rule
 */
export function buildIndex<R extends { readonly eventSource: string | null }, T extends Indexed>(
  rules: readonly R[],
  compile: (rule: R) => T,
): CandidateIndex<T> {
  const bySource = Map.groupBy(rules, ({ eventSource }) => eventSource);
  const shelves = new Map<string, Shelf<T>>();
  let anySource: readonly T[] | undefined;
  const makeShelf = (own: readonly R[]): Shelf<T> => {
    const shelf: Shelf<T> = { fields: [], always: makeBucket() };
    anySource ??= (bySource.get(null) ?? []).map(compile);
    for (const entry of anySource) place(shelf, entry);
    for (const rule of own) place(shelf, compile(rule));
    return shelf;
  };
  let otherSources: Shelf<T> | undefined;
  const shelfOf = (source: string): Shelf<T> => {
    const own = bySource.get(source);
    // Who writes records chooses their eventSource: shelves are kept for those that rules name, and no others.
    if (own === undefined) return (otherSources ??= makeShelf([]));
    const shelf = makeShelf(own);
    shelves.set(source, shelf);
    return shelf;
  };
  return {
    visit(record, each) {
      const { fields, always } = shelves.get(record.eventSource) ?? shelfOf(record.eventSource);
      for (const field of fields) visitField(field, record, each);
      visitBucket(always, record, each);
    },
  };
}

function place<T extends Indexed>({ fields, always }: Shelf<T>, entry: T): void {
  const { key } = entry;
  if (key === undefined) {
    addTo(always, entry);
    return;
  }
  let field = fields.find(({ fact }) => fact === key.path);
  if (field === undefined) {
    field = makeField(key.path);
    fields.push(field);
  }
  placeInField(field, entry, key);
}
