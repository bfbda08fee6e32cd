/**
 * Finds the leaves of one field in an event, and says for each whether it stands inside an element of an array: only
 * such leaves can contradict each other. Never flattens the event: it looks up the keys that can spell the field's
 * name, dotted ones included, and goes nowhere else.
 *
 *   event { detail: { items: [{ id: 1 }, 7] } }
 *   detail.items.id: 1, inside an element          detail.items: 7, plain (a scalar of an array is in no element)
 */
import type { FieldName, Step } from "./compiled-event-pattern.ts";
import { isLeaf, type Leaf } from "./leaf.ts";

/** How deep an event is read; the parser before EventBridge's rule engine refuses deeper ones (Jackson's limit). */
export const MAX_DEPTH = 1000;

/**
 * The keys that can follow when `from` segments of the name are spelt: for `a.b.c` and 1 these are `b` and `b.c`.
 * Made when first needed, since a name of n segments has n² of them and few events get deep.
 */
export function stepsFrom(name: FieldName, from: number): readonly Step[] {
  return (name.steps[from] ??= name.segments.slice(from).map((_, length) => {
    const next = from + length + 1;
    const key = interned(name.segments.slice(from, next).join("."));
    return { key, next, isInherited: key in Object.prototype };
  }));
}

/** The same text as V8 keeps it for property names: looking it up is then much faster than with a joined string. */
function interned(key: string): string {
  return Object.keys({ [key]: 0 })[0] ?? key;
}

/** The own value of an object at a step; undefined when the event has none, whatever the key. */
export function own(node: object, { key, isInherited }: Step): unknown {
  if (isInherited && !Object.hasOwn(node, key)) return undefined;
  return (node as Readonly<Record<string, unknown>>)[key];
}

/** The leaves of a field. */
export type Leaves = { readonly plain: Leaf[]; readonly inElements: Leaf[] };

const NO_LEAVES: Leaves = { plain: [], inElements: [] };

/** All leaves of a field. */
export function readLeaves(name: FieldName, event: object): Leaves {
  return collect(name, event, 0, 0, false, undefined) ?? NO_LEAVES;
}

/** True when a field has a leaf at or below a node that `spelt` segments of its name lead to. */
export function hasLeaf(name: FieldName, node: object, spelt: number, depth: number): boolean {
  return collect(name, node, spelt, depth, false, undefined) !== undefined;
}

/** Adds what is found to the leaves so far: no object is made for a field that the event does not have. */
function collect(
  name: FieldName,
  node: object,
  spelt: number,
  depth: number,
  inElement: boolean,
  sofar: Leaves | undefined,
): Leaves | undefined {
  if (depth > MAX_DEPTH) return sofar;
  const isNamed = spelt === name.segments.length;
  let leaves = sofar;
  if (Array.isArray(node)) {
    for (const element of node as readonly unknown[]) {
      if (typeof element === "object" && element !== null) {
        leaves = collect(name, element, spelt, depth + 1, true, leaves);
      } else if (isNamed && isLeaf(element)) {
        leaves = add(leaves, element, inElement);
      }
    }
    return leaves;
  }
  if (isNamed) return leaves;
  for (const step of stepsFrom(name, spelt)) {
    const value = own(node, step);
    if (value === undefined) continue;
    if (typeof value === "object" && value !== null) {
      leaves = collect(name, value, step.next, depth + 1, inElement, leaves);
    } else if (step.next === name.segments.length && isLeaf(value)) {
      leaves = add(leaves, value, inElement);
    }
  }
  return leaves;
}

function add(leaves: Leaves | undefined, leaf: Leaf, inElement: boolean): Leaves {
  if (leaves === undefined)
    return inElement ? { plain: [], inElements: [leaf] } : { plain: [leaf], inElements: [] };
  (inElement ? leaves.inElements : leaves.plain).push(leaf);
  return leaves;
}
