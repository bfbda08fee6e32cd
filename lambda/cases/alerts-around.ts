/**
 * The alerts around a time, the nearest first. Lists come newest first, so a limit on one list of two days would leave
 * nothing but the far end; the time is walked in rings instead: five minutes to both sides, then the hour, and so on.
 *
 *     await alertsAround(cases, { actor: row.actor.key }, { at: Date.parse(row.startTime), most: 300 }, deadline)
 *     // { rows: [...], all: true }
 */
import type { CaseRow } from "./case-schema.ts";
import type { CaseFilter, CaseStore } from "./case-store.ts";

/** What was found, and whether that is all there is. */
type Around = { readonly rows: readonly CaseRow[]; readonly all: boolean };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How far is looked, to both sides. */
export const AROUND_MS = 24 * HOUR_MS;
const RINGS_MS = [5 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, AROUND_MS];
const PAGE = 100;
/** A page may be empty and have another behind it: so many are asked for. */
const MOST_PAGES = 60;
/** Years that are written with four digits, which is how times sort as texts. */
const FIRST_TIME = Date.parse("0001-01-01T00:00:00Z");
const LAST_TIME = Date.parse("9999-12-31T00:00:00Z");

/**
 * Alerts from a day before until a day after, of all dispositions unless the filter says otherwise.
 * @param around.at milliseconds since 1970
 * @param around.most how many rows at most
 */
export async function alertsAround(
  cases: Pick<CaseStore, "list">,
  filter: Omit<CaseFilter, "from" | "to">,
  { at, most }: { readonly at: number; readonly most: number },
  deadline: number,
): Promise<Around> {
  const rows: CaseRow[] = [];
  let pages = 0;
  for (const [from, to] of intervals(at)) {
    let cursor: string | undefined;
    do {
      if (rows.length >= most || pages === MOST_PAGES) return { rows, all: false };
      pages += 1;
      const limit = Math.min(PAGE, most - rows.length);
      const page = await cases.list(
        {
          dispositions: ["delivered", "suppressed", "staged", "deduplicated"],
          ...filter,
          from: iso(from),
          to: iso(to),
        },
        { limit, ...(cursor === undefined ? {} : { cursor }) },
        deadline,
      );
      rows.push(...page.rows);
      cursor = page.next;
    } while (cursor !== undefined);
  }
  return { rows, all: true };
}

/** Disjoint, from the nearest to the farthest; each without its end. */
function intervals(at: number): readonly (readonly [from: number, to: number])[] {
  const [nearest = 0] = RINGS_MS;
  const far = RINGS_MS.slice(1).flatMap((outer, index) => {
    const inner = RINGS_MS[index] ?? 0;
    return [
      [at - outer, at - inner],
      [at + inner + 1, at + outer + 1],
    ] as const;
  });
  // The last millisecond counts: what is a day after this alert has this alert a day before.
  return [[at - nearest, at + nearest + 1] as const, ...far];
}

function iso(time: number): string {
  return new Date(Math.min(LAST_TIME, Math.max(FIRST_TIME, time))).toISOString();
}
