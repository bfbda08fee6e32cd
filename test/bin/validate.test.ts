import { describe, expect, it } from "vitest";
import { validateReportSchema } from "../../lib/rule-tests/report-schema.ts";
import { runVerb } from "./run-verb.ts";

const BAD = "test/fixtures/rules-bad";

describe("validate", () => {
  it("finds nothing wrong with the shipped rules", async () => {
    const { code, stdout, stderr } = await runVerb(["validate"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(
      /^\d+ rules, \d+ shared conditions and \d+ test files are good; 0 errors, 0 warnings\.\n$/,
    );
  });

  it("prints every problem of every file, one a line, and counts on stderr", async () => {
    const { code, stdout, stderr } = await runVerb(["validate", "--rules", BAD]);
    expect(stdout.split("\n")).toEqual([
      `${BAD}/ec2.amazonaws.com/misspelt.yaml:2:11 severity: "hihg" is none of info, low, medium, high, critical. Did you mean "high"?`,
      `${BAD}/ec2.amazonaws.com/misspelt.yaml:5:15 conditions.all[0].fact: No CloudTrail record has a field "eventNam" at its top. Did you mean "eventName"?`,
      `${BAD}/ec2.amazonaws.com/misspelt.yaml:8:14 conditions.all[1].value: "192.0.2.0" is no address range. Write e.g. 192.0.2.0/24 or 2001:db8::/32.`,
      `${BAD}/ec2.amazonaws.com/misspelt.yaml:9:18 conditions.all[2].condition: There is no shared condition "suceeded". Did you mean "succeeded"?`,
      `${BAD}/ec2.amazonaws.com/misspelt.yaml:10:1 sumary: "sumary" is no key here. Did you mean "summary"?`,
      `${BAD}/iam.amazonaws.com/not-yaml.yaml:1:7 There is a second ": " on this line. Put the value in quotes if it is text that contains ": ".`,
      `${BAD}/s3:1:1 "s3" is no eventSource. Rename the folder to s3.amazonaws.com.`,
      "",
    ]);
    expect(stderr).toBe("1 rules, 1 shared conditions and 1 test files are good; 7 errors, 0 warnings.\n");
    expect(code).toBe(1);
  });

  it("prints one document of the published shape as JSON", async () => {
    const { code, stdout } = await runVerb(["validate", "--rules", BAD, "--format", "json"]);
    const report = validateReportSchema.parse(JSON.parse(stdout));
    expect(code).toBe(1);
    expect(report).toMatchObject({ rules: 1, conditions: 1, tests: 1, errors: 7, warnings: 0 });
    expect(report.problems[0]).toEqual({
      file: `${BAD}/ec2.amazonaws.com/misspelt.yaml`,
      line: 2,
      column: 11,
      severity: "error",
      field: "severity",
      message: '"hihg" is none of info, low, medium, high, critical.',
      cure: 'Did you mean "high"?',
    });
  });

  it.each([
    [["--format", "xml"], "--format takes text, json"],
    [["--rule", "x"], 'Did you mean "rules"?'],
    [["rules"], 'takes no "rules"'],
    [["--rules", "test/fixtures/nowhere"], 'There is no folder "test/fixtures/nowhere".'],
  ])("refuses wrong use: %j", async (args, advice) => {
    const { code, stdout, stderr } = await runVerb(["validate", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(advice);
  });
});
