import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { formatProblem, loadRules } from "../../../lambda/loader/load-rules.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { subjectOfCall, subjectOfRecord } from "../../../lib/scaffold/draft.ts";
import { type Scaffold, scaffoldRule } from "../../../lib/scaffold/scaffold.ts";
import { targetOf, type Target } from "../../../lib/scaffold/target.ts";
import { runRuleTests } from "../../../lib/rule-tests/run-tests.ts";
import { makeRecord } from "../../properties/record-generator.ts";
import { ruleSetArbitrary, SOURCE } from "../../properties/rule-arbitrary.ts";

const RUNS = 300;

const DENIED = `name: Call denied
severity: low
conditions: { all: [ { fact: outcome, operator: equal, value: denied } ] }
`;
const SUCCEEDED = "conditions: { fact: errorCode, operator: exists, value: false }\n";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A rules folder with a rule that overlaps, and with or without the shared condition `succeeded`. */
function rulesFolder(withShared: boolean): string {
  const dir = mkdtempSync(join(tmpdir(), "engine-scaffold-"));
  folders.push(dir);
  mkdirSync(join(dir, "_global"));
  writeFileSync(join(dir, "_global/denied.yaml"), DENIED);
  if (withShared) {
    mkdirSync(join(dir, "_conditions"));
    writeFileSync(join(dir, "_conditions/succeeded.yaml"), SUCCEEDED);
  }
  return dir;
}

function target(id: string, dir: string): Target {
  const found = targetOf(id, dir);
  if ("problem" in found) throw new Error(found.problem);
  return found;
}

/** Puts a scaffold into its folder and gives what `validate` and `test` find there. */
async function tryOut({ id, ruleFile, testFile }: Target, dir: string, made: Scaffold, ruleText: string) {
  mkdirSync(join(ruleFile, ".."), { recursive: true });
  writeFileSync(ruleFile, ruleText);
  writeFileSync(testFile, made.testText);
  const loaded = loadRules(dir);
  const report = await runRuleTests(loaded, { dir, only: new Set([id]) });
  const problems = report.problems.filter(({ file }) => file === ruleFile || file === testFile);
  const failures = report.cases.flatMap(({ name, failures: reasons }) =>
    reasons.map(({ message }) => `${name}: ${message}`),
  );
  return { problems: problems.map(formatProblem), failures, passed: report.passed };
}

const uncommented = (text: string): string => text.replace(/^( *)# (- \{ )/gm, "$1$2");

const hostileText = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    "a\nb: c",
    "- x",
    "# y",
    "{{actor.name}}",
    "__proto__",
    "ReplaceMe",
    "true",
    "12",
    "null",
    "~",
    " a ",
    "&a *b",
    "!!js/function x",
    "%YAML",
    "@x",
    "\u2028\u0085\r",
    "\u202eabc",
    "GetThings",
    "UpdateExample",
    "AnotherCall",
    "x".repeat(3_000),
  ),
);
const generated = fc
  .tuple(ruleSetArbitrary, fc.integer({ min: 0, max: 2 ** 31 - 1 }))
  .map(([ruleSet, seed]): CloudTrailRecord => makeRecord(ruleSet, seed));
const hostile: fc.Arbitrary<CloudTrailRecord> = fc.record(
  {
    eventSource: fc.constant(SOURCE),
    eventName: hostileText,
    requestParameters: fc.dictionary(hostileText, fc.oneof(fc.jsonValue(), hostileText), { maxKeys: 6 }),
    userIdentity: fc.record({ type: hostileText, userName: hostileText, invokedBy: hostileText }),
    readOnly: fc.boolean(),
    errorCode: hostileText,
    responseElements: fc.dictionary(hostileText, fc.constantFrom("Failure", "Success")),
    sourceIPAddress: hostileText,
    sessionCredentialFromConsole: fc.constantFrom("true", "false"),
  },
  { requiredKeys: ["eventSource", "eventName"] },
);

