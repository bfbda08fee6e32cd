import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { makeTemplate, resourcesOf } from "./synthesise.ts";

const template = makeTemplate({ config: { canary: { every: 30, within: 20 } } });
const resource = (type: string, start: string) =>
  resourcesOf(template, type).find(([id]) => id.startsWith(start))?.[1].Properties;

describe("the canary", () => {
  it("is not there unless it is asked for", () => {
    expect(JSON.stringify(makeTemplate().toJSON()).toLowerCase()).not.toContain("canary");
  });

  it("writes the time into its own parameter, and does not try again", () => {
    expect(resource("AWS::Scheduler::Schedule", "Canary")).toMatchObject({
      ScheduleExpression: "rate(30 minutes)",
      Target: {
        Arn: "arn:aws:scheduler:::aws-sdk:ssm:putParameter",
        RetryPolicy: { MaximumRetryAttempts: 0 },
        Input: {
          "Fn::Join": [
            "",
            [
              '{"Name":"',
              { Ref: expect.stringMatching(/^CanaryParameter/) },
              '","Value":"<aws.scheduler.scheduled-time>","Overwrite":true}',
            ],
          ],
        },
      },
    });
  });

  it("is brought to the detector by a rule of its own, for writes of its own role only", () => {
    const role = { "Fn::GetAtt": [expect.stringMatching(/^CanaryRole/), "Arn"] };
    expect(resource("AWS::Events::Rule", "Rulescanary")).toMatchObject({
      Name: "CloudTrailEngine.canary",
      State: "ENABLED",
      EventPattern: {
        source: [{ prefix: "aws." }],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventSource: ["ssm.amazonaws.com"],
          eventName: ["PutParameter"],
          userIdentity: { sessionContext: { sessionIssuer: { arn: [role] } } },
        },
      },
      Targets: [{ Id: "detector" }],
    });
    expect(() =>
      template.hasResourceProperties("AWS::Lambda::Function", {
        Environment: {
          Variables: Match.objectLike({
            ENGINE_CANARY_ROLE_ARN: { "Fn::GetAtt": [Match.stringLikeRegexp("^CanaryRole"), "Arn"] },
          }),
        },
      }),
    ).not.toThrow();
  });

  it("raises an alarm by its silence as by its lateness, twice in a row, and says when it is over", () => {
    const operations = [{ Ref: expect.stringMatching(/^OperationsTopic/) }];
    expect(resource("AWS::CloudWatch::Alarm", "CanarySilence")).toMatchObject({
      Namespace: "CloudTrailEngine",
      MetricName: "CanaryLatencyMs",
      Statistic: "Minimum",
      Period: 1800,
      EvaluationPeriods: 2,
      Threshold: 1_200_000,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "breaching",
      AlarmActions: operations,
      OKActions: operations,
    });
  });
});
