/**
 * Asks all questions about an alert, in their order. Each is answered on its own: one that breaks is unknown, and says so.
 *
 *     await investigate(alert, row, sources, deadline)   // [{ id: "new-user", answer: "unknown", because: "…", … }, …]
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { textAt } from "../record/untrusted.ts";
import type { Answer, CaseRow } from "./case-schema.ts";
import type { CaseStore } from "./case-store.ts";
import { deedOf, subjectOf } from "./deed.ts";
import { type Inquiry, ownId, unknown } from "./inquiry.ts";
import { askHistory, type Asked, type History, makePast, SPAN_MS } from "./past.ts";
import type { Profiles } from "./profile.ts";
import { CONTEXT_QUESTIONS } from "./questions-context.ts";
import { FIRST_TIME_QUESTIONS } from "./questions-first-time.ts";
import { FURTHER_USER_QUESTIONS, USER_QUESTIONS } from "./questions-users.ts";

/** All of them, in the order in which they are shown. */
export const QUESTIONS = [
  ...USER_QUESTIONS,
  ...FIRST_TIME_QUESTIONS,
  ...FURTHER_USER_QUESTIONS,
  ...CONTEXT_QUESTIONS,
] as const;

/** Where answers come from. */
export type Sources = {
  readonly cases: Pick<CaseStore, "list">;
  readonly profiles: Pick<Profiles, "read">;
  readonly history: History;
  readonly accounts: readonly string[] | undefined;
};

/** Alerts of the actor that are looked at, newest first, and pages that they may come in. */
const MAX_ROWS = 300;
const MAX_PAGES = 5;
const ALL = ["delivered", "suppressed", "staged", "deduplicated"] as const;

/** An alert that cannot be investigated: there is no time to reckon from. */
class NoTimeError extends Error {
  override readonly name = "NoTimeError";
}

/**
 * The answers. Rejects when the alerts or the profile cannot be read: answers without them would be worth less than
 * none. `deadline` is in milliseconds since 1970.
 */
export async function investigate(
  alert: Alert,
  row: Pick<CaseRow, "actor">,
  sources: Sources,
  deadline: number,
): Promise<Answer[]> {
  const deed = deedOf(alert);
  if (deed === undefined)
    throw new NoTimeError("the record has no eventTime that can be read, so nothing can be before it");
  const subject = subjectOf(alert);
  const { history } = sources;
  const root = `arn:${history.partition}:iam::${textAt(alert.record, "recipientAccountId") ?? ""}:root`;
  const [profile, rootProfile, rows, rootRows] = await Promise.all([
    subject === undefined ? undefined : sources.profiles.read(subject.key, deadline),
    sources.profiles.read(root, deadline),
    subject === undefined ? [] : readRows(row.actor.key, deed.at, sources.cases, deadline),
    readRows(root, deed.at, sources.cases, deadline),
  ]);
  const isOne = subject?.kind === "person" ? (one: CaseRow) => one.actor.name === row.actor.name : () => true;
  const own = ownId({ deed, subject });
  const span = { at: deed.at, account: alert.record["recipientAccountId"], deadline };
  const asked = new Map<string, Promise<Asked>>();
  const inquiry: Inquiry = {
    alert,
    deed,
    subject,
    past: makePast(deed.at, profile, rows.filter(isOne), { besides: alert.id, id: own }),
    rootPast: makePast(deed.at, rootProfile, rootRows, { besides: alert.id, id: undefined }),
    history,
    accounts: sources.accounts,
    ask: (query, region) => {
      const key = JSON.stringify([query.attribute, query.value, region]);
      const known = asked.get(key) ?? askHistory(history, query, span, region);
      asked.set(key, known);
      return known;
    },
  };
  const answers: Answer[] = [];
  for (const { id, question, answer } of QUESTIONS) {
    const answered = await answer(inquiry).catch((error: unknown) =>
      unknown(
        `It could not be found out: ${error instanceof Error ? showText(error.message, 200) : "something that is no error was thrown"}.`,
      ),
    );
    answers.push({ id, question, ...answered });
  }
  return answers;
}

/** The actor's alerts of the 60 days up to the record, newest first, told or not. */
async function readRows(
  actor: string,
  at: number,
  cases: Pick<CaseStore, "list">,
  deadline: number,
): Promise<CaseRow[]> {
  const filter = {
    actor,
    dispositions: ALL,
    from: new Date(at - SPAN_MS).toISOString(),
    to: new Date(at + 1).toISOString(),
  };
  const rows: CaseRow[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && rows.length < MAX_ROWS; page++) {
    const found = await cases.list(
      filter,
      { limit: 100, ...(cursor === undefined ? {} : { cursor }) },
      deadline,
    );
    rows.push(...found.rows);
    cursor = found.next;
    if (cursor === undefined) break;
  }
  return rows;
}
