/**
 * A rule's conditions in the one form that the rest of the engine works on: shared conditions and lists put in place of
 * their names, and every `not` pushed down to the literals (`not: { all: [a, b] }` becomes `any: [not a, not b]`), where it becomes the
 * `not:` decorator. That is the same to json-rules-engine, whose `not` and `not:` both invert a plain boolean; the
 * selector needs it because only a literal can tell whether it may be negated, and colliding keys need it because
 * "holds for one of the values" has to know on which side of a negation it stands.
 *
 *     normalize({ not: { fact: "errorCode", operator: "exists", value: true } }, {}, {})
 *     // { fact: "errorCode", operator: "not:exists", value: true }
 *
 * A literal that compares with a list keeps its operator, decorators and all: the list, now its value, knows its kind.
 */
import { type ResolvedList, resolveList } from "./resolved-list.ts";
import type { Condition, Literal, RuleSet } from "./rule.ts";

/** A condition without references and without `not`. */
export type NormalCondition =
  | Literal
  | { readonly all: readonly NormalCondition[] }
  | { readonly any: readonly NormalCondition[] };

/** Conditions that cannot be normalised: the message says why. */
export class ConditionError extends Error {
  override readonly name = "ConditionError";
}

/** Shared conditions may refer to shared conditions; without a limit twenty small files could fill the memory. */
export const MAX_LITERALS = 5_000;

/**
 * Normalises the conditions of a rule.
 * @param shared the shared conditions by name
 * @param lists the lists by name
 * @throws ConditionError for an unknown shared condition or list, a cycle (with its path), or more than MAX_LITERALS
 * literals.
 */
export function normalize(
  conditions: Condition,
  shared: RuleSet["conditions"],
  lists: RuleSet["lists"],
): NormalCondition {
  let literals = 0;

  function visit(condition: Condition, negated: boolean, path: readonly string[]): NormalCondition {
    if ("condition" in condition) {
      const name = condition.condition;
      const target = Object.hasOwn(shared, name) ? shared[name] : undefined;
      if (target === undefined) throw new ConditionError(`there is no shared condition "${name}"`);
      if (path.includes(name))
        throw new ConditionError(
          `shared conditions refer to each other in a circle: ${[...path, name].join(" -> ")}`,
        );
      return visit(target, negated, [...path, name]);
    }
    if ("any" in condition) return group(condition.any, "any", negated, path);
    if ("all" in condition) return group(condition.all, "all", negated, path);
    if ("not" in condition) return visit(condition.not, !negated, path);
    literals++;
    if (literals > MAX_LITERALS)
      throw new ConditionError(
        `the conditions hold more than ${MAX_LITERALS} comparisons, shared conditions included`,
      );
    const { fact, operator, value } = condition;
    return {
      fact,
      operator: negated ? negate(operator) : operator,
      value: comparesWithList(operator) ? listOf(value, lists) : value,
    };
  }

  function group(
    parts: readonly Condition[],
    written: "all" | "any",
    negated: boolean,
    path: readonly string[],
  ): NormalCondition {
    if (parts.length === 0)
      throw new ConditionError(`an empty "${written}" is always true: list its conditions or take it out`);
    const normal = parts.map((part) => visit(part, negated, path));
    return (written === "all") === negated ? { any: normal } : { all: normal };
  }

  return visit(conditions, false, []);
}

/** Whether an operator, decorators in front or not, compares with a list by its name. */
export function comparesWithList(operator: string): boolean {
  const base = operator.slice(operator.lastIndexOf(":") + 1);
  return base === "inList" || base === "notInList";
}

function listOf(name: unknown, lists: RuleSet["lists"]): ResolvedList {
  const list = typeof name === "string" ? resolveList(name, lists) : undefined;
  if (list === undefined) throw new ConditionError(`there is no list ${JSON.stringify(name)}`);
  return list;
}

/** All literals of a normalised condition, in order. */
export function literalsOf(condition: NormalCondition): readonly Literal[] {
  if ("all" in condition) return condition.all.flatMap(literalsOf);
  if ("any" in condition) return condition.any.flatMap(literalsOf);
  return [condition];
}

function negate(operator: string): string {
  return operator.startsWith("not:") ? operator.slice("not:".length) : `not:${operator}`;
}
