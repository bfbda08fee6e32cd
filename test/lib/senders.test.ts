import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { makeTemplate, resourcesOf } from "./synthesise.ts";

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
    const document = found?.[1].Properties["PolicyDocument"] as
      | { Statement: Record<string, unknown>[] }
      | undefined;
    return document?.Statement ?? [];
  }

  it("denies the alerts topic to everybody but the detector, and to plain HTTP", () => {
    expect(() =>
      template.hasResourceProperties("AWS::SNS::TopicPolicy", {
        PolicyDocument: {
          Statement: [
            Match.objectLike(tls),
            Match.objectLike({ ...others, Action: "sns:Publish", Condition: onlyDetector }),
          ],
        },
        Topics: [{ Ref: Match.stringLikeRegexp("^AlertsTopic") }],
      }),
    ).not.toThrow();
    expect(statementsOf("AWS::SNS::TopicPolicy", "Alerts").every(({ Effect }) => Effect === "Deny")).toBe(
      true,
    );
  });

  it("admits only alarms of this account to the operations topic", () => {
    expect(() =>
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
      }),
    ).not.toThrow();
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
    expect(() =>
      template.hasResourceProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true }),
    ).not.toThrow();
    expect(() =>
      template.hasResourceProperties("AWS::SNS::Topic", {
        KmsMasterKeyId: "arn:aws:kms:us-east-1:123456789012:alias/aws/sns",
      }),
    ).not.toThrow();
    expect(() =>
      template.hasResourceProperties("AWS::SNS::Topic", {
        KmsMasterKeyId: { "Fn::GetAtt": [Match.stringLikeRegexp("^OperationsKey"), "Arn"] },
      }),
    ).not.toThrow();
    expect(() =>
      template.hasResourceProperties("AWS::KMS::Key", {
        EnableKeyRotation: true,
        RotationPeriodInDays: 2560,
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
      }),
    ).not.toThrow();
  });
});
