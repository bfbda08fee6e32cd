/**
 * The leaves of a record with their dotted keys, for media that show it as lines. Lazily: a medium that shows forty
 * lines of a 256 KB record counts the rest without holding them.
 *
 *     [...leaves({ a: { b: [1, null] }, c: {} })]
 *     // [{ path: "a.b.0", value: "1" }, { path: "a.b.1", value: "null" }, { path: "c", value: "{}" }]
 */

/** Yields every leaf in the order of the record; empty objects and lists count as leaves. For values bounded in depth. */
export function* leaves(
  value: unknown,
  path = "",
): Generator<{ readonly path: string; readonly value: string }> {
  if (typeof value !== "object" || value === null) {
    yield { path, value: String(value) };
    return;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) yield { path, value: Array.isArray(value) ? "[]" : "{}" };
  for (const [key, child] of entries) yield* leaves(child, path === "" ? key : `${path}.${key}`);
}
