/**
 * The scope RelatedAlerts. Only alerts that have a number are in it: the others cannot be asked for yet. Number and
 * severity are texts here, and only here (LACEWORK-API § 4).
 *
 *     { eventId: "15792", severity: "2", rank: 1, eventType: "SecurityGroupChange", startTime: "2026-11-20T10:15:30Z", … }
 */
import type { CaseRow, ScopeValue } from "../cases/case-schema.ts";
import { rowToLacework } from "../formats/lacework.ts";

const SEVERITY_NUMBERS: Readonly<Record<CaseRow["severity"], string>> = {
  critical: "1",
  high: "2",
  medium: "3",
  low: "4",
  info: "5",
};

/** Rows of the scope, nearest first. */
export function relatedOf({ alerts }: ScopeValue<"related-alerts">): Readonly<Record<string, unknown>>[] {
  return alerts.flatMap(({ rank, alert }) => {
    if (alert.number === undefined) return [];
    const row = rowToLacework(alert, alert.number);
    const { subject, description } = row.alertInfo;
    return [
      {
        eventType: row.alertType,
        eventId: String(alert.number),
        severity: SEVERITY_NUMBERS[alert.severity],
        startTime: withoutMilliseconds(row.startTime),
        endTime: withoutMilliseconds(row.endTime),
        rank,
        eventInfo: { description, subject },
        eventName: row.alertName,
      },
    ];
  });
}

function withoutMilliseconds(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}
