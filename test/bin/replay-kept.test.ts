import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { alertSchema } from "../../lambda/alerts/alert-schema.ts";
import { sampleRecord } from "../lib/replay/sample-record.ts";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

const SUPPRESSION =
  "rules: [ec2.amazonaws.com/stopped]\n" +
  "conditions: { all: [{ fact: sourceIPAddress, operator: inList, value: office }] }\n" +
  "reason: Maintenance.\nowner: platform\nexpires: 2027-03-31\n";

let folder = "";
beforeEach(() => {
  folder = makeFolder({
    "rules/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
    "rules/ec2.amazonaws.com/started.yaml": ruleFor("StartInstances", "mode: staged"),
    "rules/_lists/office.yaml": "description: The office.\nkind: cidr\nvalues: [192.0.2.0/25]\n",
    "rules/_suppressions/office.yaml": SUPPRESSION,
    "rules/_suppressions/tests.yaml": SUPPRESSION.replace(
      "{ all: [",
      "{ all: [{ fact: eventName, operator: equal, value: X }, ",
    ),
    "day.ndjson": [
      sampleRecord(1, { sourceIPAddress: "192.0.2.5" }),
      sampleRecord(2, { sourceIPAddress: "192.0.2.200" }),
      sampleRecord(3, { eventName: "StartInstances" }),
    ]
      .map((record) => JSON.stringify(record))
      .join("\n"),
  });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

async function replay(now: number, ...args: string[]) {
  vi.useFakeTimers({ toFake: ["Date"], now });
  const rules = join(folder, "rules");
  const result = await runVerb([
    "replay",
    join(folder, "day.ndjson"),
    "--rules",
    rules,
    "--format",
    "ndjson",
    ...args,
  ]);
  const alerts = result.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => alertSchema.parse(JSON.parse(line)));
  return { ...result, alerts: alerts.map(({ rule, disposition }) => [rule.id.split("/")[1], disposition]) };
}

describe("replay of alerts that go nowhere", () => {
  const before = Date.UTC(2027, 2, 31, 20);

  it("does not print them, counts them, and names suppressions with their owners, idle ones too", async () => {
    const { code, alerts, stderr } = await replay(before);
    expect(code).toBe(0);
    expect(alerts).toEqual([["stopped", "delivered"]]);
    expect(stderr.split("\n")).toEqual([
      "3 records read, 3 delivered, 1 alert on 1 record, 1 suppressed, 1 staged.",
      "  1  ec2.amazonaws.com/stopped",
      "Staged rules, whose alerts go nowhere: 1 alert.",
      "  1  ec2.amazonaws.com/started",
      "Suppressed, so that nobody would be told: 1 alert.",
      "  1  office (owner platform, until 2027-03-31)",
      "The suppression tests (owner platform, until 2027-03-31) kept nothing back on these records.",
      "",
    ]);
  });

  it.each([
    [
      "suppressed,staged",
      [
        ["stopped", "suppressed"],
        ["stopped", "delivered"],
        ["started", "staged"],
      ],
    ],
    [
      "suppressed",
      [
        ["stopped", "suppressed"],
        ["stopped", "delivered"],
      ],
    ],
    [
      "staged",
      [
        ["stopped", "delivered"],
        ["started", "staged"],
      ],
    ],
  ])("prints them in their place with --include %s", async (include, expected) => {
    expect((await replay(before, "--include", include)).alerts).toEqual(expected);
  });

  it("takes a suppression to have ended as of now, whenever the records were written", async () => {
    const { alerts, stderr } = await replay(before + 86_400_000);
    expect(alerts).toEqual([
      ["stopped", "delivered"],
      ["stopped", "delivered"],
    ]);
    expect(stderr).toContain(
      "The suppression office (owner platform, until 2027-03-31) has expired: it suppresses nothing any more.",
    );
  });
});
