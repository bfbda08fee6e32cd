import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { EventRuleBudgetError } from "../../lambda/engine/event-rules.ts";
import {
  callRule,
  DATADOG,
  findAnnotations,
  makeStack,
  makeTemplate,
  ONE_RULE,
  resourcesOf,
  statementsOfRole,
} from "./synthesise.ts";

function countTypes(template: Template): Record<string, number> {
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
    ({ Type }) => Type,
  );
  return Object.fromEntries(
    [...new Set(types)].toSorted().map((type) => [type, types.filter((one) => one === type).length]),
  );
}

function warnings(config?: object): string[] {
  return findAnnotations(makeStack({ config }), "Warning");
}

describe("what an empty configuration deploys", () => {
  const template = makeTemplate();

  it("makes the small default and nothing more", () => {
    expect(countTypes(template)).toEqual({
      "AWS::CloudWatch::Alarm": 3,
      // One derived from the rule, one that counts the engine's own failed calls.
      "AWS::Events::Rule": 2,
      "AWS::IAM::Role": 1,
      "AWS::KMS::Key": 1,
      "AWS::Lambda::EventInvokeConfig": 1,
      "AWS::Lambda::Function": 1,
      "AWS::Lambda::Permission": 1,
      "AWS::Logs::LogGroup": 1,
      "AWS::SNS::Topic": 2,
      "AWS::SNS::TopicPolicy": 2,
      "AWS::SQS::Queue": 1,
      "AWS::SQS::QueuePolicy": 1,
    });
  });

  it("runs the detector on Node 24 and arm64, with its topic in the environment", () => {
    expect(() =>
      template.hasResourceProperties("AWS::Lambda::Function", {
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: "index.handler",
        MemorySize: 512,
        Timeout: 60,
        Environment: {
          Variables: {
            ENGINE_DESTINATIONS: {
              "Fn::Join": [
                "",
                [
                  '[{"id":"topic","type":"sns","topicArn":"',
                  { Ref: Match.stringLikeRegexp("^Alerts") },
                  '"}]',
                ],
              ],
            },
          },
        },
      }),
    ).not.toThrow();
  });

  it("keeps the log for 30 days", () => {
    expect(() =>
      template.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 }),
    ).not.toThrow();
  });

  it("retries an invocation twice and then keeps it in the dead-letter queue", () => {
    expect(() =>
      template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
        MaximumRetryAttempts: 2,
        DestinationConfig: {
          OnFailure: { Destination: { "Fn::GetAtt": [Match.stringLikeRegexp("^DeadLetters"), "Arn"] } },
        },
      }),
    ).not.toThrow();
  });

  it("lets the function publish to its topic, keep what failed and write its log, nothing else", () => {
    const roles = resourcesOf(template, "AWS::IAM::Role");
    expect(roles).toHaveLength(1);
    const properties = roles[0]?.[1].Properties ?? {};
    expect(properties["ManagedPolicyArns"]).toBeUndefined();
    expect(properties["AssumeRolePolicyDocument"]).toMatchObject({
      Statement: [{ Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
    });
    expect([...statementsOfRole(template).values()]).toEqual([
      {
        Sid: "PublishAlerts",
        Effect: "Allow",
        Action: "sns:Publish",
        Resource: { Ref: expect.stringMatching(/^AlertsTopic/) },
      },
      {
        Sid: "KeepFailed",
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: { "Fn::GetAtt": [expect.stringMatching(/^DeadLetters/), "Arn"] },
      },
      {
        Sid: "WriteLog",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: { "Fn::GetAtt": [expect.stringMatching(/^DetectorLogs/), "Arn"] },
      },
    ]);
    expect(() => template.resourceCountIs("AWS::IAM::Policy", 0)).not.toThrow();
  });

  it("says that nobody receives alerts, nor the alarms", () => {
    const alerts = expect.stringContaining("Nobody receives alerts");
    const alarms = expect.stringContaining("Nobody hears when alerts cannot be made or delivered");
    const subscribe = ["a@example.com"];
    expect(warnings()).toEqual([alerts, alarms]);
    expect(warnings(DATADOG)).toEqual([alarms]);
    expect(warnings({ subscribe, operations: { subscribe: [] } })).toEqual([alarms]);
    expect(warnings({ ...DATADOG, operations: { subscribe } })).toEqual([]);
    expect(warnings({ operations: { subscribe } })).toEqual([alerts]);
    expect(warnings({ subscribe })).toEqual([]);
  });
});

