/**
 * Times of a record. CloudTrail writes ISO 8601 to the second; what else comes (milliseconds, an offset, a Unix time)
 * is read where it is unambiguous. Other spellings depend on the machine's time zone and are refused.
 *
 *     readTime("2026-11-20T10:00:00Z")   // "2026-11-20T10:00:00.000Z"
 */

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/i;
/** Unix times below this are seconds, above it milliseconds: 1e11 s is the year 5138. */
const MILLISECONDS_FROM = 1e11;

/** The time as ISO 8601 with milliseconds, UTC; undefined when the value is none. */
export function readTime(value: unknown): string | undefined {
  const milliseconds =
    typeof value === "number" ? fromNumber(value) : typeof value === "string" ? fromText(value) : NaN;
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function fromNumber(value: number): number {
  return value > 0 ? (value < MILLISECONDS_FROM ? value * 1000 : value) : NaN;
}

function fromText(value: string): number {
  const match = ISO.exec(value);
  if (match === null) return NaN;
  return Date.parse(match[1] === undefined ? `${value}Z` : value);
}
