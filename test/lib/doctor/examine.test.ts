import { describe, expect, it } from "vitest";
import { type Answers, awsError, CANARY_KEY, outputs, TARGET } from "./account.ts";
import { examineWith, findingsOf } from "./findings.ts";

const stackWith = (changes: Record<string, string>, status = "CREATE_COMPLETE"): Answers => ({
  DescribeStacksCommand: { Stacks: [{ StackStatus: status, Outputs: outputs(changes) }] },
});
describe("a healthy account", () => {
  it("has no finding, and each check says what it saw", async () => {
    const report = await examineWith({});
    expect(report).toMatchObject({
      stack: "CloudTrailEngine",
      region: "eu-west-1",
      account: "123456789012",
      findings: 0,
    });
    expect(report.results.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "stack ok",
      "event-rules ok",
      "trail ok",
      "region ok",
      "subscriptions ok",
      "secrets ok",
      "table ok",
      "deliveries ok",
      "dead-letters ok",
    ]);
  });

  it("is only read", async () => {
    const asked: string[] = [];
    await examineWith({}, "eu-west-1", asked);
    for (const call of asked) expect(call).toMatch(/^(Get|List|Describe)/);
    expect(asked).toContain('ListRulesCommand {"NamePrefix":"CloudTrailEngine."}');
    expect(asked).toContain('GetSecretValueCommand {"SecretId":"prod/datadog"}');
  });
});

describe("the stack", () => {
  it("that is not there is the finding, and the trail is looked at all the same", async () => {
    const found = await findingsOf({
      DescribeStacksCommand: awsError("ValidationError", "Stack with id CloudTrailEngine does not exist"),
      GetTrailStatusCommand: { IsLogging: false },
    });
    expect(found).toMatchObject([
      { check: "stack", status: "fail", message: expect.stringContaining('no stack "CloudTrailEngine"') },
      { check: "trail", status: "fail" },
    ]);
  });

  it("of something else is not taken for the engine", async () => {
    expect(
      await findingsOf({
        DescribeStacksCommand: { Stacks: [{ StackStatus: "CREATE_COMPLETE", Outputs: [] }] },
      }),
    ).toMatchObject([
      {
        check: "stack",
        status: "fail",
        message: expect.stringContaining("is no stack of CloudTrail Engine"),
      },
    ]);
  });

  it.each([
    ["UPDATE_ROLLBACK_COMPLETE", "fail"],
    ["CREATE_FAILED", "fail"],
    ["UPDATE_IN_PROGRESS", "warn"],
  ])("in state %s is a %s", async (status, expected) => {
    expect(await findingsOf(stackWith({}, status))).toMatchObject([{ check: "stack", status: expected }]);
  });
});

describe("the EventBridge rules", () => {
  it("that are gone are found", async () => {
    const found = await findingsOf({
      ListRulesCommand: { Rules: [{ Name: "CloudTrailEngine.own-denials", State: "ENABLED" }] },
    });
    expect(found).toMatchObject([
      {
        check: "event-rules",
        status: "fail",
        message: expect.stringContaining("nothing reaches the detector"),
      },
    ]);
  });

  it("that are disabled or without target are found, on every page", async () => {
    const found = await findingsOf({
      ListRulesCommand: ({ NextToken }: Record<string, unknown>) =>
        NextToken === undefined
          ? { Rules: [{ Name: "CloudTrailEngine.ec2-0w7xk2p", State: "DISABLED" }], NextToken: "2" }
          : { Rules: [{ Name: "CloudTrailEngine.iam-1b9k3zq", State: "ENABLED" }] },
      ListTargetsByRuleCommand: ({ Rule }: Record<string, unknown>) => ({
        Targets: Rule === "CloudTrailEngine.ec2-0w7xk2p" ? [TARGET] : [],
      }),
    });
    expect(found).toMatchObject([
      { check: "event-rules", status: "fail", message: "CloudTrailEngine.ec2-0w7xk2p is disabled." },
      {
        check: "event-rules",
        status: "fail",
        message: expect.stringContaining("CloudTrailEngine.iam-1b9k3zq does not invoke the detector"),
        cure: expect.stringContaining(
          "'Id=detector,Arn=arn:aws:lambda:eu-west-1:123456789012:function:detector,DeadLetterConfig={Arn=arn:aws:sqs:eu-west-1:123456789012:dead-letters}'",
        ),
      },
    ]);
  });

  it("that lost their dead-letter queue are found", async () => {
    const { DeadLetterConfig: _, ...target } = TARGET;
    expect(await findingsOf({ ListTargetsByRuleCommand: { Targets: [target] } })).toMatchObject([
      {
        check: "event-rules",
        status: "warn",
        message: expect.stringContaining("CloudTrailEngine.ec2-0w7xk2p has no dead-letter queue any more"),
        cure: expect.stringContaining(
          "DeadLetterConfig={Arn=arn:aws:sqs:eu-west-1:123456789012:dead-letters}",
        ),
      },
    ]);
  });
});

