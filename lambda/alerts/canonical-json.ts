/**
 * JSON with its keys sorted, so that one record hashes alike whether EventBridge or S3 brought it: the order of keys
 * differs between the two. For values that are bounded in depth (`boundRecord`).
 */

/** The same text for equal JSON values. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((child: unknown) => canonicalJson(child)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(",")}}`;
}
