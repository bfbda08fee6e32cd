/**
 * What a new rule could say of a call, and the cases that show it: from a real record, or from the name of the call
 * alone. Of several ways to say it (the shared condition `succeeded`, the derived outcome, the call alone) `scaffold.ts`
 * takes the first that really fires and is really quiet, so nothing is claimed here that the engine does not confirm.
 */
import type { Condition, RuleSet } from "../../lambda/engine/rule.ts";
import { PLACEHOLDER_CALL } from "../../lambda/loader/check-placeholder.ts";
import { deriveOutcome } from "../../lambda/record/outcome.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { type PartialRecord, partialRecord, signInAnswer } from "./partial-record.ts";
import { createRedactor } from "./redact.ts";
import type { DraftCase, DraftCondition } from "./rule-text.ts";
import { leavesOf } from "./suggest.ts";

const NAMES_A_THING = /(?:id|arn|name|identifier)$/i;

/** What a rule is about. */
export type Subject = {
  readonly eventSource: string | null;
  readonly eventName: string;
  readonly result: "success" | "denied" | "failed";
  /** The record that it is made from, not redacted: nothing of it may be written. */
  readonly real?: CloudTrailRecord;
  /** Ways to make the firing case, the most faithful first. */
  readonly partials: readonly PartialRecord[];
};

/** The subject of a rule that is made from a record. */
export function subjectOfRecord(record: CloudTrailRecord, eventSource: string | null): Subject {
  const whole = partialRecord(record, eventSource, createRedactor(record));
  const { readOnly: _, ...changing } = whole.record;
  const source = eventSource === null ? { eventSource: record.eventSource } : {};
  const bare = { record: { ...source, eventName: record.eventName }, remove: [] };
  return {
    eventSource,
    eventName: record.eventName,
    result: deriveOutcome(record).result,
    real: record,
    partials: [whole, { ...whole, record: changing }, bare],
  };
}

/** The subject of a rule whose author knows the name of the call, or nothing yet. */
export function subjectOfCall(eventName: string | undefined, eventSource: string | null): Subject {
  const record = { eventName: eventName ?? PLACEHOLDER_CALL };
  return {
    eventSource,
    ...record,
    result: "success",
    partials: [
      { record, remove: [] },
      { record: { ...record, readOnly: true }, remove: [] },
    ],
  };
}

/** Ways to say how the call ended, in the order of preference; the last says nothing of it. */
export function outcomeConditions(
  subject: Subject,
  shared: RuleSet["conditions"],
): readonly DraftCondition[][] {
  const { result } = subject;
  const outcome: Condition = { fact: "outcome", operator: "equal", value: result };
  if (result !== "success") {
    const what = result === "denied" ? "AWS refused the call" : "The call failed";
    return [[{ comment: `${what}. Delete this line to be told of every attempt.`, condition: outcome }], []];
  }
  const comment = "The call went through. Delete this line to be told of attempts that failed, too.";
  const succeeded = Object.hasOwn(shared, "succeeded")
    ? [[{ comment, condition: { condition: "succeeded" } }]]
    : [];
  const derived = [[{ comment, condition: outcome }]];
  return [...(isSignIn(subject) ? [...derived, ...succeeded] : [...succeeded, ...derived]), []];
}

/** Sign-ins that fail have no errorCode, which is what `succeeded` looks at. */
function isSignIn({ eventSource, partials }: Subject): boolean {
  return eventSource === "signin.amazonaws.com" || partials[0]?.record["eventType"] === "AwsConsoleSignIn";
}

/** The comparison that names the call. */
export function callCondition({ eventName }: Subject): DraftCondition {
  const comment =
    eventName === PLACEHOLDER_CALL
      ? "Replace this by the call's eventName, as CloudTrail spells it, here and in the test."
      : "The call, as CloudTrail spells it. Named exactly, EventBridge delivers no other to the engine.";
  return { comment, condition: { fact: "eventName", operator: "equal", value: eventName } };
}

/** The firing case, without the rules that fire. */
export function firingCase({ result }: Subject, { record, remove }: PartialRecord): DraftCase {
  const name = { success: "fires when the call is made", denied: "fires when the call is denied" };
  return {
    name: result === "failed" ? "fires when the call fails" : name[result],
    record,
    remove,
    fires: [],
  };
}

/** Near misses, the most telling first, without the rules that fire. */
export function quietCases(subject: Subject, { record, remove }: PartialRecord): DraftCase[] {
  const quiet = (name: string, changed: DraftCase["record"]): DraftCase => ({
    name: `quiet ${name}`,
    record: changed,
    remove,
    fires: [],
  });
  const eventName = subject.eventName === "AnotherCall" ? "YetAnotherCall" : "AnotherCall";
  const another = quiet("for another call", { ...record, eventName });
  if (subject.result !== "success") {
    const { errorCode: _code, errorMessage: _message, responseElements: _response, ...done } = record;
    return [quiet("when the call goes through", done), another];
  }
  const failure = signInAnswer(subject.eventName, "Failure");
  return isSignIn(subject)
    ? [quiet("when it fails", { ...record, errorMessage: "Failed authentication", ...failure }), another]
    : [quiet("when the call is denied", { ...record, errorCode: "AccessDenied" }), another];
}

/** What the rule says for people, by what happened. */
export function wordsFor(
  subject: Subject,
  record: CloudTrailRecord,
): { description: string; summary: string } {
  const { eventName, result } = subject;
  const on = thing(record);
  switch (result) {
    case "success":
      return {
        description: `Somebody called ${eventName}.`,
        summary: `{{actor.name}} called {{eventName}}${on}`,
      };
    case "denied":
      return {
        description: `Somebody was refused ${eventName}.`,
        summary: `{{actor.name}} was refused {{eventName}}${on}`,
      };
    default:
      return {
        description: `Somebody's call of ${eventName} failed.`,
        summary: `{{eventName}} of {{actor.name}} failed${on}`,
      };
  }
}

/** Where the name or id of what the call was made on stands, as the summary's last words. */
function thing(record: CloudTrailRecord): string {
  const named = leavesOf(record).filter(
    ({ fact, key, value }) =>
      typeof value === "string" && value !== "" && NAMES_A_THING.test(key) && !/filter/i.test(fact),
  );
  const found = named.find(({ fact }) => !fact.includes("[*]")) ?? named[0];
  return found === undefined ? "" : ` on {{${found.fact}}}`;
}
