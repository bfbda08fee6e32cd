/**
 * What came to be known after the first notice, in plain text of one line each, bounded: every medium escapes it for
 * itself. Names, comments and reasons are hostile text like a record's: an answer quotes what a caller chose, and whoever
 * has a key to the API writes comments.
 *
 *     newsOf(notice)?.text      // "Closed by alice as false positive: our own scanner"
 *     answersOf(notice)[0]      // { question: "Has a new user been …?", answer: "yes", because: "First seen today.", … }
 */
import { showText } from "../alerts/show-text.ts";
import type { Answer, Evidence, HistoryEntry } from "../cases/case-schema.ts";
import type { Notice } from "./destination.ts";

/** What a message shows of a case at most; a person reads the rest in the case. */
const MAX_ANSWERS = 3;
const MAX_QUESTION = 160;
const MAX_BECAUSE = 400;
const MAX_EVIDENCE = 3;
const MAX_WHAT = 300;
const MAX_ID = 100;
const MAX_NAME = 80;
const MAX_COMMENT = 400;

/** The answers of a notice, bounded, nothing in them hidden; empty while there are none. */
export function answersOf({ answers = [] }: Pick<Notice, "answers">): Answer[] {
  return answers.slice(0, MAX_ANSWERS).map(({ id, question, answer, because, evidence, weight }) => ({
    id: showText(id, MAX_ID),
    question: showText(question, MAX_QUESTION),
    answer,
    because: showText(because, MAX_BECAUSE),
    evidence: evidence.slice(0, MAX_EVIDENCE).map((one) => boundedEvidence(one)),
    weight,
  }));
}

function boundedEvidence({ what, source, time, alertId, eventID }: Evidence): Evidence {
  return { what: showText(what, MAX_WHAT), source, ...short({ time, alertId, eventID }) };
}

const WORDS = { yes: "Yes", no: "No", unknown: "Unknown" } as const;

/** One answer for people: the question is the label, and the value "Yes: first seen today." begins with the word. */
export type Answered = {
  readonly label: string;
  readonly value: string;
  readonly word: (typeof WORDS)[keyof typeof WORDS];
};

/** The answers of a notice in words. */
export function answeredOf(notice: Pick<Notice, "answers">): Answered[] {
  return answersOf(notice).map(({ question, answer, because }) => {
    const word = WORDS[answer];
    return { label: question || "(no question)", value: because === "" ? word : `${word}: ${because}`, word };
  });
}

/** What somebody did: the state that it left the case in, where it changed, and all of it in a sentence. */
export type News = { readonly state?: "Acknowledged" | "Closed" | "Reopened"; readonly text: string };

/** What somebody did last to the case of a notice; undefined when nobody has done anything. */
export function newsOf({ change }: Pick<Notice, "change">): News | undefined {
  if (change === undefined) return undefined;
  const state = stateOf(change);
  const by = showText(change.by, MAX_NAME) || "somebody";
  const reason = change.reason === undefined ? "" : ` as ${change.reason.replaceAll("-", " ")}`;
  const comment = showText(change.comment ?? "", MAX_COMMENT);
  const text = `${state ?? "Comment"} by ${by}${state === "Closed" ? reason : ""}${comment === "" ? "" : `: ${comment}`}`;
  return state === undefined ? { text } : { state, text };
}

function stateOf({ to }: HistoryEntry): News["state"] {
  if (to === undefined) return undefined;
  return ({ acknowledged: "Acknowledged", closed: "Closed", open: "Reopened" } as const)[to];
}

/** Beside the alert's own fields, in media that are sent the alert document: what it is known by now. */
export function newsFields(notice: Notice): { readonly answers?: Answer[]; readonly change?: HistoryEntry } {
  const answers = answersOf(notice);
  const { change } = notice;
  return {
    ...(answers.length === 0 ? {} : { answers }),
    ...(change === undefined ? {} : { change: bounded(change) }),
  };
}

/**
 * A name for the notice that is the same however often it is sent: what a receiver has seen, it ignores. Letters, digits
 * and `-_.:` only.
 */
export function noticeId({ alert, kind, change }: Notice): string {
  if (kind === "first") return alert.id;
  if (kind !== "status") return `${alert.id}-${kind}-${alert.count}`;
  return `${alert.id}-${kind}-${(change?.id ?? "").replace(/[^\w.:-]/g, "_").slice(0, 64)}`;
}

function bounded({ id, at, by, from, to, reason, comment }: HistoryEntry): HistoryEntry {
  return {
    id: showText(id, MAX_ID),
    at,
    by: showText(by, MAX_NAME),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
    ...(comment === undefined ? {} : { comment: showText(comment, MAX_COMMENT) }),
  };
}

function short(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, showText(text, MAX_ID)]],
    ),
  );
}
