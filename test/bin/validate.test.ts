import { rmSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { validateReportSchema } from "../../lib/rule-tests/report-schema.ts";
import { makeFolder, runVerb } from "./run-verb.ts";

const BAD = "test/fixtures/rules-bad";

describe("validate", () => {
  it("finds nothing wrong with the shipped rules", async () => {
    const { code, stdout, stderr } = await runVerb(["validate"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(
      /^Good: \d+ rules, \d+ shared conditions?, \d+ test files\. Found: 0 errors, 0 warnings\.\n$/,
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
    expect(stderr).toBe("Good: 1 rule, 1 shared condition, 1 test file. Found: 7 errors, 0 warnings.\n");
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

  it("finds that a folder holds no rule", async () => {
    const dir = makeFolder({ "README.md": "Rules will be here." });
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const { code, stdout, stderr } = await runVerb(["validate", "--rules", dir]);
    expect(code).toBe(1);
    expect(stdout).toBe(
      `${dir}:1:1 There are no rule files in this folder. Write one, e.g. ec2.amazonaws.com/security-group-opened.yaml, or name another folder.\n`,
    );
    expect(stderr).toContain("Found: 1 error, 0 warnings.");
    expect((await runVerb(["test", "--rules", dir])).code).toBe(1);
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
