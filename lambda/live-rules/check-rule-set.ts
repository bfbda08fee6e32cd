/**
 * What can be wrong with a rule set that somebody published. The loader has checked it, in its own words, with files and
 * lines; this is for an object that something else wrote, or another version of the engine: one rule that cannot be
 * evaluated must not take the place of rules that can.
 *
 *     problemsOfRuleSet({ rules: [{ id: "a", …, conditions: { all: [{ …, operator: "eqal" }] } }], … })
 *     // ['the rule "a" uses the unknown operator "eqal"']
 */
import { normalize } from "../engine/conditions.ts";
import { parseOperator } from "../engine/operator-name.ts";
import { type Condition, type RuleSet, SEVERITIES } from "../engine/rule.ts";
import { isObject, textAt, valueAt } from "../record/untrusted.ts";

/** The most problems that are told. */
const MAX_TOLD = 20;
/** How deep conditions may nest; deeper ones would end in a stack overflow somewhere. */
const MAX_DEPTH = 100;

/** Everything that keeps a rule set from being used, cut to the first few; empty when there is nothing. */
export function problemsOfRuleSet(found: unknown): string[] {
  const [rules, suppressions] = [valueAt(found, "rules"), valueAt(found, "suppressions")];
  const [shared, lists] = [valueAt(found, "conditions"), valueAt(found, "lists")];
  if (!Array.isArray(rules) || !Array.isArray(suppressions) || !isObject(shared) || !isObject(lists))
    return ["it has no rules, suppressions, conditions and lists"];
  if (rules.length === 0) return ["it has no rule at all: nothing would ever alert"];
  const names: Names = { conditions: shared, lists };
  const ids = new Set<string>();
  const problems = [
    ...Object.entries(shared).flatMap(([name, condition]) =>
      problemsOf(condition, names).map((problem) => `the shared condition ${quoted(name)} ${problem}`),
    ),
    ...Object.entries(lists).flatMap(([name, list]) =>
      isTexts(valueAt(list, "values")) ? [] : [`the list ${quoted(name)} has no list of texts as values`],
    ),
    ...rules.flatMap((rule: unknown) => problemsOfRule(rule, ids, names)),
    ...suppressions.flatMap((one: unknown) => problemsOfSuppression(one, names)),
  ];
  if (problems.length > 0) return problems.slice(0, MAX_TOLD);
  return unresolved(found as RuleSet).slice(0, MAX_TOLD);
}

type Names = {
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly lists: Readonly<Record<string, unknown>>;
};

function problemsOfRule(rule: unknown, ids: Set<string>, names: Names): string[] {
  const id = textAt(rule, "id");
  if (id === undefined || id === "") return ["a rule has no id"];
  const which = `the rule ${quoted(id)}`;
  if (ids.has(id)) return [`${which} is there twice`];
  ids.add(id);
  const eventSource = valueAt(rule, "eventSource");
  if (eventSource !== null && typeof eventSource !== "string") return [`${which} has no eventSource`];
  if ((textAt(rule, "name") ?? "") === "") return [`${which} has no name`];
  if (!(SEVERITIES as readonly unknown[]).includes(valueAt(rule, "severity")))
    return [`${which} has no severity that there is`];
  for (const key of ["tags", "attack", "references", "destinations"]) {
    const value = valueAt(rule, key);
    if (value !== undefined && !isTexts(value)) return [`${which} has ${key} that are no list of texts`];
  }
  return problemsOf(valueAt(rule, "conditions"), names).map((problem) => `${which} ${problem}`);
}

function problemsOfSuppression(one: unknown, names: Names): string[] {
  const id = textAt(one, "id");
  if (id === undefined) return ["a suppression has no id"];
  return problemsOf(valueAt(one, "conditions"), names).map(
    (problem) => `the suppression ${quoted(id)} ${problem}`,
  );
}

/** What is wrong with conditions, to stand behind what has them. */
function problemsOf(condition: unknown, names: Names, depth = 0): string[] {
  if (depth > MAX_DEPTH) return [`has conditions that nest more than ${MAX_DEPTH} deep`];
  if (!isObject(condition)) return ["has a condition that is no object"];
  for (const key of ["all", "any"]) {
    const parts = condition[key];
    if (parts === undefined) continue;
    if (!Array.isArray(parts) || parts.length === 0) return [`has an "${key}" that is no list of conditions`];
    return parts.flatMap((part: unknown) => problemsOf(part, names, depth + 1));
  }
  if (condition["not"] !== undefined) return problemsOf(condition["not"], names, depth + 1);
  const reference = condition["condition"];
  if (reference !== undefined) {
    if (typeof reference === "string" && Object.hasOwn(names.conditions, reference)) return [];
    return [`refers to the condition ${quoted(reference)}, which is not there`];
  }
  return problemsOfLiteral(condition, names);
}

function problemsOfLiteral(literal: Readonly<Record<string, unknown>>, { lists }: Names): string[] {
  const { fact, operator, value } = literal;
  if (typeof fact !== "string" || fact === "") return ["has a condition without a fact"];
  if (typeof operator !== "string") return [`has a condition on ${quoted(fact)} without an operator`];
  const parsed = parseOperator(operator);
  if ("unknown" in parsed) return [`uses the unknown ${parsed.kind} ${quoted(parsed.unknown)}`];
  if (value === undefined) return [`compares ${quoted(fact)} with nothing`];
  const isList = parsed.base === "inList" || parsed.base === "notInList";
  if (isList && !(typeof value === "string" && Object.hasOwn(lists, value)))
    return [`refers to the list ${quoted(value)}, which is not there`];
  if (isList || isObject(value)) return [];
  return [value].flat().flatMap((one: unknown) => {
    const problem = parsed.operator.check?.(one);
    return problem === undefined
      ? []
      : [`compares ${quoted(fact)} with what cannot be used: ${problem.slice(0, 200)}`];
  });
}

/** Shared conditions that refer to each other in a circle have no end. */
function unresolved({ conditions, lists }: RuleSet): string[] {
  const openIn = (condition: Condition, above: readonly string[]): readonly string[] | undefined => {
    if ("condition" in condition) {
      if (above.includes(condition.condition)) return [...above, condition.condition];
      const next = conditions[condition.condition];
      return next === undefined ? undefined : openIn(next, [...above, condition.condition]);
    }
    const parts =
      "all" in condition
        ? condition.all
        : "any" in condition
          ? condition.any
          : "not" in condition
            ? [condition.not]
            : [];
    for (const part of parts) {
      const circle = openIn(part, above);
      if (circle !== undefined) return circle;
    }
    return undefined;
  };
  for (const name of Object.keys(conditions)) {
    const circle = openIn({ condition: name }, []);
    if (circle !== undefined)
      return [`shared conditions refer to each other in a circle: ${circle.join(", ")}`];
  }
  return Object.entries(conditions).flatMap(([name, condition]) => {
    try {
      normalize(condition, conditions, lists);
      return [];
    } catch (error) {
      return [`the shared condition ${quoted(name)} cannot be used: ${String(error)}`];
    }
  });
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 120);
}
