import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertSchema } from "../../lambda/alerts/alert-schema.ts";
import { sampleRecord } from "../lib/replay/sample-record.ts";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

const HIDDEN = { userAgent: "curl\u202e\u2028\u009b" };
let folder = "";
let rules = "";
const line = (number: number, fields: Record<string, unknown> = {}): string =>
  JSON.stringify(sampleRecord(number, fields));

beforeAll(() => {
  folder = makeFolder({
    "rules/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
    "rules/ec2.amazonaws.com/described.yaml": ruleFor("DescribeInstances"),
    "bad-rules/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
    "bad-rules/ec2.amazonaws.com/broken.yaml": "name: [",
    "day.ndjson": [
      line(1),
      line(2, { eventName: "StartInstances" }),
      line(3, { eventName: "DescribeInstances", readOnly: true }),
      line(4),
    ].join("\n"),
    "hidden.ndjson": line(1, HIDDEN),
    "broken.ndjson": `${line(1)}\n{"eventName":\n"text"\n${line(2)}\n`,
    "forged.json": JSON.stringify({
      source: "my.app",
      "detail-type": "AWS API Call via CloudTrail",
      detail: sampleRecord(5),
    }),
  });
  rules = join(folder, "rules");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const replay = (file: string, ...more: string[]) =>
  runVerb(["replay", file === "-" ? "-" : join(folder, file), "--rules", rules, ...more]);
const parsed = (stdout: string): unknown[] =>
  stdout
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as unknown);

describe("replay", () => {
  it.each(["ndjson", "ecs"])("writes hidden characters as escapes in %s, and loses none", async (format) => {
    const { stdout } = await replay("hidden.ndjson", "--format", format);
    expect(stdout.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(stdout).toContain("curl\\u202e\\u2028\\u009b");
    const read = parsed(stdout)[0] as { record?: unknown; event?: { original: string } };
    expect(read.record ?? JSON.parse(read.event?.original ?? "")).toEqual(sampleRecord(1, HIDDEN));
  });

  it("prints one alert document a line, in the order of the input, and the summary on stderr", async () => {
    const { code, stdout, stderr } = await replay("day.ndjson", "--format", "ndjson");
    expect(code).toBe(0);
    const alerts = parsed(stdout).map((document) => alertSchema.parse(document));
    expect(alerts.map((alert) => [alert.rule.id, alert.record.eventID])).toEqual([
      ["ec2.amazonaws.com/stopped", sampleRecord(1).eventID],
      ["ec2.amazonaws.com/described", sampleRecord(3).eventID],
      ["ec2.amazonaws.com/stopped", sampleRecord(4).eventID],
    ]);
    expect(stderr).toBe(
      [
        "4 records read, 3 delivered, 3 alerts on 3 records.",
        "  2  ec2.amazonaws.com/stopped",
        "  1  ec2.amazonaws.com/described",
        "",
      ].join("\n"),
    );
  });

  it("gives the same alerts twice, byte for byte", async () => {
    const [first, second] = [
      await replay("day.ndjson", "--format", "ndjson"),
      await replay("day.ndjson", "--format", "ndjson"),
    ];
    expect(first.stdout).toBe(second.stdout);
  });

  it("prints text for people and Elastic Common Schema on demand", async () => {
    const text = await replay("day.ndjson");
    expect(text.stdout).toContain("ec2.amazonaws.com: StopInstances was called");
    const ecs = await replay("day.ndjson", "--format", "ecs");
    expect(parsed(ecs.stdout)[0]).toMatchObject({
      event: { kind: "alert", action: "StopInstances" },
      rule: { id: "ec2.amazonaws.com/stopped" },
    });
  });

  it.each([
    ["alert", { rule: { id: "ec2.amazonaws.com/stopped" } }],
    ["ocsf", { class_uid: 2004, activity_id: 1, metadata: { event_code: "ec2.amazonaws.com/stopped" } }],
    ["asff", { SchemaVersion: "2018-10-08", GeneratorId: "cloudtrail-engine/ec2.amazonaws.com/stopped" }],
    ["lacework", { alertType: "Stopped", policyId: "ec2.amazonaws.com/stopped" }],
  ])("prints one document of %s a line", async (format, expected) => {
    const { code, stdout } = await replay("day.ndjson", "--format", format);
    expect(code).toBe(0);
    expect(parsed(stdout)).toHaveLength(3);
    expect(parsed(stdout)[0]).toMatchObject(expected);
    expect(parsed(stdout)[0]).not.toHaveProperty("alertId");
  });

  it("refuses a format of alerts where a report is printed", async () => {
    const { code, stderr } = await replay("day.ndjson", "--by", "rule", "--format", "ocsf");
    expect(code).toBe(2);
    expect(stderr).toContain("--by rule prints text, json or markdown; ocsf is a format of alerts.");
  });

  it("stops what the event patterns stop, unless told to skip them", async () => {
    const stopped = await replay("forged.json", "--format", "ndjson");
    expect(stopped.stdout).toBe("");
    expect(stopped.stderr).toContain("1 record read, 0 delivered, 0 alerts");
    const all = await replay("forged.json", "--format", "ndjson", "--all");
    expect(parsed(all.stdout)).toHaveLength(1);
    expect(all.stderr).toContain("1 record read, event patterns not applied, 1 alert");
  });

  it("reads stdin for -", async () => {
    const { code, stdout } = await runVerb(
      ["replay", "-", "--rules", rules, "--format", "ndjson"],
      `${line(1)}\n${line(2)}\n`,
    );
    expect(code).toBe(0);
    expect(parsed(stdout)).toHaveLength(2);
  });

  it("names each thing it cannot read with its place, reads the rest, and exits 1", async () => {
    const { code, stdout, stderr } = await replay("broken.ndjson", "--format", "ndjson");
    expect(code).toBe(1);
    expect(parsed(stdout)).toHaveLength(2);
    const complaints = stderr.split("\n").filter((text) => text.includes("broken.ndjson"));
    expect(complaints).toEqual([
      expect.stringMatching(/broken\.ndjson:2:1: not valid JSON/),
      expect.stringMatching(/broken\.ndjson:3:1: expected an EventBridge event or a CloudTrail record/),
    ]);
    expect(stderr).toContain("2 records read");
    expect(stderr).toContain("Could not be read: 2 pieces of the input (listed above).");
  });

  it("exits 1 for a missing file and reads the others", async () => {
    const { code, stderr } = await replay("missing.json", join(folder, "day.ndjson"));
    expect(code).toBe(1);
    expect(stderr).toContain("missing.json: there is no such file or folder");
    expect(stderr).toContain("4 records read");
  });

  it("replays nothing when a rule is bad: nothing would be deployed either", async () => {
    const { code, stdout, stderr } = await runVerb([
      "replay",
      join(folder, "day.ndjson"),
      "--format=ndjson",
      "--rules",
      join(folder, "bad-rules"),
    ]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^\S+broken\.yaml:1:8 .*\nNothing was done, as nothing would be deployed: the rules have 1 error\.\n$/,
    );
  });

  it("says that a folder has nothing to replay, which is no failure", async () => {
    const { code, stdout, stderr } = await replay("rules", "--format", "ndjson");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("There was no file to replay");
    expect(stderr).toMatch(/Left out: \S+described\.yaml and 1 more/);
  });

  it("exits 2 for wrong use: no path, an unknown word, no folder of rules", async () => {
    for (const [args, words] of [
      [["replay"], "Say what to replay"],
      [["replay", "x", "--format", "xml"], "--format takes text, ndjson, alert, ecs, ocsf, asff, lacework"],
      [["replay", "x", "--include", "dropped"], "--include takes suppressed, staged"],
      [["replay", "x", "--budget", "none"], "--budget takes a whole number"],
      [["replay", "x", "--rules", join(folder, "nowhere")], "There is no folder"],
    ] as const) {
      const { code, stdout, stderr } = await runVerb(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(words);
    }
  });
});