describe("subscribers", () => {
  it("get alerts and, unless others are named, the alarms", () => {
    const template = makeTemplate({ config: { subscribe: ["a@example.com", "b@example.com"] } });
    expect(() => template.resourceCountIs("AWS::SNS::Subscription", 4)).not.toThrow();
    expect(() =>
      template.hasResourceProperties("AWS::SNS::Subscription", {
        Protocol: "email",
        Endpoint: "a@example.com",
      }),
    ).not.toThrow();
  });

  it("of operations replace those of alerts for the alarms", () => {
    const template = makeTemplate({
      config: { subscribe: ["a@example.com"], operations: { subscribe: ["ops@example.com"] } },
    });
    expect(() => template.resourceCountIs("AWS::SNS::Subscription", 2)).not.toThrow();
    expect(() =>
      template.hasResourceProperties("AWS::SNS::Subscription", {
        Endpoint: "ops@example.com",
        TopicArn: { Ref: Match.stringLikeRegexp("^OperationsTopic") },
      }),
    ).not.toThrow();
  });
});

describe("what is said at synthesis", () => {
  const config = { subscribe: ["a@example.com"] };
  const iam = [callRule("iam.amazonaws.com", "CreateUser")];

  it("warns of rules whose records appear in another Region", () => {
    const env = { account: "123456789012", region: "eu-west-1" };
    expect(findAnnotations(makeStack({ config, rules: iam, env }), "Warning")).toEqual([
      expect.stringContaining("Records of iam.amazonaws.com appear in us-east-1 only"),
    ]);
    expect(findAnnotations(makeStack({ config, rules: ONE_RULE, env }), "Warning")).toEqual([]);
    expect(findAnnotations(makeStack({ config, rules: iam }), "Warning")).toEqual([]);
  });

  it("leaves that to the doctor where the Region is not known", () => {
    const stack = makeStack({ config, rules: iam, env: {} });
    expect(findAnnotations(stack, "Info")).toEqual([
      expect.stringContaining("The Region is not known at synthesis"),
    ]);
  });

  it("fails when the rules do not fit the budget of EventBridge rules", () => {
    const rules = Array.from({ length: 60 }, (_, source) =>
      Array.from({ length: 30 }, (__, call) =>
        callRule(`service${source}.amazonaws.com`, `DeleteTheResource${call}OfService${source}`),
      ),
    ).flat();
    expect(() => makeStack({ config: { ...config, eventRules: { budget: 3 } }, rules })).toThrow(
      EventRuleBudgetError,
    );
    expect(() => makeStack({ config: { ...config, eventRules: { budget: 3 } }, rules })).toThrow(
      /1800 rules need \d+ EventBridge rules, and the budget is 3/,
    );
  });

  it("tells the doctor what to look for", () => {
    const template = makeTemplate({
      config: DATADOG,
      rules: [...iam, callRule("s3.amazonaws.com", "DeleteBucket")],
    });
    expect(() => template.hasOutput("Secrets", { Value: '["prod/datadog"]' })).not.toThrow();
    expect(() => template.hasOutput("Destinations", { Value: '["datadog"]' })).not.toThrow();
    expect(() => template.hasOutput("RegionalSources", { Value: '["iam.amazonaws.com"]' })).not.toThrow();
  });
});
