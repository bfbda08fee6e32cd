import { describe, expect, it } from "vitest";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import { formatFailure } from "../../../lib/rule-tests/format.ts";
import type { TestReport } from "../../../lib/rule-tests/report-schema.ts";
import { testReportSchema } from "../../../lib/rule-tests/report-schema.ts";
import { runRuleTests } from "../../../lib/rule-tests/run-tests.ts";
import { rule, rulesDir } from "../../lambda/loader/rules-dir.ts";

const KEY = `all:
  - { fact: eventName, operator: equal, value: DisableKey }
  - { fact: errorCode, operator: exists, value: false }`;
const BOTH =
  "  - { name: fires, record: { eventName: DisableKey }, fires: [kms.amazonaws.com/key] }\n  - { name: quiet, fires: [] }\n";

async function run(
  files: Record<string, string>,
  only?: string,
): Promise<TestReport & { dir: string; failures: string[] }> {
  const dir = rulesDir(files);
  const report = await runRuleTests(loadRules(dir), {
    dir,
    ...(only === undefined ? {} : { only: new Set([only]) }),
  });
  expect(testReportSchema.safeParse(report).error).toBeUndefined();
  const failures = report.cases
    .filter(({ ok }) => !ok)
    .map((result) => formatFailure(result).replaceAll(`${dir}/`, ""));
  return { ...report, dir, failures };
}

const withCase = (text: string): Record<string, string> => ({
  "kms.amazonaws.com/key.yaml": rule(KEY),
  "kms.amazonaws.com/key.test.yaml": `cases:\n${BOTH}${text}`,
});

