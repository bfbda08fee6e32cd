/**
 * The two kinds of JSON that an event pattern knows: leaves, which are compared, and objects, which lead to them.
 * (Arrays are either: in a pattern a choice of values, in an event a set of them.)
 */

/** What a pattern compares: a value that is neither an object nor an array. */
export type Leaf = string | number | boolean | null;
export type LeafTest = (leaf: Leaf) => boolean;

/** True for what JSON has besides objects and arrays. */
export function isLeaf(value: unknown): value is Leaf {
  return (
    value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"
  );
}

/** True for a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
