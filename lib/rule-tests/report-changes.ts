/**
 * What a run of the tests has to say to somebody who saw the run before: what fails now, what fails otherwise, what
 * passes again. What fails as it did is one line each, or the news would be somewhere on the third page.
 */
import { formatProblem, type Problem } from "../../lambda/loader/load-rules.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { formatFailure } from "./format.ts";
import type { CaseResult, TestReport } from "./report-schema.ts";

/** The lines about a report, after another one or as the first. */
export function formatReport(report: TestReport, before?: TestReport): string[] {
  const known = new Set((before?.problems ?? []).map(textOf));
  const failed = new Map((before?.cases ?? []).filter(({ ok }) => !ok).map((one) => [keyOf(one), one]));
  const old = report.problems.filter((problem) => known.has(textOf(problem)));
  const fresh = report.problems.filter((problem) => !known.has(textOf(problem)));
  const failing = report.cases.filter(({ ok }) => !ok);
  const same = failing.filter((one) => isSame(one, failed.get(keyOf(one))));
  const passing = report.cases.filter((one) => one.ok && failed.has(keyOf(one)));
  return [
    ...passing.map((one) => `passes now: ${placeOf(one)}`),
    ...old.map((problem) => `still there: ${formatProblem(problem)}`),
    ...same.map((one) => `still fails: ${placeOf(one)}`),
    ...fresh.map(formatProblem),
    ...failing.filter((one) => !same.includes(one)).map(formatFailure),
  ];
}

function keyOf({ file, name }: CaseResult): string {
  return `${file}\n${name}`;
}

function placeOf({ file, line, column, name }: CaseResult): string {
  return `${printable(file)}:${line}:${column} ${printable(name)}`;
}

/** A problem without its line: that moves when something above it is mended. */
function textOf({ file, field, message }: Problem): string {
  return `${file}\n${field ?? ""}\n${message}`;
}

function isSame(now: CaseResult, before: CaseResult | undefined): boolean {
  if (before === undefined) return false;
  return JSON.stringify([now.fired, now.failures]) === JSON.stringify([before.fired, before.failures]);
}
