/**
 * Runs the tests of a rules folder, or some of them, and finds rules that are not tested: a rule without a firing case
 * may never fire, one without a quiet case may never stop.
 *
 *   const report = await runRuleTests(loadRules("rules"), { dir: "rules" });
 */
import { join } from "node:path";
import type { LoadedRules, Problem, RuleTestFile } from "../../lambda/loader/load-rules.ts";
import { createCaseRunner } from "./run-case.ts";
import type { TestReport } from "./report-schema.ts";

/** Which tests to run. */
export type TestSelection = {
  /** The rules folder as it was given, for the names of missing files. */
  readonly dir: string;
  /** Which rules to test, by id; all when absent. */
  readonly only?: ReadonlySet<string>;
};

/** Runs the selected tests. Problems of files are part of the report; bad rules are left out of the rule set. */
export async function runRuleTests(loaded: LoadedRules, { dir, only }: TestSelection): Promise<TestReport> {
  const selected = (id: string): boolean => only === undefined || only.has(id);
  const runner = createCaseRunner(loaded.ruleSet);
  const good = new Set(loaded.ruleSet.rules.map((rule) => rule.id));
  const files = loaded.tests.filter(({ ruleId }) => selected(ruleId) && good.has(ruleId));
  const cases: TestReport["cases"] = [];
  for (const file of files) for (const one of file.cases) cases.push(await runner.run(file, one));
  const failed = cases.filter(({ ok }) => !ok).length;
  const untested = [...good].filter(selected).flatMap((id) => missingCases(id, loaded, dir));
  return { passed: cases.length - failed, failed, problems: [...loaded.problems, ...untested], cases };
}

function missingCases(id: string, { tests, problems }: LoadedRules, dir: string): Problem[] {
  const file = tests.find(({ ruleId }) => ruleId === id);
  if (file !== undefined) return lacking(file);
  const stem = `${join(dir, id)}.test.`;
  if (problems.some((problem) => problem.file.startsWith(stem))) return [];
  const cure = "Write it, with a firing and a quiet case at least.";
  return [
    {
      file: `${stem}yaml`,
      line: 1,
      column: 1,
      severity: "error",
      message: "This rule has no test file.",
      cure,
    },
  ];
}

function lacking({ file, ruleId, cases }: RuleTestFile): Problem[] {
  const at = { file, line: 1, column: 1, severity: "error", field: "cases" } as const;
  const firing = cases.some(({ fires }) => fires.includes(ruleId));
  const quiet = cases.some(({ fires }) => !fires.includes(ruleId));
  return [
    ...(firing
      ? []
      : [{ ...at, message: `No case fires ${ruleId}.`, cure: `Add one with fires: [${ruleId}].` }]),
    ...(quiet
      ? []
      : [{ ...at, message: `${ruleId} is quiet in no case.`, cure: "Add a near miss with fires: []." }]),
  ];
}
