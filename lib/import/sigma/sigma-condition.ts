/**
 * The `condition` of a Sigma rule: names of selections with `and`, `or`, `not`, parentheses, `1 of them`, `all of sel*`.
 * `not` binds more than `and`, and `and` more than `or`.
 *
 *   parseCondition("selection and not 1 of filter_*", read)
 *   // all of: selection, not any of: filter_a, filter_b
 */
import type { Condition } from "../../../lambda/engine/rule.ts";
import { quote } from "../../../lambda/loader/problem.ts";
import { all, any, not } from "../conditions.ts";
import { Refusal } from "../model.ts";

/** The selections of a rule: their names, and each as a condition. */
export type Selections = { readonly names: readonly string[]; read(name: string): Condition };

const TOKEN = /\s*([()]|[^\s()]+)/gy;
const WORDS = new Set(["and", "or", "not", "of"]);
const MAX_DEPTH = 100;

/**
 * Parses a condition.
 * @throws Refusal when it is none, or names what the rule has not.
 */
export function parseCondition(text: string, selections: Selections): Condition {
  const tokens = [...text.trim().matchAll(TOKEN)].map(([, token = ""]) => token);
  let at = 0;
  const word = (): string => (tokens[at] ?? "").toLowerCase();
  const expect = (wanted: string): void => {
    if (word() !== wanted)
      throw new Refusal(`Its condition lacks ${quote(wanted)} at ${quote(tokens[at] ?? "the end")}.`);
    at++;
  };

  function several(join: "and" | "or", next: (depth: number) => Condition, depth: number): Condition {
    if (depth > MAX_DEPTH) throw new Refusal("Its condition is nested too deep.");
    const parts = [next(depth + 1)];
    while (word() === join) {
      at++;
      parts.push(next(depth + 1));
    }
    return join === "and" ? all(parts) : any(parts);
  }
  const or = (depth: number): Condition => several("or", and, depth);
  const and = (depth: number): Condition => several("and", negation, depth);

  function negation(depth: number): Condition {
    if (depth > MAX_DEPTH) throw new Refusal("Its condition is nested too deep.");
    if (word() !== "not") return primary(depth);
    at++;
    return not(negation(depth + 1));
  }

  function primary(depth: number): Condition {
    const token = tokens[at];
    if (token === undefined) throw new Refusal("Its condition ends too early.");
    if (token === "(") {
      at++;
      const inner = or(depth + 1);
      expect(")");
      return inner;
    }
    if ((tokens[at + 1] ?? "").toLowerCase() === "of") return quantified(token);
    if (WORDS.has(word()) || token === ")")
      throw new Refusal(`Its condition cannot be read at ${quote(token)}.`);
    at++;
    if (!selections.names.includes(token))
      throw new Refusal(`Its condition names ${quote(token)}, which is not there.`);
    return selections.read(token);
  }

  function quantified(quantity: string): Condition {
    const every = quantity.toLowerCase() === "all";
    if (!every && quantity !== "1" && quantity.toLowerCase() !== "any")
      throw new Refusal(
        `${quote(`${quantity} of`)} has no counterpart: only 1 of, any of and all of have one.`,
      );
    const pattern = tokens[at + 2];
    if (pattern === undefined) throw new Refusal("Its condition ends behind of.");
    at += 3;
    const names =
      pattern.toLowerCase() === "them"
        ? selections.names.filter((name) => !name.startsWith("_"))
        : selections.names.filter((name) => globOf(pattern).test(name));
    if (names.length === 0) throw new Refusal(`Its condition names ${quote(pattern)}, which is not there.`);
    const parts = names.map((name) => selections.read(name));
    return every ? all(parts) : any(parts);
  }

  const result = or(0);
  const left = tokens[at];
  if (left !== undefined) throw new Refusal(`Its condition cannot be read at ${quote(left)}.`);
  return result;
}

function globOf(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(/[^\w]/g, String.raw`\$&`))
      .join(".*")}$`,
  );
}
