/**
 * Facts read fast: nearly every fact that rules name is a few plain keys, nearly every record holds it in the one usual
 * way, and this is asked for each record and rule. A reader goes down those keys; as soon as anything is unusual (a key
 * with dots that spells the same fact, a list on the way), it asks `resolveFact`, which knows all cases.
 *
 *     readerOf(parseFactPath("userIdentity.type"))({ userIdentity: { type: "Root" }, … })   // "Root"
 */
import { DERIVED_ROOTS, factRoot } from "./derived-facts.ts";
import type { FactPath, Segment } from "./fact-path.ts";
import { resolveFact } from "./facts.ts";
import { KNOWN_FACTS, UNUSUAL } from "./known-facts.ts";
import type { CloudTrailRecord } from "./record.ts";

/** Gives the value of one fact, as `resolveFact` does. */
export type FactReader = (record: CloudTrailRecord) => unknown;

type JsonObject = { readonly [key: string]: unknown };
/** A key, and the keys with dots that lead from the same object to the same fact: `b`, and `b.c`, `b.c.d`. */
type Step = { readonly key: string; readonly rivals: readonly string[] };

/** Whether a fact is nothing but keys to go down, so that reading it again costs no more than remembering it. */
export function isCheap(path: FactPath): boolean {
  return isUsual(path) && path.segments.every(({ kind }) => kind === "key");
}

/** Derived facts are not in the record, and keys that every object inherits (constructor) take a careful look. */
function isUsual({ root, segments }: FactPath): boolean {
  const inherited = segments.some((segment) => segment.kind === "key" && segment.key in Object.prototype);
  return !inherited && !DERIVED_ROOTS.includes(root);
}

/** Makes the reader of a fact. */
export function readerOf(path: FactPath): FactReader {
  const resolve: FactReader = (record) => resolveFact(factRoot(record, path), path);
  if (!isUsual(path)) return resolve;
  const walk = KNOWN_FACTS.get(path.text) ?? walkerOf(path);
  if (isCheap(path)) {
    if (path.segments.length === 1) return walk;
    return (record) => {
      const value = walk(record);
      return value === UNUSUAL ? resolve(record) : value;
    };
  }
  // Behind the keys comes `[*]` or an index: most records have nothing there. Each empty list is one of its own, as
  // json-rules-engine gets it: a shared one would be equal to itself where two facts are compared.
  return (record) => {
    if (walk(record) !== undefined) return resolve(record);
    return path.each ? [] : undefined;
  };
}

/** Goes down the keys that a path begins with; UNUSUAL as soon as anything is. */
function walkerOf({ segments }: FactPath): FactReader {
  const end = segments.findIndex(({ kind }) => kind !== "key");
  const [first, ...further] = stepsOf(segments.slice(0, end === -1 ? undefined : end));
  if (first === undefined) return () => UNUSUAL;
  if (further.length === 0) return (record) => record[first.key];
  return (record) => {
    let node: JsonObject = record;
    let { key, rivals } = first;
    for (const step of further) {
      for (const rival of rivals) if (node[rival] !== undefined) return UNUSUAL;
      const next = node[key];
      if (typeof next !== "object" || next === null) return undefined;
      if (Array.isArray(next)) return UNUSUAL;
      node = next as JsonObject;
      ({ key, rivals } = step);
    }
    return node[key];
  };
}

function stepsOf(segments: readonly Segment[]): readonly Step[] {
  const keys = segments.flatMap((segment) => (segment.kind === "key" ? [segment.key] : []));
  return keys.map((key, at) => ({
    key,
    rivals: keys.slice(at + 1).map((_, more) => keys.slice(at, at + more + 2).join(".")),
  }));
}
