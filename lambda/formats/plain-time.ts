/**
 * Times in the form that every reader of ISO 8601 takes: four digits of year, three of a second, UTC. A record may claim
 * the year 33658, which JavaScript writes as "+033658-…" and a strict reader refuses, with all the alerts beside it.
 *
 *     plainTime("2026-11-20T10:15:30Z")           // "2026-11-20T10:15:30.000Z"
 *     plainTime("+033658-09-27T01:46:40.000Z")    // "9999-12-31T23:59:59.999Z"
 */
const FIRST = Date.parse("1970-01-01T00:00:00.000Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

/** The time within the years 1970 to 9999; what is no time at all is the first moment of them. */
export function plainTime(time: string): string {
  return new Date(plainMilliseconds(time)).toISOString();
}

/** The same moment in milliseconds since 1970. */
export function plainMilliseconds(time: string): number {
  const at = Date.parse(time);
  return Number.isNaN(at) ? FIRST : Math.min(LAST, Math.max(FIRST, at));
}
