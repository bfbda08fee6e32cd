import { describe, expect, it } from "vitest";
import { matchesEventPattern } from "../../lambda/engine/event-pattern/match.ts";
import { compileEventPattern } from "../../lambda/engine/event-pattern/compile.ts";
import { madeBefore, makeTemplate, resourcesOf, statementsOfRole } from "./synthesise.ts";

const template = makeTemplate();
const [id, mapping] = resourcesOf(template, "AWS::Lambda::EventSourceMapping").find(([name]) =>
  name.startsWith("Background"),
) ?? ["", undefined];

describe("the background", () => {
  it("has the detector invoked with the table's stream, ten at a time, only failed changes again, and none lost in silence", () => {
    expect(mapping?.Properties).toMatchObject({
      EventSourceArn: { "Fn::GetAtt": [expect.stringMatching(/^StateTable/), "StreamArn"] },
      FunctionName: { Ref: expect.stringMatching(/^DetectorFunction/) as unknown },
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 10,
      ParallelizationFactor: 1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      MaximumRetryAttempts: 100,
      MaximumRecordAgeInSeconds: 43_200,
      DestinationConfig: {
        OnFailure: { Destination: { "Fn::GetAtt": [expect.stringMatching(/^DeadLettersQueue/), "Arn"] } },
      },
    });
    expect(() =>
      template.hasResourceProperties("AWS::DynamoDB::Table", {
        StreamSpecification: { StreamViewType: "KEYS_ONLY" },
      }),
    ).not.toThrow();
  });

  const criteria = mapping?.Properties["FilterCriteria"] as { Filters: { Pattern: string }[] } | undefined;
  const filters = criteria?.Filters ?? [];
  const patterns = filters.map(({ Pattern }) => compileEventPattern(JSON.parse(Pattern)));
  const passes = (pk: string, sk: string, eventName = "INSERT"): boolean =>
    patterns.some((pattern) =>
      matchesEventPattern(pattern, { eventName, dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } } }),
    );

  it.each([
    ["ALERT#5f", "ALERT"],
    ["ALERT#5f", "SUMMARY"],
    ["ALERT#5f", "LOG#2026-11-20T10:15:30.000Z#1"],
  ])("is brought %s / %s when it is new, and not when it changes or expires", (pk, sk) => {
    expect([passes(pk, sk), passes(pk, sk, "MODIFY"), passes(pk, sk, "REMOVE")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ["ALERT#5f", "SCOPE#details"],
    ["ALERT#5f", "SCOPE#investigation"],
    ["ALERT#5f", "KEPT"],
    ["ALERT#5f", "ONCE#5f"],
    ["ACTOR#5f", "PROFILE"],
    ["NUMBERS", "000000000001"],
    ["LOOKUP#5f", "eu-west-1"],
    ["LOOKUPS#eu-west-1", "MINUTE#1"],
    ["DAYS", "told#2026-11-20"],
    ["WINDOW#5f", "WINDOW"],
  ])("is not brought %s / %s, so that nothing it writes invokes it again", (pk, sk) => {
    expect(passes(pk, sk)).toBe(false);
  });

  it("is there before the first record comes", () => {
    const rule = resourcesOf(template, "AWS::Events::Rule").find(([name]) => !name.includes("OwnDenials"));
    expect([...madeBefore(template, rule?.[0] ?? "")]).toContain(id);
  });

  it("may ask CloudTrail's history only where that is configured", () => {
    expect(statementsOfRole(template).get("AskHistory")).toBeUndefined();
    const asking = makeTemplate({ config: { lookupEvents: { requestsPerMinute: 20 } } });
    expect(statementsOfRole(asking).get("AskHistory")).toMatchObject({
      Action: "cloudtrail:LookupEvents",
      Resource: "*",
    });
  });
});
