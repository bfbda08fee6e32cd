/**
 * Turns what each check leaves behind into two numbers, from the real counts and always towards failing: a test that
 * was skipped did not pass, a report that is missing is a failure, and so is a run that tested nothing. Otherwise a
 * check could be switched off without anybody seeing it.
 *
 *     countTests({ testResults: [{ name: "a.test.ts", status: "passed", assertionResults: [{ status: "skipped", … }] }] }, 0)
 *     // { passed: 0, failed: 1, findings: ["a.test.ts: … was skipped, which counts as failed: …"] }
 */
import { type Untrusted, isObject, textAt } from "../../lambda/record/untrusted.ts";

/** What a check came to; `findings` says in words what the check's own text does not. */
export type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly findings: readonly string[];
};

/** A check that either holds or does not: one passed, or one failed. */
export function countExit(exitCode: number): Counts {
  return exitCode === 0 ? { passed: 1, failed: 0, findings: [] } : failure([]);
}

/**
 * Counts the tests of a report of vitest's JSON reporter (its shape is Jest's).
 * @param report the parsed report; undefined when vitest left none
 */
export function countTests(report: unknown, exitCode: number): Counts {
  const files = isObject(report) ? report.testResults : undefined;
  if (!Array.isArray(files)) return failure(["vitest left no report: it crashed or ran out of time."]);
  let passed = 0;
  const findings: string[] = [];
  for (const file of files as readonly unknown[]) {
    const tests = objects(isObject(file) ? file.assertionResults : undefined);
    const bad = tests.filter(({ status }) => status !== "passed");
    passed += tests.length - bad.length;
    const name = textAt(file, "name") ?? "a test file";
    findings.push(...bad.map((test) => badTest(name, test)));
    const ok = isObject(file) && file.status === "passed";
    if (bad.length === 0 && !ok) findings.push(`${name}: failed outside of any test.`);
  }
  return conclude(passed, findings, exitCode, "vitest");
}

/** Counts the cases of the document that `engine test --format json` prints. */
export function countRuleTests(report: unknown, exitCode: number): Counts {
  const cases = isObject(report) ? report.cases : undefined;
  if (!isObject(report) || !Array.isArray(cases))
    return failure(["the rule tests left no report: the command crashed."]);
  const bad = objects(cases).filter(({ ok }) => ok !== true);
  const problems = objects(report.problems).filter(({ severity }) => severity === "error");
  const findings = [
    ...bad.map((one) => `${place(one)}: ${String(one.name)}: failed.${details(one)}`),
    ...problems.map((one) => `${place(one)}: ${String(one.message)} ${String(one.cure)}`),
  ];
  return conclude(cases.length - bad.length, findings, exitCode, "the rule tests");
}

/** The sum over all checks. No check at all is a failure. */
export function total(all: readonly Counts[]): Counts {
  if (all.length === 0) return failure(["no check was run."]);
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    findings: all.flatMap(({ findings }) => findings),
  };
}

/** A failed exit that no test explains (an error outside of the tests, say) is one failure more. */
function conclude(passed: number, findings: string[], exitCode: number, who: string): Counts {
  if (passed === 0 && findings.length === 0) findings.push(`${who} tested nothing.`);
  if (exitCode !== 0 && findings.length === 0)
    findings.push(`${who} failed (exit code ${exitCode}) though every test passed: its text says why.`);
  return { passed, failed: findings.length, findings };
}

function failure(findings: readonly string[]): Counts {
  return { passed: 0, failed: 1, findings };
}

function badTest(file: string, test: Untrusted): string {
  const name = String(test.fullName);
  if (test.status === "failed") return `${file}: ${name}: failed.`;
  return `${file}: ${name}: was ${String(test.status)}, which counts as failed: let it run or take it out.`;
}

function details(one: Untrusted): string {
  return objects(one.failures)
    .map(({ message }) => ` ${String(message)}`)
    .join("");
}

function place(one: Untrusted): string {
  return `${String(one.file)}:${String(one.line)}:${String(one.column)}`;
}

function objects(value: unknown): readonly Untrusted[] {
  return Array.isArray(value) ? (value as readonly unknown[]).filter(isObject) : [];
}
