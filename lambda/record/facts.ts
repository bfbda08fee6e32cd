/**
 * Facts: the values of a record under their dotted keys, found one by one as rules name them.
 *
 * The keys are those that `flat` gives a flattened record, but only the few that candidates name are resolved: a
 * record of 256 KB costs no more than a small one. Unlike flat, a key that leads to an object or a list gives that
 * object or list, so that `contains` works on a list and `exists` on an object.
 *
 * A record can hold the same dotted key twice: `{ "a": { "b": 1 }, "a.b": 2 }`. Whoever writes such a key could hide
 * the value that a rule looks for, so none of them wins: the fact has both values, as `Alternatives`, and a condition
 * holds when it holds for one of them.
 *
 *     resolveFact({ a: { b: 1 }, "a.b": 2 }, parseFactPath("a.b"))   // Alternatives [1, 2]
 */
import type { FactPath, Segment } from "./fact-path.ts";

/** Several values under one dotted key, because keys of the record collide. */
export class Alternatives {
  readonly values: readonly unknown[];
  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}

/** Stands in a list for the elements of one of several colliding lists: `a[*].b.c[*]` over `{ "b": { "c": [1] }, "b.c": [2] }`. */
export class AlternativeLists {
  readonly lists: readonly (readonly unknown[])[];
  constructor(lists: readonly (readonly unknown[])[]) {
    this.lists = lists;
  }
}

type JsonObject = { readonly [key: string]: unknown };

/**
 * Resolves a fact: undefined when the record has no such key; an `Alternatives` when it has several.
 * A path with `[*]` gives the list of all values there, an empty list when there are none; what CloudTrail collapsed
 * from a one-element list to its element counts as that list, and `{}`, its spelling of an empty list, as no element.
 */
export function resolveFact(root: unknown, path: FactPath): unknown {
  const found: unknown[] = [];
  collect(root, path.segments, 0, found);
  if (found.length === 0) return path.each ? [] : undefined;
  return found.length === 1 ? found[0] : new Alternatives(found);
}

/** Resolves a fact for people: the first of its values, the one under nested keys where there is one. */
export function lookupFact(root: unknown, path: FactPath): unknown {
  const value = resolveFact(root, path);
  return value instanceof Alternatives ? value.values[0] : value;
}

function collect(node: unknown, segments: readonly Segment[], at: number, found: unknown[]): void {
  const segment = segments[at];
  if (segment === undefined) {
    if (node !== undefined) found.push(node);
  } else if (segment.kind === "each") {
    // An empty list is a value too: beside a colliding one, `everyFact:` may hold for it alone.
    if (node !== undefined) found.push(collectEach(node, segments, at + 1));
  } else if (segment.kind === "index") {
    if (Array.isArray(node)) collect(node[segment.index], segments, at + 1, found);
    else if (segment.index === 0 && isFilled(node)) collect(node, segments, at + 1, found);
  } else {
    collectKey(node, segments, at, segment.key, found);
  }
}

/** A later `[*]` of the same path adds its elements to the same list, so `a[*].b[*]` is one flat list. */
function collectEach(node: unknown, segments: readonly Segment[], at: number): unknown[] {
  const elements: readonly unknown[] = Array.isArray(node) ? node : isFilled(node) ? [node] : [];
  const more = segments.slice(at).some((segment) => segment.kind === "each");
  const list: unknown[] = [];
  for (const element of elements) {
    const found: unknown[] = [];
    collect(element, segments, at, found);
    if (found.length === 0) continue;
    if (!more) list.push(found.length === 1 ? found[0] : new Alternatives(found));
    else if (found.length > 1) list.push(new AlternativeLists(found as unknown[][]));
    else for (const inner of found[0] as readonly unknown[]) list.push(inner);
  }
  return list;
}

function collectKey(
  node: unknown,
  segments: readonly Segment[],
  at: number,
  key: string,
  found: unknown[],
): void {
  if (Array.isArray(node)) {
    const index = arrayIndex(key);
    if (index !== undefined && index < node.length) collect(node[index], segments, at + 1, found);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const object = node as JsonObject;
  if (Object.hasOwn(object, key)) collect(object[key], segments, at + 1, found);
  let dotted = key;
  for (let next = at + 1; next < segments.length; next++) {
    const segment = segments[next];
    if (segment?.kind !== "key") break;
    dotted += `.${segment.key}`;
    if (Object.hasOwn(object, dotted)) collect(object[dotted], segments, next + 1, found);
  }
}

function arrayIndex(key: string): number | undefined {
  return /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : undefined;
}

function isFilled(node: unknown): boolean {
  if (node === undefined || node === null) return false;
  return typeof node !== "object" || Object.keys(node).length > 0;
}
