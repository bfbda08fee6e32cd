import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileEventPattern } from "../../lambda/engine/event-pattern/compile.ts";
import { patternsSchema } from "../../lib/patterns-schema.ts";
import { makeFolder, ruleFor, runVerb } from "./run-verb.ts";

let folder = "";
beforeAll(() => {
  folder = makeFolder({
    "rules/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
    "rules/sts.amazonaws.com/assumed.yaml": ruleFor("AssumeRole"),
    "bad/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
    "bad/ec2.amazonaws.com/broken.yaml": "severity: huge",
    "one/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
    "empty/.keep": "",
    "untested/ec2.amazonaws.com/stopped.yaml": ruleFor("StopInstances"),
    "untested/ec2.amazonaws.com/stopped.test.yaml":
      "cases: [{ name: fires, record: { eventName: StopInstances }, fires: [_global/gone] }]\n",
    "untested/ec2.amazonaws.com/gone.test.yaml": "cases: []\n",
    // Each rule fills most of a pattern, so they cannot share one.
    ...Object.fromEntries(
      ["a", "b", "c"].map((name) => [
        `many/${name}.amazonaws.com/calls.yaml`,
        `name: Calls\nseverity: low\nconditions: { all: [{ fact: eventName, operator: in, value: [${Array.from({ length: 60 }, (_, at) => `CallWithALongName${name}${at}`).join(", ")}] }] }\n`,
      ]),
    ),
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const patterns = (rules: string, ...more: string[]) =>
  runVerb(["patterns", "--rules", join(folder, rules), ...more]);

describe("patterns", () => {
  it("prints exactly name, state, eventPattern and rules as JSON", async () => {
    const { code, stdout } = await patterns("rules", "--format", "json");
    expect(code).toBe(0);
    const entries = patternsSchema.parse(JSON.parse(stdout));
    expect(entries.flatMap((entry) => entry.rules).toSorted()).toEqual([
      "ec2.amazonaws.com/stopped",
      "sts.amazonaws.com/assumed",
    ]);
    for (const { eventPattern } of entries) expect(() => compileEventPattern(eventPattern)).not.toThrow();
  });

  it("asks for reads only where a rule can match one", async () => {
    const { stdout } = await patterns("rules", "--format", "json");
    const states = new Map(
      patternsSchema.parse(JSON.parse(stdout)).flatMap(({ rules, state }) => rules.map((id) => [id, state])),
    );
    expect(states.get("sts.amazonaws.com/assumed")).toBe("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
  });

  it("shows people name, state, length and rules, and the totals on stderr", async () => {
    const { stdout, stderr } = await patterns("rules");
    expect(stdout).toMatch(/^\S+ {2}ENABLED\S* {2}\d+ characters$/m);
    expect(stdout).toContain("  ec2.amazonaws.com/stopped");
    expect(stderr).toMatch(/EventBridge rules? for 2 rules; longest pattern \d+ of 2048 characters\./);
    expect(stderr).toContain("No record is delivered twice.");
  });

  it.each([
    [
      "a rule file is bad",
      "bad",
      /broken\.yaml:1:1 name: "name" is missing.*\n.*broken\.yaml:1:1 conditions/,
    ],
    ["there is no rule", "empty", /empty:1:1 There are no rule files in this folder\. Write one, e\.g\. ec2/],
  ])("derives nothing and exits 1 when %s: nothing would be deployed either", async (_, rules, words) => {
    const { code, stdout, stderr } = await patterns(rules, "--format", "json");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(
      /\nNothing was done, as nothing would be deployed: the rules have \d errors?\.\n$/,
    );
  });

  it("uses rules whose tests are bad, and says so: only validate and test fail", async () => {
    const { code, stdout, stderr } = await patterns("untested", "--format", "json");
    expect(code).toBe(0);
    expect(patternsSchema.parse(JSON.parse(stdout))).toHaveLength(1);
    expect(stderr).toContain("Test files have 3 errors, which validate and test show;");
    expect(stderr).not.toContain(".test.yaml");
    for (const verb of ["validate", "test"]) {
      const told = await runVerb([verb, "--rules", join(folder, "untested"), "--format", "json"]);
      expect(told.code).toBe(1);
      const { problems } = JSON.parse(told.stdout) as { problems: { scope?: string }[] };
      expect(problems.map(({ scope }) => scope)).toEqual(["test", "test", "test"]);
    }
  });

  it("counts one as one", async () => {
    expect((await patterns("one")).stderr).toMatch(/^1 EventBridge rule for 1 rule; /);
  });

  it("exits 1 with the cure when the rules do not fit the budget", async () => {
    const { code, stderr } = await patterns("many", "--budget", "2");
    expect(code).toBe(1);
    expect(stderr).toMatch(/budget is 2/);
    expect((await patterns("many", "--budget", "3")).code).toBe(0);
  });

  it("refuses arguments that it has no use for", async () => {
    expect((await patterns("rules", "ec2")).code).toBe(2);
  });
});
