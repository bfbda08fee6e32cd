/**
 * Over what time the records of a replay go: a count of alerts says how noisy a rule is only with the time it took.
 * The time comes from the records themselves, so last year's files give last year's rate.
 *
 *   span.note("2026-11-02T09:00:00Z"); span.note("2026-11-04T09:00:00Z");
 *   span.report()                   // { from: "2026-11-02T09:00:00.000Z", to: "…", days: 2, daysWithRecords: 2, … }
 *   perDay(60, span.report())       // 30
 */
import { z } from "zod";
import { readTime } from "../../lambda/alerts/times.ts";
import { counted } from "../words.ts";
import type { Item } from "./records.ts";

const DAY_MS = 86_400_000;
/** Scaled up from less than this, a rate would say nothing. */
const MIN_SPAN_MS = 600_000;
/** Days beyond this are not told apart: it bounds the memory, and is more than ten years. */
const MAX_DAYS = 4000;

/** The published shape. */
export const timeSpanSchema = z.strictObject({
  from: z.string().describe("Time of the earliest record."),
  to: z.string().describe("Time of the latest record."),
  days: z.number().nonnegative().describe("Days between the two, with fractions."),
  daysWithRecords: z.int().positive().describe("Days (UTC) that have a record."),
});

export type TimeSpan = z.infer<typeof timeSpanSchema>;

/** Collects times. */
export type SpanCounter = {
  /** Takes the `eventTime` of a record, whatever it is. */
  note(eventTime: unknown): void;
  /** The span so far; null when no record had a time. */
  report(): TimeSpan | null;
  /** Records whose time cannot be read. */
  withoutTime(): number;
};

/** A counter that has seen nothing. */
export function createSpan(): SpanCounter {
  const days = new Set<string>();
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  let last: unknown;
  let without = 0;
  return {
    note(eventTime) {
      // Most records have the second of the one before.
      if (eventTime === last && days.size > 0) return;
      const time = readTime(eventTime);
      if (time === undefined) {
        without++;
        return;
      }
      last = eventTime;
      from = Math.min(from, Date.parse(time));
      to = Math.max(to, Date.parse(time));
      if (days.size < MAX_DAYS) days.add(dayOf(time));
    },
    report() {
      if (days.size === 0) return null;
      return {
        from: toIso(from),
        to: toIso(to),
        days: round((to - from) / DAY_MS),
        daysWithRecords: days.size,
      };
    },
    withoutTime: () => without,
  };
}

/** The day (UTC) of a time in ISO 8601. */
export function dayOf(time: string): string {
  return time.slice(0, time.indexOf("T"));
}

/** Passes batches on and notes the time of every record in them. */
export async function* notingTimes(
  batches: AsyncIterable<readonly Item[]>,
  span: SpanCounter,
): AsyncGenerator<readonly Item[]> {
  for await (const batch of batches) {
    for (const item of batch) if (item.ok) span.note(item.reading.record.eventTime);
    yield batch;
  }
}

/** How often a day, or null when the span is too short to say. */
export function perDay(count: number, span: TimeSpan | null): number | null {
  if (span === null || span.days * DAY_MS < MIN_SPAN_MS) return null;
  return round(count / span.days);
}

/** A rate as people read it: "1,920", "3.5", "< 0.1", and "-" for none. */
export function formatRate(rate: number | null): string {
  if (rate === null) return "-";
  if (rate > 0 && rate < 0.1) return "< 0.1";
  return rate.toLocaleString("en-US", { maximumFractionDigits: rate < 10 ? 1 : 0 });
}

/** A span in words, as the end of a sentence: "over 45 minutes (… to …)". */
export function formatSpan(span: TimeSpan | null): string {
  if (span === null) return "without a time that can be read";
  const onDays =
    span.days >= 2 && span.daysWithRecords < Math.floor(span.days)
      ? `, with records on ${counted(span.daysWithRecords, "day")} of them`
      : "";
  return `over ${formatDays(span.days)} (${span.from} to ${span.to})${onDays}`;
}

/** Why the rates are to be read with care, or undefined when they are not. */
export function rateCaution(span: TimeSpan | null): string | undefined {
  if (span === null || span.days * DAY_MS < MIN_SPAN_MS) {
    return "No rate a day: the records go over less than ten minutes.";
  }
  return span.days >= 0.9
    ? undefined
    : "Rates a day are scaled up from less than a day: read them with care.";
}

function formatDays(days: number): string {
  const minutes = Math.round(days * 1440);
  if (minutes === 0) return "less than a minute";
  if (minutes < 120) return counted(minutes, "minute");
  if (minutes < 2 * 1440) return counted(Math.round(minutes / 60), "hour");
  return counted(Math.round(days), "day");
}

function toIso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
