import { describe, expect, it } from "vitest";
import { type Answers, awsError, outputs, queues } from "./account.ts";
import { examineWith, findingsOf } from "./findings.ts";

describe("the state table", () => {
  it.each<[string, Answers, string, string]>([
    [
      "that is gone is a failure",
      { DescribeTableCommand: awsError("ResourceNotFoundException", "not found") },
      "fail",
      "The table state is gone",
    ],
    [
      "that is being changed is a failure",
      { DescribeTableCommand: { Table: { TableStatus: "UPDATING", DeletionProtectionEnabled: true } } },
      "fail",
      "The table state is UPDATING",
    ],
    [
      "without recovery is found",
      { DescribeContinuousBackupsCommand: { ContinuousBackupsDescription: {} } },
      "warn",
      "cannot be recovered to a point in time",
    ],
    [
      "whose items do not expire is found",
      { DescribeTimeToLiveCommand: { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } } },
      "warn",
      "do not expire by expiresAt",
    ],
    [
      "whose items expire by something else is found",
      {
        DescribeTimeToLiveCommand: {
          TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "ttl" },
        },
      },
      "warn",
      "do not expire by expiresAt",
    ],
    [
      "that anybody may delete is found",
      { DescribeTableCommand: { Table: { TableStatus: "ACTIVE" } } },
      "warn",
      "Nothing keeps the table state from being deleted",
    ],
  ])("%s", async (_, changes, status, message) => {
    expect(await findingsOf(changes)).toMatchObject([
      { check: "table", status, message: expect.stringContaining(message) },
    ]);
  });

  it("that may not be looked at is a finding with the permission that lacks", async () => {
    const found = await findingsOf({ DescribeTableCommand: awsError("AccessDeniedException", "no") });
    expect(found).toMatchObject([
      { check: "table", status: "fail", cure: expect.stringContaining("dynamodb:DescribeTable") },
    ]);
  });

  it("is missed in a stack of a version that had none", async () => {
    const found = await findingsOf({
      DescribeStacksCommand: {
        Stacks: [
          {
            StackStatus: "UPDATE_COMPLETE",
            Outputs: outputs({ StateTable: "", RedeliveryUrl: "", Secrets: '["prod/datadog"]' }),
          },
        ],
      },
    });
    expect(found).toMatchObject([
      { check: "table", status: "warn", cure: expect.stringContaining("cdk deploy") },
      { check: "deliveries", status: "warn" },
    ]);
  });
});

describe("deliveries", () => {
  it("that wait for their next attempt are fine, and counted", async () => {
    const report = await examineWith({
      GetQueueAttributesCommand: queues({
        redelivery: {
          ApproximateNumberOfMessagesNotVisible: "2",
          ApproximateNumberOfMessagesDelayed: "1",
        },
      }),
    });
    expect(report.findings).toBe(0);
    expect(report.results.find(({ check }) => check === "deliveries")?.message).toBe(
      "3 deliveries wait for the next attempt. None was given up.",
    );
  });

  it.each<[string, Parameters<typeof queues>[0], string, string]>([
    [
      "that were given up are found",
      { "dead-deliveries": { ApproximateNumberOfMessages: "1" } },
      "1 delivery was given up",
      "npm run engine -- redrive",
    ],
    [
      "that nothing takes are found, with the mapping to look at",
      { redelivery: { ApproximateNumberOfMessages: "4" } },
      "4 deliveries are due again",
      "get-event-source-mapping --uuid 11111111-2222-3333-4444-555555555555",
    ],
    [
      "without a queue to end in are found",
      { redelivery: { RedrivePolicy: "{}" } },
      "has lost its dead-letter queue",
      "RedrivePolicy",
    ],
    [
      "whose policy is no JSON are found",
      { redelivery: { RedrivePolicy: "{" } },
      "has lost its dead-letter queue",
      "RedrivePolicy",
    ],
  ])("%s", async (_, changes, message, cure) => {
    expect(await findingsOf({ GetQueueAttributesCommand: queues(changes) })).toMatchObject([
      {
        check: "deliveries",
        status: "warn",
        message: expect.stringContaining(message),
        cure: expect.stringContaining(cure),
      },
    ]);
  });
});
