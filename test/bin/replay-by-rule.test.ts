import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byRuleSchema } from "../../lib/replay/by-rule-schema.ts";
import { sampleRecord } from "../lib/replay/sample-record.ts";
import { makeFolder, type Run, ruleFor, runVerb } from "./run-verb.ts";

let folder = "";
const line = (number: number, fields: Record<string, unknown> = {}): string =>
  JSON.stringify(sampleRecord(number, fields));

beforeAll(() => {
  folder = makeFolder({
    "rules/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
    "rules/ec2.amazonaws.com/started.yaml": ruleFor("StartInstances", "mode: staged"),
    "rules/ec2.amazonaws.com/never.yaml": ruleFor("NeverCalled"),
    "day.ndjson": [
      line(1),
      line(2, { eventTime: "2026-11-03T09:00:00Z" }),
      line(3, { eventName: "StartInstances" }),
      line(4, { eventName: "Other" }),
    ].join("\n"),
    "broken.ndjson": `${line(1)}\n{"eventName":\n`,
    "forged.json": JSON.stringify({
      source: "my.app",
      "detail-type": "AWS API Call via CloudTrail",
      detail: sampleRecord(5),
    }),
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const replay = (file: string, ...more: string[]): Promise<Run> =>
  runVerb(["replay", join(folder, file), "--rules", join(folder, "rules"), ...more]);
const report = ({ stdout }: Run) => byRuleSchema.parse(JSON.parse(stdout));

describe("replay --by rule", () => {
  it("prints the table instead of alerts, and the summary without the counts that the table has", async () => {
    const { code, stdout, stderr } = await replay("day.ndjson", "--by", "rule");
    expect(code).toBe(0);
    expect(stdout.split("\n").filter((text) => text.includes("ec2."))).toEqual([
      expect.stringMatching(/^ +2 +2 +2 {2}low +ec2\.amazonaws\.com\/stopped +2 +0 +0$/),
      expect.stringMatching(/^ +0 +0 +0 {2}low +ec2\.amazonaws\.com\/started +0 +0 +1$/),
      "  ec2.amazonaws.com/never",
    ]);
    expect(stderr).toContain("4 records read, 3 delivered, 2 alerts on 2 records");
    expect(stderr).not.toContain("ec2.amazonaws.com/stopped");
  });

  it("prints one document that follows its published schema", async () => {
    const read = report(await replay("day.ndjson", "--by", "rule", "--format", "json"));
    expect(read.rules.map(({ rule, count }) => [rule, count])).toEqual([
      ["ec2.amazonaws.com/stopped", 2],
      ["ec2.amazonaws.com/started", 0],
    ]);
    expect(read).toMatchObject({ patterns: true, quiet: ["ec2.amazonaws.com/never"], perDay: 2 });
  });

  it("counts staged alerts when they are asked for", async () => {
    const read = report(
      await replay("day.ndjson", "--by", "rule", "--format", "json", "--include", "staged"),
    );
    expect(read.counted).toEqual(["delivered", "staged"]);
    expect(read.rules[1]).toMatchObject({ rule: "ec2.amazonaws.com/started", count: 1, staged: 1 });
  });

  it("is what --format markdown prints", async () => {
    const one = await replay("day.ndjson", "--format", "markdown");
    expect(one.stdout).toMatch(/^## Alerts by rule\n/);
    expect(one.stdout).toBe((await replay("day.ndjson", "--by", "rule", "--format", "markdown")).stdout);
  });

  it("skips the event patterns on demand, and reads stdin", async () => {
    const stopped = report(await replay("forged.json", "--by", "rule", "--format", "json"));
    expect(stopped).toMatchObject({ count: 0, patterns: true });
    const all = report(await replay("forged.json", "--by", "rule", "--format", "json", "--all"));
    expect(all).toMatchObject({ count: 1, patterns: false });
    const args = ["replay", "-", "--rules", join(folder, "rules"), "--by", "rule", "--format", "json"];
    expect(report(await runVerb(args, line(1)))).toMatchObject({ count: 1 });
  });

  it("exits 1 when something could not be read, with the table of what could", async () => {
    const run = await replay("broken.ndjson", "--by", "rule", "--format", "json");
    expect(run.code).toBe(1);
    expect(report(run)).toMatchObject({ count: 1, records: { unreadable: 1 } });
    expect(run.stderr).toContain("broken.ndjson:2:1: the JSON ends inside this value");
  });

  it.each([
    [["--by", "actor"], '--by takes rule, not "actor"'],
    [
      ["--by", "rule", "--format", "ecs"],
      "--by rule prints text, json or markdown; ecs is a format of alerts.",
    ],
    [["--by", "rule", "--compare", "HEAD"], "--by and --compare are two answers"],
    [["--format", "json"], "Alerts are printed one a line: --format ndjson."],
    [["--examples", "3"], "--examples goes with --compare REV"],
  ])("refuses %j, with the cure", async (args, words) => {
    const { code, stdout, stderr } = await replay("day.ndjson", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
  });
});
