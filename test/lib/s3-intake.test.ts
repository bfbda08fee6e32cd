import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it } from "vitest";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import { readConfig } from "../../lib/config.ts";
import { EngineStack } from "../../lib/engine-stack.ts";
import { OWN_ROLE_ARN } from "../../lib/own-denials.ts";
import { bundleIntake } from "../../lib/s3-intake.ts";
import { makeTemplate, NO_BUNDLING, ONE_RULE, resourcesOf } from "./synthesise.ts";

const KEY = "arn:aws:kms:eu-west-1:210987654321:key/11111111-2222-3333-4444-555555555555";
const TOPIC = "arn:aws:sns:eu-west-1:210987654321:trail";
const QUEUE = "arn:aws:sqs:us-east-1:123456789012:theirs";
const own = { name: "own-trail", notify: "eventbridge" };
const shared = {
  name: "org-trail",
  prefix: "AWSLogs/o-abcde12345/",
  notify: "sns",
  topicArn: TOPIC,
  kmsKeyArn: KEY,
  accountId: "210987654321",
};
const queued = { name: "queued", notify: "sqs", queueArn: QUEUE };
const template = (s3: unknown, more = {}) => makeTemplate({ config: { s3, ...more } });
const ruleSet = { rules: ONE_RULE, conditions: {}, lists: {}, suppressions: [] };

