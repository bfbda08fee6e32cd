import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack, Validations } from "aws-cdk-lib";
import { Topic } from "aws-cdk-lib/aws-sns";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterEach, describe, expect, it } from "vitest";
import { readConfig } from "../../lib/config.ts";
import { EngineStack } from "../../lib/engine-stack.ts";
import { NO_BUNDLING, ONE_RULE } from "./synthesise.ts";

const outdirs: string[] = [];
afterEach(() => {
  for (const outdir of outdirs.splice(0)) rmSync(outdir, { recursive: true });
});

/** Synthesises with the checks of AwsSolutions; findings are thrown. Gives the report of what was only warned of. */
function synthesiseChecked(addStacks: (app: App) => unknown): unknown {
  const outdir = mkdtempSync(join(tmpdir(), "engine-nag-"));
  outdirs.push(outdir);
  const app = new App({ context: NO_BUNDLING, outdir });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  addStacks(app);
  app.synth();
  const report = JSON.parse(readFileSync(join(outdir, "validation-report.json"), "utf8")) as {
    pluginReports: unknown;
  };
  return report.pluginReports;
}

const addTopic = (app: App): Topic => new Topic(new Stack(app, "Bad"), "Topic");

/** The stack with everything that can be configured. */
function addEngine(app: App): EngineStack {
  const { config, problems } = readConfig({
    subscribe: ["a@example.com"],
    operations: { subscribe: ["ops@example.com"] },
    destinations: {
      datadog: {
        type: "datadog",
        site: "datadoghq.eu",
        secret: "prod/datadog",
        secretKeyArn: "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555",
      },
      mail: { type: "ses", from: "alerts@example.com", to: ["me@example.com"] },
      hub: { type: "security-hub" },
      hook: { type: "webhook", secret: "ssm:/prod/hook" },
    },
    dashboard: true,
    canary: {},
    api: {},
    lacework: {},
    liveRules: {},
  });
  expect(problems).toEqual([]);
  return new EngineStack(app, "Engine", {
    config,
    ruleSet: { rules: ONE_RULE, conditions: {}, lists: {}, suppressions: [] },
    env: { account: "123456789012", region: "us-east-1" },
  });
}

describe("the checks of cdk-nag's AwsSolutions", () => {
  it("find what is wrong with another stack", () => {
    expect(() => synthesiseChecked(addTopic)).toThrow(/AwsSolutions-SNS3/);
  });

  it("find nothing in the engine's", () => {
    expect(synthesiseChecked(addEngine)).toEqual([]);
  });

  it("are set aside in three places only, with a reason", () => {
    const stack = addEngine(new App({ context: NO_BUNDLING }));
    const exceptions = stack.node
      .findAll()
      .flatMap(({ node }) =>
        node.metadata
          .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
          .map(({ data }) => ({ path: node.path, data: JSON.stringify(data) })),
      );
    expect(exceptions).toEqual([
      {
        path: "Engine/DeadLetters/Queue",
        data: expect.stringMatching(/AwsSolutions-SQS3.*itself the dead-letter queue/),
      },
      {
        path: "Engine/Redelivery/DeadDeliveries",
        data: expect.stringMatching(/AwsSolutions-SQS3.*itself the dead-letter queue/),
      },
      {
        path: "Engine/LiveRules/Bucket",
        data: expect.stringMatching(/AwsSolutions-S1.*who published/),
      },
      {
        path: "Engine/Detector/Role",
        data: expect.stringMatching(/AwsSolutions-IAM5.*names of timers/),
      },
    ]);
  });
});
