import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { compareSchema } from "../../lib/replay/compare-schema.ts";
import { repositoryOnPath, temporaryFolder } from "../lib/replay/git-on-path.ts";
import { sampleRecord } from "../lib/replay/sample-record.ts";
import { makeFolder, type Run, ruleFor, runVerb } from "./run-verb.ts";

/** No test needs git: a stand-in on the PATH answers for a repository of two revisions. */
let folder = "";
const line = (number: number, fields: Record<string, unknown> = {}): string =>
  JSON.stringify(sampleRecord(number, fields));

const NOW = {
  "rules/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances").replace("low", "high"),
  "rules/ec2.amazonaws.com/started.yaml": ruleFor("StartInstances"),
  "rules/ec2.amazonaws.com/described.yaml": ruleFor("DescribeInstances"),
};
const THEN = {
  "rules/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
  "rules/ec2.amazonaws.com/rebooted.yaml": ruleFor("RebootInstances"),
  "rules/ec2.amazonaws.com/described.yaml": ruleFor("DescribeInstances"),
};
/** Names too long for one event pattern. */
const CALLS = Array.from({ length: 150 }, (_, number) => `DescribeTheThingWithALongName${number}`);
const WIDE = {
  "rules/ec2.amazonaws.com/wide.yaml": ruleFor("StopInstances").replace(
    "operator: equal, value: StopInstances",
    `operator: in, value: [${CALLS.join(", ")}]`,
  ),
};
const OLDER = { ...THEN, "rules/ec2.amazonaws.com/started.yaml": "name: [" };

beforeAll(() => {
  folder = makeFolder({
    ...NOW,
    "records/day.ndjson": [
      line(1),
      line(2, { eventName: "StartInstances" }),
      line(3, { eventName: "RebootInstances" }),
      line(4, { eventName: "DescribeInstances", readOnly: true }),
      line(5, { eventName: "Other" }),
    ].join("\n"),
    "records/broken.ndjson": `${line(1)}\n{"eventName":\n`,
  });
});
beforeEach(() => {
  repositoryOnPath({
    top: folder,
    revisions: { main: THEN, older: OLDER, wide: WIDE, empty: { "README.md": "x" } },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const replay = (...more: string[]): Promise<Run> =>
  runVerb(["replay", join(folder, "records/day.ndjson"), "--rules", join(folder, "rules"), ...more]);
const report = ({ stdout }: Run) => compareSchema.parse(JSON.parse(stdout));

describe("replay --compare", () => {
  it("says which alerts appear, disappear and change between a revision's rules and the working tree's", async () => {
    const { code, stdout, stderr } = await replay("--compare", "main");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(
      /^From main \([0-9a-f]{10}\) to the working tree: 1 alert appears, 1 disappears, 1 changes, 1 stays the same\.$/,
    );
    expect(lines[1]).toContain(": 3 delivered before, 3 after.");
    expect(lines.filter((text) => /^ +[-+~] /.test(text))).toEqual([
      expect.stringContaining("    - 2026-11-02T09:00:00.000Z  "),
      expect.stringMatching(/ {4}~ .*\[severity: low -> high\]$/),
      expect.stringContaining("    + 2026-11-02T09:00:00.000Z  "),
    ]);
    expect(stderr).toContain(
      "With the rules of the working tree:\n5 records read, 3 delivered, 3 alerts on 3 records.",
    );
  });

  it("prints one document that follows its published schema, or Markdown", async () => {
    const read = report(await replay("--compare", "main", "--format", "json"));
    expect(read.total).toMatchObject({ before: 3, after: 3, appear: 1, disappear: 1, change: 1, same: 1 });
    expect(read.rules).toMatchObject({
      added: ["ec2.amazonaws.com/started"],
      removed: ["ec2.amazonaws.com/rebooted"],
    });
    expect(read).toMatchObject({
      revision: { name: "main", problems: [] },
      patterns: true,
      counted: ["delivered"],
    });
    const markdown = await replay("--compare", "main", "--format", "markdown");
    expect(markdown.stdout).toMatch(/^## Alerts: `main` → working tree\n\n\*\*1 alert appears, 1 disappears/);
  });

  it("goes on with the good rules of a revision that has bad ones, names these, and exits 1", async () => {
    const run = await replay("--compare", "older", "--format", "json");
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^older:rules\/ec2\.amazonaws\.com\/started\.yaml:1:8 /m);
    const read = report(run);
    expect(read.revision.unread).toEqual(["ec2.amazonaws.com/started"]);
    expect(read.total).toMatchObject({ appear: 0, uncompared: 1, disappear: 1 });
  });

  it("reads stdin once for both sides", async () => {
    const args = ["replay", "-", "--rules", join(folder, "rules"), "--compare", "main", "--format", "json"];
    const read = report(await runVerb(args, `${line(1)}\n${line(2)}\n`));
    expect(read).toMatchObject({ records: { read: 2 }, total: { change: 2 } });
  });

  it("skips both sides' event patterns on demand", async () => {
    const read = report(await replay("--compare", "main", "--format", "json", "--all"));
    expect(read.records.delivered).toEqual({ before: 5, after: 5 });
  });

  it("exits 1 when something could not be read, which it names once", async () => {
    const broken = join(folder, "records/broken.ndjson");
    const run = await replay(broken, "--compare", "main", "--format", "json");
    expect(run.code).toBe(1);
    expect(run.stderr.match(/broken\.ndjson:2:1: /g)).toHaveLength(1);
  });

  it("compares nothing when a rule of the working tree is bad", async () => {
    const bad = makeFolder({ "ec2.amazonaws.com/x.yaml": "name: [" });
    const run = await runVerb(["replay", "-", "--rules", bad, "--compare", "main"]);
    rmSync(bad, { recursive: true });
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("Nothing was done");
  });

  it.each([
    [["--compare", "nope"], 'There is no revision "nope" in the repository of the rules folder.'],
    [["--compare=--output=x"], '"--output=x" is no git revision'],
    [["--compare="], '"" is no git revision'],
    [["--compare", "empty"], 'There is no folder "rules" at "empty".'],
    [["--compare", "main", "--format", "ndjson"], "--compare prints text, json or markdown"],
    [["--compare", "main", "--examples", "0"], "--examples takes a whole number of at least 1"],
    [["--compare", "main", "--examples", "101"], "--examples takes at most 100"],
    [["--compare", "wide", "--budget", "1"], "With the rules at wide: These 1 rules need"],
  ])("refuses %j, with the cure", async (args, words) => {
    const { code, stdout, stderr } = await replay(...args);
    expect(stdout).toBe("");
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });

  it("says that there is no git, or that the folder is in no repository", async () => {
    const elsewhere = makeFolder({ "ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances") });
    const outside = await runVerb(["replay", "-", "--rules", elsewhere, "--compare", "main"]);
    rmSync(elsewhere, { recursive: true });
    expect(outside).toMatchObject({ code: 2, stdout: "" });
    expect(outside.stderr).toContain("is in no git repository, so it has no revision to compare with.");
    vi.stubEnv("PATH", temporaryFolder());
    const without = await replay("--compare", "main");
    expect(without).toMatchObject({ code: 2, stdout: "" });
    expect(without.stderr).toContain("there is no git on the PATH: install it.");
  });
});
