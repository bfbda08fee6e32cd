/**
 * A failing case in words: what it shows, what was expected, what happened, and the conditions that decided it.
 *
 *   rules/ec2.amazonaws.com/x.test.yaml:9:11 fires when a person opens port 22
 *     expected to alert: ec2.amazonaws.com/x
 *     alerted: no rule
 *     - ec2.amazonaws.com/x should alert and does not.
 *         ✗ all
 *     →     ✗ errorCode exists false — saw "AccessDenied"; would hold without errorCode
 */
import { printable } from "../../lambda/loader/problem.ts";
import { formatTree } from "../explain/format-tree.ts";
import type { CaseFailure, CaseResult } from "./report-schema.ts";

/** Lines of one tree; `explain` shows more of it. */
const MAX_TREE = 30;
/** A record that fires twenty rules by accident says so with a few of them. */
const MAX_TREES = 4;

/** The lines of a failing case. */
export function formatFailure(result: CaseResult): string {
  const { file, line, column, name, expected, fired, failures } = result;
  const head = `${printable(file)}:${line}:${column} ${printable(name)}`;
  const alerts = `  expected to alert: ${ids(expected)}\n  alerted: ${ids(fired)}`;
  const explained = new Set(
    failures.filter(({ explanation }) => explanation !== undefined).slice(0, MAX_TREES),
  );
  return [head, alerts, ...failures.map((failure) => formatCause(failure, explained.has(failure)))].join(
    "\n",
  );
}

function ids(list: readonly string[]): string {
  return list.length === 0 ? "no rule" : list.join(", ");
}

function formatCause({ message, explanation }: CaseFailure, explained: boolean): string {
  const first = `  - ${printable(message)}`;
  if (explanation === undefined || !explained) return first;
  return [
    first,
    ...formatTree(explanation, { most: MAX_TREE, toDiffer: true }).map((line) => `    ${line}`),
  ].join("\n");
}
