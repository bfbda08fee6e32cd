/**
 * What the loader says about a bad file. A problem reads like a colleague's advice, so that whoever wrote the rule can
 * mend it without reading our code; and it carries data, so that editors and CI can show it where it belongs.
 *
 *   rules/ec2.amazonaws.com/x.yaml:7:5 conditions.all[0].operator: "equals" is no operator. Did you mean "equal"?
 */

import { printable } from "../words/printable.ts";

export { printable, quote } from "../words/printable.ts";

/** A place in a file. Line and column count from 1, the column in UTF-16 units as editors do. */
export type Position = { readonly line: number; readonly column: number };

/** One thing that is wrong with one file. */
export type Problem = Position & {
  readonly file: string;
  /** An error keeps the file out of the rule set; a warning does not. */
  readonly severity: "error" | "warning";
  /** It is about a test file, which is deployed with nothing: it keeps no rule from being used. */
  readonly scope?: "test";
  /** Where in the data it is, e.g. `conditions.all[0].operator`; absent when the whole file is meant. */
  readonly field?: string;
  /** What is wrong: one sentence. */
  readonly message: string;
  /** How to mend it: one sentence. */
  readonly cure: string;
};

/** Keys and indices that lead from the top of a file to a value. */
export type Path = readonly (string | number)[];

const MAX_SENTENCE = 600;

/** The way a path is written in a message: `conditions.all[0].operator`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join("");
}

/** One line for people: place, field, what is wrong and how to mend it. */
export function formatProblem(problem: Problem): string {
  const place = `${printable(problem.file)}:${problem.line}:${problem.column}`;
  const severity = problem.severity === "warning" ? "warning: " : "";
  const field = problem.field === undefined ? "" : `${printable(problem.field)}: `;
  return `${place} ${severity}${field}${printable(cut(problem.message))} ${printable(cut(problem.cure))}`;
}

/**
 * Takes one piece of advice (`what is wrong: how to mend it`), as errors of the engine word it, apart into two
 * sentences.
 */
export function splitAdvice(advice: string, otherwise: string): { message: string; cure: string } {
  const at = advice.lastIndexOf(": ");
  if (at === -1) return { message: sentence(advice), cure: otherwise };
  return { message: sentence(advice.slice(0, at)), cure: sentence(advice.slice(at + 2)) };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith(".") || text.endsWith("…") ? "" : ".");
}

function cut(text: string): string {
  return text.length <= MAX_SENTENCE ? text : `${text.slice(0, MAX_SENTENCE)}…`;
}

/** Orders problems as a reader meets them: by file, then from the top of it. */
export function compareProblems(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