describe("the Region", () => {
  it("that does not see the rules' records is found", async () => {
    const stack = stackWith({ RegionalSources: '["iam.amazonaws.com"]' });
    expect(await findingsOf(stack)).toMatchObject([
      {
        check: "region",
        status: "warn",
        message: expect.stringContaining("Records of iam.amazonaws.com appear in us-east-1 only"),
      },
    ]);
    expect(await findingsOf(stack, "us-east-1")).toEqual([]);
  });

  it("that sees one part of the sign-ins is fine, and that is said", async () => {
    const report = await examineWith(stackWith({ RegionalSources: '["signin.amazonaws.com"]' }), "us-east-1");
    expect(report.findings).toBe(0);
    expect(report.results.find(({ check }) => check === "region")?.message).toContain(
      "sees its own Region's only",
    );
  });
});

const subscriptions = (alerts: object[], operations: object[]): Answers => ({
  ListSubscriptionsByTopicCommand: ({ TopicArn }: Record<string, unknown>) => ({
    Subscriptions: String(TopicArn).endsWith("alerts") ? alerts : operations,
  }),
});

describe("subscriptions", () => {
  const confirmed = { Endpoint: "me@example.com", SubscriptionArn: "arn:aws:sns:eu-west-1:123456789012:x:1" };
  const pending = { Endpoint: "you@example.com", SubscriptionArn: "PendingConfirmation" };

  it("that nobody confirmed are found by address, once", async () => {
    const found = await findingsOf(subscriptions([confirmed, pending], [confirmed, pending]));
    expect(found).toMatchObject([
      { check: "subscriptions", status: "warn", message: "Not confirmed: you@example.com." },
    ]);
  });

  it("of nobody are a failure when there is no other destination", async () => {
    const found = await findingsOf({
      ...stackWith({ Destinations: "[]", Secrets: "{}" }),
      ...subscriptions([], [confirmed]),
    });
    expect(found).toMatchObject([
      { check: "subscriptions", status: "fail", message: "Nobody receives alerts." },
    ]);
  });

  it("of nobody to the alarms are a warning", async () => {
    const found = await findingsOf(subscriptions([confirmed], []));
    expect(found).toMatchObject([
      { check: "subscriptions", status: "warn", message: expect.stringContaining("alarms about the engine") },
    ]);
  });
});

describe("secrets", () => {
  it.each<[string, Answers, string]>([
    [
      "missing",
      { DescribeSecretCommand: awsError("ResourceNotFoundException", "not found") },
      "There is no secret prod/datadog",
    ],
    ["being deleted", { DescribeSecretCommand: { DeletedDate: new Date(0) } }, "marked for deletion"],
    [
      "unreadable",
      { GetSecretValueCommand: awsError("AccessDeniedException", "not authorized") },
      "cannot be read: AccessDeniedException: not authorized",
    ],
    ["empty", { GetSecretValueCommand: { SecretString: " " } }, "holds nothing that could be the API key"],
    ["binary", { GetSecretValueCommand: {} }, "holds nothing that could be the API key"],
    [
      "of another shape",
      { GetSecretValueCommand: { SecretString: `{"user":"${CANARY_KEY}"}` } },
      "holds nothing that could be the API key",
    ],
    [
      "broken JSON",
      { GetSecretValueCommand: { SecretString: `{"apiKey":"${CANARY_KEY}` } },
      "holds nothing that could be the API key",
    ],
  ])("%s are found, and nothing of them is shown", async (_, changes, message) => {
    expect(await findingsOf(changes)).toMatchObject([
      { check: "secrets", status: "fail", message: expect.stringContaining(message) },
    ]);
  });

  it("that end like a whole ARN and are not found are explained", async () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-apikey";
    const found = await findingsOf({
      ...stackWith({ Secrets: JSON.stringify([arn]) }),
      DescribeSecretCommand: awsError("ResourceNotFoundException", "not found"),
    });
    expect(found).toMatchObject([{ check: "secrets", cure: expect.stringContaining("taken for whole") }]);
  });

  it("may be JSON with an apiKey", async () => {
    expect(
      await findingsOf({ GetSecretValueCommand: { SecretString: `{"apiKey":"${CANARY_KEY}"}` } }),
    ).toEqual([]);
  });
});

describe("a check that cannot run", () => {
  it("is a finding with the permission it lacks, and stops no other", async () => {
    const denied = awsError("AccessDenied", "no");
    const found = await findingsOf({
      DescribeTrailsCommand: denied,
      ListRulesCommand: denied,
      GetQueueAttributesCommand: denied,
    });
    expect(found).toMatchObject([
      {
        check: "event-rules",
        status: "fail",
        cure: "Allow events:ListRules and ListTargetsByRule to whoever runs the doctor.",
      },
      { check: "trail", status: "fail", cure: expect.stringContaining("cloudtrail:DescribeTrails") },
      { check: "deliveries", status: "fail", cure: expect.stringContaining("sqs:GetQueueAttributes") },
      { check: "dead-letters", status: "fail", cure: expect.stringContaining("sqs:GetQueueAttributes") },
    ]);
  });

  it("for another reason says so", async () => {
    const found = await findingsOf({ DescribeTrailsCommand: awsError("TimeoutError", "no answer") });
    expect(found).toMatchObject([
      {
        check: "trail",
        message: "Could not be checked: TimeoutError: no answer.",
        cure: expect.stringContaining("network"),
      },
    ]);
  });

  it("for want of credentials is said once", async () => {
    const report = await examineWith({
      GetCallerIdentityCommand: awsError("ExpiredToken", "The token has expired"),
    });
    expect(report.results).toMatchObject([
      { status: "fail", message: expect.stringContaining("ExpiredToken: The token has expired") },
    ]);
    expect(report.account).toBeUndefined();
  });
});
