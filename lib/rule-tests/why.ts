/**
 * Says why a rule did or did not match a record: each comparison that decided it, with the value it saw. It compares
 * with the same compiled operators that json-rules-engine is given, so it cannot tell another story than the engine.
 *
 *   errorCode exists false: saw "AccessDenied"
 */
import { literalsOf, normalize } from "../../lambda/engine/conditions.ts";
import type { NormalCondition } from "../../lambda/engine/conditions.ts";
import { compileOperator } from "../../lambda/engine/operator-name.ts";
import type { Literal, Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { quote } from "../../lambda/loader/problem.ts";
import { factOfValue } from "../../lambda/engine/predicate.ts";
import { factRoot } from "../../lambda/record/derived-facts.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import { lookupFact, resolveFact } from "../../lambda/record/facts.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";

/** A comparison and what it saw. `not` conditions are shown as the negated comparison (`not:equal`). */
export type Comparison = { readonly condition: string; readonly saw: string };

/** The comparisons that kept a rule from matching: those that do not hold, of the branches that had to. */
export function whyNot(rule: Rule, shared: RuleSet["conditions"], record: CloudTrailRecord): Comparison[] {
  return unmet(normalize(rule.conditions, shared), record).map((literal) => describe(literal, record));
}

/** The comparisons that hold: why a rule matched that should not have. */
export function whyMatched(
  rule: Rule,
  shared: RuleSet["conditions"],
  record: CloudTrailRecord,
): Comparison[] {
  return literalsOf(normalize(rule.conditions, shared))
    .filter((literal) => holds(literal, record))
    .map((literal) => describe(literal, record));
}

function unmet(condition: NormalCondition, record: CloudTrailRecord): Literal[] {
  if ("all" in condition) return condition.all.flatMap((part) => unmet(part, record));
  if ("any" in condition) {
    const parts = condition.any.map((part) => unmet(part, record));
    return parts.some((part) => part.length === 0) ? [] : parts.flat();
  }
  return holds(condition, record) ? [] : [condition];
}

function holds({ fact, operator, value }: Literal, record: CloudTrailRecord): boolean {
  const other = factOfValue(value);
  const expected = other === undefined ? value : resolve(record, other);
  return compileOperator(operator)(resolve(record, fact), expected);
}

function resolve(record: CloudTrailRecord, fact: string): unknown {
  const path = parseFactPath(fact);
  return resolveFact(factRoot(record, path), path);
}

function describe({ fact, operator, value }: Literal, record: CloudTrailRecord): Comparison {
  const other = factOfValue(value);
  const shown = other === undefined ? quote(value) : `${other}, which is ${show(record, other)}`;
  return { condition: `${fact} ${operator} ${shown}`, saw: show(record, fact) };
}

function show(record: CloudTrailRecord, fact: string): string {
  const path = parseFactPath(fact);
  const value = lookupFact(factRoot(record, path), path);
  return value === undefined ? "nothing" : quote(value);
}
