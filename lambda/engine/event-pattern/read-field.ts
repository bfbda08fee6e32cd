/**
 * Finds the leaves of one field in an event, and says for each whether it stands inside an element of an array: only
 * such leaves can contradict each other. Never flattens the event: it looks up the keys that can spell the field's
 * name, dotted ones included, and goes nowhere else.
 *
 *   event { detail: { items: [{ id: 1 }, 7] } }
 *   detail.items.id: 1, inside an element          detail.items: 7, plain (a scalar of an array is in no element)
 */
import type { FieldTest, Step } from "./compiled-event-pattern.ts";
import { isLeaf, type Leaf } from "./leaf.ts";

/** What was found, as bits of one number. */
export const PLAIN = 1;
export const PLAIN_PASS = 2;
export const IN_ELEMENT = 4;
export const IN_ELEMENT_PASS = 8;

/** How deep an event is read; the parser before EventBridge's rule engine refuses deeper ones (Jackson's limit). */
export const MAX_DEPTH = 1000;

/**
 * The keys that can follow when `from` segments of the name are spelt: for `a.b.c` and 1 these are `b` and `b.c`.
 * Made when first needed, since a name of n segments has n² of them and few events get deep.
 */
export function stepsFrom(field: FieldTest, from: number): readonly Step[] {
  return (field.steps[from] ??= field.segments.slice(from).map((_, length) => {
    const next = from + length + 1;
    return { key: interned(field.segments.slice(from, next).join(".")), next };
  }));
}

/** The same text as V8 keeps it for property names: looking it up is then much faster than with a joined string. */
function interned(key: string): string {
  return Object.keys({ [key]: 0 })[0] ?? key;
}

/** The own value of a key; undefined when the event has none, whatever the key's name. */
export function own(node: object, key: string): unknown {
  const value = (node as Readonly<Record<string, unknown>>)[key];
  return value === undefined || Object.hasOwn(node, key) ? value : undefined;
}

/** Looks at the leaves of a field and gives the bits of all that it saw, up to the first plain one that passes. */
export function scanField(field: FieldTest, event: object): number {
  return scan(field, event, 0, 0, false);
}

/** True when the field has a leaf at or below a node that `spelt` segments of its name lead to. */
export function hasLeaf(field: FieldTest, node: object, spelt: number, depth: number): boolean {
  return scan(field, node, spelt, depth, false) !== 0;
}

function scan(field: FieldTest, node: object, spelt: number, depth: number, inElement: boolean): number {
  if (depth > MAX_DEPTH) return 0;
  let bits = 0;
  if (Array.isArray(node)) {
    for (const element of node as readonly unknown[]) {
      if (typeof element === "object" && element !== null) {
        bits |= scan(field, element, spelt, depth + 1, true);
      } else if (spelt === field.segments.length && isLeaf(element)) {
        bits |= leafBits(field, element, inElement);
      }
      if ((bits & PLAIN_PASS) !== 0) break;
    }
    return bits;
  }
  if (spelt === field.segments.length) return 0;
  for (const { key, next } of stepsFrom(field, spelt)) {
    const value = own(node, key);
    if (typeof value === "object" && value !== null) {
      bits |= scan(field, value, next, depth + 1, inElement);
    } else if (next === field.segments.length && isLeaf(value)) {
      bits |= leafBits(field, value, inElement);
    }
  }
  return bits;
}

function leafBits(field: FieldTest, leaf: Leaf, inElement: boolean): number {
  const passes = field.passes?.(leaf) === true;
  if (inElement) return passes ? IN_ELEMENT | IN_ELEMENT_PASS : IN_ELEMENT;
  return passes ? PLAIN | PLAIN_PASS : PLAIN;
}

/** The first leaves of a field, at most `limit` of them. */
export function leavesOf(field: FieldTest, event: object, limit: number): Leaf[] {
  const leaves: Leaf[] = [];
  const all: FieldTest = {
    ...field,
    passes: (leaf) => {
      if (leaves.length < limit) leaves.push(leaf);
      return false;
    },
  };
  scan(all, event, 0, 0, false);
  return leaves;
}
