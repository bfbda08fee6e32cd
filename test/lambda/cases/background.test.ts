import { describe, expect, it } from "vitest";
import { historyFor } from "../../../lambda/cases/background.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";

const clock = { now: () => 0, sleep: async () => undefined };
const timers = (deadLetterArn: string) => ({ roleArn: "r", group: "g", deadLetterArn });
const history = (arn: string, lookupEvents?: { requestsPerMinute: number; regions?: readonly string[] }) =>
  historyFor(
    { timers: timers(arn), ...(lookupEvents === undefined ? {} : { lookupEvents }) },
    asTable(makeMemoryTable()),
    clock,
  );

describe("what may be asked of CloudTrail's history", () => {
  const queue = "arn:aws:sqs:eu-west-1:123456789012:dead";

  it("is nothing unless it is configured", () => {
    expect(history(queue)).toEqual({
      partition: "aws",
      account: "123456789012",
      regions: ["eu-west-1"],
      allRegions: false,
    });
  });

  it("is the stack's own Region where none are named, and that is not everything", () => {
    expect(history(queue, { requestsPerMinute: 9 })).toMatchObject({
      regions: ["eu-west-1"],
      allRegions: false,
      lookup: expect.any(Function) as unknown,
    });
  });

  it("is those that are named, and those in which sign-ins and global services appear all the same", () => {
    expect(history(queue, { requestsPerMinute: 9, regions: ["eu-central-1", "eu-west-1"] })).toMatchObject({
      regions: ["eu-west-1", "eu-central-1", "us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"],
      allRegions: true,
    });
    const china = history("arn:aws-cn:sqs:cn-north-1:123456789012:dead", {
      requestsPerMinute: 9,
      regions: ["cn-north-1"],
    });
    expect(china).toMatchObject({ partition: "aws-cn", regions: ["cn-north-1"], allRegions: true });
  });
});
