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

const how = { part: "first", attempts: 1, took: 12 };

const metrics = (names: readonly string[], dimensions: readonly string[]) => ({
  Timestamp: 1_795_169_730_000,
  CloudWatchMetrics: [
    {
      Namespace: "CloudTrailEngine",
      Dimensions: [dimensions],
      Metrics: names.map((Name) => ({ Name, Unit: "Count" })),
    },
  ],
});

describe("createReport", () => {
  it("writes what is invisible or breaks lines as escapes", () => {
    const { lines, report } = recorded();
    report.recordUnreadable("a\u202e\u2028\u009bb");
    expect(lines[0]).toContain('"reason":"a\\u202e\\u2028\\u009bb"');
  });

  it("writes one JSON line with the alert's id for each thing that matters, and never the record", () => {
    const { lines, report } = recorded();
    const alert = sampleAlert({ userAgent: "line\nbreak", requestParameters: { password: "hunter2" } });
    const error = new DeliveryError("no\nanswer", { destination: "datadog", retryable: true, status: 503 });
    report.delivered(alert, "topic", how);
    report.delivered(alert, "topic", { part: "summary", attempts: 3, took: 7 });
    report.deliveryFailed(alert, "datadog", error);
    report.deliveryFailed(alert, "x", "thrown text");
    report.deliveryDead(alert.id, "datadog", "no answer");
    report.repeatFailed(alert, "slack", error);
    report.redeliveryFailed("m1", new Error("no table"));
    report.routedNowhere(alert);
    report.recordUnreadable("no detail");
    report.ruleFailed("_global/x", "boom", alert.record.eventID);
    const suppression = { id: "backup", reason: "Routine.", owner: "platform\u202e", expires: "2027-03-31" };
    report.kept({ ...alert, disposition: "suppressed", suppression });
    report.kept({ ...alert, disposition: "staged" });
    report.kept({ ...alert, disposition: "deduplicated", count: 4 });
    report.suppressionFailed("backup", "_global/x", "boom", alert.record.eventID);
    report.dedupFailed(alert, "making the timer", new Error("throttled"));
    expect(lines.join()).not.toMatch(/\n|hunter2/);
    const ids = {
      alertId: alert.id,
      ruleId: alert.rule.id,
      eventID: alert.record.eventID,
      accountId: "123456789012",
    };
    const failed = { reason: "no\nanswer", retryable: true, status: 503 };
    const told = { ...ids, severity: "high" };
    const nothing = "something that is no error was thrown";
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        level: "info",
        message: "alert delivered",
        ...told,
        destination: "topic",
        attempts: 1,
        milliseconds: 12,
      },
      {
        level: "info",
        message: "summary delivered",
        ...told,
        destination: "topic",
        attempts: 3,
        milliseconds: 7,
      },
      { level: "error", message: "delivery failed", ...ids, destination: "datadog", ...failed },
      { level: "error", message: "delivery failed", ...ids, destination: "x", reason: nothing },
      {
        level: "error",
        message: "delivery given up",
        alertId: alert.id,
        destination: "datadog",
        reason: "no answer",
      },
      { level: "error", message: "repeat not told", ...ids, destination: "slack", ...failed },
      { level: "error", message: "redelivery failed", messageId: "m1", reason: "Error: no table" },
      { level: "error", message: "no route, so every destination", ...ids },
      { level: "error", message: "record unreadable", reason: "no detail" },
      { level: "error", message: "rule failed", ruleId: "_global/x", reason: "boom", eventID: ids.eventID },
      { level: "info", message: "alert suppressed", ...told, suppression: "backup", owner: "platform\u202e" },
      { level: "info", message: "alert staged", ...told },
      { level: "info", message: "alert deduplicated", ...told, count: 4 },
      {
        level: "error",
        message: "suppression failed",
        suppression: "backup",
        ruleId: "_global/x",
        reason: "boom",
        eventID: ids.eventID,
      },
      {
        level: "error",
        message: "dedup failed",
        ...ids,
        doing: "making the timer",
        reason: "Error: throttled",
      },
    ]);
  });

  it("bounds hostile texts and drops values that are no text", () => {
    const { lines, report } = recorded();
    report.ruleFailed("r", "x".repeat(100_000), { nested: "object" });
    expect(lines[0]?.length).toBeLessThan(600);
    expect(lines[0]).not.toContain("nested");
  });

  it("writes its numbers as embedded metrics: one line for all, one a destination, nothing that is zero", () => {
    const { lines, report } = recorded();
    const alert = sampleAlert();
    report.recordRead(true);
    report.recordRead(false);
    report.recordUnreadable("x");
    report.alertMade();
    report.kept({ ...alert, disposition: "staged" });
    report.kept({ ...alert, disposition: "suppressed" });
    report.kept({ ...alert, disposition: "deduplicated" });
    report.alertMade();
    report.alertEnded("delivered");
    report.alertEnded("dead");
    report.delivered(alert, "slack", { ...how, attempts: 2 });
    report.deliveryFailed(alert, "topic", new Error("x"));
    report.deliveryDead(alert.id, "topic", "x");
    lines.length = 0;
    report.flush();
    const counts = {
      Records: 3,
      RecordsMatched: 1,
      RecordsUnmatched: 1,
      RecordsUnreadable: 1,
      Alerts: 5,
      AlertsStaged: 1,
      AlertsSuppressed: 1,
      AlertsDeduplicated: 1,
      AlertsDelivered: 1,
      AlertsDead: 1,
    };
    const slack = { Deliveries: 1, DeliveriesRedelivered: 1 };
    const topic = { DeliveriesFailed: 1, DeliveriesDead: 1 };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { _aws: metrics(Object.keys(counts), []), ...counts },
      { _aws: metrics(Object.keys(slack), ["destination"]), destination: "slack", ...slack },
      { _aws: metrics(Object.keys(topic), ["destination"]), destination: "topic", ...topic },
    ]);
    report.flush();
    expect(lines).toHaveLength(3);
  });
});
