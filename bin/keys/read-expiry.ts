/** `--expires`: for how long from now, or until when. */
import { UsageError } from "../command.ts";

const UNITS = { h: 3_600_000, d: 86_400_000 } as const;
const MOST_DAYS = 3_650;

/**
 * The moment in ISO 8601.
 *
 *     readExpiry("90d", now)          // 90 days from now
 *     readExpiry("2027-01-31", now)   // the beginning of that day, UTC
 *
 * @throws UsageError for anything else, and for a moment that is over or more than ten years away.
 */
export function readExpiry(text: string, now: number): string {
  const { count, unit } = /^(?<count>\d{1,6})(?<unit>[hd])$/.exec(text)?.groups ?? {};
  const moment =
    count === undefined
      ? /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/.test(text)
        ? Date.parse(text)
        : Number.NaN
      : now + Number(count) * UNITS[unit === "h" ? "h" : "d"];
  if (Number.isNaN(moment))
    throw new UsageError(
      `--expires takes 90d, 12h or a time such as 2027-01-31 or 2027-01-31T12:00:00Z, not "${text}".`,
    );
  if (moment <= now) throw new UsageError(`--expires ${text} is over already. Give a moment to come.`);
  if (moment > now + MOST_DAYS * UNITS.d)
    throw new UsageError(`--expires ${text} is more than ten years away. Leave it out for a key that lasts.`);
  return new Date(moment).toISOString();
}
