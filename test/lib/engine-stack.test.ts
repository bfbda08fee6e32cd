import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { EventRuleBudgetError } from "../../lambda/engine/event-rules.ts";
import { callRule, findAnnotations, makeStack, makeTemplate, ONE_RULE, resourcesOf } from "./synthesise.ts";

const DATADOG = {
  destinations: { datadog: { type: "datadog", site: "datadoghq.eu", secret: "prod/datadog" } },
};

function countTypes(template: Template): Record<string, number> {
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(
    ({ Type }) => Type,
  );
  return Object.fromEntries(
    [...new Set(types)].toSorted().map((type) => [type, types.filter((one) => one === type).length]),
  );
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
              ['[{"id":"topic","type":"sns","topicArn":"', { Ref: Match.stringLikeRegexp("^Alerts") }, '"}]'],
            ],
          },
        },
      },
    });
  });

  it("keeps the log for 30 days", () => {
    template.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  });

  it("retries an invocation twice and then keeps it in the dead-letter queue", () => {
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumRetryAttempts: 2,
      DestinationConfig: {
        OnFailure: { Destination: { "Fn::GetAtt": [Match.stringLikeRegexp("^DeadLetters"), "Arn"] } },
      },
    });
  });

  it("lets the function publish to its topic, keep what failed and write its log, nothing else", () => {
    const roles = resourcesOf(template, "AWS::IAM::Role");
    expect(roles).toHaveLength(1);
    const properties = roles[0]?.[1].Properties ?? {};
    expect(properties["ManagedPolicyArns"]).toBeUndefined();
    expect(properties["AssumeRolePolicyDocument"]).toMatchObject({
      Statement: [{ Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
    });
    const [policy] = properties["Policies"] as { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
    expect(policy?.PolicyDocument.Statement).toEqual([
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
    template.resourceCountIs("AWS::IAM::Policy", 0);
  });

  it("says that nobody receives alerts", () => {
    expect(findAnnotations(makeStack(), "Warning")).toEqual([
      expect.stringContaining("Nobody receives alerts"),
    ]);
    expect(findAnnotations(makeStack({ config: { subscribe: ["a@example.com"] } }), "Warning")).toEqual([]);
    expect(findAnnotations(makeStack({ config: DATADOG }), "Warning")).toEqual([]);
  });
});

describe("who may send", () => {
  const template = makeTemplate();
  const others = { Effect: "Deny", Principal: "*", Sid: "DenyOtherSenders" };
  const onlyDetector = {
    Bool: { "aws:PrincipalIsAWSService": "false" },
    ArnNotEquals: {
      "aws:PrincipalArn": [{ "Fn::GetAtt": [Match.stringLikeRegexp("^DetectorRole"), "Arn"] }],
    },
  };
  const tls = { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } };

  function statementsOf(type: string, start: string): Record<string, unknown>[] {
    const found = resourcesOf(template, type).find(([id]) => id.startsWith(start));
    return (found?.[1].Properties["PolicyDocument"] as { Statement: Record<string, unknown>[] }).Statement;
  }

  it("denies the alerts topic to everybody but the detector, and to plain HTTP", () => {
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: [
          Match.objectLike(tls),
          Match.objectLike({ ...others, Action: "sns:Publish", Condition: onlyDetector }),
        ],
      },
      Topics: [{ Ref: Match.stringLikeRegexp("^AlertsTopic") }],
    });
    expect(statementsOf("AWS::SNS::TopicPolicy", "Alerts").every(({ Effect }) => Effect === "Deny")).toBe(
      true,
    );
  });

  it("admits only alarms of this account to the operations topic", () => {
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: [
          Match.objectLike(tls),
          {
            Sid: "Admitcloudwatch",
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Resource: Match.anyValue(),
            Condition: {
              ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:*" },
              StringEquals: { "aws:SourceAccount": "123456789012" },
            },
          },
          Match.objectLike({ ...others, Condition: { Bool: { "aws:PrincipalIsAWSService": "false" } } }),
        ],
      },
      Topics: [{ Ref: Match.stringLikeRegexp("^OperationsTopic") }],
    });
    expect(statementsOf("AWS::SNS::TopicPolicy", "Operations")).toHaveLength(3);
  });

  it("admits EventBridge, for our rules only, and the detector to the dead-letter queue", () => {
    expect(statementsOf("AWS::SQS::QueuePolicy", "DeadLetters")).toEqual([
      expect.objectContaining(tls),
      {
        Sid: "Admitevents",
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Principal: { Service: "events.amazonaws.com" },
        Resource: expect.anything(),
        Condition: {
          ArnLike: { "aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/CloudTrailEngine.*" },
          StringEquals: { "aws:SourceAccount": "123456789012" },
        },
      },
      expect.objectContaining({ ...others, Action: "sqs:SendMessage" }),
    ]);
  });

  it("encrypts both topics and the queue, the operations topic with a key that admits alarms", () => {
    template.hasResourceProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true });
    template.hasResourceProperties("AWS::SNS::Topic", {
      KmsMasterKeyId: "arn:aws:kms:us-east-1:123456789012:alias/aws/sns",
    });
    template.hasResourceProperties("AWS::SNS::Topic", {
      KmsMasterKeyId: { "Fn::GetAtt": [Match.stringLikeRegexp("^OperationsKey"), "Arn"] },
    });
    template.hasResourceProperties("AWS::KMS::Key", {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: [
          Match.objectLike({ Principal: { AWS: "arn:aws:iam::123456789012:root" } }),
          Match.objectLike({
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
          }),
        ],
      },
    });
  });
});

