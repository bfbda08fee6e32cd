/**
 * An investigation as somebody may see it who sees some accounts only. The answers are about an actor, who may be at work
 * in many accounts, and evidence names alerts: those of other accounts are left out, and the notes say how many. So is the
 * actor's profile, which does not tell accounts apart, and a sentence that tells of what is left out.
 *
 *     await visibleEvidence(cases, investigation, { deadline, accountIds: ["123456789012"] })
 */
import type { Answer, Evidence, Scope } from "./case-schema.ts";
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
  let profiled = 0;
  const isVisible = ({ alertId, source }: Evidence): boolean => {
    if (source === "profile") profiled += 1;
    else if (alertId !== undefined && !visible.has(alertId)) left += 1;
    else return true;
    return false;
  };
  const kept = answers.map((answer) => {
    const evidence = answer.evidence.filter(isVisible);
    return Object.assign({}, answer, { evidence }, isTold(answer, evidence) ? {} : { because: BECAUSE });
  });
  const notes = [
    ...(left === 0
      ? []
      : [`Evidence is left out that names alerts of accounts that you may not see: ${left} in all.`]),
    ...(profiled === 0
      ? []
      : ["What the actor's profile shows is left out: it is of all accounts together."]),
  ];
  if (notes.length === 0) return investigation;
  return { ...investigation, value: { answers: kept }, notes: [...investigation.notes, ...notes] };
}

/** Whether the sentence says nothing beyond the evidence that is shown: it is made of the first, and tells its minute. */
function isTold({ evidence: [first] }: Answer, shown: readonly Evidence[]): boolean {
  if (first === undefined || shown.includes(first)) return true;
  return shown.some(({ time }) => time !== undefined && time.slice(0, 16) === first.time?.slice(0, 16));
}
