/**
 * What an expression needs of a record, as a formula over comparisons; "yes" is no demand, "no" cannot be met. Made into
 * conditions it feeds the selector and the index like those of any rule.
 *
 *     toCondition(all([is("eventName", "equal", "A"), YES]))   // { fact: "eventName", operator: "equal", value: "A" }
 */
import type { Condition, Literal } from "../engine/rule.ts";

/** A demand on a record. */
export type Formula =
  | Literal
  | "yes"
  | "no"
  | { readonly all: readonly Formula[] }
  | { readonly any: readonly Formula[] };

export const YES: Formula = "yes";
export const NO: Formula = "no";

/** So many comparisons are too many for a selector to be worth it. */
const MAX_COMPARISONS = 500;

export function is(fact: string, operator: string, value: unknown): Formula {
  return { fact, operator, value };
}

export function all(parts: readonly Formula[]): Formula {
  const flat = parts.flatMap((part) => (typeof part === "object" && "all" in part ? part.all : [part]));
  if (flat.includes(NO)) return NO;
  const left = distinct(flat).filter((part) => part !== YES);
  if (left.length < 2) return left[0] ?? YES;
  return bounded({ all: left });
}

export function any(parts: readonly Formula[]): Formula {
  const flat = parts.flatMap((part) => (typeof part === "object" && "any" in part ? part.any : [part]));
  if (flat.includes(YES)) return YES;
  const left = distinct(flat).filter((part) => part !== NO);
  if (left.length < 2) return left[0] ?? NO;
  return bounded({ any: left });
}

/** Names that are used twice double what is known of them: beyond some size nothing is demanded. */
function bounded(formula: Formula): Formula {
  return count(formula) > MAX_COMPARISONS ? YES : formula;
}

function distinct(parts: readonly Formula[]): readonly Formula[] {
  return parts.length < 2 ? parts : [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
}

/**
 * The condition of a formula; undefined when it demands nothing. One that cannot be met demands
 * nothing either: a rule that never matches is its author's to see, not ours to hide.
 */
export function toCondition(formula: Formula): Condition | undefined {
  return typeof formula === "string" ? undefined : convert(formula);
}

function convert(formula: Formula): Condition {
  if (typeof formula === "string") throw new TypeError("all and any leave no yes and no inside");
  if ("all" in formula) return { all: formula.all.map(convert) };
  if ("any" in formula) return { any: formula.any.map(convert) };
  return formula;
}

function count(formula: Formula): number {
  if (typeof formula === "string") return 0;
  if ("all" in formula) return formula.all.reduce((sum, part) => sum + count(part), 0);
  if ("any" in formula) return formula.any.reduce((sum, part) => sum + count(part), 0);
  return 1;
}
