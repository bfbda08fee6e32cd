import { expect, it } from "vitest";
import { OWN_CALLS, OWN_SOURCES } from "../../lambda/engine/own-role.ts";
import { makeTemplate, resourcesOf, statementsOfRole } from "./synthesise.ts";

/** One statement a line: what may be done, to what, on which condition. */
function lines(statements: Iterable<Record<string, unknown>>): string[] {
  return [...statements].map(({ Sid, Action, Resource, Condition }) =>
    [Sid, list(Action).join(" "), list(Resource).map(short).join(" "), short(Condition ?? "")].join(" | "),
  );
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** References to resources by their names, without the hash that CDK puts behind them. */
function short(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).replaceAll(
    /([A-Za-z]+?)[0-9A-F]{8}"/g,
    '$1"',
  );
}

function statementsOf(document: unknown): Record<string, unknown>[] {
  return (document as { Statement: Record<string, unknown>[] }).Statement;
}

it("the detector of an empty configuration may do this, and nothing else", () => {
  expect(lines(statementsOfRole(makeTemplate()).values())).toMatchInlineSnapshot(`
    [
      "PublishAlerts | sns:Publish | {"Ref":"AlertsTopic"} | ",
      "KeepState | dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem | {"Fn::GetAtt":["StateTable","Arn"]} {"Fn::Join":["",[{"Fn::GetAtt":["StateTable","Arn"]},"/index/byActor"]]} {"Fn::Join":["",[{"Fn::GetAtt":["StateTable","Arn"]},"/index/byTime"]]} | {"ForAllValues:StringNotEquals":{"dynamodb:LeadingKeys":["KEYS"]}}",
      "ReadStream | dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams | {"Fn::GetAtt":["StateTable","StreamArn"]} | ",
      "Redeliver | sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage sqs:SendMessage | {"Fn::GetAtt":["RedeliveryQueue","Arn"]} | ",
      "KeepUndeliverable | sqs:SendMessage | {"Fn::GetAtt":["RedeliveryDeadDeliveries","Arn"]} | ",
      "MakeTimers | scheduler:CreateSchedule | {"Fn::Join":["",["arn:aws:scheduler:us-east-1:123456789012:schedule/",{"Ref":"TimersGroup"},"/*"]]} | ",
      "HandRoleToTimers | iam:PassRole | {"Fn::GetAtt":["TimersRole","Arn"]} | {"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}",
      "KeepFailed | sqs:SendMessage | {"Fn::GetAtt":["DeadLettersQueue","Arn"]} | ",
      "WriteLog | logs:CreateLogStream logs:PutLogEvents | {"Fn::GetAtt":["DetectorLogs","Arn"]} | ",
    ]
  `);
});

it("destinations and secrets add exactly what they need", () => {
  const before = new Set(statementsOfRole(makeTemplate()).keys());
  const after = statementsOfRole(
    makeTemplate({
      config: {
        destinations: {
          mail: { type: "ses", from: "alerts@example.com", to: ["me@example.org"] },
          hub: { type: "security-hub" },
          bus: {
            type: "eventbridge",
            busArn: "arn:aws:events:us-east-1:123456789012:event-bus/alerts",
          },
          hook: {
            type: "webhook",
            secret: "ssm:/prod/hook",
            secretKeyArn: "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555",
            signingSecret: "prod/hook-signing",
          },
        },
      },
    }),
  );
  const added = [...after].flatMap(([sid, statement]) => (before.has(sid) ? [] : [statement]));
  expect(lines(added)).toMatchInlineSnapshot(`
    [
      "Deliver1Tomail | ses:SendEmail | arn:aws:ses:us-east-1:123456789012:identity/alerts@example.com arn:aws:ses:us-east-1:123456789012:identity/example.com arn:aws:ses:us-east-1:123456789012:identity/example.org arn:aws:ses:us-east-1:123456789012:identity/me@example.org | {"StringEquals":{"ses:FromAddress":"alerts@example.com"}}",
      "Deliver2Tohub | securityhub:BatchImportFindings | arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default | ",
      "Deliver3Tohub | securityhub:DescribeHub | arn:aws:securityhub:us-east-1:123456789012:hub/default | ",
      "Deliver4Tobus | events:PutEvents | arn:aws:events:us-east-1:123456789012:event-bus/alerts | ",
      "ReadSecrets | secretsmanager:GetSecretValue | arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/hook-signing-?????? | ",
      "ReadParameters | ssm:GetParameter | arn:aws:ssm:us-east-1:123456789012:parameter/prod/hook | ",
      "DecryptParameters | kms:Decrypt | arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555 | {"StringLike":{"kms:ViaService":{"Fn::Join":["",["ssm.*.",{"Ref":"AWS::URLSuffix"}]]},"kms:EncryptionContext:PARAMETER_ARN":["arn:aws:ssm:us-east-1:123456789012:parameter/prod/hook"]}}",
    ]
  `);
});

it("whatever the detector may call is left out of the patterns, so that it never feeds itself", () => {
  const destinations = {
    mail: { type: "ses", from: "alerts@example.com", to: ["me@example.org"] },
    hub: { type: "security-hub" },
    bus: { type: "eventbridge", busArn: "arn:aws:events:us-east-1:123456789012:event-bus/alerts" },
    hook: { type: "webhook", secret: "ssm:/prod/hook", signingSecret: "prod/hook-signing" },
  };
  const statements = [
    ...statementsOfRole(
      makeTemplate({ config: { destinations, lookupEvents: { requestsPerMinute: 20 } } }),
    ).values(),
  ];
  const actions = statements.flatMap(({ Action }) => list(Action).map(String));
  // Handing a role over is a permission, not a call; the others are Lambda's poller's, and data events.
  const others = new Set([
    "iam:PassRole",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
  ]);
  const calls = actions.filter((action) => !others.has(action)).map((action) => action.split(":"));
  expect(calls.length).toBeGreaterThan(15);
  const uncovered = calls.filter(
    ([service = "", name = ""]) =>
      !OWN_SOURCES.includes(`${service}.amazonaws.com`) || !OWN_CALLS.includes(name),
  );
  expect(uncovered).toEqual([]);
});

it("timers may invoke the detector and keep what they could not hand over; the canary may write its parameter", () => {
  const template = makeTemplate({ config: { canary: {} } });
  const [policy] = resourcesOf(template, "AWS::IAM::Policy");
  expect(lines(statementsOf(policy?.[1].Properties["PolicyDocument"]))).toMatchInlineSnapshot(`
    [
      " | lambda:InvokeFunction | {"Fn::GetAtt":["DetectorFunction","Arn"]} | ",
      " | sqs:SendMessage | {"Fn::GetAtt":["DeadLettersQueue","Arn"]} | ",
    ]
  `);
  const role = resourcesOf(template, "AWS::IAM::Role").find(([id]) => id.startsWith("CanaryRole"));
  const policies = role?.[1].Properties["Policies"] as { PolicyDocument: unknown }[] | undefined;
  expect(lines(statementsOf(policies?.[0]?.PolicyDocument))).toMatchInlineSnapshot(`
    [
      " | ssm:PutParameter | {"Fn::Join":["",["arn:aws:ssm:us-east-1:123456789012:parameter/",{"Ref":"CanaryParameter"}]]} | ",
    ]
  `);
});
