/**
 * Evaluation: record → candidates → facts → json-rules-engine → matches.
 *
 * Candidates come from the index and the rules' predicates, synchronously and within microseconds; a record without one
 * is not looked at further. json-rules-engine judges each candidate on its own.
 *
 *     const engine = createEngine(ruleSet);
 *     const { matches, problems } = await engine.evaluate(record);
 */
import { PLAIN_VALUE_FACTS } from "../record/record-shape.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { FirstTest } from "./bucket.ts";
import { buildIndex } from "./candidate-index.ts";
import { normalize } from "./conditions.ts";
import { FactCache } from "./fact-cache.ts";
import { type IndexKey, keyOf } from "./index-key.ts";
import { createJudge, type Judge } from "./judge.ts";
import { compilePredicate, firstTestOf, type Predicate } from "./predicate.ts";
import type { Rule, RuleSet } from "./rule.ts";
import { deriveSelector } from "./selector.ts";

/** A rule that may match a record. */
export type Candidate = {
  readonly rule: Rule;
  /** Asks json-rules-engine; rejects when evaluating the rule fails. */
  readonly judge: Judge;
};

/** A rule that could not be evaluated on a record. */
export type RuleProblem = { readonly ruleId: string; readonly message: string };

/** What evaluating a record gave; matches are in the order of the rule set. */
export type Evaluation = {
  readonly matches: readonly Rule[];
  readonly candidates: number;
  readonly problems: readonly RuleProblem[];
};

/** A compiled rule set. */
export type Engine = {
  readonly ruleSet: RuleSet;
  /** The rules that may match, in the order of the rule set; never throws. */
  candidates(record: CloudTrailRecord): readonly Candidate[];
  /** Evaluates a record; a rule that fails is among the problems and stops no other. Never rejects. */
  evaluate(record: CloudTrailRecord): Promise<Evaluation>;
};

type Entry = Candidate & {
  readonly place: number;
  readonly eventSource: string | null;
  readonly key: IndexKey | undefined;
  readonly predicate: Predicate;
  readonly firstTest: FirstTest | undefined;
};

const NO_CANDIDATES: readonly Candidate[] = [];
const NO_MATCH: Evaluation = { matches: [], candidates: 0, problems: [] };

/**
 * Compiles a validated rule set.
 * @throws Error naming the rule, when a rule that was not validated cannot be compiled.
 */
export function createEngine(ruleSet: RuleSet): Engine {
  const facts = new FactCache();
  const entries = ruleSet.rules.map((rule, place) => compileRule(rule, place, ruleSet, facts));
  const index = buildIndex(entries, facts);
  let found: Entry[] = [];
  const consider = (entry: Entry, record: CloudTrailRecord): void => {
    if (entry.predicate(record)) found.push(entry);
  };

  function candidates(record: CloudTrailRecord): readonly Candidate[] {
    facts.nextRecord();
    index.visit(record, consider);
    if (found.length === 0) return NO_CANDIDATES;
    const result = found
      .toSorted((a, b) => a.place - b.place)
      .filter((entry, at, all) => entry !== all[at - 1]);
    found = [];
    return result;
  }

  async function evaluate(record: CloudTrailRecord): Promise<Evaluation> {
    const considered = candidates(record);
    if (considered.length === 0) return NO_MATCH;
    const matches: Rule[] = [];
    const problems: RuleProblem[] = [];
    for (const { rule, judge } of considered) {
      try {
        if (await judge(record)) matches.push(rule);
      } catch (error) {
        problems.push({ ruleId: rule.id, message: error instanceof Error ? error.message : String(error) });
      }
    }
    return { matches, candidates: considered.length, problems };
  }

  return { ruleSet, candidates, evaluate };
}

function compileRule(rule: Rule, place: number, ruleSet: RuleSet, facts: FactCache): Entry {
  try {
    const condition = normalize(rule.conditions, ruleSet.conditions);
    const key = keyOf(deriveSelector(condition), PLAIN_VALUE_FACTS);
    let judge: Judge | undefined;
    return {
      rule,
      place,
      eventSource: rule.eventSource,
      key,
      predicate: compilePredicate(condition, facts, key?.path),
      firstTest: firstTestOf(condition, facts, key?.path),
      judge: (record) => {
        judge ??= createJudge(condition);
        return judge(record);
      },
    };
  } catch (error) {
    throw new Error(
      `rule ${rule.id} cannot be compiled: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
