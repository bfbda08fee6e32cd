import { describe, expect, it } from "vitest";
import { testReportSchema } from "../../lib/rule-tests/report-schema.ts";
import { runVerb } from "./run-verb.ts";

const BAD = "test/fixtures/rules-bad";

describe("test", () => {
  it("prints each problem and each failing case with its cause, and counts on stderr", async () => {
    const { code, stdout, stderr } = await runVerb(["test", "--rules", BAD]);
    expect(stdout).toContain(`${BAD}/s3:1:1 "s3" is no eventSource.`);
    expect(
      stdout,
    ).toContain(`${BAD}/ec2.amazonaws.com/good.test.yaml:6:11 quiet when it is only described, and wrongly says that this is delivered
  expected to alert: no rule
  alerted: no rule
  - delivered: true was expected, but the event pattern of ec2.amazonaws.com/good stops this record.
`);
    expect(stdout).not.toContain("fires when an instance is started");
    expect(stderr).toBe("1 passed, 1 failed; 7 problems in files.\n");
    expect(code).toBe(1);
  });

  it("prints one document of the published shape as JSON", async () => {
    const { code, stdout } = await runVerb(["test", "--rules", BAD, "--format", "json"]);
    const report = testReportSchema.parse(JSON.parse(stdout));
    expect(code).toBe(1);
    expect(report).toMatchObject({ passed: 1, failed: 1 });
    expect(report.cases.map(({ rule, ok, fired, delivered }) => ({ rule, ok, fired, delivered }))).toEqual([
      { rule: "ec2.amazonaws.com/good", ok: true, fired: ["ec2.amazonaws.com/good"], delivered: true },
      { rule: "ec2.amazonaws.com/good", ok: false, fired: [], delivered: false },
    ]);
  });

  it.each([
    ["an id", "ec2.amazonaws.com/security-group-opened", 1],
    ["a rule file", "rules/ec2.amazonaws.com/security-group-opened.yaml", 1],
    ["a test file", "rules/ec2.amazonaws.com/security-group-opened.test.yaml", 1],
    ["a folder", "rules/iam.amazonaws.com/", 2],
    ["an eventSource", "iam.amazonaws.com", 2],
  ])("runs the tests that %s means", async (_, path, atLeast) => {
    const { code, stdout } = await runVerb(["test", path, "--format", "json"]);
    const { cases } = testReportSchema.parse(JSON.parse(stdout));
    const rules = [...new Set(cases.map(({ rule }) => rule))];
    expect(code).toBe(0);
    expect(rules.length).toBeGreaterThanOrEqual(atLeast);
    expect(
      rules.filter((rule) => !path.replace("rules/", "").startsWith(rule.split("/", 1)[0] ?? "")),
    ).toEqual([]);
  });

  it.each([
    [
      ["ec2.amazonaws.com/security-group-openned"],
      'There is no good rule "ec2.amazonaws.com/security-group-openned" in rules. Did you mean "ec2.amazonaws.com/security-group-opened"?',
    ],
    [["ec2"], "Give the id of a rule, a rule file or a folder of rules."],
    [["--format", "junit"], "--format takes text, json"],
    [["--rules", "test/fixtures/nowhere"], 'There is no folder "test/fixtures/nowhere".'],
  ])("refuses wrong use: %j", async (args, advice) => {
    const { code, stdout, stderr } = await runVerb(["test", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(advice);
  });
});
