/**
 * What the Lambda tells: one JSON line a thing that matters, with ids and never the record (it may hold what must not
 * be in a log), and one line of metrics an invocation in CloudWatch's embedded metric format. The metrics have no
 * dimensions: each name and dimension value is billed as a metric of its own (FACTS § 9).
 *
 *     {"level":"info","message":"alert delivered","alertId":"5f…","ruleId":"ec2…","destination":"topic","eventID":"…"}
 */
import type { Alert } from "./alerts/alert-schema.ts";
import { safeJson } from "./alerts/safe-json.ts";
import { DeliveryError } from "./destinations/destination.ts";
import { cutText } from "./record/cut-text.ts";

/** What one invocation did; the names are those of the metrics. */
export type Counts = {
  RecordsEvaluated: number;
  RecordsUnreadable: number;
  /** Alerts that go to destinations. */
  Alerts: number;
  AlertsSuppressed: number;
  AlertsStaged: number;
  Deliveries: number;
  DeliveriesFailed: number;
  RulesFailed: number;
  SuppressionsFailed: number;
};

/** Where the pipeline says what happened. */
export type Report = {
  delivered(alert: Alert, destination: string): void;
  /** An alert that goes nowhere: suppressed or staged. */
  kept(alert: Alert): void;
  deliveryFailed(alert: Alert, destination: string, error: unknown): void;
  recordUnreadable(reason: string): void;
  ruleFailed(ruleId: string, message: string, eventId: unknown): void;
  /** A suppression that let an alert of the rule through because it could not be evaluated. */
  suppressionFailed(suppression: string, ruleId: string, message: string, eventId: unknown): void;
  counted(counts: Counts): void;
};

const NAMESPACE = "CloudTrailEngine";
const MAX_TEXT = 500;

/** A report that writes lines; `now` is in milliseconds since 1970. */
export function createReport(write: (line: string) => void, now: () => number): Report {
  const line = (level: "info" | "error", message: string, fields: Readonly<Record<string, unknown>>): void =>
    write(safeJson({ level, message, ...bounded(fields) }));
  return {
    delivered: (alert, destination) =>
      line("info", "alert delivered", { ...ids(alert), severity: alert.severity, destination }),
    kept: (alert) =>
      line("info", `alert ${alert.disposition}`, {
        ...ids(alert),
        severity: alert.severity,
        suppression: alert.suppression?.id,
        owner: alert.suppression?.owner,
      }),
    deliveryFailed: (alert, destination, error) =>
      line("error", "delivery failed", { ...ids(alert), destination, ...describeError(error) }),
    recordUnreadable: (reason) => line("error", "record unreadable", { reason }),
    ruleFailed: (ruleId, reason, eventID) => line("error", "rule failed", { ruleId, reason, eventID }),
    suppressionFailed: (suppression, ruleId, reason, eventID) =>
      line("error", "suppression failed", { suppression, ruleId, reason, eventID }),
    counted: (counts) => write(metricsLine(counts, now())),
  };
}

/** Zero counts are left out: CloudWatch takes absent as zero and bills the log by its bytes. */
function metricsLine(counts: Counts, timestamp: number): string {
  const counted = Object.entries(counts).filter(([, count]) => count > 0);
  const Metrics = counted.map(([Name]) => ({ Name, Unit: "Count" }));
  return JSON.stringify({
    _aws: { Timestamp: timestamp, CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [[]], Metrics }] },
    ...Object.fromEntries(counted),
  });
}

function ids(alert: Alert): Record<string, unknown> {
  return {
    alertId: alert.id,
    ruleId: alert.rule.id,
    eventID: alert.record.eventID,
    accountId: alert.cloud.accountId,
  };
}

function describeError(error: unknown): Record<string, unknown> {
  if (error instanceof DeliveryError) {
    return { reason: error.message, retryable: error.retryable, status: error.status };
  }
  return {
    reason:
      error instanceof Error ? `${error.name}: ${error.message}` : "something that is no error was thrown",
  };
}

/** Values come from records: only short texts, numbers and booleans pass. */
function bounded(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === "string") kept.push([key, cutText(value, MAX_TEXT)]);
    else if (typeof value === "number" || typeof value === "boolean") kept.push([key, value]);
  }
  return Object.fromEntries(kept);
}
