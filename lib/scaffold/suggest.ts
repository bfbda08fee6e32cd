/**
 * Comparisons that could narrow a new rule down, read off its record: what says how the call was made, not what it was
 * made on. "From anywhere", a switch that was turned off, a canned ACL or a port tell; the id of one security group
 * would make a rule that fires once. A comparison that does not hold for the record is never suggested.
 *
 *   suggestComparisons({ eventSource, eventName, requestParameters: { cidrIp: "0.0.0.0/0", groupId: "sg-…" } })
 *   // [{ fact: "requestParameters.cidrIp", operator: "equal", value: "0.0.0.0/0" }]
 */
import { compileOperator } from "../../lambda/engine/operator-name.ts";
import type { Literal } from "../../lambda/engine/rule.ts";
import { factRoot } from "../../lambda/record/derived-facts.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import { resolveFact } from "../../lambda/record/facts.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { isObject, valueAt } from "../../lambda/record/untrusted.ts";
import { isAwsArn, isAwsWord } from "./vocabulary.ts";

const MAX_SUGGESTIONS = 5;
const MAX_LEAVES = 500;

/** How a list is to be cut into pages says nothing of the call. */
const PAGING = /^(?:max|page|limit|next)/i;

/** A key that a fact spells as it is. */
const KEY = /^[A-Za-z][\w-]*$/;

/** A value and the fact that has it. `[*]` in the fact: it is an element of a list. */
export type Leaf = { readonly fact: string; readonly key: string; readonly value: unknown };

/** How much a comparison tells. */
type Ranked = { readonly literal: Literal; readonly rank: number };

/**
 * The most telling comparisons that hold for a record, at most five.
 * @param real the record before it was redacted: what holds for the replacement alone would make a rule that never fires
 */
export function suggestComparisons(record: CloudTrailRecord, real = record): Literal[] {
  const found = [...leavesOf(record).flatMap(rank), ...ofTheCall(record)].filter(
    ({ literal }) => holds(literal, record) && holds(literal, real),
  );
  const byRank = found.toSorted((a, b) => b.rank - a.rank).map(({ literal }) => literal);
  const facts = byRank.map(({ fact }) => fact);
  // That a parameter is there at all says nothing beside the value in it.
  const said = (fact: string, index: number): boolean =>
    facts
      .slice(0, index)
      .some((other) => other === fact || (/^[.[]/.test(other.slice(fact.length)) && other.startsWith(fact)));
  return byRank.filter(({ fact }, index) => !said(fact, index)).slice(0, MAX_SUGGESTIONS);
}

/** What AWS itself says of the caller, and what was asked for at all: they narrow any rule down. */
function ofTheCall(record: CloudTrailRecord): Ranked[] {
  const invokedBy = valueAt(record, "userIdentity", "invokedBy");
  const literals: Literal[] = [
    typeof invokedBy === "string" && isAwsWord("invokedBy", invokedBy)
      ? { fact: "userIdentity.invokedBy", operator: "equal", value: invokedBy }
      : { fact: "userIdentity.invokedBy", operator: "exists", value: false },
    ...(record.sessionCredentialFromConsole === "true"
      ? [{ fact: "channel.name", operator: "equal", value: "console" }]
      : []),
  ];
  const parameters = Object.keys(objectAt(record, "requestParameters")).filter(
    (key) => KEY.test(key) && !PAGING.test(key) && !/(?:id|name|arn|token)s?$/i.test(key),
  );
  return [
    { literal: { fact: "actor.root", operator: "equal", value: true }, rank: 4 },
    ...literals.map((literal) => ({ literal, rank: 1 })),
    ...parameters.slice(0, 2).map((key) => ({
      literal: { fact: `requestParameters.${key}`, operator: "exists", value: true },
      rank: 0,
    })),
  ];
}

function objectAt(record: CloudTrailRecord, field: string): object {
  const value = valueAt(record, field);
  return isObject(value) ? value : {};
}

/** The values below `requestParameters`, and what a sign-in says of its second factor, in the record's order. */
export function leavesOf(record: CloudTrailRecord): Leaf[] {
  const leaves: Leaf[] = [];
  collect("requestParameters", "requestParameters", valueAt(record, "requestParameters"), leaves);
  const mfaUsed = valueAt(record, "additionalEventData", "MFAUsed");
  if (mfaUsed !== undefined)
    leaves.push({ fact: "additionalEventData.MFAUsed", key: "MFAUsed", value: mfaUsed });
  return leaves;
}

function collect(fact: string, key: string, value: unknown, leaves: Leaf[]): void {
  if (leaves.length >= MAX_LEAVES) return;
  if (Array.isArray(value)) {
    for (const one of value) collect(`${fact}[*]`, key, one, leaves);
  } else if (isObject(value)) {
    if (isPolicy(value)) leaves.push({ fact, key, value });
    // Of any other key it is not certain how a fact would have to spell it.
    for (const [name, one] of Object.entries(value))
      if (KEY.test(name)) collect(`${fact}.${name}`, name, one, leaves);
  } else leaves.push({ fact, key, value });
}

/** A policy document, which CloudTrail gives as an object, as text or as URL-encoded text. */
function isPolicy(value: unknown): boolean {
  if (isObject(value)) return Object.hasOwn(value, "Statement");
  return typeof value === "string" && /^(?:\{|%7b).*Statement/is.test(value);
}

function rank({ fact, key, value }: Leaf): Ranked[] {
  const some = fact.includes("[*]") ? "someFact:" : "";
  const compare = (operator: string, against: unknown, worth: number): Ranked[] => [
    { literal: { fact, operator: some + operator, value: against }, rank: worth },
  ];
  if (isPolicy(value)) return [...compare("grantsPublic", true, 6), ...compare("grantsAction", "*", 6)];
  // What a policy says is for the operators that read policies.
  if (/\.(?:Statement|Version)\b/.test(fact)) return [];
  if (value === "0.0.0.0/0" || value === "::/0") return compare("equal", value, 5);
  if (typeof value === "boolean") return compare("equal", value, 4);
  if (typeof value === "number" && !PAGING.test(key)) return compare("equal", value, 2);
  if (typeof value !== "string" || value === "" || PAGING.test(key)) return [];
  if (isAwsArn(value)) return compare("equal", value, 4);
  if (!isAwsWord(key, value)) return [];
  return compare("equal", value, /^\d+$/.test(value) ? 2 : 3);
}

/** Whether a comparison holds for a record, by the operators that the engine evaluates with. */
function holds({ fact, operator, value }: Literal, record: CloudTrailRecord): boolean {
  const path = parseFactPath(fact);
  return compileOperator(operator)(resolveFact(factRoot(record, path), path), value);
}
