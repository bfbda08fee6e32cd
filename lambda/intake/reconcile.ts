/**
 * Both ways in, compared. EventBridge delivers as well as it can, a trail writes everything it has; once an object is older
 * than the grace period, whatever EventBridge brought is in the table under the same alert ids, suppressed and counted ones
 * too. What is not there never came: it alerts now, marked late.
 *
 * A known alert takes the same way as one that arrives twice, which tells nobody twice and finishes what was begun. But what
 * was decided stays: a suppression that has expired since tells of nothing that it kept back, a new one keeps nothing that
 * was told.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { keptKey } from "../cases/case-items.ts";
import { alertOf, keyOf } from "../state/alert-item.ts";
import type { Table } from "../state/table.ts";
import type { IntakeReport } from "./intake-report.ts";

/** Makes the pipeline's step; `now` is in milliseconds since 1970. */
export function makeReconcile(
  table: Pick<Table, "get">,
  report: Pick<IntakeReport, "late">,
  now: () => number,
): (alert: Alert, deadline: number) => Promise<Alert | undefined> {
  return async (alert, deadline) => {
    const [told, kept] = await Promise.all([
      table.get(keyOf(alert.id, "first"), deadline),
      table.get(keptKey(alert.id), deadline),
    ]);
    if (told !== undefined) {
      if (alert.disposition !== "delivered") return undefined;
      // A try that died may have left it half told; the next finishes it, and says the same.
      const { late } = alertOf(told);
      return late === undefined ? alert : markLate(alert, late.byMinutes);
    }
    if (kept !== undefined) return isDecided(kept["disposition"]) ? undefined : alert;
    const milliseconds = Math.max(0, now() - Date.parse(alert.startTime));
    report.late(alert, milliseconds);
    return markLate(alert, Math.round(milliseconds / 60_000));
  };
}

/** Kept back by a person's decision; repeats and records that count are worked out anew, which gives the same. */
function isDecided(disposition: unknown): boolean {
  return disposition === "suppressed" || disposition === "staged";
}

function markLate(alert: Alert, byMinutes: number): Alert {
  const note = `Late by ${byMinutes} ${byMinutes === 1 ? "minute" : "minutes"}: EventBridge did not bring this record, it was found in the trail's log files.`;
  return { ...alert, late: { byMinutes }, notes: [...(alert.notes ?? []), note] };
}
