/**
 * The values that a case gives to dynamic lists: in a test, a dynamic list is a static one with these values. One that a
 * case does not mention stays unknown, and what is compared with it matches, as it does when it cannot be had.
 */
import { createEngine, type Engine } from "../../lambda/engine/engine.ts";
import type { List, RuleSet } from "../../lambda/engine/rule.ts";
import { JQ } from "../../lambda/jq/lazy-jq.ts";
import type { RuleTestCase } from "../../lambda/loader/test-schema.ts";
import { didYouMean } from "../../lambda/words/nearest.ts";

/** A rule set with its engine. */
export type Judged = { readonly ruleSet: RuleSet; readonly engine: Engine };

/** Gives for a case's lists the rule set that has their values, made once for equal ones. */
export function withListsOf(plain: Judged): (given: RuleTestCase["lists"]) => Judged {
  const made = new Map<string, Judged>();
  return (given = {}) => {
    const known = Object.entries(given).filter(([name]) => plain.ruleSet.lists[name]?.dynamic !== undefined);
    if (known.length === 0) return plain;
    const key = JSON.stringify(known.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const found = made.get(key);
    if (found !== undefined) return found;
    const lists: Record<string, List> = { ...plain.ruleSet.lists };
    for (const [name, values] of known) {
      const { kind, description } = plain.ruleSet.lists[name] as List;
      lists[name] = { kind, description, values: [...values] };
    }
    const ruleSet = { ...plain.ruleSet, lists };
    const judged = { ruleSet, engine: createEngine(ruleSet, JQ) };
    made.set(key, judged);
    return judged;
  };
}

/** What is wrong with the names of a case's lists. */
export function problemsOfLists(given: RuleTestCase["lists"], { lists }: RuleSet): readonly string[] {
  return Object.keys(given ?? {}).flatMap((name) => {
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    if (list?.dynamic !== undefined) return [];
    if (list !== undefined) return [`The list "${name}" has its values in its file: take it out of lists.`];
    const dynamic = Object.keys(lists).filter((one) => lists[one]?.dynamic !== undefined);
    return [`There is no dynamic list "${name}". ${didYouMean(name, dynamic)}`];
  });
}
