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
import type { JqAnswer, JqPort } from "./jq-port.ts";
import type { Judge } from "./judge.ts";
import { type ListsPort, type ListValues, notesOf } from "./list-values.ts";
import type { Rule, RuleSet, Suppression } from "./rule.ts";
import { createSuppressions } from "./suppressions.ts";

/** A rule that may match a record. */
type Candidate = {
  readonly rule: Rule;
  /** Asks json-rules-engine; rejects when evaluating the rule fails. */
  readonly judge: Judge;
  /** The dynamic lists that it compares with. */
  readonly dynamicLists: readonly string[];
};

/** A rule whose conditions hold, and what becomes of its alert. */
export type Match = {
  readonly rule: Rule;
  /** `delivered` unless the rule is staged or a suppression holds. */
  readonly disposition: "delivered" | "suppressed" | "staged";
  /** The suppression that holds. */
  readonly suppression?: Suppression;
  /** What the rule's jq expression says of it, a line a result: hostile text. */
  readonly annotation?: string;
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
  /** Errors of jq expressions on this record, which are no match and no failure; absent when there are none. */
  readonly jqErrors?: readonly RuleProblem[];
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
   * @param lists the values of dynamic lists; without it nothing is known of them, and what compares with them matches
   */
  evaluate(record: CloudTrailRecord, at: number, lists?: ListsPort): Promise<Evaluation>;
};

const NO_CANDIDATES: readonly Candidate[] = [];
/** What an engine without jq says of rules that need it: such a record is not passed over in silence. */
const NO_JQ: JqPort = {
  ask: (_, questions) =>
    Promise.resolve(
      questions.map(({ id }) => ({
        ruleId: id,
        matches: false,
        annotations: [],
        failed: "the rule has a jq expression, and jq is not there to judge it",
      })),
    ),
};
const NO_MATCH: Evaluation = { matches: [], candidates: 0, problems: [] };

/**
 * Compiles a validated rule set.
 * @param jq who judges rules with a jq expression; without it they fail where they are candidates
 * @throws Error naming the rule, when a rule that was not validated cannot be compiled.
 */
export function createEngine(ruleSet: RuleSet, jq: JqPort = NO_JQ): Engine {
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

  async function evaluate(record: CloudTrailRecord, at: number, lists?: ListsPort): Promise<Evaluation> {
    const considered = candidates(record);
    if (considered.length === 0) return NO_MATCH;
    const matches: Match[] = [];
    const problems: RuleProblem[] = [];
    const jqErrors: RuleProblem[] = [];
    const valuesOf = async (names: readonly string[]): Promise<ListValues> => {
      const { valuesAt } = await import("./ask-lists.ts");
      return valuesAt(names, record.eventTime, at, lists);
    };
    const answers = await askJq(considered, record);
    for (const { rule, judge, dynamicLists } of considered) {
      let notes: readonly string[] = NO_NOTES;
      try {
        if (dynamicLists.length === 0) {
          if (!(await judge(record))) continue;
        } else {
          const values = await valuesOf(dynamicLists);
          if (!(await judge(record, values))) continue;
          notes = notesOf(values);
        }
      } catch (error) {
        problems.push({ ruleId: rule.id, message: error instanceof Error ? error.message : String(error) });
        continue;
      }
      const answer = answers?.get(rule.id);
      if (answer?.failed !== undefined) problems.push({ ruleId: rule.id, message: answer.failed });
      if (answer?.error !== undefined) jqErrors.push({ ruleId: rule.id, message: answer.error });
      if (rule.jq !== undefined && answer?.matches !== true) continue;
      const match = annotate(
        suppressions.concern(rule) ? await weigh(rule, record, at, problems, valuesOf) : matchOf(rule),
        answer,
      );
      matches.push(notes.length === 0 ? match : { ...match, notes: [...notes, ...match.notes] });
    }
    const evaluation = { matches, candidates: considered.length, problems };
    return jqErrors.length === 0 ? evaluation : { ...evaluation, jqErrors };
  }

  /** What jq says of the candidates that have an expression: they are asked together. */
  async function askJq(
    considered: readonly Candidate[],
    record: CloudTrailRecord,
  ): Promise<ReadonlyMap<string, JqAnswer> | undefined> {
    const questions = considered.flatMap(({ rule }) =>
      rule.jq === undefined ? [] : [{ id: rule.id, jq: rule.jq }],
    );
    if (questions.length === 0) return undefined;
    return new Map((await jq.ask(record, questions)).map((answer) => [answer.ruleId, answer]));
  }

  async function weigh(
    rule: Rule,
    record: CloudTrailRecord,
    at: number,
    problems: RuleProblem[],
    valuesOf: (names: readonly string[]) => Promise<ListValues>,
  ): Promise<Match> {
    if (rule.mode === "staged") return matchOf(rule);
    const { held, failed, listNotes } = await suppressions.find(rule, record, at, valuesOf);
    const passedOver = failed.map(({ id, message }) => {
      problems.push({ ruleId: rule.id, suppressionId: id, message });
      return `The suppression ${id} could not be evaluated and was passed over: ${message}`;
    });
    const notes = [...passedOver, ...listNotes];
    if (held === undefined) return { rule, disposition: "delivered", notes };
    return { rule, disposition: "suppressed", suppression: held, notes };
  }

  return { ruleSet, candidates, evaluate };
}

const NO_NOTES: readonly string[] = [];

function annotate(match: Match, answer: JqAnswer | undefined): Match {
  if (answer === undefined || answer.annotations.length === 0) return match;
  return { ...match, annotation: answer.annotations.join("\n") };
}

function matchOf(rule: Rule): Match {
  return { rule, disposition: rule.mode === "staged" ? "staged" : "delivered", notes: [] };
}
