/**
 * The index that picks the rules worth a look: by eventSource, then by one field whose exact values the rule's selector
 * names (eventName where it can, else another plain field), then by the rule's predicate. Six thousand rules cost a
 * record a few look-ups.
 *
 *     ec2.amazonaws.com / eventName / RunInstances  → [rule, rule]
 *     any source        / errorCode / AccessDenied  → [rule]
 */
import { PLAIN_VALUE_FACTS } from "../record/record-shape.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { FactCache } from "./fact-cache.ts";
import type { Matcher, Selector } from "./selector.ts";

/** Rules of one eventSource: those found by a value of a field, and those that must always be looked at. */
type Shelf<T> = {
  readonly fields: { readonly fact: number; readonly byValue: Map<unknown, T[]> }[];
  readonly always: T[];
};

/** Finds, for a record, the entries whose selector may accept it. */
export type CandidateIndex<T> = { visit(record: CloudTrailRecord, each: (entry: T) => void): void };

/** Builds the index; `facts` must be at the record that is visited. */
export function buildIndex<T extends { readonly eventSource: string | null; readonly selector: Selector }>(
  entries: readonly T[],
  facts: FactCache,
): CandidateIndex<T> {
  const everywhere: Shelf<T> = { fields: [], always: [] };
  const bySource = new Map<string, Shelf<T>>();
  const shelfOf = (source: string | null): Shelf<T> => {
    if (source === null) return everywhere;
    const shelf = bySource.get(source) ?? { fields: [], always: [] };
    bySource.set(source, shelf);
    return shelf;
  };
  for (const entry of entries) place(shelfOf(entry.eventSource), entry, facts);

  function visitShelf(shelf: Shelf<T>, each: (entry: T) => void): void {
    for (const { fact, byValue } of shelf.fields) {
      const found = byValue.get(facts.get(fact) ?? null);
      if (found !== undefined) for (const entry of found) each(entry);
    }
    for (const entry of shelf.always) each(entry);
  }

  return {
    visit(record, each) {
      visitShelf(everywhere, each);
      const shelf = bySource.get(record.eventSource);
      if (shelf !== undefined) visitShelf(shelf, each);
    },
  };
}

function place<T extends { readonly selector: Selector }>(shelf: Shelf<T>, entry: T, facts: FactCache): void {
  const key = bestKey(entry.selector);
  if (key === undefined) {
    shelf.always.push(entry);
    return;
  }
  const fact = facts.number(key.path);
  let field = shelf.fields.find((one) => one.fact === fact);
  if (field === undefined) {
    field = { fact, byValue: new Map() };
    shelf.fields.push(field);
  }
  for (const value of key.values) {
    const list = field.byValue.get(value);
    if (list === undefined) field.byValue.set(value, [entry]);
    else list.push(entry);
  }
}

/** A field that every conjunct gives exact values for; of several, eventName, else the one with the fewest values. */
function bestKey(selector: Selector): { path: string; values: ReadonlySet<unknown> } | undefined {
  const [first = []] = selector;
  const keys = first.flatMap(({ path }) => {
    // Only top-level fields: there, no other key of the record can collide with the value that is looked up.
    if (!PLAIN_VALUE_FACTS.has(path) || path.includes(".")) return [];
    const values = selector.flatMap((conjunct) =>
      valuesOf(conjunct.find((atom) => atom.path === path)?.matchers),
    );
    return values.includes(undefined) ? [] : [{ path, values: new Set(values) }];
  });
  return (
    keys.find((key) => key.path === "eventName") ?? keys.sort((a, b) => a.values.size - b.values.size)[0]
  );
}

/** The values that a list of matchers accepts, with null for an absent field; [undefined] when they cannot be listed. */
function valuesOf(matchers: readonly Matcher[] | undefined): readonly unknown[] {
  if (matchers === undefined) return [undefined];
  return matchers.map((matcher) => {
    if (typeof matcher !== "object" || matcher === null) return matcher;
    return matcher.exists === false ? null : undefined;
  });
}
