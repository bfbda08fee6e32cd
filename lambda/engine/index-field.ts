/**
 * One field of a shelf of the index: which entries a value of that field leads to.
 *
 *     eventName:  RunInstances → bucket;  Delete… → bucket;  (absent) → bucket
 */
import { type Bucket, addTo, makeBucket, type Tested, type Visit, visitBucket } from "./bucket.ts";
import { parseFactPath } from "../record/fact-path.ts";
import { type FactReader, readerOf } from "../record/fact-reader.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { IndexKey } from "./index-key.ts";

type Prefixed<T> = { readonly prefix: string; readonly bucket: Bucket<T> };

/** The entries that stand under one field. */
export type IndexField<T> = {
  readonly fact: string;
  readonly read: FactReader;
  readonly byValue: Map<unknown, Bucket<T>>;
  /** The same once more, for fields with few values: comparing them is faster than hashing the record's. */
  readonly values: unknown[];
  readonly buckets: Bucket<T>[];
  /** Beginnings by the code of their first character. */
  readonly byFirst: Map<number, Prefixed<T>[]>;
  /** For records that lack the field. */
  absent: Bucket<T> | undefined;
  readonly all: T[];
};

const FEW = 4;

/** A field without entries. */
export function makeField<T>(fact: string): IndexField<T> {
  return {
    fact,
    read: readerOf(parseFactPath(fact)),
    byValue: new Map(),
    values: [],
    buckets: [],
    byFirst: new Map(),
    absent: undefined,
    all: [],
  };
}

/** Puts an entry where its key says. */
export function placeInField<T extends Tested>(field: IndexField<T>, entry: T, key: IndexKey): void {
  field.all.push(entry);
  if (key.absent) {
    field.absent ??= makeBucket();
    addTo(field.absent, entry);
  }
  for (const value of key.values) addTo(bucketOf(field, value), entry);
  for (const prefix of key.prefixes) addTo(bucketOfPrefix(field, prefix), entry);
}

function bucketOf<T>({ byValue, values, buckets }: IndexField<T>, value: unknown): Bucket<T> {
  const known = byValue.get(value);
  if (known !== undefined) return known;
  const bucket = makeBucket<T>();
  byValue.set(value, bucket);
  values.push(value);
  buckets.push(bucket);
  return bucket;
}

function bucketOfPrefix<T>({ byFirst }: IndexField<T>, prefix: string): Bucket<T> {
  const code = prefix.charCodeAt(0);
  const list = byFirst.get(code) ?? [];
  byFirst.set(code, list);
  const known = list.find((one) => one.prefix === prefix);
  if (known !== undefined) return known.bucket;
  const bucket = makeBucket<T>();
  list.push({ prefix, bucket });
  return bucket;
}

/**
 * Visits the entries that a record leads to; an entry may be visited more than once.
 */
export function visitField<T>(field: IndexField<T>, record: CloudTrailRecord, each: Visit<T>): void {
  const value = field.read(record);
  if (value === undefined || value === null) {
    if (field.absent !== undefined) visitBucket(field.absent, record, each);
  } else if (typeof value === "object") {
    // Colliding keys gave several values, or there is a list where a plain value should be: no look-up can tell.
    for (const entry of field.all) each(entry, record);
  } else {
    const bucket = find(field, value);
    if (bucket !== undefined) visitBucket(bucket, record, each);
    if (typeof value === "string" && field.byFirst.size > 0) visitPrefixes(field, value, record, each);
  }
}

function find<T>({ values, buckets, byValue }: IndexField<T>, value: unknown): Bucket<T> | undefined {
  if (values.length > FEW) return byValue.get(value);
  for (let at = 0; at < values.length; at++) if (values[at] === value) return buckets[at];
  return undefined;
}

function visitPrefixes<T>(
  { byFirst }: IndexField<T>,
  text: string,
  record: CloudTrailRecord,
  each: Visit<T>,
): void {
  const list = byFirst.get(text.charCodeAt(0));
  if (list === undefined) return;
  for (const { prefix, bucket } of list) if (text.startsWith(prefix)) visitBucket(bucket, record, each);
}
