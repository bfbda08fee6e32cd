/** The shipped rules: every file is good, every rule is tested, and each of its cases is one test here. */
import { describe, expect, it } from "vitest";
import { deriveEventRules } from "../lambda/engine/event-rules.ts";
import { formatProblem, loadRules } from "../lambda/loader/load-rules.ts";
import { formatFailure } from "../lib/rule-tests/format.ts";
import { createCaseRunner } from "../lib/rule-tests/run-case.ts";
import { runRuleTests } from "../lib/rule-tests/run-tests.ts";

const DIR = "rules";
const loaded = loadRules(DIR);
const runner = createCaseRunner(loaded.ruleSet);

describe("the shipped rules", () => {
  it("have no problem in any file, not even a warning", () => {
    expect(loaded.problems.map(formatProblem)).toEqual([]);
  });

  it("each have a test file with a firing and a quiet case", async () => {
    const { problems } = await runRuleTests(loaded, { dir: DIR });
    expect(problems.map(formatProblem)).toEqual([]);
    expect(loaded.ruleSet.rules.length).toBeGreaterThanOrEqual(25);
  });

  it("each say what and why, how an attack is told from routine, what to do and which technique it is", () => {
    const silent = loaded.ruleSet.rules.filter(
      ({ description, falsePositives, runbook, summary, attack = [], tags = [] }) =>
        [description, falsePositives, runbook, summary].includes(undefined) ||
        attack.length === 0 ||
        tags.length === 0,
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  it("need at most 20 EventBridge rules, which deliver each record once, here and deployed", () => {
    for (const options of [
      {},
      { excludeOwnRole: "CloudTrailEngine-DetectorServiceRole0A1B2C3D-EXAMPLE12345" },
    ]) {
      const { eventRules, overlaps, notes } = deriveEventRules(loaded.ruleSet, options);
      expect(eventRules.length).toBeLessThanOrEqual(20);
      expect([...overlaps, ...notes]).toEqual([]);
    }
  });

  it("each state a near miss that their own event pattern stops", () => {
    const loose = loaded.tests.filter(({ cases }) => !cases.some(({ delivered }) => delivered === false));
    expect(loose.map(({ ruleId }) => ruleId)).toEqual([]);
  });
});

describe.each(loaded.tests)("$ruleId", (file) => {
  it.each(file.cases)("$name", async (one) => {
    const result = await runner.run(file, one);
    expect(result.ok ? "" : formatFailure(result)).toBe("");
  });
});
