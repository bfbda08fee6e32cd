/**
 * The scope `related-alerts`: other alerts within a day before and after that may belong to the same story, the nearest
 * first, with what they share (`shared-by.ts` says how that is weighed). An alert that nobody was told of counts half:
 * a flood of suppressed ones must not hide the one that matters. Looked at are the actor's own alerts first, then all
 * of the time around, up to a stated number.
 *
 *     const { value } = await computeRelated(cases, row, { deadline });
 *     value.alerts[0]   // { rank: 1, why: ["same session …", "same source address 192.0.2.10"], alert: { … } }
 */
import { alertsAround } from "./alerts-around.ts";
import type { CaseRow, ScopeValue } from "./case-schema.ts";
import type { CaseStore } from "./case-store.ts";
import type { Computed } from "./details.ts";
import { sharedBy, timeBetween } from "./shared-by.ts";

/** Whose alerts may be seen; all when absent. */
export type Asking = { readonly deadline: number; readonly accountIds?: readonly string[] | undefined };

type Candidate = { readonly row: CaseRow; readonly why: readonly string[]; readonly points: number };

const MOST_OF_ACTOR = 300;
const MOST_OF_ALL = 700;
const MOST_LISTED = 50;

/** Finds what is related to an alert. Rejects when the table fails. */
export async function computeRelated(
  cases: Pick<CaseStore, "list">,
  subject: CaseRow,
  { deadline, accountIds }: Asking,
): Promise<Computed<ScopeValue<"related-alerts">>> {
  const filter = accountIds === undefined ? {} : { accountIds };
  const at = Date.parse(subject.startTime);
  const [own, others] = await Promise.all([
    alertsAround(cases, { ...filter, actor: subject.actor.key }, { at, most: MOST_OF_ACTOR }, deadline),
    alertsAround(cases, filter, { at, most: MOST_OF_ALL }, deadline),
  ]);
  const rows = new Map([...others.rows, ...own.rows].map((row) => [row.id, row]));
  rows.delete(subject.id);
  const ranked = rank(subject, [...rows.values()]);
  const listed = ranked.slice(0, MOST_LISTED);
  const notes: string[] = [];
  if (!others.all)
    notes.push(
      `There are more alerts within a day than the ${MOST_OF_ALL} nearest and the actor's ${MOST_OF_ACTOR} nearest, which were looked at.`,
    );
  if (ranked.length > listed.length)
    notes.push(`${ranked.length} alerts are related: the nearest ${listed.length} are listed.`);
  return {
    value: {
      alerts: listed.map(({ row, why }, index) => ({ rank: index + 1, why: [...why], alert: row })),
      considered: rows.size,
      all: others.all,
    },
    notes,
  };
}

/** The related ones of these, the nearest first; of any two, one is always before the other. */
function rank(subject: CaseRow, rows: readonly CaseRow[]): readonly Candidate[] {
  return rows
    .map((row) => {
      const { why, score } = sharedBy(subject, row);
      return { row, why, points: row.disposition === "delivered" ? score : score / 2 };
    })
    .filter(({ why }) => why.length > 0)
    .toSorted(
      (a, b) =>
        b.points - a.points ||
        timeBetween(a.row, subject) - timeBetween(b.row, subject) ||
        (a.row.id < b.row.id ? -1 : 1),
    );
}
