/**
 * Whether somebody decided not to be told of a match. Only matches are asked about, which are few: a rule that no
 * suppression names costs nothing, and which suppressions name a rule is found out at its first match.
 *
 *     const suppressions = createSuppressions(ruleSet);
 *     await suppressions.find(rule, record, Date.now());   // { held: { id: "nightly-backup", … }, failed: [] }
 *
 * It fails towards alerting: a suppression that has expired, that cannot be compiled or that throws does not hold. Nor
 * does one that a caller could satisfy by a sibling key. Where keys of a record collide, a rule matches when it does for
 * one of the values, so that none hides another; a suppression has to hold for all of them. That is why the judge is
 * asked for its opposite, which "for one of the values" is then the cautious side of.
 */
import type { CloudTrailRecord } from "../record/record.ts";
import { normalize } from "./conditions.ts";
import { hasExpired } from "./expiry.ts";
import { FactCache } from "./fact-cache.ts";
import { createJudge, type Judge } from "./judge.ts";
import { compileLikes } from "./like.ts";
import { dynamicListsOf, type ListValues, notesOf } from "./list-values.ts";
import { compilePredicate, type Predicate } from "./predicate.ts";
import type { Condition, Rule, RuleSet, Suppression } from "./rule.ts";

/** A suppression that could not be evaluated, and why. */
type FailedSuppression = { readonly id: string; readonly message: string };

/** What was found for a match. */
type Found = {
  /** The first suppression that holds, in the order of their ids. */
  readonly held?: Suppression;
  /** Those before it that could not be evaluated. */
  readonly failed: readonly FailedSuppression[];
  /** What is to be said of dynamic lists that were asked. */
  readonly listNotes: readonly string[];
};

/** The suppressions of a rule set. */
type Suppressions = {
  /** Whether any suppression names the rule. */
  concern(rule: Rule): boolean;
  /** Asks the suppressions of a rule about a record that it matches. Never rejects. */
  find(
    rule: Rule,
    record: CloudTrailRecord,
    at: number,
    valuesOf: (names: readonly string[]) => Promise<ListValues>,
  ): Promise<Found>;
};

type Compiled = {
  readonly suppression: Suppression;
  /** Whether the conditions may hold: nearly all that do not end here. */
  readonly mayHold: Predicate;
  /** Asks json-rules-engine whether the conditions fail; rejects when evaluating fails. */
  readonly fails: Judge;
  /** The dynamic lists that it compares with. */
  readonly dynamicLists: readonly string[];
};

/** Prepares the suppressions of a rule set; never throws. */
export function createSuppressions(ruleSet: RuleSet): Suppressions {
  // Not the cache of the rules: that is already at another record while a match of this one is awaited.
  const facts = new FactCache();
  const selectors = ruleSet.suppressions.map((suppression) => ({
    selects: compileLikes(suppression.rules),
    compiled: once(() => compile(suppression, ruleSet, facts)),
  }));
  const ofRules = new Map<string, readonly Compiled[]>();

  function ofRule({ id }: Rule): readonly Compiled[] {
    const known = ofRules.get(id);
    if (known !== undefined) return known;
    const found = selectors.filter(({ selects }) => selects(id)).map(({ compiled }) => compiled());
    ofRules.set(id, found);
    return found;
  }

  return {
    concern: (rule) => selectors.length > 0 && ofRule(rule).length > 0,
    async find(rule, record, at, valuesOf) {
      const failed: FailedSuppression[] = [];
      const listNotes: string[] = [];
      for (const { suppression, mayHold, fails, dynamicLists } of ofRule(rule)) {
        if (hasExpired(suppression, at)) continue;
        facts.nextRecord();
        if (!mayHold(record)) continue;
        try {
          const values = dynamicLists.length === 0 ? undefined : await valuesOf(dynamicLists);
          if (values !== undefined) listNotes.push(...notesOf(values));
          if (!(await fails(record, values))) return { held: suppression, failed, listNotes };
        } catch (error) {
          failed.push({
            id: suppression.id,
            message: error instanceof Error ? error.message : String(error),
          });
        }
      }
      return { failed, listNotes };
    },
  };
}

/** One that cannot be compiled fails whenever it is asked. */
function compile(suppression: Suppression, ruleSet: RuleSet, facts: FactCache): Compiled {
  try {
    const normalized = (condition: Condition) => normalize(condition, ruleSet.conditions, ruleSet.lists);
    const { conditions } = suppression;
    const condition = normalized(conditions);
    return {
      suppression,
      mayHold: compilePredicate(condition, facts),
      dynamicLists: dynamicListsOf(condition),
      fails: createJudge(normalized({ not: conditions })),
    };
  } catch (error) {
    return { suppression, mayHold: () => true, fails: () => Promise.reject(error), dynamicLists: [] };
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
