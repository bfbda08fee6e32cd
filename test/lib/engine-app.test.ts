import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addEngineStack, SynthesisError } from "../../lib/engine-app.ts";
import { NO_BUNDLING } from "./synthesise.ts";

const GOOD = `name: A VPC was deleted
severity: high
conditions:
  all:
    - { fact: eventName, operator: equal, value: DeleteVpc }
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "engine-app-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function writeRule(path: string, text: string): void {
  const file = join(directory, "rules", path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
}

function add(
  engine: unknown,
  more: Record<string, unknown> = {},
  warn: (line: string) => void = () => undefined,
): ReturnType<typeof addEngineStack> {
  const app = new App({ context: { ...NO_BUNDLING, engine, ...more } });
  return addEngineStack(app, {
    directory,
    warn,
    env: { account: "123456789012", region: "eu-west-1" },
  });
}

function problemsOf(engine: unknown): readonly string[] {
  try {
    add(engine);
  } catch (error) {
    if (error instanceof SynthesisError) return error.problems;
    throw error;
  }
  return [];
}

describe("a folder with rules and a configuration", () => {
  it("becomes a stack", () => {
    writeRule("ec2.amazonaws.com/vpc-deleted.yaml", GOOD);
    const stack = add({ subscribe: ["me@example.com"] });
    expect(stack.stackName).toBe("CloudTrailEngine");
    expect(() => Template.fromStack(stack).resourceCountIs("AWS::Events::Rule", 2)).not.toThrow();
  });

  it("may have a stack of another name, and another folder of rules", () => {
    writeRule("../mine/ec2.amazonaws.com/vpc-deleted.yaml", GOOD);
    const stack = add({ rules: "mine" }, { stackName: "SecondEngine" });
    expect(stack.stackName).toBe("SecondEngine");
    expect(() =>
      Template.fromStack(stack).hasResourceProperties("AWS::Events::Rule", {
        Name: Match.stringLikeRegexp("^SecondEngine\\.ec2-[0-9a-z]+$"),
      }),
    ).not.toThrow();
  });

  it("deploys nothing when one file is bad, and names every problem of files and configuration", () => {
    writeRule("../mine/ec2.amazonaws.com/vpc-deleted.yaml", GOOD);
    writeRule("../mine/ec2.amazonaws.com/bad.yaml", GOOD.replace("operator: equal", "operator: equals"));
    writeRule("../mine/ec2.amazonaws.com/worse.yaml", "name: [");
    const problems = problemsOf({ rules: "mine", subscribes: [] });
    expect(problems.length).toBeGreaterThanOrEqual(3);
    expect(problems.join("\n")).toMatch(/engine\.subscribes[^]*bad\.yaml:5:\d+[^]*worse\.yaml:1/);
  });

  it("deploys nothing when a route is wrong, and names it together with what else is", () => {
    writeRule("ec2.amazonaws.com/vpc-deleted.yaml", `${GOOD}destinations: [pager]\n`);
    const problems = problemsOf({
      subscribes: [],
      keepDays: 30,
      routes: [{ when: { rules: ["iam.amazonaws.com/*"] }, to: ["slack"] }],
    });
    expect(problems).toEqual([
      expect.stringContaining("engine.subscribes: there is no such setting"),
      'cdk.json engine.routes[0].to[0]: there is no destination "slack". Known are: topic.',
      'rule ec2.amazonaws.com/vpc-deleted: destinations[0]: there is no destination "pager". Known are: topic.',
      expect.stringContaining(
        'engine.routes[0].when.rules[0]: no rule has an id like "iam.amazonaws.com/*".',
      ),
    ]);
  });

  it("names destinations that do not exist beside a route that is wrong in itself", () => {
    writeRule("ec2.amazonaws.com/vpc-deleted.yaml", GOOD);
    const routes = [{ when: { severity: ["urgent"] }, to: ["mial"] }, { to: ["topik"] }];
    expect(() => add({ routes })).toThrow(
      /engine\.routes\[0\]\.when\.severity[^]*"mial"[^]*routes\[1\]\.to\[0\]: there is no destination "topik"/,
    );
  });

  it("leaves routes alone while destinations are wrong: every route would seem to be", () => {
    writeRule("ec2.amazonaws.com/vpc-deleted.yaml", GOOD);
    const problems = problemsOf({
      destinations: { slack: { type: "slak" } },
      routes: [{ when: { severity: ["high"] }, to: ["slack"] }],
    });
    expect(problems).toEqual([expect.stringContaining('"slak" is no type of destination')]);
  });

  it("says what is odd about the routes, and deploys", () => {
    writeRule("ec2.amazonaws.com/vpc-deleted.yaml", GOOD);
    const said: string[] = [];
    const destinations = { pager: { type: "pagerduty", secret: "prod/pagerduty" } };
    add({ destinations, defaultRoute: ["topic"], subscribe: ["me@example.com"] }, {}, (line) =>
      said.push(line),
    );
    expect(said).toEqual([expect.stringContaining("engine.destinations.pager: no alert goes there.")]);
  });

  it("deploys nothing when there is no rule", () => {
    mkdirSync(join(directory, "rules"));
    expect(problemsOf({})).toEqual([expect.stringContaining("there is no rule in this folder")]);
  });
});

/** What is said of a folder that is deployed all the same. */
function warned(engine: unknown, more: Record<string, unknown> = {}) {
  const lines: string[] = [];
  const app = new App({ context: { ...NO_BUNDLING, engine, ...more } });
  const stack = addEngineStack(app, { directory, warn: (line) => lines.push(line) });
  return { lines, annotations: Annotations.fromStack(stack) };
}

describe("what keeps nothing from being deployed", () => {
  it("is a test that names a rule which was deleted: it is counted", () => {
    writeRule("ec2.amazonaws.com/vpc-deleted.yaml", GOOD);
    writeRule(
      "ec2.amazonaws.com/vpc-deleted.test.yaml",
      "cases: [{ name: fires, record: { eventName: DeleteVpc }, fires: [ec2.amazonaws.com/vpc-deleted, _global/gone] }]\n",
    );
    expect(warned({}).lines).toEqual([
      "Test files have 1 error, which validate and test show; the rules are used all the same.",
    ]);
  });

  it("is a rule of the engine that watches a stack of another name: it is warned of", () => {
    writeRule(
      "iam.amazonaws.com/engine-role-tampered.yaml",
      "name: x\nseverity: high\ntags: [engine]\nconditions: { all: [{ fact: requestParameters.roleName, operator: includes, value: CloudTrailEngine- }] }\n",
    );
    const about = Match.stringLikeRegexp('another stack than "SecondEngine".*iam.amazonaws.com/engine-role');
    const second = warned({}, { stackName: "SecondEngine" }).annotations;
    expect(second.findWarning("*", about)).toHaveLength(1);
    expect(warned({}).annotations.findWarning("*", Match.stringLikeRegexp("another stack"))).toEqual([]);
  });
});

describe("bin/app.ts", () => {
  it("prints what is wrong, without a stack trace, and exits 1", () => {
    const context = { ...NO_BUNDLING, engine: { subscribe: ["nobody"] } };
    const { status, stderr } = spawnSync(process.execPath, ["node_modules/tsx/dist/cli.mjs", "bin/app.ts"], {
      encoding: "utf8",
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: join(directory, "out") },
    });
    expect(status).toBe(1);
    expect(stderr).toContain('cdk.json engine.subscribe[0]: "nobody" is no e-mail address.');
    expect(stderr).toContain("Nothing was synthesised.");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
