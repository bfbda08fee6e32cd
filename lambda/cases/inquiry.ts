/**
 * What a question is asked of: the alert in hand, who it is about, what is known of the past, and how to ask for more.
 * And how answers are written: yes and no carry what they rest on, unknown says what is missing.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import type { Answer, Evidence } from "./case-schema.ts";
import type { Deed, Subject } from "./deed.ts";
import type { Asked, History, Past, Query, Sight } from "./past.ts";

/** All that questions may use. */
export type Inquiry = {
  readonly alert: Alert;
  readonly deed: Deed;
  /** Who did it; undefined when the record names nobody in particular. */
  readonly subject: Subject | undefined;
  /** The subject's past, and that of the account's root user. */
  readonly past: Past;
  readonly rootPast: Past;
  readonly history: History;
  /** Accounts of the organisation, where somebody configured them. */
  readonly accounts: readonly string[] | undefined;
  /** Asks CloudTrail's history about the 60 days before, in all Regions or in one; the same twice is asked once. */
  readonly ask: (query: Query, region?: string) => Promise<Asked>;
};

/** An answer without its question. */
export type Answered = Pick<Answer, "answer" | "because" | "evidence" | "weight">;

/** A question; it never rejects but by a mistake of ours or the table. */
export type Question = {
  readonly id: string;
  readonly question: string;
  readonly answer: (inquiry: Inquiry) => Promise<Answered>;
};

const MAX_EVIDENCE = 5;

/** The answer that it is so. */
export function yes(because: string, evidence: readonly Evidence[], weight: number): Answered {
  return { answer: "yes", because: cut(because), evidence: evidence.slice(0, MAX_EVIDENCE), weight };
}

/** The answer that it is not. */
export function no(because: string, evidence: readonly Evidence[], weight = 0): Answered {
  return { answer: "no", because: cut(because), evidence: evidence.slice(0, MAX_EVIDENCE), weight };
}

/** The answer that nobody knows, and why. */
export function unknown(because: string, evidence: readonly Evidence[] = []): Answered {
  return { answer: "unknown", because: cut(because), evidence: evidence.slice(0, MAX_EVIDENCE), weight: 0 };
}

/** Who it is about, for a sentence. */
export function who({ alert, subject }: Pick<Inquiry, "alert" | "subject">): string {
  const { name, role } = alert.actor;
  if (subject?.kind === "root") return "the root user";
  if (subject?.kind === "role" && role !== undefined) return `the role ${showText(role, 100)}`;
  return showText(name, 100);
}

/**
 * Why CloudTrail's history here is not all of the actor's: it is that of the stack's account, and who belongs to another
 * one is at work, signs in, and may be root, there. Undefined when it is.
 */
export function elsewhere({ alert, history }: Pick<Inquiry, "alert" | "history">): string | undefined {
  const { accountId } = alert.actor;
  if (accountId === history.account) return undefined;
  return accountId === undefined
    ? "CloudTrail does not tell to which account the actor belongs, and so not whose history is all of it"
    : `the actor is one of the account ${showText(accountId, 40)}, whose history is not asked`;
}

/** The id by which AWS knows the actor; a person of Identity Center stays the same when the role is made again. */
export function ownId({ deed, subject }: Pick<Inquiry, "deed" | "subject">): string | undefined {
  return subject?.kind === "person" ? undefined : deed.facets.principal;
}

/** Whether a deed of CloudTrail's history is the actor's: done under its name, and not by another id that had it before. */
export function isActors({ deed, subject }: Pick<Inquiry, "deed" | "subject">): (one: Deed) => boolean {
  const id = ownId({ deed, subject });
  return ({ subject: by, facets: { principal = id } }) =>
    by === subject?.key && (id === undefined || principal === id);
}

/** The record in hand as evidence. */
export function inRecord({ deed }: Inquiry, what: string): Evidence {
  const { at, eventID } = deed;
  return {
    what,
    source: "record",
    time: new Date(at).toISOString(),
    ...(eventID === undefined ? {} : { eventID }),
  };
}

/** When something was seen, for a sentence: "2026-11-20 10:15 UTC". */
export function when({ at }: Pick<Sight, "at">): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The evidence of some sights. */
export function evidenceOf(sights: readonly Sight[]): readonly Evidence[] {
  return sights.map(({ evidence }) => evidence);
}

function cut(text: string): string {
  return showText(text, 500);
}

/** Why a question about users has no user. */
export const SERVICE = "An AWS service made this call on its own: no user is involved.";
export const NOBODY = "CloudTrail does not tell who made this call.";

/** At the beginning of a sentence; names stay as they are, since Alice may be another than alice. */
export function upper(text: string): string {
  return text.startsWith("the ") ? `T${text.slice(1)}` : text;
}