describe("alarms", () => {
  const template = makeTemplate();

  it("watch errors with the engine's own failed calls, throttles and dead letters, and tell the operations topic", () => {
    const action = {
      AlarmActions: [{ Ref: Match.stringLikeRegexp("^OperationsTopic") }],
      TreatMissingData: "notBreaching",
      Threshold: 1,
    };
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      ...action,
      Metrics: [
        Match.objectLike({ Expression: "FILL(errors, 0) + FILL(denied, 0)", ReturnData: true }),
        Match.objectLike({
          Id: "errors",
          MetricStat: { Metric: { Namespace: "AWS/Lambda", MetricName: "Errors" }, Stat: "Sum" },
        }),
        Match.objectLike({
          Id: "denied",
          MetricStat: {
            Metric: {
              Namespace: "AWS/Events",
              MetricName: "MatchedEvents",
              Dimensions: [{ Name: "RuleName", Value: { Ref: Match.stringLikeRegexp("OwnDenials") } }],
            },
            Stat: "Sum",
          },
        }),
      ],
    });
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      ...action,
      Namespace: "AWS/Lambda",
      MetricName: "Throttles",
    });
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      ...action,
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Statistic: "Maximum",
    });
  });
});

describe("subscribers", () => {
  it("get alerts and, unless others are named, the alarms", () => {
    const template = makeTemplate({ config: { subscribe: ["a@example.com", "b@example.com"] } });
    template.resourceCountIs("AWS::SNS::Subscription", 4);
    template.hasResourceProperties("AWS::SNS::Subscription", {
      Protocol: "email",
      Endpoint: "a@example.com",
    });
  });

  it("of operations replace those of alerts for the alarms", () => {
    const template = makeTemplate({
      config: { subscribe: ["a@example.com"], operations: { subscribe: ["ops@example.com"] } },
    });
    template.resourceCountIs("AWS::SNS::Subscription", 2);
    template.hasResourceProperties("AWS::SNS::Subscription", {
      Endpoint: "ops@example.com",
      TopicArn: { Ref: Match.stringLikeRegexp("^OperationsTopic") },
    });
  });
});

describe("secrets", () => {
  function secretResources(secret: string, more: object = {}): unknown[] {
    const template = makeTemplate({
      config: { destinations: { datadog: { type: "datadog", site: "datadoghq.eu", secret, ...more } } },
    });
    const [role] = resourcesOf(template, "AWS::IAM::Role");
    const [policy] = role?.[1].Properties["Policies"] as {
      PolicyDocument: { Statement: Record<string, unknown>[] };
    }[];
    return (policy?.PolicyDocument.Statement ?? [])
      .filter(({ Sid }) => Sid === "ReadSecrets" || Sid === "DecryptSecrets")
      .map(({ Action, Resource, Condition }) => ({ Action, Resource, Condition }));
  }
  const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dd";

  it.each([
    ["a name", "prod/datadog", "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/datadog-??????"],
    ["an ARN without its suffix", arn, `${arn}-??????`],
    ["a whole ARN", `${arn}-a1B2c3`, `${arn}-a1B2c3`],
  ])("given as %s are read, exactly these", (_, secret, resource) => {
    expect(secretResources(secret)).toEqual([
      { Action: "secretsmanager:GetSecretValue", Resource: resource, Condition: undefined },
    ]);
  });

  it("under a key of their own are decrypted through Secrets Manager only", () => {
    const key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    expect(secretResources(`${arn}-a1B2c3`, { secretKeyArn: key })[1]).toEqual({
      Action: "kms:Decrypt",
      Resource: key,
      Condition: {
        StringLike: {
          "kms:ViaService": { "Fn::Join": ["", ["secretsmanager.*.", { Ref: "AWS::URLSuffix" }]] },
          "kms:EncryptionContext:SecretARN": [`${arn}-a1B2c3`],
        },
      },
    });
  });

  it("reach the detector as ARNs, never as values", () => {
    makeTemplate({ config: DATADOG }).hasResourceProperties("AWS::Lambda::Function", {
      Environment: {
        Variables: {
          ENGINE_DESTINATIONS: {
            "Fn::Join": [
              "",
              Match.arrayWith([
                '"},{"id":"datadog","type":"datadog","site":"datadoghq.eu","apiKeySecret":"arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/datadog"}]',
              ]),
            ],
          },
        },
      },
    });
  });

  it("too many for the environment of a Lambda are refused with the numbers", () => {
    const destinations = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `datadog-${index}`,
        { type: "datadog", site: "datadoghq.eu", secret: `secret-${index}-${"x".repeat(200)}` },
      ]),
    );
    expect(() => makeStack({ config: { destinations } })).toThrow(
      /take \d+ bytes of the Lambda's environment, which holds 3996/,
    );
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
    template.hasOutput("Secrets", { Value: '["prod/datadog"]' });
    template.hasOutput("Destinations", { Value: '["datadog"]' });
    template.hasOutput("RegionalSources", { Value: '["iam.amazonaws.com"]' });
  });
});
