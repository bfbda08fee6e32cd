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

/** Makes the reader of a fact. */
export function readerOf(path: FactPath): FactReader {
  const resolve: FactReader = (record) => resolveFact(factRoot(record, path), path);
  const known = KNOWN_FACTS.get(path.text);
  if (known !== undefined && path.segments.length === 1) return known;
  if (known !== undefined) {
    return (record) => {
      const value = known(record);
      return value === UNUSUAL ? resolve(record) : value;
    };
  }
  const keys = path.segments.map((segment) => (segment.kind === "key" ? segment.key : undefined));
  const steps = keys.map((key, at): Step | undefined => {
    // Every object has inherited keys (constructor), which are no facts.
    if (key === undefined || key in Object.prototype) return undefined;
    return { key, rivals: keys.slice(at + 1).map((_, more) => keys.slice(at, at + more + 2).join(".")) };
  });
  if (DERIVED_ROOTS.includes(path.root) || steps.includes(undefined)) return resolve;
  const [first, ...further] = steps.filter((step) => step !== undefined);
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
