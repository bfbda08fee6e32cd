import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coverageSchema } from "../../lib/attack-coverage/coverage-schema.ts";
import { navigatorLayerSchema } from "../contracts/navigator-layer.ts";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

let folder = "";
beforeAll(() => {
  folder = makeFolder({
    "rules/cloudtrail.amazonaws.com/stopped.yaml": ruleFor("StopLogging", "attack: [T1685.002]"),
    "rules/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances", "attack: [T1529]\nmode: staged"),
    "rules/ec2.amazonaws.com/started.yaml": ruleFor("StartInstances"),
    "old/cloudtrail.amazonaws.com/stopped.yaml": ruleFor("StopLogging", "attack: [T1562.008]"),
    "empty/.keep": "",
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const coverage = (rules: string, ...more: string[]) =>
  runVerb(["coverage", "--rules", join(folder, rules), ...more]);

describe("coverage", () => {
  it("shows people tactics, techniques and rules, and the totals on stderr", async () => {
    const { code, stdout, stderr } = await coverage("rules");
    expect(code).toBe(0);
    expect(stdout).toContain("Defense Impairment: 1 technique, 1 rule\n  T1685.002  ");
    expect(stdout).toContain("ec2.amazonaws.com/stopped (staged: its alerts go nowhere)");
    expect(stdout).toContain("Without a technique: 1 rule\n  ec2.amazonaws.com/started\n");
    expect(stderr).toBe(
      "2 active rules watch 1 technique of the 697 of Enterprise ATT&CK 19.2; 1 staged; 1 without a technique.\n",
    );
  });

  it("prints one document of the published shape as JSON", async () => {
    const { code, stdout } = await coverage("rules", "--format", "json");
    expect(code).toBe(0);
    expect(coverageSchema.parse(JSON.parse(stdout)).totals).toMatchObject({ rules: 3, techniques: 1 });
  });

  it("prints a layer that the Navigator loads", async () => {
    const { code, stdout } = await coverage("rules", "--format", "navigator");
    expect(code).toBe(0);
    const layer = navigatorLayerSchema.parse(JSON.parse(stdout));
    expect(layer.techniques?.map(({ techniqueID, score }) => [techniqueID, score])).toEqual([
      ["T1529", undefined],
      ["T1685", undefined],
      ["T1685.002", 1],
    ]);
  });

  it("makes a layer of the shipped rules, each of which names a technique", async () => {
    const { code, stdout } = await runVerb(["coverage", "--format", "navigator"]);
    expect(code).toBe(0);
    const scores = navigatorLayerSchema.parse(JSON.parse(stdout)).techniques?.map(({ score = 0 }) => score);
    expect(Math.max(...(scores ?? []))).toBeGreaterThan(1);
    const json = coverageSchema.parse(JSON.parse((await runVerb(["coverage", "--format", "json"])).stdout));
    expect(json.withoutTechnique).toEqual([]);
  });

  it("counts nothing and exits 1 when a rule names an id of before v19, and says today's", async () => {
    const { code, stdout, stderr } = await coverage("old", "--format", "json");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/stopped\.yaml:3:10 attack\[0\]: T1562\.008 is T1685\.002 since ATT&CK v19\./);
  });

  it("exits 1 without rules, 2 for wrong use", async () => {
    expect((await coverage("empty")).code).toBe(1);
    expect((await coverage("nowhere")).code).toBe(2);
    expect((await coverage("rules", "--format", "svg")).stderr).toContain(
      '--format takes text, json, navigator, not "svg".',
    );
    expect((await coverage("rules", "ec2")).code).toBe(2);
  });
});
