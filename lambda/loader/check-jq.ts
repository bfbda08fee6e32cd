/**
 * Checks the jq expression of a rule: what it may not use, whether jq reads it, each with its place in the file; and
 * makes of the rule's conditions what the engine selects records by: those that were written, if there are any, and what
 * the expression demonstrably needs of a record.
 *
 *   rules/iam.amazonaws.com/x.yaml:4:24 jq: env is not for rules. A rule sees its record and nothing …
 */
import type { Condition } from "../engine/rule.ts";
import { checkSyntax } from "../jq/check-syntax.ts";
import { findRefused } from "../jq/refused.ts";
import { deriveJqCondition } from "../jq/selector.ts";
import { JqTokenError, readTokens } from "../jq/tokens.ts";
import type { Report } from "./report.ts";

const PATH = ["jq"];
const SYNTAX_CURE = "Mend it; jq's manual is at https://jqlang.org/manual/v1.8/.";

/** Reports everything that is wrong with the expression of a rule. */
export function checkJq(report: Report, expression: string): void {
  if (expression.trim() === "") {
    report.add(PATH, "The jq expression is empty.", 'Write one, e.g. select(.eventName == "CreateUser").');
    return;
  }
  try {
    const refused = findRefused(readTokens(expression).tokens);
    for (const { what, cure, at } of refused)
      report.add(PATH, `${what} is not for rules.`, cure, { offset: offsetIn(report, expression, at) });
    if (refused.length > 0) return;
  } catch (error) {
    if (!(error instanceof JqTokenError)) throw error;
    report.add(PATH, error.message, error.cure, { offset: offsetIn(report, expression, error.at) });
    return;
  }
  const problem = checkSyntax(expression);
  if (problem === undefined) return;
  const { message, line, column } = problem;
  const at = line === undefined ? undefined : placeOf(expression, line, column ?? 1);
  report.add(PATH, `jq says: ${message}.`, SYNTAX_CURE, {
    offset: at === undefined ? undefined : offsetIn(report, expression, at),
  });
}

/** The conditions of a rule with an expression, for everything that selects records: they hold whenever it matches. */
export function conditionsWithJq(written: Condition | undefined, expression: string): Condition {
  const derived = deriveJqCondition(expression);
  if (derived === undefined) return written ?? ALWAYS;
  const needed = { all: "all" in derived ? derived.all : [derived], name: "what the jq expression needs" };
  return written === undefined ? needed : { all: [written, needed] };
}

/** Conditions may not be empty: every record has an eventName. */
const ALWAYS: Condition = {
  all: [{ fact: "eventName", operator: "exists", value: true }],
  name: "the jq expression is asked about every record",
};

function placeOf(expression: string, line: number, column: number): number {
  const before = expression.split("\n").slice(0, line - 1);
  return before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
}

/**
 * The place in the file of a place in the expression: its lines are looked for one after another, as they stand in the
 * file where nothing is folded or escaped. Undefined where one is not found.
 */
function offsetIn(report: Report, expression: string, at: number): number | undefined {
  const { source } = report;
  let from = source.offset(PATH);
  if (from === undefined) return undefined;
  let left = at;
  for (const line of expression.split("\n")) {
    const found = source.text.indexOf(line, from);
    if (found === -1) return undefined;
    if (left <= line.length) return found + left;
    left -= line.length + 1;
    from = found + line.length;
  }
  return undefined;
}
