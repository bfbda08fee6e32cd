/**
 * The scope `timeline`: one story in the order of time. What else the actor did that alerted, within a day before and
 * after; this alert; where it was sent; who changed it and what they said. Of too many, the actor's alerts go first.
 *
 *     const { value } = await computeTimeline(cases, found, { deadline });
 *     value.entries[0]   // { id: "alert#…", at: "2026-11-20T09:58:00.000Z", kind: "alert", text: "…", … }
 */
import { showText } from "../alerts/show-text.ts";
import { alertsAround } from "./alerts-around.ts";
import type { Case, CaseRow, HistoryEntry, Integration, ScopeValue, TimelineEntry } from "./case-schema.ts";
import type { CaseStore } from "./case-store.ts";
import type { Computed } from "./details.ts";
import type { Asking } from "./related.ts";

const MOST_ALERTS = 200;
const MOST_HISTORY = 300;
const MAX_TEXT = 500;
const MAX_COMMENT = 2_000;

/** Of one moment: what happened, what was told of it, what people did. */
const ORDER = ["alert", "this-alert", "delivery", "status", "comment"] as const;

/** Puts the timeline of a case together. Rejects when the table fails. */
export async function computeTimeline(
  cases: Pick<CaseStore, "list">,
  { row, history, integrations }: Pick<Case, "row" | "history" | "integrations">,
  { deadline, accountIds }: Asking,
): Promise<Computed<ScopeValue<"timeline">>> {
  const around = await alertsAround(
    cases,
    { actor: row.actor.key, ...(accountIds === undefined ? {} : { accountIds }) },
    { at: Date.parse(row.startTime), most: MOST_ALERTS + 1 },
    deadline,
  );
  const alerts = around.rows.filter(({ id }) => id !== row.id).slice(0, MOST_ALERTS);
  const people = history.slice(-MOST_HISTORY);
  const notes: string[] = [];
  if (!around.all)
    notes.push(`The actor has more alerts within a day: the ${alerts.length} nearest are listed.`);
  if (people.length < history.length)
    notes.push(`${history.length} changes were made to the case: the last ${people.length} are listed.`);
  const entries = [
    ...thisAlert(row),
    ...alerts.map(alertEntry),
    ...integrations.flatMap(deliveryEntries),
    ...people.flatMap(historyEntries),
  ].toSorted(inTime);
  return { value: { entries, all: around.all && people.length === history.length }, notes };
}

function inTime(a: TimelineEntry, b: TimelineEntry): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.id < b.id ? -1 : a.id === b.id ? 0 : 1);
}

function thisAlert(row: CaseRow): readonly TimelineEntry[] {
  const { id, startTime, endTime, count, severity, title, summary } = row;
  const about = { kind: "this-alert", severity } as const;
  const first = { id: `this#${id}`, at: startTime, ...about, text: text(`This alert: ${title}. ${summary}`) };
  if (count === 1 || endTime <= startTime) return [first];
  return [
    first,
    { id: `last#${id}`, at: endTime, ...about, text: `The last of the ${count} records of this alert.` },
  ];
}

function alertEntry({ id, startTime, severity, title, summary, disposition, count }: CaseRow): TimelineEntry {
  const quiet = disposition === "delivered" ? "" : ` (${disposition})`;
  const times = count === 1 ? "" : ` (${count} times)`;
  return {
    id: `alert#${id}`,
    at: startTime,
    kind: "alert",
    text: text(`${title}${times}${quiet}. ${summary}`),
    alertId: id,
    severity,
  };
}

/** The first attempt, and what came of it where that was later. */
function deliveryEntries(one: Integration): readonly TimelineEntry[] {
  const { destination, part, outcome, attempts, firstAttempt, lastAttempt, nextAttempt, reason } = one;
  const what = part === "first" ? "alert" : "summary";
  const why = reason === undefined ? "" : `: ${reason}`;
  const entry = (step: string, at: string, sentence: string): TimelineEntry => ({
    id: `delivery#${part}#${destination}#${step}`,
    at,
    kind: "delivery",
    text: text(sentence),
  });
  const ended = {
    pending: `Sending the ${what} to ${destination} has begun; no outcome is known.`,
    queued: `The ${what} could not be sent to ${destination} yet (attempt ${attempts})${why}.${nextAttempt === undefined ? "" : ` Next attempt: ${nextAttempt}.`}`,
    delivered: `The ${what} was sent to ${destination}${attempts === 1 ? "" : `, at attempt ${attempts}`}.`,
    dead: `The ${what} could not be sent to ${destination}, after ${attempts === 1 ? "1 attempt" : `${attempts} attempts`}${why}. It waits in the dead-letter queue.`,
  }[outcome];
  if (lastAttempt === undefined || lastAttempt <= firstAttempt || attempts <= 1)
    return [entry("end", lastAttempt ?? firstAttempt, ended)];
  return [
    entry("first", firstAttempt, `First attempt to send the ${what} to ${destination}.`),
    entry("end", lastAttempt, ended),
  ];
}

function historyEntries({ id, at, by, from, to, reason, comment }: HistoryEntry): readonly TimelineEntry[] {
  const person = showText(by, MAX_TEXT);
  const entries: TimelineEntry[] = [];
  if (to !== undefined) {
    const because = reason === undefined ? "" : ` (${reason.replaceAll("-", " ")})`;
    const done = from === "closed" && to === "open" ? "reopened" : STATUS_WORDS[to];
    entries.push({
      id: `status#${id}`,
      at,
      kind: "status",
      text: text(`${person} ${done} the alert${because}.`),
      by: person,
    });
  }
  if (comment !== undefined)
    entries.push({
      id: `comment#${id}`,
      at,
      kind: "comment",
      text: showText(comment, MAX_COMMENT),
      by: person,
    });
  return entries;
}

const STATUS_WORDS = { open: "opened", acknowledged: "acknowledged", closed: "closed" } as const;

function text(sentence: string): string {
  return showText(sentence, MAX_TEXT);
}
