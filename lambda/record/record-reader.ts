/**
 * Reads fields of the record fast: nearly every field that is asked for is a few plain keys, and nearly every record
 * holds it in the one usual way. A reader goes down those keys; as soon as anything is unusual (a key with dots that
 * spells the same field, a list on the way), it asks `resolveFact`, which knows all cases.
 *
 *     fieldReader("userIdentity.type")({ userIdentity: { type: "Root" }, … })   // "Root"
 *
 * What is derived from a record reads it in the same way as conditions do, colliding keys and all: an event pattern
 * sees a key with dots, and what it says of a derived fact must hold for that record too.
 */
import { type FactPath, parseFactPath, type Segment } from "./fact-path.ts";
import { Alternatives, resolveFact } from "./facts.ts";
import { KNOWN_FACTS, UNUSUAL } from "./known-facts.ts";
import type { CloudTrailRecord } from "./record.ts";

/** Gives the value of one fact, as `resolveFact` does. */
export type FactReader = (record: CloudTrailRecord) => unknown;

type JsonObject = { readonly [key: string]: unknown };
/** A key, and the keys with dots that lead from the same object to the same fact: `b`, and `b.c`, `b.c.d`. */
type Step = { readonly key: string; readonly rivals: readonly string[] };

/** Whether a path is nothing but keys that no object inherits, so that reading it costs next to nothing. */
export function isPlainKeys(path: FactPath): boolean {
  return isUsual(path) && path.segments.every(({ kind }) => kind === "key");
}

/** Keys that every object inherits (constructor) take a careful look. */
function isUsual({ segments }: FactPath): boolean {
  return !segments.some((segment) => segment.kind === "key" && segment.key in Object.prototype);
}

/** Makes the reader of a fact that stands in the record itself. */
export function recordReader(path: FactPath): FactReader {
  const resolve: FactReader = (record) => resolveFact(record, path);
  if (!isUsual(path)) return resolve;
  const walk = KNOWN_FACTS.get(path.text) ?? walkerOf(path);
  if (isPlainKeys(path)) {
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

/**
 * Makes the reader of one field for what is derived from it: of colliding keys the first value counts, the one under
 * nested keys where there is one. Null counts as nothing.
 */
export function fieldReader(name: string): FactReader {
  const read = recordReader(parseFactPath(name));
  return (record) => {
    const value = read(record);
    return (value instanceof Alternatives ? value.values[0] : value) ?? undefined;
  };
}

/** Makes the reader of one field that counts only as text: undefined where there is none, or an empty one. */
export function textReader(name: string): (record: CloudTrailRecord) => string | undefined {
  const read = fieldReader(name);
  return (record) => {
    const value = read(record);
    return typeof value === "string" && value !== "" ? value : undefined;
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
