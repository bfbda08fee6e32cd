import { describe, expect, it } from "vitest";
import { CANARY_METRIC, watchCanary } from "../../lambda/canary.ts";

const ROLE = "arn:aws:iam::123456789012:role/CloudTrailEngine-CanaryRole9950A1F8-0Q1W2E3R4T5Y";
const NOW = Date.parse("2026-11-20T17:00:00Z");

/** As CloudTrail records what Scheduler does with a role; the value is never in it. */
const SUNG = {
  eventVersion: "1.11",
  userIdentity: {
    type: "AssumedRole",
    arn: "arn:aws:sts::123456789012:assumed-role/CloudTrailEngine-CanaryRole9950A1F8-0Q1W2E3R4T5Y/5f3a",
    sessionContext: { sessionIssuer: { type: "Role", arn: ROLE, userName: ROLE.split("/")[1] } },
    invokedBy: "scheduler.amazonaws.com",
  },
  eventTime: "2026-11-20T16:58:25Z",
  eventSource: "ssm.amazonaws.com",
  eventName: "PutParameter",
  requestParameters: {
    name: "CFN-CanaryParameter",
    value: "HIDDEN_DUE_TO_SECURITY_REASONS",
    overwrite: true,
  },
  eventID: "0c8f0c0e-1111-4222-8333-444455556666",
};

function watch(record: unknown, roleArn: string | undefined = ROLE): { isCanary: boolean; lines: unknown[] } {
  const lines: string[] = [];
  const isCanary = watchCanary(
    roleArn,
    (line) => lines.push(line),
    () => NOW,
  )(record);
  return { isCanary, lines: lines.map((line) => JSON.parse(line) as unknown) };
}

describe("a record", () => {
  it("of the canary's write is measured from its own time, in the form that CloudWatch reads", () => {
    expect(watch(SUNG)).toEqual({
      isCanary: true,
      lines: [
        {
          _aws: {
            Timestamp: NOW,
            CloudWatchMetrics: [
              {
                Namespace: "CloudTrailEngine",
                Dimensions: [[]],
                Metrics: [{ Name: CANARY_METRIC, Unit: "Milliseconds" }],
              },
            ],
          },
          CanaryLatencyMs: 95_000,
        },
      ],
    });
  });

  it("from a clock that is ahead is not early", () => {
    expect(watch({ ...SUNG, eventTime: "2026-11-20T17:00:01Z" }).lines).toMatchObject([
      { CanaryLatencyMs: 0 },
    ]);
  });

  it("without a time that can be read is the canary's and measures nothing", () => {
    for (const eventTime of [undefined, "", "yesterday", 5, null])
      expect(watch({ ...SUNG, eventTime })).toEqual({ isCanary: true, lines: [] });
  });

  it.each([
    ["another role", { ...SUNG, userIdentity: identity("arn:aws:iam::123456789012:role/CanaryRole") }],
    ["another call", { ...SUNG, eventName: "DeleteParameter" }],
    ["another service", { ...SUNG, eventSource: "secretsmanager.amazonaws.com" }],
    ["nobody", { ...SUNG, userIdentity: undefined }],
    [
      "a list in place of an issuer",
      { ...SUNG, userIdentity: { sessionContext: { sessionIssuer: [ROLE] } } },
    ],
    ["a session that is named like the role", { ...SUNG, userIdentity: { arn: ROLE, principalId: ROLE } }],
  ])("of %s is everybody else's", (_, record) => {
    expect(watch(record)).toEqual({ isCanary: false, lines: [] });
  });

  it("is never the canary's where there is none", () => {
    expect(watch(SUNG, "")).toEqual({ isCanary: false, lines: [] });
    const lines: string[] = [];
    expect(watchCanary(undefined, (line) => lines.push(line), Date.now)(SUNG)).toBe(false);
    expect(lines).toEqual([]);
  });
});

function identity(arn: string): object {
  return { type: "AssumedRole", sessionContext: { sessionIssuer: { arn } } };
}
