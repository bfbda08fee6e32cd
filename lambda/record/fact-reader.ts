/**
 * Facts read fast: nearly every fact that rules name is a few plain keys, nearly every record holds it in the one usual
 * way, and this is asked for each record and rule. A reader goes down those keys; as soon as anything is unusual (a key
 * with dots that spells the same fact, a list on the way), it asks `resolveFact`, which knows all cases.
 *
 *     readerOf(parseFactPath("userIdentity.type"))({ userIdentity: { type: "Root" }, … })   // "Root"
 */
import { DERIVED_ROOTS, factRoot } from "./derived-facts.ts";
import type { FactPath } from "./fact-path.ts";
import { resolveFact } from "./facts.ts";
import { KNOWN_FACTS, UNUSUAL } from "./known-facts.ts";
import type { CloudTrailRecord } from "./record.ts";

/** Gives the value of one fact, as `resolveFact` does. */
export type FactReader = (record: CloudTrailRecord) => unknown;

type JsonObject = { readonly [key: string]: unknown };
/** A key, and the keys with dots that lead from the same object to the same fact: `b`, and `b.c`, `b.c.d`. */
type Step = { readonly key: string; readonly rivals: readonly string[] };

/** Whether a fact is nothing but keys to go down, so that reading it again costs no more than remembering it. */
export function isCheap({ root, segments }: FactPath): boolean {
  // Every object has inherited keys (constructor), which are no facts: they take a careful look.
  const plain = segments.every((segment) => segment.kind === "key" && !(segment.key in Object.prototype));
  return plain && !DERIVED_ROOTS.includes(root);
}

/** Makes the reader of a fact. */
export function readerOf(path: FactPath): FactReader {
  const resolve: FactReader = (record) => resolveFact(factRoot(record, path), path);
  if (!isCheap(path)) return resolve;
  const known = KNOWN_FACTS.get(path.text);
  if (known !== undefined) return path.segments.length === 1 ? known : orElse(known, resolve);
  const [first, ...further] = stepsOf(path);
  if (first === undefined) return resolve;
  if (further.length === 0) return (record) => record[first.key];
  return (record) => {
    let node: JsonObject = record;
    let { key, rivals } = first;
    for (const step of further) {
      for (const rival of rivals) if (node[rival] !== undefined) return resolve(record);
      const next = node[key];
      if (typeof next !== "object" || next === null) return undefined;
      if (Array.isArray(next)) return resolve(record);
      node = next as JsonObject;
      ({ key, rivals } = step);
    }
    return node[key];
  };
}

function orElse(known: FactReader, resolve: FactReader): FactReader {
  return (record) => {
    const value = known(record);
    return value === UNUSUAL ? resolve(record) : value;
  };
}

function stepsOf({ segments }: FactPath): readonly Step[] {
  const keys = segments.flatMap((segment) => (segment.kind === "key" ? [segment.key] : []));
  return keys.map((key, at) => ({
    key,
    rivals: keys.slice(at + 1).map((_, more) => keys.slice(at, at + more + 2).join(".")),
  }));
}
