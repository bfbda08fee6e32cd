/**
 * A rule on its way into the engine, in two steps. What a rule that was not validated can get wrong is found for all
 * rules at once, when the engine is made; what costs time (selector, predicate) waits until a record of the rule's
 * eventSource comes, because a cold start has 80 ms and most eventSources have no record in it.
 *
 *     const prepared = prepareRule(rule, 0, ruleSet, facts);   // throws: rule ec2…/x cannot be compiled: unknown operator …
 *     const compiled = compileRule(prepared, facts);
 */
import { PLAIN_VALUE_FACTS } from "../record/record-shape.ts";
import type { FirstTest } from "./bucket.ts";
import { literalsOf, normalize, type NormalCondition } from "./conditions.ts";
import type { FactCache } from "./fact-cache.ts";
import { type IndexKey, keyOf } from "./index-key.ts";
import { createJudge, type Judge } from "./judge.ts";
import { dynamicListsOf } from "./list-values.ts";
import { parseOperator } from "./operator-name.ts";
import { compilePredicate, factOfValue, firstTestOf, type Predicate } from "./predicate.ts";
import type { Rule, RuleSet } from "./rule.ts";
import { deriveSelector } from "./selector.ts";

/** A rule that can be compiled. */
export type PreparedRule = {
  readonly rule: Rule;
  /** Its place in the rule set. */
  readonly place: number;
  readonly eventSource: string | null;
  readonly condition: NormalCondition;
};

/** A rule as the index and the engine use it. */
export type CompiledRule = {
  readonly rule: Rule;
  readonly place: number;
  /** What the index finds it by. */
  readonly key: IndexKey | undefined;
  readonly firstTest: FirstTest | undefined;
  readonly predicate: Predicate;
  /** Asks json-rules-engine; rejects when evaluating the rule fails. */
  readonly judge: Judge;
  /** The dynamic lists that it compares with. */
  readonly dynamicLists: readonly string[];
};

/**
 * Normalises a rule and looks at every name in it.
 * @throws Error naming the rule, when it cannot be compiled.
 */
export function prepareRule(rule: Rule, place: number, ruleSet: RuleSet, facts: FactCache): PreparedRule {
  try {
    const condition = normalize(rule.conditions, ruleSet.conditions, ruleSet.lists);
    for (const { fact, operator, value } of literalsOf(condition)) {
      const parsed = parseOperator(operator);
      if ("unknown" in parsed) throw new Error(`unknown ${parsed.kind} "${parsed.unknown}" in "${operator}"`);
      facts.reader(fact);
      const other = factOfValue(value);
      if (other !== undefined) facts.reader(other);
    }
    return { rule, place, eventSource: rule.eventSource, condition };
  } catch (error) {
    throw failure(rule, error);
  }
}

/** Compiles a rule; never throws: one that cannot be compiled after all is a candidate everywhere, and says so there. */
export function compileRule({ rule, place, condition }: PreparedRule, facts: FactCache): CompiledRule {
  try {
    const key = keyOf(deriveSelector(condition), PLAIN_VALUE_FACTS);
    let judge: Judge | undefined;
    return {
      rule,
      place,
      key,
      firstTest: firstTestOf(condition, facts, key?.path),
      predicate: compilePredicate(condition, facts, key?.path),
      judge: (record, values) => {
        judge ??= createJudge(condition);
        return judge(record, values);
      },
      dynamicLists: dynamicListsOf(condition),
    };
  } catch (error) {
    return {
      rule,
      place,
      key: undefined,
      firstTest: undefined,
      predicate: () => true,
      judge: () => Promise.reject(failure(rule, error)),
      dynamicLists: [],
    };
  }
}

function failure(rule: Rule, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`rule ${rule.id} cannot be compiled: ${reason}`, { cause });
}
