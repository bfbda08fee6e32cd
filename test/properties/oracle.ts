/**
 * An independent judge of what a rule means: json-rules-engine as it comes, given the rule's conditions as they were
 * written, with none of our normalising, indexing or compiling of operators. Where keys collide it is asked once for
 * each choice of values.
 */
import { Engine } from "json-rules-engine";
import { literalsOf, normalize } from "../../lambda/engine/conditions.ts";
import { OPERATORS } from "../../lambda/engine/operators.ts";
import { factOfValue } from "../../lambda/engine/predicate.ts";
import type { List, Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { factRoot } from "../../lambda/record/derived-facts.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import { AlternativeLists, Alternatives, resolveFact } from "../../lambda/record/facts.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";

/** Operators that json-rules-engine does not have; its own stay its own, but for the traps named in operators.ts. */
const OURS = [
  "startsWith",
  "endsWith",
  "includes",
  "like",
  "matches",
  "inCidr",
  "exists",
  "equalIgnoreCase",
  "grantsPublic",
  "grantsOutside",
  "grantsFederated",
  "inAccount",
  "grantsAction",
  "in",
  "notIn",
  "lessThan",
  "lessThanInclusive",
  "greaterThan",
  "greaterThanInclusive",
];
const MOST_CHOICES = 64;

/** Makes a function that says whether the rule matches a record. */
export function createOracle(rule: Rule, ruleSet: RuleSet): (record: CloudTrailRecord) => Promise<boolean> {
  const engine = new Engine([], { allowUndefinedFacts: true });
  for (const name of OURS) {
    const operator = OPERATORS[name];
    if (operator !== undefined) engine.addOperator(name, operator.holds);
  }
  const inList = (fact: unknown, name: unknown): boolean => isListed(fact, ruleSet.lists[String(name)]);
  engine.addOperator("inList", inList);
  engine.addOperator("notInList", (fact, name) => !inList(fact, name));
  engine.addOperatorDecorator(
    "someValue",
    (fact, values, next) => Array.isArray(values) && values.some((value) => next(fact, value)),
  );
  engine.addOperatorDecorator(
    "everyValue",
    (fact, values, next) => Array.isArray(values) && values.every((value) => next(fact, value)),
  );
  for (const [name, condition] of Object.entries(ruleSet.conditions))
    engine.setCondition(name, { all: [condition] } as never);
  engine.addRule({ conditions: { all: [rule.conditions] } as never, event: { type: "match" } });
  const names = new Set(
    literalsOf(normalize(rule.conditions, ruleSet.conditions, ruleSet.lists)).flatMap(({ fact, value }) => [
      fact,
      factOfValue(value) ?? fact,
    ]),
  );
  const paths = [...names].map((name) => parseFactPath(name));
  return async (record) => {
    const facts = paths.map(
      (path) => [path.text, choicesOf(resolveFact(factRoot(record, path), path))] as const,
    );
    const most = Math.min(
      MOST_CHOICES,
      facts.reduce((product, [, choices]) => product * choices.length, 1),
    );
    for (let choice = 0; choice < most; choice++) {
      let rest = choice;
      const chosen: Record<string, unknown> = {};
      for (const [name, choices] of facts) {
        const value = choices[rest % choices.length];
        rest = Math.floor(rest / choices.length);
        if (value !== undefined) chosen[name] = value;
      }
      const { events } = await engine.run(chosen);
      if (events.length > 0) return true;
    }
    return false;
  };
}

/** One comparison a value, as the list's kind names it: no sets, nothing looked up. */
function isListed(fact: unknown, list: List | undefined): boolean {
  if (list === undefined) throw new Error("the generator names a list that is not there");
  const base = { exact: "equal", wildcard: "like", cidr: "inCidr" }[list.kind];
  return list.values.some((value) => OPERATORS[base]?.holds(fact, value) === true);
}

/** All values that a fact can stand for; of lists with colliding elements only each element's first and last. */
function choicesOf(value: unknown): readonly unknown[] {
  if (value instanceof Alternatives) return value.values.flatMap(choicesOf);
  if (
    !Array.isArray(value) ||
    !value.some((element) => element instanceof Alternatives || element instanceof AlternativeLists)
  )
    return [value];
  return [0, -1].map((place) =>
    value.flatMap((element) => {
      if (element instanceof AlternativeLists) return choicesOf([...(element.lists.at(place) ?? [])])[0];
      return [element instanceof Alternatives ? element.values.at(place) : element];
    }),
  );
}
