/**
 * The rules that stand under one key of the index, ordered by what each asks first. Rules about one call mostly ask
 * for one thing of the account each (a name, a role, a range): their first conditions read the same few facts and
 * differ in the constant. So a fact is read once for all of them, a record that lacks it skips them all, and a rule
 * itself is looked at only when its first condition holds.
 *
 *     requestParameters.name startsWith   "/prod/a/" → rule, "/prod/b/" → rule, …
 *     userIdentity.arn       endsWith     ":role/x"  → rule
 *     others                              rule, rule
 */
import type { FactReader } from "../record/fact-reader.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { Comparison } from "./operator-name.ts";

/** What a rule asks first: a fact compared with a constant. */
export type FirstTest = {
  readonly fact: string;
  readonly read: FactReader;
  readonly operator: string;
  readonly holds: Comparison;
  readonly value: unknown;
  /** Whether it never holds for a fact that is absent or null. */
  readonly needsFact: boolean;
};

/** What an entry must say of itself to be put into a bucket. */
export type Tested = { readonly firstTest: FirstTest | undefined };
/** Told of an entry that the record may satisfy. */
export type Visit<T> = (entry: T, record: CloudTrailRecord) => void;

type Group<T> = Omit<FirstTest, "value"> & {
  readonly values: unknown[];
  /** As many as values, in their order. */
  readonly entries: T[];
};

/** Entries grouped by fact and operator of what they ask first. */
export type Bucket<T> = { readonly groups: Group<T>[]; readonly others: T[] };

/** An empty bucket. */
export function makeBucket<T>(): Bucket<T> {
  return { groups: [], others: [] };
}

/** Adds an entry. */
export function addTo<T extends Tested>({ groups, others }: Bucket<T>, entry: T): void {
  const test = entry.firstTest;
  if (test === undefined) {
    others.push(entry);
    return;
  }
  const { value, ...question } = test;
  const same = (one: Group<T>): boolean =>
    one.fact === test.fact && one.operator === test.operator && one.needsFact === test.needsFact;
  let group = groups.find(same);
  if (group === undefined) {
    group = { ...question, values: [], entries: [] };
    groups.push(group);
  }
  group.values.push(value);
  group.entries.push(entry);
}

/** Visits the entries that a record may satisfy. */
export function visitBucket<T>(
  { groups, others }: Bucket<T>,
  record: CloudTrailRecord,
  each: Visit<T>,
): void {
  for (const group of groups) visitGroup(group, record, each);
  for (const entry of others) each(entry, record);
}

function visitGroup<T>(group: Group<T>, record: CloudTrailRecord, each: Visit<T>): void {
  const { holds, values, entries } = group;
  let at = 0;
  try {
    const value = group.read(record);
    if (group.needsFact && (value === undefined || value === null)) return;
    for (; at < entries.length; at++) if (holds(value, values[at])) visitAt(entries, at, record, each);
  } catch {
    // What fails is let through, so that the judge meets the error and reports it.
    for (; at < entries.length; at++) visitAt(entries, at, record, each);
  }
}

function visitAt<T>(entries: readonly T[], at: number, record: CloudTrailRecord, each: Visit<T>): void {
  const entry = entries[at];
  if (entry !== undefined) each(entry, record);
}
