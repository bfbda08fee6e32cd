/**
 * When a suppression ends. `expires` names its last day, in UTC: it holds until that day is over, so that "until the
 * 31st" means what people mean by it.
 *
 *     hasExpired({ expires: "2027-03-31" }, Date.UTC(2027, 2, 31, 23, 59))   // false
 *     hasExpired({ expires: "2027-03-31" }, Date.UTC(2027, 3, 1))            // true
 *
 * What is no date of the calendar (2027-02-30) has expired: an unreadable date must not keep alerts back.
 */
const DAY_MS = 86_400_000;

/** The first moment, in milliseconds since 1970, at which the suppression holds no more; undefined for no date. */
export function expiryOf(expires: string): number | undefined {
  const start = Date.parse(`${expires}T00:00:00.000Z`);
  // Date.parse takes 2027-02-30 for the 2nd of March in some engines, and refuses it in others.
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== expires) return undefined;
  return start + DAY_MS;
}

/** Whether a suppression has expired at a time in milliseconds since 1970. */
export function hasExpired({ expires }: { readonly expires: string }, at: number): boolean {
  const end = expiryOf(expires);
  return end === undefined || at >= end;
}
