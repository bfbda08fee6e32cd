/**
 * Alerts that the background left behind. The stream keeps a change for a day and is tried for less, so a table that takes
 * no writes for long, or a mapping that was switched off, leaves alerts that were told and have no number: whoever pulls by
 * number would never see them, and nobody else would notice. So whoever builds cases looks now and then for the ones that
 * are overdue, a few at once, and builds them as if the stream had just brought them.
 *
 *     const find = makeFinder(cases);
 *     await find(Date.now(), deadline)   // ["5f…"]: told more than a quarter of an hour ago, and without a number
 */
import type { CaseRow } from "./case-schema.ts";
import type { CaseStore } from "./case-store.ts";

/** The stream is seconds behind; after so many milliseconds it has given up, or is far behind. */
const OVERDUE_MS = 15 * 60_000;
/** Records of the last week: what is given up after half a day is found on the Monday. */
const LOOK_BACK_MS = 7 * 86_400_000;
/** Built at once, and parts of the list that are looked at: the next look goes on where this one ended. */
const MOST_AT_ONCE = 10;
const PAGE = 100;
const MOST_PAGES = 3;

/** Makes what finds them: the ids of a few, the one that waits longest first. Rejects when the table does not answer. */
export function makeFinder(
  cases: Pick<CaseStore, "list">,
): (now: number, deadline: number) => Promise<readonly string[]> {
  // A list belongs to its question: the time from which on goes with the place.
  let reached: { readonly from: string; readonly cursor: string } | undefined;
  return async (now, deadline) => {
    const { from = new Date(now - LOOK_BACK_MS).toISOString() } = reached ?? {};
    const overdue: CaseRow[] = [];
    for (let page = 0; page < MOST_PAGES && overdue.length < MOST_AT_ONCE; page++) {
      const cursor = reached?.cursor;
      const found = await cases.list(
        { numbered: false, from },
        { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
        deadline,
      );
      reached = found.next === undefined ? undefined : { from, cursor: found.next };
      overdue.push(...found.rows.filter(({ createdAt }) => Date.parse(createdAt) < now - OVERDUE_MS));
      if (reached === undefined) break;
    }
    // Of those beyond the number some are on a part that was passed: they are found from the beginning.
    if (overdue.length > MOST_AT_ONCE) reached = undefined;
    return overdue
      .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0))
      .slice(0, MOST_AT_ONCE)
      .map(({ id }) => id);
  };
}
