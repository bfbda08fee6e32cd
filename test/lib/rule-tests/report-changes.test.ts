import { describe, expect, it } from "vitest";
import { formatReport } from "../../../lib/rule-tests/report-changes.ts";
import type { CaseResult, TestReport } from "../../../lib/rule-tests/report-schema.ts";

function caseOf(name: string, failure?: string, line = 2): CaseResult {
  const failures = failure === undefined ? [] : [{ message: failure }];
  return {
    rule: "kms.amazonaws.com/key",
    file: "rules/kms.amazonaws.com/key.test.yaml",
    line,
    column: 5,
    name,
    ok: failure === undefined,
    expected: [],
    fired: [],
    suppressed: [],
    delivered: true,
    failures,
  };
}

function reportOf(cases: CaseResult[], messages: string[] = [], line = 1): TestReport {
  const problems = messages.map((message) => ({
    file: "rules/x.yaml",
    line,
    column: 1,
    severity: "error" as const,
    message,
    cure: "Mend it.",
  }));
  const failed = cases.filter(({ ok }) => !ok).length;
  return { passed: cases.length - failed, failed, problems, cases };
}

describe("what a run of the tests has to say", () => {
  it("is, at first, every problem and every failing case", () => {
    const lines = formatReport(reportOf([caseOf("good"), caseOf("bad", "It alerts.")], ["It is empty."]));
    expect(lines).toEqual([
      "rules/x.yaml:1:1 It is empty. Mend it.",
      "rules/kms.amazonaws.com/key.test.yaml:2:5 bad\n  expected to alert: no rule\n  alerted: no rule\n  - It alerts.",
    ]);
  });

  it("is nothing when all is well, as it was", () => {
    const fine = reportOf([caseOf("good")]);
    expect(formatReport(fine)).toEqual([]);
    expect(formatReport(fine, fine)).toEqual([]);
  });

  it("is what changed: what passes now first, what fails anew last and in full", () => {
    const before = reportOf(
      [caseOf("a", "Old."), caseOf("b", "Old."), caseOf("c", "Old."), caseOf("d")],
      ["Old."],
    );
    const after = reportOf(
      [caseOf("a"), caseOf("b", "Old.", 9), caseOf("c", "Otherwise."), caseOf("d", "New.")],
      ["Old.", "New."],
      7,
    );
    const file = "rules/kms.amazonaws.com/key.test.yaml";
    expect(formatReport(after, before).map((text) => text.split("\n")[0])).toEqual([
      `passes now: ${file}:2:5 a`,
      "still there: rules/x.yaml:7:1 Old. Mend it.",
      `still fails: ${file}:9:5 b`,
      "rules/x.yaml:7:1 New. Mend it.",
      `${file}:2:5 c`,
      `${file}:2:5 d`,
    ]);
  });
});
