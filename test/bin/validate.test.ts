import { rmSync } from "node:fs";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { validateReportSchema } from "../../lib/rule-tests/report-schema.ts";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

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
    expect(report).toMatchObject({ staged: 0, lists: 0, suppressions: 0 });
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

  describe("of a folder with a suppression that ends", () => {
    const files = {
      "ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
      "ec2.amazonaws.com/started.yaml": `${ruleFor("StartInstances")}\nmode: staged\n`,
      "_lists/office.yaml": "description: x\nkind: cidr\nvalues: [192.0.2.0/24]\n",
      "_suppressions/office.yaml":
        "rules: [ec2.amazonaws.com/*]\nconditions: { all: [{ fact: sourceIPAddress, operator: inList, value: office }] }\n" +
        "reason: Maintenance.\nowner: platform\nexpires: 2027-03-31\n",
    };
    const validate = async (now: number, ...args: string[]) => {
      const dir = makeFolder(files);
      onTestFinished(() => rmSync(dir, { recursive: true }));
      vi.useFakeTimers({ toFake: ["Date"], now });
      onTestFinished(() => void vi.useRealTimers());
      return runVerb(["validate", "--rules", dir, ...args]);
    };
    const after = Date.UTC(2027, 3, 1);

    it("says what is there, and nothing of the end while it is far", async () => {
      const { code, stdout, stderr } = await validate(Date.UTC(2027, 0, 1), "--strict");
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
      expect(stderr).toBe(
        "Good: 2 rules (1 staged), 0 shared conditions, 1 list, 1 suppression, 0 test files. Found: 0 errors, 0 warnings.\n",
      );
    });

    it("warns of it, and fails for that only with --strict", async () => {
      const { code, stdout, stderr } = await validate(after);
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /office\.yaml:5:10 warning: expires: The suppression expired on 2027-03-31: its matches alert again\. Delete it, or renew it\.\n$/,
      );
      expect(stderr).toContain("Found: 0 errors, 1 warning.");
      expect((await validate(after, "--strict")).code).toBe(1);
      expect((await validate(after, "--strict", "--format", "json")).code).toBe(1);
    });

    it("counts it in the document", async () => {
      const { stdout } = await validate(after, "--format", "json");
      const report = validateReportSchema.parse(JSON.parse(stdout));
      expect(report).toMatchObject({ rules: 2, staged: 1, lists: 1, suppressions: 1, warnings: 1 });
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
