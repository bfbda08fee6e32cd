/**
 * The scope `events`: the records behind an alert, up to a hundred, oldest first. An alert of a window stands for all
 * records that it counted; each is the record of an alert of its own, which is how they are kept.
 *
 *     const { value } = await computeEvents(cases, row, { deadline });
 *     value   // { events: [{ alertId, time, record }, …], total: 240 }
 */
import { shortenAlert } from "../alerts/shorten.ts";
import type { Alert } from "../alerts/alert-schema.ts";
import type { CaseRow, ScopeValue } from "./case-schema.ts";
import type { CaseStore } from "./case-store.ts";
import type { Computed } from "./details.ts";
import type { Asking } from "./related.ts";

type CaseEvent = ScopeValue<"events">["events"][number];

/** How many records are listed. */
const MOST_EVENTS = 100;
/** All records together; an answer of Lambda may have 6 MB. */
const MAX_BYTES = 2_000_000;

/** Reads the records behind an alert. Rejects when the table fails. */
export async function computeEvents(
  cases: Pick<CaseStore, "records">,
  row: CaseRow,
  { deadline, accountIds }: Asking,
): Promise<Computed<ScopeValue<"events">>> {
  const { alerts: found, all } = await cases.records(row.id, MOST_EVENTS, deadline);
  const alerts = found.filter(({ cloud }) => accountIds?.includes(cloud.accountId ?? "") ?? true);
  const total = Math.max(row.count, found.length);
  const notes: string[] = [];
  const hidden = found.length - alerts.length;
  if (hidden > 0)
    notes.push(`${hidden} of the records are of accounts that you may not see, and are not listed.`);
  else if (!all) notes.push(`The alert stands for ${total} records: the first ${alerts.length} are listed.`);
  else if (alerts.length < total)
    notes.push(
      `The alert stands for ${total} records, and ${alerts.length} of them could be had: the others were counted before records were kept, have expired, or are not stored yet.`,
    );
  const room = Math.floor(MAX_BYTES / Math.max(1, alerts.length));
  const events = alerts.map((alert) => eventOf(alert, room));
  const shortened = events.filter(({ shortened: is }) => is).length;
  if (shortened > 0)
    notes.push(`${shortened} of the records are too large to list whole. CloudTrail has the whole records.`);
  return { value: { events: events.map(({ event }) => event), total }, notes };
}

function eventOf(alert: Alert, room: number): { readonly event: CaseEvent; readonly shortened: boolean } {
  const kept = shortenAlert(alert, ({ record }) => Buffer.byteLength(JSON.stringify(record)) <= room);
  return {
    event: { alertId: alert.id, time: alert.startTime, record: kept.record },
    shortened: kept !== alert,
  };
}
