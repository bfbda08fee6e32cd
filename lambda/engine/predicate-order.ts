/**
 * In which turn a condition is asked, among conditions that must all hold. It is a guess about how often the condition
 * fails and what asking costs; a wrong guess costs time and nothing else.
 *
 *     eventName equal RunInstances        // last: the index finds the rule by it
 *     errorCode exists false              // late: nine of ten calls go through
 *     requestParameters.name startsWith … // first
 */
import { DERIVED_ROOTS } from "../record/derived-facts.ts";
import type { NormalCondition } from "./conditions.ts";
import { ResolvedList } from "./resolved-list.ts";
import type { Literal } from "./rule.ts";

/** Comparisons with one value, or a few, that hold for few records, and never for a fact that is absent. */
const SELECTIVE = new Set(["equal", "in", "startsWith", "endsWith", "equalIgnoreCase"]);
const SELECTIVE_BUT_SLOWER = new Set(["includes", "like", "inCidr", "inList"]);

/**
 * The smaller, the earlier.
 * @param found the fact by which the index finds the rule: a comparison with it nearly always holds
 */
export function turnOf(condition: NormalCondition, found: string | undefined): number {
  if ("all" in condition || "any" in condition) return 6;
  const { fact, operator } = condition;
  if (fact === found) return 10;
  if (operator.endsWith("matches")) return 9;
  if (DERIVED_ROOTS.some((root) => fact === root || fact.startsWith(`${root}.`))) return 8;
  if (isSelective(condition)) return SELECTIVE.has(operator) ? 0 : 1;
  // "Some element is …" fails wherever there is no such list.
  return operator.startsWith("someFact:") ? 2 : 3;
}

/** Whether a condition is a comparison with a constant that fails for most records, and for an absent fact or null. */
export function isSelective({ operator, value }: Literal): boolean {
  if (!SELECTIVE.has(operator) && !SELECTIVE_BUT_SLOWER.has(operator)) return false;
  if (Array.isArray(value)) return !value.includes(null);
  return typeof value === "string" || typeof value === "number" || value instanceof ResolvedList;
}
