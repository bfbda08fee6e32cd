/**
 * Evaluation: record → candidates → facts → json-rules-engine → matches → suppressions.
 *
 * Candidates come from the index and the rules' predicates, synchronously and within microseconds; a record without one
 * is not looked at further. json-rules-engine judges each candidate on its own.
 *
 *     const engine = createEngine(ruleSet);
 *     const { matches, problems } = await engine.evaluate(record, Date.now());
 *
 * The match of a staged rule is staged, whatever suppressions there are: they are asked about what would be delivered.
 */
import type { CloudTrailRecord } from "../record/record.ts";
import { buildIndex } from "./candidate-index.ts";
import { type CompiledRule, compileRule, prepareRule } from "./compiled-rule.ts";
import { FactCache } from "./fact-cache.ts";
import type { Judge } from "./judge.ts";
import type { Rule, RuleSet, Suppression } from "./rule.ts";
import { createSuppressions } from "./suppressions.ts";

/** A rule that may match a record. */
type Candidate = {
  readonly rule: Rule;
  /** Asks json-rules-engine; rejects when evaluating the rule fails. */
  readonly judge: Judge;
};

/** A rule whose conditions hold, and what becomes of its alert. */
export type Match = {
  readonly rule: Rule;
  /** `delivered` unless the rule is staged or a suppression holds. */
  readonly disposition: "delivered" | "suppressed" | "staged";
  /** The suppression that holds. */
  readonly suppression?: Suppression;
  /** What went wrong on the way to this disposition, for the alert's notes. */
  readonly notes: readonly string[];
};

/** A rule, or a suppression of its match, that could not be evaluated on a record. */
type RuleProblem = {
  readonly ruleId: string;
  /** The suppression that failed; the rule itself did not, and its match is among the matches. */
  readonly suppressionId?: string;
  readonly message: string;
};

/** What evaluating a record gave; matches are in the order of the rule set. */
export type Evaluation = {
  readonly matches: readonly Match[];
  readonly candidates: number;
  readonly problems: readonly RuleProblem[];
};

/** A compiled rule set. */
export type Engine = {
  readonly ruleSet: RuleSet;
  /** The rules that may match, in the order of the rule set; never throws. */
  candidates(record: CloudTrailRecord): readonly Candidate[];
  /**
   * Evaluates a record; a rule that fails is among the problems and stops no other, a suppression that fails is there
   * too and lets the match through. Never rejects.
   * @param at the time, in milliseconds since 1970: suppressions that have expired by then do not hold
   */
  evaluate(record: CloudTrailRecord, at: number): Promise<Evaluation>;
};

const NO_CANDIDATES: readonly Candidate[] = [];
const NO_MATCH: Evaluation = { matches: [], candidates: 0, problems: [] };

/**
 * Compiles a validated rule set.
 * @throws Error naming the rule, when a rule that was not validated cannot be compiled.
 */
export function createEngine(ruleSet: RuleSet): Engine {
  const facts = new FactCache();
  const prepared = ruleSet.rules.map((rule, place) => prepareRule(rule, place, ruleSet, facts));
  const index = buildIndex(prepared, (one) => compileRule(one, facts));
  const suppressions = createSuppressions(ruleSet);
  let found: CompiledRule[] = [];
  const consider = (entry: CompiledRule, record: CloudTrailRecord): void => {
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

  async function evaluate(record: CloudTrailRecord, at: number): Promise<Evaluation> {
    const considered = candidates(record);
    if (considered.length === 0) return NO_MATCH;
    const matches: Match[] = [];
    const problems: RuleProblem[] = [];
    for (const { rule, judge } of considered) {
      try {
        if (!(await judge(record))) continue;
      } catch (error) {
        problems.push({ ruleId: rule.id, message: error instanceof Error ? error.message : String(error) });
        continue;
      }
      matches.push(suppressions.concern(rule) ? await weigh(rule, record, at, problems) : matchOf(rule));
    }
    return { matches, candidates: considered.length, problems };
  }

  async function weigh(
    rule: Rule,
    record: CloudTrailRecord,
    at: number,
    problems: RuleProblem[],
  ): Promise<Match> {
    if (rule.mode === "staged") return matchOf(rule);
    const { held, failed } = await suppressions.find(rule, record, at);
    const notes = failed.map(({ id, message }) => {
      problems.push({ ruleId: rule.id, suppressionId: id, message });
      return `The suppression ${id} could not be evaluated and was passed over: ${message}`;
    });
    if (held === undefined) return { rule, disposition: "delivered", notes };
    return { rule, disposition: "suppressed", suppression: held, notes };
  }

  return { ruleSet, candidates, evaluate };
}

function matchOf(rule: Rule): Match {
  return { rule, disposition: rule.mode === "staged" ? "staged" : "delivered", notes: [] };
}
