/**
 * json-rules-engine, asked about one rule and one record, with only the facts that the rule names.
 *
 * Each rule has Engines of its own, because one operator that throws rejects a whole run, and because an Engine that is
 * run twice at the same time may skip rules (its `status` is shared): an idle one is taken, or another one is made.
 *
 * It clones the conditions of every rule that matches, values and all. A list is therefore given to it by its name, and
 * the operator that compares with it looks the list up: a rule with a list of 10,000 values costs no more than others.
 */
import type { Engine } from "json-rules-engine";
import { parseFactPath } from "../record/fact-path.ts";
import { readerOf } from "../record/fact-reader.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { comparesWithList, literalsOf, type NormalCondition } from "./conditions.ts";
import type { ListValues } from "./list-values.ts";
import { compileOperator } from "./operator-name.ts";
import { factOfValue } from "./predicate.ts";
import { ResolvedList } from "./resolved-list.ts";
import type { Literal } from "./rule.ts";

/**
 * Whether the rule matches the record; rejects when evaluating it fails. A dynamic list that `values` does not have is
 * taken for one of which nothing is known.
 */
export type Judge = (record: CloudTrailRecord, values?: ListValues) => Promise<boolean>;

/** An Engine of json-rules-engine, and the dynamic lists of the record that it is asked about. */
type Asked = { readonly engine: Engine; values: ListValues | undefined };

/** Makes the judge of one rule. */
export function createJudge(condition: NormalCondition): Judge {
  const literals = literalsOf(condition);
  const names = new Set(literals.flatMap(({ fact, value }) => [fact, factOfValue(value) ?? fact]));
  const readers = [...names].map((name) => [name, readerOf(parseFactPath(name))] as const);
  const operators = new Map(literals.map(({ operator }) => [operator, compileOperator(operator)]));
  const lists = new Map(listsOf(literals).map((list) => [list.name, list]));
  const idle: Asked[] = [];

  async function makeEngine(): Promise<Asked> {
    // Loaded when the first candidate is judged: most records have none, and a cold start should not wait for it.
    const { Engine: RulesEngine } = await import("./rules-engine.ts");
    const engine = new RulesEngine([], { allowUndefinedFacts: true });
    const asked: Asked = { engine, values: undefined };
    const listOf = (name: unknown): ResolvedList | undefined =>
      asked.values?.get(String(name))?.list ?? lists.get(String(name));
    for (const [name, holds] of operators) {
      const withList = comparesWithList(name);
      engine.addOperator(name, withList ? (fact, list) => holds(fact, listOf(list)) : holds);
    }
    const named = withListNames(condition);
    const conditions = "all" in named || "any" in named ? named : { all: [named] };
    engine.addRule({ conditions: conditions as never, event: { type: "match" } });
    return asked;
  }

  return async (record, values) => {
    const asked = idle.pop() ?? (await makeEngine());
    const facts: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [name, read] of readers) {
      const value = read(record);
      if (value !== undefined) facts[name] = value;
    }
    asked.values = values;
    const { events } = await asked.engine.run(facts);
    asked.values = undefined;
    idle.push(asked);
    return events.length > 0;
  };
}

function listsOf(literals: readonly Literal[]): readonly ResolvedList[] {
  return literals.map(({ value }) => value).filter((value) => value instanceof ResolvedList);
}

function withListNames(condition: NormalCondition): NormalCondition {
  if ("all" in condition) return { all: condition.all.map(withListNames) };
  if ("any" in condition) return { any: condition.any.map(withListNames) };
  const { value } = condition;
  return value instanceof ResolvedList ? { ...condition, value: value.name } : condition;
}
