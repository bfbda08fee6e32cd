import { describe, expect, it } from "vitest";
import { DeliveryError } from "../../lambda/destinations/destination.ts";
import { createReport } from "../../lambda/report.ts";
import { sampleAlert } from "./alerts/sample.ts";

function recorded() {
  const lines: string[] = [];
  return {
    lines,
    report: createReport(
      (line) => lines.push(line),
      () => 1_795_169_730_000,
    ),
  };
}

describe("createReport", () => {
  it("writes what is invisible or breaks lines as escapes", () => {
    const { lines, report } = recorded();
    report.recordUnreadable("a\u202e\u2028\u009bb");
    expect(lines[0]).toContain('"reason":"a\\u202e\\u2028\\u009bb"');
  });

  it("writes one JSON line with ids for each thing that matters, and never the record", () => {
    const { lines, report } = recorded();
    const alert = sampleAlert({ userAgent: "line\nbreak", requestParameters: { password: "hunter2" } });
    report.delivered(alert, "topic");
    report.deliveryFailed(
      alert,
      "datadog",
      new DeliveryError("no\nanswer", { destination: "datadog", retryable: true, status: 503 }),
    );
    report.deliveryFailed(alert, "x", "thrown text");
    report.recordUnreadable("no detail");
    report.ruleFailed("_global/x", "boom", alert.record.eventID);
    const suppression = { id: "backup", reason: "Routine.", owner: "platform\u202e", expires: "2027-03-31" };
    report.kept({ ...alert, disposition: "suppressed", suppression });
    report.kept({ ...alert, disposition: "staged" });
    report.suppressionFailed("backup", "_global/x", "boom", alert.record.eventID);
    expect(lines.join()).not.toMatch(/\n|hunter2/);
    const ids = {
      alertId: alert.id,
      ruleId: alert.rule.id,
      eventID: alert.record.eventID,
      accountId: "123456789012",
    };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: "info", message: "alert delivered", ...ids, severity: "high", destination: "topic" },
      {
        level: "error",
        message: "delivery failed",
        ...ids,
        destination: "datadog",
        reason: "no\nanswer",
        retryable: true,
        status: 503,
      },
      {
        level: "error",
        message: "delivery failed",
        ...ids,
        destination: "x",
        reason: "something that is no error was thrown",
      },
      { level: "error", message: "record unreadable", reason: "no detail" },
      {
        level: "error",
        message: "rule failed",
        ruleId: "_global/x",
        reason: "boom",
        eventID: alert.record.eventID,
      },
      {
        level: "info",
        message: "alert suppressed",
        ...ids,
        severity: "high",
        suppression: "backup",
        owner: "platform\u202e",
      },
      { level: "info", message: "alert staged", ...ids, severity: "high" },
      {
        level: "error",
        message: "suppression failed",
        suppression: "backup",
        ruleId: "_global/x",
        reason: "boom",
        eventID: alert.record.eventID,
      },
    ]);
  });

  it("bounds hostile texts and drops values that are no text", () => {
    const { lines, report } = recorded();
    report.ruleFailed("r", "x".repeat(100_000), { nested: "object" });
    expect(lines[0]?.length).toBeLessThan(600);
    expect(lines[0]).not.toContain("nested");
  });

  it("writes the counts that are not zero as one line of embedded metrics without dimensions", () => {
    const { lines, report } = recorded();
    report.counted({
      RecordsEvaluated: 1,
      RecordsUnreadable: 0,
      Alerts: 2,
      AlertsSuppressed: 0,
      AlertsStaged: 1,
      Deliveries: 3,
      DeliveriesFailed: 1,
      RulesFailed: 0,
      SuppressionsFailed: 0,
    });
    const metrics = ["RecordsEvaluated", "Alerts", "AlertsStaged", "Deliveries", "DeliveriesFailed"].map(
      (Name) => ({
        Name,
        Unit: "Count",
      }),
    );
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      _aws: {
        Timestamp: 1_795_169_730_000,
        CloudWatchMetrics: [{ Namespace: "CloudTrailEngine", Dimensions: [[]], Metrics: metrics }],
      },
      RecordsEvaluated: 1,
      Alerts: 2,
      AlertsStaged: 1,
      Deliveries: 3,
      DeliveriesFailed: 1,
    });
  });
});
