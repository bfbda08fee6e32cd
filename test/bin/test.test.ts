import { rmSync, writeFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { dispatch } from "../../bin/dispatch.ts";
import { testReportSchema } from "../../lib/rule-tests/report-schema.ts";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

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
    [["user-created"], 'Did you mean "iam.amazonaws.com/user-created"?'],
    [["user-created.test.yaml"], 'Did you mean "iam.amazonaws.com/user-created"?'],
    [["security-group-openned"], 'Did you mean "ec2.amazonaws.com/security-group-opened"?'],
    [["nosuch"], "Give the id of a rule, a rule file or a folder of rules."],
    [["ec2"], "Give the id of a rule, a rule file or a folder of rules."],
    [["--format", "junit"], "--format takes text, json"],
    [["--rules", "test/fixtures/nowhere"], 'There is no folder "test/fixtures/nowhere".'],
  ])("refuses wrong use: %j", async (args, advice) => {
    const { code, stdout, stderr } = await runVerb(["test", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(advice);
  });
});

const TEST_FILE = "kms.amazonaws.com/key.test.yaml";
const GOOD =
  "cases:\n  - { name: fires, record: { eventName: DisableKey }, fires: [kms.amazonaws.com/key] }\n  - { name: quiet, fires: [] }\n";

/** A run of `test --watch`: what it says, and a way to wait for it to say something. */
function watching(args: readonly string[] = []) {
  const dir = makeFolder({ "kms.amazonaws.com/key.yaml": ruleFor("DisableKey"), [TEST_FILE]: GOOD });
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const stopping = new AbortController();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let text = "";
  const read = (chunk: unknown): void => {
    text += String(chunk);
  };
  stdout.on("data", read);
  stderr.on("data", read);
  const exit = dispatch(["test", "--watch", "--rules", dir, ...args], {
    stdin: Readable.from([]),
    stdout,
    stderr,
    signal: stopping.signal,
  });
  /** Waits until something has been said, and gives all that was said since the last time. */
  async function until(words: string): Promise<string> {
    while (!text.includes(words)) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          stdout.off("data", done);
          stderr.off("data", done);
          resolve();
        };
        stdout.on("data", done);
        stderr.on("data", done);
      });
    }
    const said = text.replaceAll(`${dir}/`, "");
    text = "";
    return said;
  }
  return {
    until,
    write: (file: string, content: string): void => writeFileSync(`${dir}/${file}`, content),
    stop: (): Promise<number> => {
      stopping.abort();
      return exit;
    },
  };
}

describe("test --watch", () => {
  it("tests again at every change, says what that changed, and exits like the last run", async () => {
    const { until, write, stop } = watching();
    expect(await until("Ctrl-C ends")).toMatch(
      /^2 passed, 0 failed; 0 problems in files\. Watching .*: Ctrl-C ends\.\n$/,
    );

    write(TEST_FILE, GOOD.replace("name: quiet, fires: []", "name: quiet, fires: [kms.amazonaws.com/key]"));
    const failing = await until("passed");
    expect(failing).toContain(`changed: ${TEST_FILE}\n`);
    expect(failing).toContain('✗ eventName equal "DisableKey" — saw "UpdateExample"');
    expect(failing).toContain("\n1 passed, 1 failed; 1 problem in files.\n");

    write("kms.amazonaws.com/key.yaml", ruleFor("DisableKey", "description: the same in other words"));
    const same = await until("passed");
    expect(same).toContain(`still fails: ${TEST_FILE}:3:`);
    expect(same).not.toContain("✗");

    write(TEST_FILE, GOOD);
    expect(await until("passed")).toContain(`passes now: ${TEST_FILE}:3:`);
    expect(await stop()).toBe(0);
  });

  it("goes on through a file that is broken for a while", async () => {
    const { until, write, stop } = watching();
    await until("Ctrl-C ends");
    write("kms.amazonaws.com/key.yaml", "name: [");
    expect(await until("in files.")).toMatch(/^kms\.amazonaws\.com\/key\.yaml:\d/m);
    write("kms.amazonaws.com/key.yaml", ruleFor("DisableKey"));
    expect(await until("in files.")).toContain("2 passed, 0 failed; 0 problems in files.");
    write("kms.amazonaws.com/key.yaml", ruleFor("EnableKey"));
    await until("1 failed");
    expect(await stop()).toBe(1);
  });

  it("waits for what was asked for to come back when it is deleted, but not when it never was there", async () => {
    const { until, write, stop } = watching(["kms.amazonaws.com/key"]);
    await until("Ctrl-C ends");
    write(TEST_FILE, "cases: [");
    write("kms.amazonaws.com/key.yaml", "name: [");
    expect(await until("no good rule")).toContain('There is no good rule "kms.amazonaws.com/key"');
    write("kms.amazonaws.com/key.yaml", ruleFor("DisableKey"));
    write(TEST_FILE, GOOD);
    await until("2 passed, 0 failed; 0 problems");
    expect(await stop()).toBe(0);
    const never = watching(["kms.amazonaws.com/kye"]);
    expect(await never.until("--help")).toContain('Did you mean "kms.amazonaws.com/key"?');
    expect(await never.stop()).toBe(2);
  });

  it.each([
    [["--watch", "--format", "json"], "--watch shows people what changed: leave out --format json."],
    [["--watch", "--rules", "test/fixtures/nowhere"], 'There is no folder "test/fixtures/nowhere".'],
  ])("refuses wrong use: %j", async (args, advice) => {
    const { code, stdout, stderr } = await runVerb(["test", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(advice);
  });
});
