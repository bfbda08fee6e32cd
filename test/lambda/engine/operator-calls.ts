/** Operators by their names, as the tests of operators ask them. */
import { OPERATORS } from "../../../lambda/engine/operators.ts";

/** Whether an operator holds for a fact. */
export function holds(name: string, fact: unknown, expected: unknown): boolean {
  const operator = OPERATORS[name];
  if (operator === undefined) throw new Error(`no operator ${name}`);
  return operator.holds(fact, expected);
}

/** What an operator finds wrong with a value of a rule. */
export function problemOf(name: string, value: unknown): string | undefined {
  return OPERATORS[name]?.check?.(value);
}
