import { describe, expect, it } from "vitest";
import { queue, QUEUE_POLICY } from "./account.ts";
import { findingsOf } from "./findings.ts";

describe("the dead-letter queue", () => {
  it("with something in it is found", async () => {
    const found = await findingsOf({
      GetQueueAttributesCommand: queue({ ApproximateNumberOfMessages: "3" }),
    });
    expect(found).toMatchObject([
      {
        check: "dead-letters",
        status: "warn",
        message: expect.stringContaining("3 records wait in the dead-letter queue"),
      },
    ]);
  });

  const [deny] = QUEUE_POLICY.Statement;
  it.each([
    ["no policy", queue({ Policy: "" })],
    ["a policy that is no JSON", queue({ Policy: "{" })],
    ["a policy of another shape", queue({ Policy: '{"Statement":["x",null]}' })],
    ["a policy without our statement", queue({ Policy: JSON.stringify({ Statement: [deny] }) })],
    [
      "a policy that admits another service",
      queue({ Policy: JSON.stringify(QUEUE_POLICY).replace("events.amazonaws", "s3.amazonaws") }),
    ],
    [
      "a policy that denies EventBridge",
      queue({ Policy: JSON.stringify(QUEUE_POLICY).replace('"Allow"', '"Deny"') }),
    ],
  ])("with %s is found: EventBridge's failures would be lost", async (_, answer) => {
    expect(await findingsOf({ GetQueueAttributesCommand: answer })).toMatchObject([
      {
        check: "dead-letters",
        status: "fail",
        message: expect.stringContaining("does not admit EventBridge"),
      },
    ]);
  });

  it("may admit EventBridge beside others and with other actions", async () => {
    const statement = {
      Effect: "Allow",
      Principal: { Service: ["sns.amazonaws.com", "events.amazonaws.com"] },
      Action: ["SQS:SendMessage", "SQS:GetQueueUrl"],
    };
    const policy = queue({ Policy: JSON.stringify({ Statement: statement }) });
    expect(await findingsOf({ GetQueueAttributesCommand: policy })).toEqual([]);
  });
});
