import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { madeBefore, makeTemplate, resourcesOf } from "./synthesise.ts";

const template = makeTemplate({ config: { detector: { timeoutSeconds: 120 } } });

describe("the state table", () => {
  it("is on demand, recoverable, protected, expires by expiresAt and outlives the stack", () => {
    expect(() =>
      template.hasResource("AWS::DynamoDB::Table", {
        Properties: Match.objectLike({
          StreamSpecification: { StreamViewType: "KEYS_ONLY" },
          BillingMode: "PAY_PER_REQUEST",
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
          DeletionProtectionEnabled: true,
          KeySchema: [
            { AttributeName: "pk", KeyType: "HASH" },
            { AttributeName: "sk", KeyType: "RANGE" },
          ],
          // A key of AWS's own, which costs nothing.
          SSESpecification: { SSEEnabled: false },
        }),
        DeletionPolicy: "Retain",
        UpdateReplacePolicy: "Retain",
      }),
    ).not.toThrow();
  });
});

const index = (IndexName: string, key: string) => ({
  IndexName,
  KeySchema: [
    { AttributeName: key, KeyType: "HASH" },
    { AttributeName: "place", KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["row"] },
});

describe("the state table's indexes", () => {
  const [tableId, table] = resourcesOf(template, "AWS::DynamoDB::Table")[0] ?? ["", undefined];

  it("are by time, actor and rule, and hold what lists show and no alert", () => {
    expect(table?.Properties["GlobalSecondaryIndexes"]).toEqual([
      index("byTime", "day"),
      index("byActor", "actorKey"),
      index("byRule", "ruleKey"),
    ]);
  });

  it("are added one at a time to a table that there is, each with its own key and no other", () => {
    for (const indexes of [1, 2, 3]) {
      const made = makeTemplate({ config: { stateIndexes: indexes } });
      const properties = resourcesOf(made, "AWS::DynamoDB::Table")[0]?.[1].Properties;
      expect(properties?.["GlobalSecondaryIndexes"]).toHaveLength(indexes);
      expect(properties?.["AttributeDefinitions"]).toHaveLength(3 + indexes);
    }
  });

  it("are read by the detector by time and by actor alone; it deletes and scans nothing", () => {
    const [policy] = resourcesOf(template, "AWS::IAM::Role")
      .filter(([id]) => id.startsWith("DetectorRole"))
      .map(([, { Properties }]) => JSON.stringify(Properties["Policies"]));
    const statements = (JSON.parse(policy ?? "[]") as { PolicyDocument: { Statement: unknown[] } }[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    const arn = { "Fn::GetAtt": [tableId, "Arn"] };
    const indexOf = (name: string) => ({ "Fn::Join": ["", [arn, `/index/${name}`]] });
    expect(statements).toContainEqual({
      Sid: "KeepState",
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
      Resource: [arn, indexOf("byActor"), indexOf("byTime")],
      Condition: { "ForAllValues:StringNotEquals": { "dynamodb:LeadingKeys": ["KEYS"] } },
    });
    expect(policy).not.toMatch(/dynamodb:(Delete|Scan|\*)|byRule/);
  });
});

describe("the redelivery queue", () => {
  const [queueId, queue] = resourcesOf(template, "AWS::SQS::Queue").find(([id]) =>
    id.startsWith("RedeliveryQueue"),
  ) ?? ["", undefined];

  it("is encrypted, keeps messages for 14 days and hides them for six times the detector's timeout", () => {
    expect(queue?.Properties).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
      VisibilityTimeout: 720,
      RedrivePolicy: {
        maxReceiveCount: 1000,
        deadLetterTargetArn: { "Fn::GetAtt": [expect.stringMatching(/^RedeliveryDeadDeliveries/), "Arn"] },
      },
    });
  });

  it("has the detector invoked, a few at once, and only what it names as failed comes again", () => {
    const mapping = resourcesOf(template, "AWS::Lambda::EventSourceMapping").find(([id]) =>
      id.startsWith("Redelivery"),
    );
    expect(mapping?.[1].Properties).toEqual({
      BatchSize: 10,
      EventSourceArn: { "Fn::GetAtt": [queueId, "Arn"] },
      FunctionName: { Ref: expect.stringMatching(/^DetectorFunction/) as unknown },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
  });

  it("takes messages of anybody whom IAM lets in, over TLS only; dead deliveries come from the detector alone", () => {
    const policies = new Map(
      resourcesOf(template, "AWS::SQS::QueuePolicy").map(([id, { Properties }]) => [
        id.replace(/Policy[0-9A-F]{8}$/, ""),
        (Properties["PolicyDocument"] as { Statement: Record<string, unknown>[] }).Statement,
      ]),
    );
    expect(policies.get("RedeliveryQueue")?.map(({ Effect, Condition }) => ({ Effect, Condition }))).toEqual([
      { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
    expect(policies.get("RedeliveryDeadDeliveries")).toContainEqual(
      expect.objectContaining({
        Sid: "DenyOtherSenders",
        Condition: {
          Bool: { "aws:PrincipalIsAWSService": "false" },
          ArnNotEquals: {
            "aws:PrincipalArn": [{ "Fn::GetAtt": [expect.stringMatching(/^DetectorRole/), "Arn"] }],
          },
        },
      }),
    );
  });
});

it("state, queues and timers are there before the first record comes", () => {
  const rule = resourcesOf(template, "AWS::Events::Rule").find(([id]) => !id.includes("OwnDenials"));
  const earlier = [...madeBefore(template, rule?.[0] ?? "")];
  for (const name of [
    "StateTable",
    "RedeliveryQueue",
    "RedeliveryEventSource",
    "TimersGroup",
    "TimersInvoke",
  ])
    expect(earlier.filter((id) => id.slice(0, -8) === name)).toHaveLength(1);
});
