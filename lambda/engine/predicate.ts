/**
 * A rule's conditions as closures over the facts of a record: the in-memory side of the selector. It says exactly what
 * json-rules-engine will say, a hundred times faster, so that json-rules-engine is asked about next to nothing else than
 * matches. Where a comparison throws it lets the rule through, so that the judge meets the error and reports it.
 */
import type { NormalCondition } from "./conditions.ts";
import type { FactCache } from "./fact-cache.ts";
import { compileOperator } from "./operator-name.ts";

/** Whether the record at hand of the cache may match. */
export type Predicate = () => boolean;

/** Compiles a normalised condition. */
export function compilePredicate(condition: NormalCondition, facts: FactCache): Predicate {
  const inner = compile(condition, facts);
  return () => {
    try {
      return inner();
    } catch {
      return true;
    }
  };
}

function compile(condition: NormalCondition, facts: FactCache): Predicate {
  if ("all" in condition) {
    const parts = condition.all.map((part) => compile(part, facts));
    return () => {
      for (const part of parts) if (!part()) return false;
      return true;
    };
  }
  if ("any" in condition) {
    const parts = condition.any.map((part) => compile(part, facts));
    return () => {
      for (const part of parts) if (part()) return true;
      return false;
    };
  }
  const holds = compileOperator(condition.operator);
  const fact = facts.number(condition.fact);
  const other = factOfValue(condition.value);
  if (other !== undefined) {
    const number = facts.number(other);
    return () => holds(facts.get(fact), facts.get(number));
  }
  const { value } = condition;
  return () => holds(facts.get(fact), value);
}

/** The name of the fact that a condition compares with; undefined when it compares with a constant. */
export function factOfValue(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "fact")) return undefined;
  const { fact } = value as { fact: unknown };
  return typeof fact === "string" ? fact : undefined;
}
