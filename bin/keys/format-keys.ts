/** Keys as people read them: one a line, what each may do, and whether it still may. */
import type { ApiKey } from "../../lambda/api/key-store.ts";
import { printable } from "../../lambda/words/printable.ts";
import { textTable } from "../../lib/replay/text-table.ts";

/** Whether a key opens anything at `now` (ms since 1970), and if not why. */
export function stateOf(key: ApiKey, now: number): "active" | "revoked" | "expired" {
  if (key.revokedAt !== undefined) return "revoked";
  return key.expiresAt !== undefined && Date.parse(key.expiresAt) <= now ? "expired" : "active";
}

const COLUMNS = ["ID", "STATE", "ACCESS", "AN HOUR", "ENDS", "ACCOUNTS", "NAME"].map((head) => ({
  head,
  right: head === "AN HOUR",
}));

/**
 * A table of them; empty for none.
 *
 *     ID                            STATE   ACCESS  AN HOUR  ENDS        ACCOUNTS  NAME
 *     CTE_0123456789ABCDEF01234567  active  read        480  2027-02-18  all       Sekoia
 */
export function formatKeys(keys: readonly ApiKey[], now: number): string {
  if (keys.length === 0) return "";
  const rows = keys.map((key) => [
    key.id,
    stateOf(key, now),
    key.access,
    String(key.requestsPerHour),
    (key.revokedAt ?? key.expiresAt ?? "never").slice(0, 10),
    key.accountIds?.join(",") ?? "all",
    printable(key.name),
  ]);
  return textTable(COLUMNS, rows)
    .map((line) => `${line}\n`)
    .join("");
}
