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
} from "./synthesise.ts";

function countTypes(template: Template): Record<string, number> {
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
    ({ Type }) => Type,
  );
  return Object.fromEntries(
    [...new Set(types)].toSorted().map((type) => [type, types.filter((one) => one === type).length]),
  );
}

function ref(start: string): object {
  return { Ref: Match.stringLikeRegexp(`^${start}`) };
}

function arn(start: string): object {
  return { "Fn::GetAtt": [Match.stringLikeRegexp(`^${start}`), "Arn"] };
}

function warnings(config?: object): string[] {
  return findAnnotations(makeStack({ config }), "Warning");
}

describe("what an empty configuration deploys", () => {
  const template = makeTemplate();

  it("makes the small default and nothing more", () => {
    expect(countTypes(template)).toEqual({
      // Errors, throttles, dead records, dead deliveries, redelivery, and the topic as a destination.
      "AWS::CloudWatch::Alarm": 6,
      "AWS::DynamoDB::Table": 1,
      // One derived from the rule, one that counts the engine's own failed calls.
      "AWS::Events::Rule": 2,
      // What timers may do, apart from their role: it names the function, whose role names theirs.
      "AWS::IAM::Policy": 1,
      // The detector's and the timers'.
      "AWS::IAM::Role": 2,
      "AWS::KMS::Key": 1,
      "AWS::Lambda::EventInvokeConfig": 1,
      // The redelivery queue's, and that of the table's stream, with which cases are built.
      "AWS::Lambda::EventSourceMapping": 2,
      "AWS::Lambda::Function": 1,
      "AWS::Lambda::Permission": 1,
      "AWS::Logs::LogGroup": 1,
      "AWS::SNS::Topic": 2,
      "AWS::SNS::TopicPolicy": 2,
      // Dead records, redelivery, dead deliveries.
      "AWS::SQS::Queue": 3,
      "AWS::SQS::QueuePolicy": 3,
      "AWS::Scheduler::ScheduleGroup": 1,
    });
  });

  it("runs the detector on Node 24 and arm64, with what only CloudFormation knows in the environment", () => {
    expect(() =>
      template.hasResourceProperties("AWS::Lambda::Function", {
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: "index.handler",
        MemorySize: 512,
        Timeout: 60,
        Environment: {
          Variables: Match.exact({
            ENGINE_TOPIC_ARN: ref("Alerts"),
            ENGINE_TABLE: ref("State"),
            ENGINE_REDELIVERY_URL: ref("RedeliveryQueue"),
            ENGINE_DEAD_DELIVERIES_URL: ref("RedeliveryDeadDeliveries"),
            ENGINE_TIMER_ROLE_ARN: arn("TimersRole"),
            ENGINE_TIMER_GROUP: ref("TimersGroup"),
            ENGINE_DEAD_LETTERS_ARN: arn("DeadLetters"),
          }),
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

  it("gives no role a managed policy, and each to one service only", () => {
    const roles = resourcesOf(template, "AWS::IAM::Role").map(([, { Properties }]) => Properties);
    const services = roles.map((properties) => {
      expect(properties["ManagedPolicyArns"]).toBeUndefined();
      const { Statement } = properties["AssumeRolePolicyDocument"] as { Statement: object[] };
      return Statement;
    });
    expect(services).toEqual([
      [
        {
          Action: "sts:AssumeRole",
          Effect: "Allow",
          Principal: { Service: "scheduler.amazonaws.com" },
          Condition: {
            StringEquals: {
              "aws:SourceAccount": "123456789012",
              "aws:SourceArn": { "Fn::GetAtt": [expect.stringMatching(/^TimersGroup/), "Arn"] },
            },
          },
        },
      ],
      [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } }],
    ]);
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
    expect(() => template.hasOutput("Secrets", { Value: '{"prod/datadog":"the API key"}' })).not.toThrow();
    expect(() => template.hasOutput("Destinations", { Value: '["datadog"]' })).not.toThrow();
    expect(() => template.hasOutput("RegionalSources", { Value: '["iam.amazonaws.com"]' })).not.toThrow();
  });
});

describe("what is opted into", () => {
  it("is a dashboard that names every destination", () => {
    const template = makeTemplate({ config: { ...DATADOG, dashboard: true } });
    const [dashboard] = resourcesOf(template, "AWS::CloudWatch::Dashboard");
    const body = JSON.stringify(dashboard?.[1].Properties["DashboardBody"]);
    for (const shown of ["RecordsUnmatched", "AlertsDeduplicated", "DeliveriesFailed", "datadog", "topic"])
      expect(body).toContain(shown);
    expect(body).not.toContain("CanaryLatencyMs");
    expect(JSON.stringify(makeTemplate({ config: DATADOG }).toJSON())).not.toContain("Dashboard");
  });

  it("shows the canary's latency where there is one", () => {
    const template = makeTemplate({ config: { dashboard: true, canary: {} } });
    expect(JSON.stringify(resourcesOf(template, "AWS::CloudWatch::Dashboard"))).toContain("CanaryLatencyMs");
  });
});