describe("runRuleTests", () => {
  it("passes cases that fire exactly what they say", async () => {
    const report = await run(withCase(""));
    expect(report).toMatchObject({ passed: 2, failed: 0, problems: [] });
    expect(report.cases.map(({ name, fired, delivered }) => [name, fired, delivered])).toEqual([
      ["fires", ["kms.amazonaws.com/key"], true],
      ["quiet", [], false],
    ]);
  });

  it("shows the conditions that kept a rule from firing, with what they saw and what would have had to differ", async () => {
    const { failures } = await run(
      withCase(
        "  - name: denied\n    record: { eventName: DisableKey, errorCode: AccessDenied }\n    fires: [kms.amazonaws.com/key]\n",
      ),
    );
    expect(failures).toEqual([
      `kms.amazonaws.com/key.test.yaml:4:11 denied
  expected to alert: kms.amazonaws.com/key
  alerted: no rule
  - kms.amazonaws.com/key should alert and does not.
      ✗ all
        ✓ eventName equal "DisableKey" — saw "DisableKey"
    →   ✗ errorCode exists false — saw "AccessDenied"; would hold without errorCode`,
    ]);
  });

  it("shows what held when a rule fires that should not, be it of another file", async () => {
    const { failures } = await run({
      ...withCase(""),
      "_global/any-key.yaml": rule('not: { fact: eventName, operator: "not:startsWith", value: Disable }'),
      "_global/any-key.test.yaml":
        "cases:\n  - { name: fires, record: { eventName: DisableX }, fires: [_global/any-key] }\n  - { name: quiet, fires: [] }\n",
    });
    expect(failures).toEqual([
      `kms.amazonaws.com/key.test.yaml:2:13 fires
  expected to alert: kms.amazonaws.com/key
  alerted: _global/any-key, kms.amazonaws.com/key
  - _global/any-key alerts and should not.
      ✓ not
    →   ✗ eventName not:startsWith "Disable" — saw "DisableKey"; would hold if it does not begin with "Disable"`,
    ]);
  });

  it("shows the trees of the first rules that differ only: a record that fires twenty says enough with a few", async () => {
    const others = Array.from({ length: 6 }, (_, at) => [
      [
        `_global/any-${at}.yaml`,
        rule("all: [{ fact: eventName, operator: equal, value: DisableKey }]"),
      ] as const,
    ]).flat();
    const { failures, cases } = await run(
      { ...withCase(""), ...Object.fromEntries(others) },
      "kms.amazonaws.com/key",
    );
    expect(failures.join().match(/alerts and should not\.\n/g)).toHaveLength(5);
    expect(failures.join().match(/✓ all/g)).toHaveLength(4);
    expect(cases[0]?.failures.filter(({ explanation }) => explanation !== undefined)).toHaveLength(6);
  });

  it("fails a case that expects another delivery than the rule's own event pattern makes", async () => {
    const { failures } = await run(
      withCase(
        "  - { name: other call, record: { eventName: EnableKey }, fires: [], delivered: true }\n  - { name: denied, record: { eventName: DisableKey, errorCode: X }, fires: [], delivered: false }\n",
      ),
    );
    expect(failures).toEqual([
      expect.stringContaining(
        "delivered: true was expected, but the event pattern of kms.amazonaws.com/key stops this record.",
      ),
    ]);
  });

  it("judges delivery by the state of the event rule too", async () => {
    const report = await run({
      "kms.amazonaws.com/decrypt.yaml": rule("all: [{ fact: readOnly, operator: equal, value: false }]"),
      "kms.amazonaws.com/decrypt.test.yaml":
        "cases:\n  - { name: fires, fires: [kms.amazonaws.com/decrypt], delivered: true }\n  - { name: read, record: { readOnly: true, eventName: DescribeKey }, fires: [], delivered: false }\n",
    });
    expect(report.failed).toBe(0);
  });

  it("says why a rule of another eventSource cannot fire, and that an unreadable record is none", async () => {
    const { failures } = await run(
      withCase(`  - { name: elsewhere, record: { eventSource: s3.amazonaws.com, eventName: DisableKey }, fires: [kms.amazonaws.com/key] }
  - { name: unreadable, record: { eventName: [] }, fires: [] }
  - { name: typo, remove: [userIdentity.sesion], fires: [] }
`),
    );
    expect(failures).toEqual([
      expect.stringContaining("only tried on records of kms.amazonaws.com; this one is of s3.amazonaws.com."),
      expect.stringContaining(
        "The engine cannot read this record: a CloudTrail record needs the text field eventName, got a list.",
      ),
      expect.stringContaining("The base record has no userIdentity.sesion to remove"),
    ]);
  });

  it("shows comparisons with other facts by the values of both", async () => {
    const { failures } = await run({
      "iam.amazonaws.com/self.yaml": rule(
        "all: [{ fact: requestParameters.userName, operator: equal, value: { fact: actor.name } }]",
      ),
      "iam.amazonaws.com/self.test.yaml":
        "cases:\n  - { name: fires, record: { requestParameters: { userName: eve } }, fires: [iam.amazonaws.com/self] }\n  - { name: quiet, fires: [] }\n",
    });
    expect(failures).toEqual([
      expect.stringMatching(
        /requestParameters\.userName equal actor\.name \(".*ada.*"\) — saw "eve"; would hold if /,
      ),
    ]);
  });

  it("finds rules without a test file, without a firing and without a quiet case", async () => {
    const { problems, dir } = await run({
      "kms.amazonaws.com/a.yaml": rule(KEY),
      "kms.amazonaws.com/b.yaml": rule("all: [{ fact: eventName, operator: equal, value: B }]"),
      "kms.amazonaws.com/b.test.yaml": "cases:\n  - { name: quiet, fires: [] }\n",
      "kms.amazonaws.com/c.yaml": rule("all: [{ fact: eventName, operator: equal, value: C }]"),
      "kms.amazonaws.com/c.test.yaml":
        "cases:\n  - { name: fires, record: { eventName: C }, fires: [kms.amazonaws.com/c] }\n",
      "kms.amazonaws.com/d.yaml": rule("all: [{ fact: eventName, operator: equal, value: D }]"),
      "kms.amazonaws.com/d.test.yaml": "cases: nothing\n",
    });
    const found = problems.map(
      ({ file, message }) => `${file.replace(`${dir}/kms.amazonaws.com/`, "")}: ${message}`,
    );
    expect(found).toEqual([
      'd.test.yaml: "nothing" is text, expected a list.',
      "a.test.yaml: This rule has no test file.",
      "b.test.yaml: No case fires kms.amazonaws.com/b.",
      "c.test.yaml: kms.amazonaws.com/c is quiet in no case.",
    ]);
  });

  it("runs only what was asked for", async () => {
    const files = {
      ...withCase(""),
      "kms.amazonaws.com/untested.yaml": rule("all: [{ fact: eventName, operator: equal, value: B }]"),
    };
    expect(await run(files, "kms.amazonaws.com/key")).toMatchObject({ passed: 2, failed: 0, problems: [] });
    expect(await run(files, "kms.amazonaws.com/untested")).toMatchObject({
      passed: 0,
      failed: 0,
      problems: [{ message: "This rule has no test file." }],
    });
  });

  it("runs the tests of good rules beside bad ones", async () => {
    const report = await run({ ...withCase(""), "kms.amazonaws.com/bad.yaml": "name: x\n" });
    expect(report.passed).toBe(2);
    expect(report.problems.map(({ field }) => field)).toEqual(["severity", "conditions"]);
  });
});