describe("scaffoldRule", () => {
  it(`makes files that load and pass from any record, also with all suggestions taken (${RUNS} records)`, {
    timeout: 120_000,
  }, async () => {
    let suggested = 0;
    const property = fc.asyncProperty(
      fc.oneof(generated, hostile),
      fc.boolean(),
      fc.boolean(),
      async (record, everySource, withShared) => {
        // Records are read from JSON, which has no undefined.
        const reading = readEnvelope(JSON.parse(JSON.stringify(record)));
        fc.pre(reading.ok);
        const source = reading.record.eventSource;
        const dir = rulesFolder(withShared);
        const place = target(`${everySource ? "_global" : source}/made-from-record`, dir);
        const subject = subjectOfRecord(reading.record, place.eventSource);
        const made = await scaffoldRule({ target: place, severity: "low", subject }, loadRules(dir).ruleSet);
        if (made === undefined) throw new Error("no scaffold");
        const placeholder = record.eventName === "ReplaceMe" ? 1 : 0;
        const first = await tryOut(place, dir, made, made.ruleText);
        expect(first).toMatchObject({ failures: [], passed: 2 });
        expect(first.problems).toHaveLength(placeholder);
        const narrowed = uncommented(made.ruleText);
        if (narrowed !== made.ruleText) suggested += 1;
        const second = await tryOut(place, dir, made, narrowed);
        expect(second).toMatchObject({ failures: [], passed: 2 });
        expect(second.problems).toHaveLength(placeholder);
      },
    );
    await fc.assert(property, { numRuns: RUNS });
    expect(suggested).toBeGreaterThan(RUNS / 2);
  });

  it("names every rule that fires, in the firing case and in the quiet one", async () => {
    const dir = rulesFolder(true);
    const place = target("iam.amazonaws.com/user-refused", dir);
    const record = { eventSource: "iam.amazonaws.com", eventName: "CreateUser", errorCode: "AccessDenied" };
    const subject = subjectOfRecord(record, place.eventSource);
    const made = await scaffoldRule({ target: place, severity: "high", subject }, loadRules(dir).ruleSet);
    expect(made?.overlaps).toEqual(["_global/denied"]);
    expect(made?.testText).toContain("fires: [iam.amazonaws.com/user-refused, _global/denied]");
    expect(made?.ruleText).toContain("{ fact: outcome, operator: equal, value: denied }");
  });

  it("takes the shared condition succeeded only where there is one", async () => {
    const record = { eventSource: "iam.amazonaws.com", eventName: "CreateUser" };
    const texts = await Promise.all(
      [true, false].map(async (withShared) => {
        const dir = rulesFolder(withShared);
        const place = target("iam.amazonaws.com/user-made", dir);
        const subject = subjectOfRecord(record, place.eventSource);
        return scaffoldRule({ target: place, severity: "low", subject }, loadRules(dir).ruleSet);
      }),
    );
    expect(texts[0]?.ruleText).toContain("- condition: succeeded");
    expect(texts[1]?.ruleText).toContain("- { fact: outcome, operator: equal, value: success }");
  });

  it("knows that a failed sign-in has no errorCode", async () => {
    const dir = rulesFolder(true);
    const place = target("signin.amazonaws.com/signed-in", dir);
    const subject = subjectOfCall("ConsoleLogin", place.eventSource);
    const made = await scaffoldRule({ target: place, severity: "low", subject }, loadRules(dir).ruleSet);
    expect(made?.ruleText).toContain("- { fact: outcome, operator: equal, value: success }");
    expect(made?.testText).toContain("ConsoleLogin: Failure");
  });

  it("lets a rule about a read see its reads", async () => {
    const dir = rulesFolder(true);
    const place = target("ec2.amazonaws.com/password-read", dir);
    const subject = subjectOfRecord(
      { eventSource: "ec2.amazonaws.com", eventName: "GetPasswordData", readOnly: true },
      place.eventSource,
    );
    const made = await scaffoldRule({ target: place, severity: "low", subject }, loadRules(dir).ruleSet);
    expect(made?.testText).toContain("readOnly: true");
  });
});