describe("the stack with log files from S3", () => {
  it("is told of objects by EventBridge, by a topic, or by a queue that is there", () => {
    const made = template({ buckets: [own, shared, queued] });
    made.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: {
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: { bucket: { name: ["own-trail"] } },
      },
    });
    made.hasResourceProperties("AWS::SNS::Subscription", {
      TopicArn: TOPIC,
      Protocol: "sqs",
      Region: "eu-west-1",
    });
    made.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: QUEUE,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });

  it("makes no queue of its own where every bucket has one", () => {
    const made = template({ buckets: [queued] });
    expect(
      resourcesOf(made, "AWS::SQS::Queue")
        .filter(([id]) => id.startsWith("S3Intake"))
        .map(([id]) => id.replace(/[0-9A-F]{8}$/, "")),
    ).toEqual(["S3IntakeDeadObjects"]);
  });

  it("adds exactly the permissions that reading needs", () => {
    const made = template({ buckets: [own, shared] });
    const [policy] = resourcesOf(made, "AWS::IAM::Policy").filter(([id]) => id.startsWith("S3Intake"));
    const { Statement } = policy?.[1].Properties["PolicyDocument"] as {
      Statement: Record<string, unknown>[];
    };
    expect(
      Statement.map(({ Sid, Action, Resource, Condition }) => [Sid, Action, Resource, Condition]),
    ).toEqual([
      [
        "ReadLogFiles",
        ["s3:GetObject", "s3:GetObjectVersion"],
        ["arn:aws:s3:::org-trail/AWSLogs/o-abcde12345/*", "arn:aws:s3:::own-trail/*"],
        undefined,
      ],
      [
        "DecryptLogFiles",
        "kms:Decrypt",
        KEY,
        { StringLike: { "kms:ViaService": expect.anything() as unknown } },
      ],
      [
        "TakeNewObjects",
        expect.arrayContaining(["sqs:ReceiveMessage"]) as unknown,
        expect.anything() as unknown,
        undefined,
      ],
      ["KeepUnreadable", "sqs:SendMessage", expect.anything() as unknown, undefined],
      [
        "WriteIntakeLog",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        expect.anything() as unknown,
        undefined,
      ],
    ]);
  });

  it("delays objects by the grace period as far as a queue can, and not at all where S3 is the only way in", () => {
    const delay = (s3: unknown) => {
      const [queue] = resourcesOf(template(s3), "AWS::SQS::Queue").filter(([id]) =>
        id.startsWith("S3IntakeQueue"),
      );
      return queue?.[1].Properties["DelaySeconds"];
    };
    expect(delay({ buckets: [own] })).toBe(900);
    expect(delay({ buckets: [own], reconcile: { graceMinutes: 10 } })).toBe(600);
    expect(delay({ buckets: [own], only: true })).toBe(0);
  });

  it("makes no rules on the bus where S3 is the only way in, but for what tells of objects and of refused calls", () => {
    const count = (s3: unknown) => resourcesOf(template(s3), "AWS::Events::Rule").length;
    expect(count({ buckets: [own] })).toBe(3);
    expect(count({ buckets: [own], only: true })).toBe(2);
  });

  it("knows the engine's own calls by the role's ARN: an organisation's records may have a role of that name in each account", () => {
    const pattern = JSON.stringify(
      resourcesOf(template({ buckets: [own] }), "AWS::Events::Rule").map(
        ([, { Properties }]) => Properties["EventPattern"],
      ),
    );
    expect(pattern).not.toContain("the-name-of-the-detectors-role");
    const made = makeTemplate({
      config: { s3: { buckets: [own] } },
      rules: [
        {
          ...(ONE_RULE[0] as (typeof ONE_RULE)[number]),
          eventSource: "sns.amazonaws.com",
          conditions: { all: [{ fact: "eventName", operator: "equal", value: "Publish" }] },
        },
      ],
    });
    made.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: Match.objectLike({
        detail: Match.objectLike({
          userIdentity: { sessionContext: { sessionIssuer: { arn: Match.anyValue() } } },
        }),
      }),
    });
  });

  it("passes the checks of AwsSolutions", () => {
    const outdir = mkdtempSync(join(tmpdir(), "engine-nag-"));
    const app = new App({ context: NO_BUNDLING, outdir });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const { config, problems } = readConfig({
      subscribe: ["a@example.com"],
      s3: { buckets: [own, shared, queued] },
    });
    expect(problems).toEqual([]);
    const stack = new EngineStack(app, "Engine", {
      config,
      ruleSet,
      env: { account: "123456789012", region: "us-east-1" },
    });
    try {
      expect(stack.stackName).toBe("Engine");
      expect(() => app.synth()).not.toThrow();
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });

  it("has a bundle with what it reads beside it", () => {
    const directory = mkdtempSync(join(tmpdir(), "engine-intake-"));
    try {
      const { config } = readConfig({ s3: { buckets: [own, shared] } });
      const { eventRules } = deriveEventRules(ruleSet, { excludeOwnRole: OWN_ROLE_ARN });
      if (config.s3 === undefined) throw new Error("no s3");
      bundleIntake({ config, s3: config.s3, ruleSet, eventRules }, directory);
      const read = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), "utf8"));
      expect(read("intake.json")).toEqual({
        buckets: [
          { name: "own-trail" },
          { name: "org-trail", prefix: "AWSLogs/o-abcde12345/", accountId: "210987654321" },
        ],
        graceMinutes: 30,
        ownRole: OWN_ROLE_ARN,
      });
      expect(read("event-rules.json")).toHaveLength(1);
      expect(readFileSync(join(directory, "index.mjs"), "utf8").length).toBeLessThan(400 * 1024);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("its configuration", () => {
  const problems = (s3: unknown): string[] => readConfig({ s3 }).problems;

  it.each([
    [{ buckets: [] }, "buckets: This is empty"],
    [{ buckets: [{ name: "s3://trail", notify: "eventbridge" }] }, "without s3://"],
    [{ buckets: [{ name: "trail", notify: "sns" }] }, 'add "topicArn"'],
    [{ buckets: [{ name: "trail", notify: "sqs" }] }, 'add "queueArn"'],
    [{ buckets: [{ name: "trail", notify: "eventbridge", topicArn: TOPIC }] }, "Take it out"],
    [{ buckets: [{ name: "trail", notify: "mail" }] }, 'Write "eventbridge"'],
    [{ buckets: [{ name: "trail", notify: "eventbridge", prefix: "/AWSLogs" }] }, "without a slash in front"],
    [
      { buckets: [{ name: "trail", notify: "eventbridge", kmsKeyArn: "alias/trail" }] },
      "no ARN of a KMS key",
    ],
    [{ buckets: [own, own] }, "twice"],
    [{ buckets: [own], only: true, reconcile: {} }, "only way in"],
    [{ buckets: [own], reconcile: { graceMinutes: 1 } }, "too small"],
    [{ buckets: [{ ...own, topicARN: TOPIC }] }, 'Did you mean "topicArn"?'],
    [{ bucket: "trail" }, 'Did you mean "buckets"?'],
  ])("%j is refused with a cure", (s3, said) => {
    expect(problems(s3).join("\n")).toContain(said);
  });

  it("is off unless it is written", () => {
    expect(readConfig({}).config.s3).toBeUndefined();
    expect(resourcesOf(makeTemplate(), "AWS::Lambda::Function")).toHaveLength(1);
  });
});
