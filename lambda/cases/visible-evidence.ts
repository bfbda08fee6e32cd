/**
 * An investigation as somebody may see it who sees some accounts only. The answers are about an actor, who may be at work
 * in many accounts, and evidence names alerts: those of other accounts are left out, with the sentence that tells of them,
 * and the notes say how many.
 *
 *     await visibleEvidence(cases, investigation, { deadline, accountIds: ["123456789012"] })
 */
import type { Evidence, Scope } from "./case-schema.ts";
import type { CaseStore } from "./case-store.ts";

/** So many alerts are looked up; what is beyond is left out. */
const MOST_LOOKED_UP = 50;
const BECAUSE = "What this rests on is in accounts that you may not see.";

type Investigation = Extract<Scope<"investigation">, { readonly state: "ready" }>;

/** The investigation without evidence that names alerts of other accounts. Rejects when the table fails. */
export async function visibleEvidence(
  cases: Pick<CaseStore, "read">,
  investigation: Investigation,
  { deadline, accountIds }: { readonly deadline: number; readonly accountIds: readonly string[] },
): Promise<Investigation> {
  const { answers } = investigation.value;
  const named = new Set(answers.flatMap(({ evidence }) => evidence.flatMap(({ alertId }) => alertId ?? [])));
  const seen = await Promise.all(
    [...named].slice(0, MOST_LOOKED_UP).map(async (id) => {
      const accountId = (await cases.read(id, deadline))?.row.accountId;
      return accountId !== undefined && accountIds.includes(accountId) ? id : undefined;
    }),
  );
  const visible = new Set(seen);
  let left = 0;
  const isVisible = ({ alertId }: Evidence): boolean => {
    const shown = alertId === undefined || visible.has(alertId);
    if (!shown) left += 1;
    return shown;
  };
  const kept = answers.map((answer) => {
    const evidence = answer.evidence.filter(isVisible);
    // The sentence is made of the evidence: who, from where, when.
    const isWhole = evidence.length === answer.evidence.length;
    return Object.assign({}, answer, { evidence }, isWhole ? {} : { because: BECAUSE });
  });
  if (left === 0) return investigation;
  const note = `Evidence is left out that names alerts of accounts that you may not see: ${left} in all.`;
  return { ...investigation, value: { answers: kept }, notes: [...investigation.notes, note] };
}