const SUPPRESSION = `rules: ["kms.amazonaws.com/*"]
conditions: { all: [{ fact: userIdentity.accountId, operator: equal, value: "111122223333" }] }
reason: A scratch account.
owner: platform
expires: 2020-01-31
`;
const inScratch = (more: string): string =>
  `  - { name: scratch, record: { eventName: DisableKey, userIdentity: { accountId: "111122223333" } }, fires: [kms.amazonaws.com/key]${more} }\n`;

const withSuppression = (text: string): Record<string, string> => ({
  ...withCase(text),
  "_suppressions/scratch.yaml": SUPPRESSION,
});

describe("runRuleTests, with suppressions and staged rules", () => {
  it("takes a suppressed rule for one that fires, unless the case says which are suppressed", async () => {
    const report = await run(
      withSuppression(
        inScratch("") + inScratch(", suppressed: [kms.amazonaws.com/key]").replace("scratch", "s2"),
      ),
    );
    expect(report.failures).toEqual([]);
    expect(report.cases.map(({ suppressed }) => suppressed)).toEqual([
      [],
      [],
      ["kms.amazonaws.com/key"],
      ["kms.amazonaws.com/key"],
    ]);
  });

  it("takes a suppression that has expired for one that holds: a calendar must not break a build", async () => {
    const { failures } = await run(withSuppression(inScratch(", suppressed: [kms.amazonaws.com/key]")));
    expect(failures).toEqual([]);
  });

  it("shows why a suppression holds that should not", async () => {
    const { failures } = await run(withSuppression(inScratch(", suppressed: []")));
    expect(failures).toEqual([
      expect.stringContaining(`  - kms.amazonaws.com/key is suppressed by scratch and should not be.
      ✓ all
    →   ✓ userIdentity.accountId equal "111122223333" — saw "111122223333"; would not hold`),
    ]);
  });

  it("shows why a suppression does not hold that should", async () => {
    const elsewhere = inScratch(", suppressed: [kms.amazonaws.com/key]").replace(
      'accountId: "111122223333"',
      "type: Root",
    );
    expect((await run(withSuppression(elsewhere))).failures).toEqual([
      expect.stringContaining(`  - kms.amazonaws.com/key should be suppressed and is not: scratch does not hold.
      ✗ all
    →   ✗ userIdentity.accountId equal "111122223333" — saw "123456789012"; would hold`),
    ]);
    expect((await run(withCase(elsewhere))).failures).toEqual([
      expect.stringContaining("should be suppressed and is not: no suppression names it."),
    ]);
  });

  it("takes a staged rule for one that fires, and one that no suppression can quieten", async () => {
    const staged = { "kms.amazonaws.com/key.yaml": `mode: staged\n${rule(KEY)}` };
    expect((await run({ ...withSuppression(""), ...staged })).failures).toEqual([]);
    const { failures } = await run({
      ...withSuppression(inScratch(", suppressed: [kms.amazonaws.com/key]")),
      ...staged,
    });
    expect(failures).toEqual([
      expect.stringContaining("is not: it is staged, and what goes nowhere needs no suppression."),
    ]);
  });
});
