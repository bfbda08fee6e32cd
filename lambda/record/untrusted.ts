/**
 * Reading values that an attacker may have shaped. Any field of a record can hold any JSON, and a key such as
 * `constructor` must not find what JavaScript's prototypes hold, so everything is read through these two functions.
 *
 *     textAt({ userIdentity: { type: "Root" } }, "userIdentity", "type")   // "Root"
 *     textAt({ userIdentity: ["Root"] }, "userIdentity", "type")           // undefined
 */

/** An object whose fields are not known yet. */
export type Untrusted = { readonly [key: string]: unknown };

/** Whether a value is a JSON object: no list, no null. */
export function isObject(value: unknown): value is Untrusted {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value under nested keys; undefined where a key is absent or the way there is no object. */
export function valueAt(root: unknown, ...keys: readonly string[]): unknown {
  let value = root;
  for (const key of keys) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The text under nested keys; undefined where there is none or an empty one. */
export function textAt(root: unknown, ...keys: readonly string[]): string | undefined {
  const value = valueAt(root, ...keys);
  return typeof value === "string" && value !== "" ? value : undefined;
}
