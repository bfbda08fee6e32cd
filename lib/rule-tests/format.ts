/**
 * A failing case in words: what it shows, what was expected, what happened, and the comparisons that decided it.
 *
 *   rules/ec2.amazonaws.com/x.test.yaml:9:11 fires when a person opens port 22
 *     ec2.amazonaws.com/x should alert and does not. What did not hold:
 *       errorCode exists false: saw "AccessDenied"
 */
import { printable } from "../../lambda/loader/problem.ts";
import type { CaseFailure, CaseResult } from "./report-schema.ts";

/** A long condition tree says enough in its first comparisons. */
const MAX_COMPARISONS = 20;

/** The lines of a failing case. */
export function formatFailure(result: CaseResult): string {
  const { file, line, column, name, expected, fired } = result;
  const head = `${printable(file)}:${line}:${column} ${printable(name)}`;
  const alerts = `  expected to alert: ${ids(expected)}\n  alerted: ${ids(fired)}`;
  return [head, alerts, ...result.failures.map(formatCause)].join("\n");
}

function ids(list: readonly string[]): string {
  return list.length === 0 ? "no rule" : list.join(", ");
}

function formatCause({ message, comparisons }: CaseFailure): string {
  const first = `  - ${printable(message)}`;
  if (comparisons === undefined || comparisons.length === 0) return first;
  const what = message.endsWith("does not.") ? "What did not hold:" : "What held:";
  const lines = comparisons
    .slice(0, MAX_COMPARISONS)
    .map(({ condition, saw }) => `      ${printable(condition)}: saw ${printable(saw)}`);
  const more = comparisons.length - lines.length;
  return [`${first} ${what}`, ...lines, ...(more > 0 ? [`      and ${more} more`] : [])].join("\n");
}
