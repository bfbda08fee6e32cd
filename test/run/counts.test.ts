import { describe, expect, test } from "vitest";
import { countExit, countRuleTests, countTests, total } from "./counts.ts";

const file = (status: string, ...tests: string[]): object => ({
  name: "a.test.ts",
  status,
  assertionResults: tests.map((one, at) => ({ status: one, fullName: `test ${at}` })),
});
const numbers = ({ passed, failed }: { passed: number; failed: number }): object => ({ passed, failed });

describe("counting a report of vitest", () => {
  test("counts each test that passed or failed", () => {
    const counts = countTests(
      { testResults: [file("failed", "passed", "failed"), file("passed", "passed")] },
      1,
    );
    expect(numbers(counts)).toEqual({ passed: 2, failed: 1 });
    expect(counts.findings).toEqual(["a.test.ts: test 1: failed."]);
  });

  test.each(["skipped", "todo", "pending", "disabled"])(
    "counts a %s test as failed and says so",
    (status) => {
      const counts = countTests({ testResults: [file("passed", "passed", status)] }, 0);
      expect(numbers(counts)).toEqual({ passed: 1, failed: 1 });
      expect(counts.findings).toEqual([
        `a.test.ts: test 1: was ${status}, which counts as failed: let it run or take it out.`,
      ]);
    },
  );

  test("counts a file that could not be loaded as a failure", () => {
    const counts = countTests({ testResults: [file("passed", "passed"), file("failed")] }, 1);
    expect(numbers(counts)).toEqual({ passed: 1, failed: 1 });
  });

  test("counts an error outside of the tests as a failure", () => {
    const counts = countTests({ testResults: [file("passed", "passed")] }, 1);
    expect(numbers(counts)).toEqual({ passed: 1, failed: 1 });
    expect(counts.findings[0]).toContain("exit code 1");
  });

  test.each([undefined, null, "text", [], {}, { testResults: {} }])(
    "fails without a report: %j",
    (report) => {
      expect(numbers(countTests(report, 0))).toEqual({ passed: 0, failed: 1 });
    },
  );

  test("fails when nothing was tested", () => {
    expect(numbers(countTests({ testResults: [] }, 0))).toEqual({ passed: 0, failed: 1 });
    expect(numbers(countTests({ testResults: [file("passed")] }, 0))).toEqual({ passed: 0, failed: 1 });
  });
});

describe("counting a report of the rule tests", () => {
  const place = { file: "rules/a/b.test.yaml", line: 3, column: 5 };
  const good = { ...place, name: "fires", ok: true, failures: [] };
  const bad = { ...place, name: "quiet", ok: false, failures: [{ message: "a/b alerted." }] };

  test("counts each case, and tells place and reason of one that failed", () => {
    const counts = countRuleTests({ cases: [good, good, bad], problems: [] }, 1);
    expect(numbers(counts)).toEqual({ passed: 2, failed: 1 });
    expect(counts.findings).toEqual(["rules/a/b.test.yaml:3:5: quiet: failed. a/b alerted."]);
  });

  test("counts an error in a file as a failure, a warning not", () => {
    const problem = { ...place, message: "There is no test.", cure: "Write one." };
    const problems = [
      { ...problem, severity: "error" },
      { ...problem, severity: "warning" },
    ];
    const counts = countRuleTests({ cases: [good], problems }, 1);
    expect(numbers(counts)).toEqual({ passed: 1, failed: 1 });
    expect(counts.findings[0]).toBe("rules/a/b.test.yaml:3:5: There is no test. Write one.");
  });

  test("fails without cases, without a report, and when the command failed for no reason it tells", () => {
    expect(numbers(countRuleTests({ cases: [], problems: [] }, 0))).toEqual({ passed: 0, failed: 1 });
    expect(numbers(countRuleTests(undefined, 1))).toEqual({ passed: 0, failed: 1 });
    expect(numbers(countRuleTests({ cases: [good], problems: [] }, 2))).toEqual({ passed: 1, failed: 1 });
  });
});

describe("the sum", () => {
  test("adds up all checks", () => {
    const all = [
      countExit(0),
      countExit(1),
      countTests({ testResults: [file("passed", "passed", "passed")] }, 0),
    ];
    expect(numbers(total(all))).toEqual({ passed: 3, failed: 1 });
  });

  test("fails when no check was run", () => {
    expect(numbers(total([]))).toEqual({ passed: 0, failed: 1 });
  });
});
