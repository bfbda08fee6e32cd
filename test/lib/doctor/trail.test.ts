import { describe, expect, it } from "vitest";
import { type Answers, awsError } from "./account.ts";
import { findingsOf } from "./findings.ts";

const selectors = (EventSelectors: object[]): Answers => ({ GetEventSelectorsCommand: { EventSelectors } });
const advanced = (...FieldSelectors: object[]): Answers => ({
  GetEventSelectorsCommand: { AdvancedEventSelectors: [{ FieldSelectors }] },
});
const MANAGEMENT = { Field: "eventCategory", Equals: ["Management"] };

describe("the trail", () => {
  it.each<[string, Answers, string, string]>([
    ["missing", { DescribeTrailsCommand: { trailList: [] } }, "fail", "No trail covers this Region"],
    ["stopped", { GetTrailStatusCommand: { IsLogging: false } }, "fail", "Trail main is stopped"],
    [
      "logging data events only",
      selectors([{ ReadWriteType: "All", IncludeManagementEvents: false }]),
      "fail",
      "No trail logs management writes",
    ],
    [
      "logging reads only",
      selectors([{ ReadWriteType: "ReadOnly", IncludeManagementEvents: true }]),
      "fail",
      "No trail logs management writes",
    ],
    ["without any selector", selectors([]), "fail", "No trail logs management writes"],
    [
      "leaving a service out",
      selectors([{ ReadWriteType: "All", ExcludeManagementEventSources: ["kms.amazonaws.com"] }]),
      "warn",
      "leaves out by eventSource kms.amazonaws.com",
    ],
    [
      "with advanced selectors for reads only",
      advanced(MANAGEMENT, { Field: "readOnly", Equals: ["true"] }),
      "fail",
      "No trail logs management writes",
    ],
    [
      "with advanced selectors for data only",
      advanced({ Field: "eventCategory", Equals: ["Data"] }),
      "fail",
      "No trail logs management writes",
    ],
    [
      "with advanced selectors that narrow",
      advanced(MANAGEMENT, { Field: "eventSource", NotEquals: ["kms.amazonaws.com"] }),
      "warn",
      "leaves out by eventSource",
    ],
    [
      "that nobody may read",
      { GetEventSelectorsCommand: awsError("AccessDenied", "no\nsecond line") },
      "warn",
      "could not be read: AccessDenied: no.",
    ],
  ])("%s is found", async (_, changes, status, message) => {
    expect(await findingsOf(changes)).toMatchObject([
      { check: "trail", status, message: expect.stringContaining(message) },
    ]);
  });

  it.each<[string, Answers]>([
    [
      "basic selectors for writes",
      selectors([{ ReadWriteType: "WriteOnly", IncludeManagementEvents: true }]),
    ],
    ["advanced selectors for all", advanced(MANAGEMENT)],
    ["advanced selectors for writes", advanced(MANAGEMENT, { Field: "readOnly", Equals: ["false"] })],
    ["advanced selectors against reads", advanced(MANAGEMENT, { Field: "readOnly", NotEquals: ["true"] })],
  ])("with %s is fine", async (_, changes) => {
    expect(await findingsOf(changes)).toEqual([]);
  });

  it("that logs everything makes up for another that does not", async () => {
    const found = await findingsOf({
      DescribeTrailsCommand: {
        trailList: [
          { Name: "old", TrailARN: "old" },
          { Name: "main", TrailARN: "main" },
        ],
      },
      GetTrailStatusCommand: ({ Name }: Record<string, unknown>) => ({ IsLogging: Name === "main" }),
    });
    expect(found).toEqual([]);
  });

  it("must log reads when a rule watches them", async () => {
    const found = await findingsOf({
      ...selectors([{ ReadWriteType: "WriteOnly", IncludeManagementEvents: true }]),
      ListRulesCommand: {
        Rules: [{ Name: "CloudTrailEngine.01-sts", State: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" }],
      },
    });
    expect(found).toMatchObject([
      { check: "trail", status: "warn", message: expect.stringContaining("Some rules watch reads") },
    ]);
  });
});
