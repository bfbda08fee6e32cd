/**
 * Takes out of a document what says nothing: formats have no undefined fields, no empty texts and no empty objects.
 *
 *     prune({ user: { name: "alice", email: undefined }, source: { ip: "" } })   // { user: { name: "alice" } }
 */

/** The document without them; lists are left as they are, but for those that are empty. */
export function prune(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined || value === "") continue;
    if (Array.isArray(value)) {
      if (value.length > 0) kept.push([key, value]);
    } else if (typeof value === "object" && value !== null) {
      const pruned = prune(value as Record<string, unknown>);
      if (Object.keys(pruned).length > 0) kept.push([key, pruned]);
    } else kept.push([key, value]);
  }
  return Object.fromEntries(kept);
}
