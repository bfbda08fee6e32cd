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
import type { FactCache } from "./fact-cache.ts";
import { type IndexField, makeField, placeInField, visitField } from "./index-field.ts";
import type { IndexKey } from "./index-key.ts";

/** The entries for records of one eventSource. */
type Shelf<T> = { readonly fields: IndexField<T>[]; readonly always: Bucket<T> };

type Indexed = Tested & {
  /** The only eventSource whose records are meant; null for all. */
  readonly eventSource: string | null;
  /** What it is found by; undefined when it must always be looked at. */
  readonly key: IndexKey | undefined;
};

/** Finds, for a record, the entries whose selector may accept it; an entry may be found more than once. */
export type CandidateIndex<T> = { visit(record: CloudTrailRecord, each: Visit<T>): void };

/** Builds the index. */
export function buildIndex<T extends Indexed>(entries: readonly T[], facts: FactCache): CandidateIndex<T> {
  const shelves = new Map<string, Shelf<T>>();
  const makeShelf = (): Shelf<T> => {
    const shelf: Shelf<T> = { fields: [], always: makeBucket() };
    for (const entry of entries) if (entry.eventSource === null) place(shelf, entry, facts);
    return shelf;
  };
  const otherSources = makeShelf();
  for (const entry of entries) {
    if (entry.eventSource === null) continue;
    const shelf = shelves.get(entry.eventSource) ?? makeShelf();
    shelves.set(entry.eventSource, shelf);
    place(shelf, entry, facts);
  }
  return {
    visit(record, each) {
      const { fields, always } = shelves.get(record.eventSource) ?? otherSources;
      for (const field of fields) visitField(field, record, each);
      visitBucket(always, record, each);
    },
  };
}

function place<T extends Indexed>({ fields, always }: Shelf<T>, entry: T, facts: FactCache): void {
  const { key } = entry;
  if (key === undefined) {
    addTo(always, entry);
    return;
  }
  let field = fields.find(({ fact }) => fact === key.path);
  if (field === undefined) {
    field = makeField(key.path, facts);
    fields.push(field);
  }
  placeInField(field, entry, key);
}
