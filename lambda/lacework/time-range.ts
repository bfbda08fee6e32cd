/**
 * The time range of a question. Each client writes times in its own way (LACEWORK-API § 2), and Sekoia's connector stops
 * for good when its question is refused. So all the ways are read, a range that is too long is shortened and not refused,
 * and only what is no time at all is an error.
 *
 *     readTime("2026-01-02T03:04:05Z")            // Sekoia
 *     readTime("2026-01-02T03:04:05.123456789+01:00")   // Go, to the millisecond: what it cuts off is less than ours have
 *     readTime("2026-01-02T03:04:05+0000")        // Python; "+" may arrive as a space, which it is in a query string
 */
import { ProblemError } from "../api/problem.ts";
import { quoted } from "./problem.ts";

/** From when to when, both included, in milliseconds since 1970. */
export type TimeRange = { readonly from: number; readonly to: number };

const DAY_MS = 86_400_000;
const MAX_RANGE_MS = 7 * DAY_MS;
/** Sekoia computes "seven days ago" before it asks for a token, and cuts it to seconds: it arrives a little above seven days. */
const GRACE_MS = 60_000;

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:[Zz]|UTC|GMT|([+\- ])(\d\d):?(\d\d))?$/;

/** A time in milliseconds since 1970, without an offset in UTC; undefined when it is none. */
export function readTime(text: string): number | undefined {
  const parts = TIME.exec(text.trim());
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  // The 31st of a month that has 30 days would pass as the 1st of the next.
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  at.setUTCHours(hour, minute, second, Number((parts[7] ?? "").padEnd(3, "0").slice(0, 3)));
  const [hours, minutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  if (hours > 23 || minutes > 59) return undefined;
  return at.getTime() - (parts[8] === "-" ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/**
 * The range that is asked for: up to now and from a day before, where nothing else is said. More than seven days are
 * shortened to the last seven. A start in the future finds nothing, as it should: the clock of whoever asks is ahead.
 * @throws ProblemError
 */
export function readRange(startTime: unknown, endTime: unknown, now: number): TimeRange {
  const end = timeOf("endTime", endTime);
  const to = end ?? now;
  const from = timeOf("startTime", startTime) ?? to - DAY_MS;
  if (end !== undefined && from > end) {
    throw new ProblemError(
      400,
      `startTime ${quoted(startTime)} is after endTime ${quoted(endTime)}: swap them.`,
    );
  }
  return shortened({ from, to });
}

/** No more than seven days, the last ones; of a cursor too, which anybody can make who has a key. */
export function shortened({ from, to }: TimeRange): TimeRange {
  return { from: to - from > MAX_RANGE_MS + GRACE_MS ? to - MAX_RANGE_MS : from, to };
}

function timeOf(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const at = typeof value === "string" ? readTime(value) : undefined;
  if (at !== undefined) return at;
  throw new ProblemError(400, `${name}: write a time such as 2026-11-20T10:00:00Z, not ${quoted(value)}.`);
}
