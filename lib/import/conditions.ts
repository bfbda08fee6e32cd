/**
 * Building conditions, and settling what the folder of a rule settles already: with the eventSource known, a comparison
 * of it is true or false, and groups around it become smaller.
 *
 *   settle(all([literal("eventSource", "equal", "iam.amazonaws.com"), named]))
 *   // { folder: "iam.amazonaws.com", conditions: { all: [named] } }
 */
import { compileOperator } from "../../lambda/engine/operator-name.ts";
import type { Condition, Literal } from "../../lambda/engine/rule.ts";
import { isEventSource } from "../../lambda/loader/event-source.ts";
import { GLOBAL_FOLDER } from "../../lambda/loader/rule-files.ts";
import { Refusal, type RootCondition } from "./model.ts";

/** A comparison. */
export function literal(fact: string, operator: string, value: unknown): Literal {
  return { fact, operator, value };
}

/** All of several conditions; groups in it are merged, one alone stays as it is. */
export function all(parts: readonly Condition[]): Condition {
  const flat = parts.flatMap((part) => ("all" in part ? part.all : [part]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { all: flat };
}

/** One of several conditions; groups in it are merged, one alone stays as it is. */
export function any(parts: readonly Condition[]): Condition {
  const flat = parts.flatMap((part) => ("any" in part ? part.any : [part]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { any: flat };
}

/** The opposite of a condition. */
export function not(part: Condition): Condition {
  return "not" in part ? part.not : { not: part };
}

/** A condition of which it is known whether it holds. */
type Settled = Condition | boolean;

/**
 * The folder that conditions belong in, and what of them is left to say there.
 * @throws Refusal when they can never hold.
 */
export function settle(conditions: Condition): {
  readonly folder: string;
  readonly conditions: RootCondition;
} {
  const source = requiredSource(conditions);
  if (source === undefined) return { folder: GLOBAL_FOLDER, conditions: atRoot(conditions) };
  const left = withSource(conditions, source);
  if (left === false)
    throw new Refusal("Its conditions contradict each other: no record has two eventSources.");
  return {
    folder: source,
    conditions: atRoot(left === true ? literal("eventName", "exists", true) : left),
  };
}

/** The one eventSource that a record must have for the conditions to hold; undefined when there is no such one. */
export function requiredSource(condition: Condition): string | undefined {
  if ("all" in condition) return condition.all.map(requiredSource).find((source) => source !== undefined);
  if ("any" in condition) {
    const [first, ...more] = condition.any.map(requiredSource);
    return more.every((source) => source === first) ? first : undefined;
  }
  if (!("fact" in condition) || condition.fact !== "eventSource" || condition.operator !== "equal")
    return undefined;
  const { value } = condition;
  return typeof value === "string" && isEventSource(value) ? value : undefined;
}

function withSource(condition: Condition, source: string): Settled {
  if ("all" in condition || "any" in condition) {
    const isAll = "all" in condition;
    const parts = (isAll ? condition.all : condition.any).map((part) => withSource(part, source));
    if (parts.includes(!isAll)) return !isAll;
    const left = parts.filter((part) => typeof part !== "boolean");
    if (left.length === 0) return isAll;
    return isAll ? all(left) : any(left);
  }
  if ("not" in condition) {
    const inner = withSource(condition.not, source);
    return typeof inner === "boolean" ? !inner : not(inner);
  }
  if (!("fact" in condition) || condition.fact !== "eventSource") return condition;
  if (typeof condition.value === "object" && !Array.isArray(condition.value)) return condition;
  return compileOperator(condition.operator)(source, condition.value);
}

/** json-rules-engine wants a group at the top. */
function atRoot(condition: Condition): RootCondition {
  return "fact" in condition ? { all: [condition] } : condition;
}

/** The comparison with one of several values: `in`, or `equal` where there is only one. */
export function oneOf(fact: string, values: readonly unknown[], decorator = ""): Literal {
  return values.length === 1
    ? literal(fact, `${decorator}equal`, values[0])
    : literal(fact, `${decorator}in`, values);
}
