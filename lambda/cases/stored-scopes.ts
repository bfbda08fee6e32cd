/**
 * What the background computed of a scope, packed as alerts are. It is written once: two that compute at once would
 * otherwise show first one answer and then another.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { safeJson } from "../alerts/safe-json.ts";
import { valueAt } from "../record/untrusted.ts";
import type { Table } from "../state/table.ts";
import { expiry, scopeKey } from "./case-items.ts";
import type { ScopeName } from "./case-schema.ts";

/** An item may have 400 KB. */
const MAX_BYTES = 350_000;

/** Reads a stored scope; undefined when there is none. */
export async function readStoredScope(
  table: Pick<Table, "get">,
  id: string,
  scope: ScopeName,
  deadline: number,
): Promise<unknown> {
  const document = (await table.get(scopeKey(id, scope), deadline))?.["document"];
  if (!(document instanceof Uint8Array)) return undefined;
  return valueAt(JSON.parse(gunzipSync(document).toString("utf8")), "value");
}

/**
 * Stores a scope once; false when there is one.
 * @throws RangeError when it is too large for an item: store why instead
 */
export async function writeStoredScope(
  table: Pick<Table, "put">,
  id: string,
  scope: ScopeName,
  value: unknown,
  { now, keepDays, deadline }: { readonly now: number; readonly keepDays: number; readonly deadline: number },
): Promise<boolean> {
  const document = gzipSync(safeJson({ value }));
  if (document.length > MAX_BYTES)
    throw new RangeError(
      `the scope ${scope} has ${document.length} bytes packed, more than the ${MAX_BYTES} of an item`,
    );
  const item = { ...scopeKey(id, scope), document, createdAt: now, expiresAt: expiry(now, keepDays) };
  return table.put(item, { condition: "attribute_not_exists(pk)" }, deadline);
}
