/**
 * What the Lambda tells: one JSON line a thing that matters, with ids and never the record (it may hold what must not
 * be in a log), and the numbers of an invocation in CloudWatch's embedded metric format, one line for all of it and one
 * for each destination. No other dimension: each name and dimension value is billed as a metric of its own (FACTS § 9).
 *
 *     {"level":"info","message":"alert delivered","alertId":"5f…","ruleId":"ec2…","destination":"topic","eventID":"…"}
 *
 * The numbers add up: Records is RecordsMatched, RecordsUnmatched and RecordsUnreadable together; Alerts is
 * AlertsDelivered, AlertsSuppressed, AlertsDeduplicated, AlertsStaged and AlertsDead, once nothing is under way.
 */
import type { Alert } from "./alerts/alert-schema.ts";
import { safeJson } from "./alerts/safe-json.ts";
import { DeliveryError } from "./destinations/destination.ts";
import { errorKind } from "./jq/error-kind.ts";
import { cutText } from "./record/cut-text.ts";

/** What is counted, without dimensions. */
export type Count =
  | "Records"
  | "RecordsMatched"
  | "RecordsUnmatched"
  | "RecordsUnreadable"
  | "Alerts"
  /** Every destination took it. */
  | "AlertsDelivered"
  | "AlertsSuppressed"
  | "AlertsDeduplicated"
  | "AlertsStaged"
  /** Every destination has an end, and at least one of them is the dead-letter queue. */
  | "AlertsDead"
  | "RulesFailed"
  | "SuppressionsFailed"
  /** Records on which a jq expression ended with an error, which is no match. */
  | "JqErrors"
  /** Windows and thresholds that could not be asked. */
  | "DedupFailed"
  /** Dynamic lists that could not be read, or refreshed. */
  | "ListsFailed"
  /** Published rules that could not be taken; those in force stay. */
  | "LiveRulesFailed";

/** What is counted a destination. */
export type DeliveryCount =
  | "Deliveries"
  /** Of them, those that an earlier attempt had failed. */
  | "DeliveriesRedelivered"
  /** Attempts that failed. */
  | "DeliveriesFailed"
  | "DeliveriesDead";

/** How a delivery went: `took` is in milliseconds. */
type Delivered = { readonly part: string; readonly attempts: number; readonly took: number };

/** Where the Lambda says what happened. */
export type Report = {
  /** A record was evaluated. */
  recordRead(matched: boolean): void;
  recordUnreadable(reason: string): void;
  /** An alert that goes to destinations was recorded for the first time. */
  alertMade(): void;
  /** The last of its destinations has its end. */
  alertEnded(end: "delivered" | "dead"): void;
  /** An alert that goes nowhere was kept for the first time: suppressed, staged or deduplicated. */
  kept(alert: Alert): void;
  delivered(alert: Alert, destination: string, how: Delivered): void;
  deliveryFailed(alert: Alert, destination: string, error: unknown): void;
  deliveryDead(alertId: string, destination: string, reason: string): void;
  /** A destination that was not told of a repeat: the close of the window tells it. */
  repeatFailed(alert: Alert, destination: string, error: unknown): void;
  /** Answers, or a change of status, that a destination was not told of: it is told with whatever it gets next. */
  tellingFailed(alertId: string, what: string, error: unknown, destination?: string): void;
  /** A message of the redelivery queue that could not be worked on, and stays. */
  redeliveryFailed(messageId: string, error: unknown): void;
  /** An alert that no route sends anywhere, and that therefore goes everywhere. */
  routedNowhere(alert: Alert): void;
  ruleFailed(ruleId: string, message: string, eventId: unknown): void;
  /** An error of a rule's jq expression on a record: each is counted, of a kind one is shown. */
  jqFailed(ruleId: string, message: string, eventId: unknown): void;
  /** A suppression that let an alert of the rule through because it could not be evaluated. */
  suppressionFailed(suppression: string, ruleId: string, message: string, eventId: unknown): void;
  /** Something of counting repeats; the alert went out all the same, or its record is tried again. */
  dedupFailed(alert: Alert, doing: string, error: unknown): void;
  /** A dynamic list that could not be read: what is compared with it was taken to match. */
  listFailed(list: string, error: unknown): void;
  /** Published rules that could not be taken: those that were in force stay. */
  liveRulesFailed(reason: string): void;
  /** Other rules are in force from the next invocation on. */
  liveRulesTaken(what: string, fields: Readonly<Record<string, unknown>>): void;
  /** Something of an alert's case that could not be done; the alert itself went out. */
  caseFailed(alertId: string, doing: string, error: unknown): void;
  /** Writes the numbers since the last call; zero is left out. */
  flush(): void;
};

const NAMESPACE = "CloudTrailEngine";
const MAX_TEXT = 500;
/** Kinds of jq errors that are shown by one sandbox; more are counted only. */
const MAX_JQ_ERRORS = 1_000;
const KEPT = {
  suppressed: "AlertsSuppressed",
  staged: "AlertsStaged",
  deduplicated: "AlertsDeduplicated",
} as const satisfies Partial<Record<Alert["disposition"], Count>>;

/** A report that writes lines; `now` is in milliseconds since 1970. */
export function createReport(write: (line: string) => void, now: () => number): Report {
  let counts: Partial<Record<Count, number>> = {};
  const shownJqErrors = new Set<string>();
  let deliveries = new Map<string, Partial<Record<DeliveryCount, number>>>();
  const count = (...names: readonly Count[]): void => {
    for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  };
  const countDelivery = (destination: string, ...names: readonly DeliveryCount[]): void => {
    const known = deliveries.get(destination) ?? {};
    for (const name of names) known[name] = (known[name] ?? 0) + 1;
    deliveries.set(destination, known);
  };
  const line = (level: "info" | "error", message: string, fields: Readonly<Record<string, unknown>>): void =>
    write(safeJson({ level, message, ...bounded(fields) }));

  return {
    recordRead: (matched) => count("Records", matched ? "RecordsMatched" : "RecordsUnmatched"),
    recordUnreadable: (reason) => {
      count("Records", "RecordsUnreadable");
      line("error", "record unreadable", { reason });
    },
    alertMade: () => count("Alerts"),
    alertEnded: (end) => count(end === "delivered" ? "AlertsDelivered" : "AlertsDead"),
    kept: (alert) => {
      if (alert.disposition !== "delivered") count("Alerts", KEPT[alert.disposition]);
      line("info", `alert ${alert.disposition}`, {
        ...ids(alert),
        severity: alert.severity,
        suppression: alert.suppression?.id,
        owner: alert.suppression?.owner,
        ...(alert.count > 1 ? { count: alert.count } : {}),
      });
    },
    delivered: (alert, destination, { part, attempts, took }) => {
      countDelivery(destination, "Deliveries");
      if (attempts > 1) countDelivery(destination, "DeliveriesRedelivered");
      const { severity } = alert;
      const message = part === "summary" ? "summary delivered" : "alert delivered";
      line("info", message, { ...ids(alert), severity, destination, attempts, milliseconds: took });
    },
    deliveryFailed: (alert, destination, error) => {
      countDelivery(destination, "DeliveriesFailed");
      line("error", "delivery failed", { ...ids(alert), destination, ...describeError(error) });
    },
    deliveryDead: (alertId, destination, reason) => {
      countDelivery(destination, "DeliveriesDead");
      line("error", "delivery given up", { alertId, destination, reason });
    },
    repeatFailed: (alert, destination, error) =>
      line("error", "repeat not told", { ...ids(alert), destination, ...describeError(error) }),
    tellingFailed: (alertId, what, error, destination) =>
      line("error", `${what} not told`, { alertId, destination, ...describeError(error) }),
    redeliveryFailed: (messageId, error) =>
      line("error", "redelivery failed", { messageId, ...describeError(error) }),
    routedNowhere: (alert) => line("error", "no route, so every destination", ids(alert)),
    ruleFailed: (ruleId, reason, eventID) => {
      count("RulesFailed");
      line("error", "rule failed", { ruleId, reason, eventID });
    },
    jqFailed: (ruleId, message, eventID) => {
      count("JqErrors");
      const reason = errorKind(message);
      const key = `${ruleId}\n${reason}`;
      if (shownJqErrors.has(key) || shownJqErrors.size >= MAX_JQ_ERRORS) return;
      shownJqErrors.add(key);
      line("error", "jq error, which is no match", { ruleId, reason, eventID });
    },
    suppressionFailed: (suppression, ruleId, reason, eventID) => {
      count("SuppressionsFailed");
      line("error", "suppression failed", { suppression, ruleId, reason, eventID });
    },
    dedupFailed: (alert, doing, error) => {
      count("DedupFailed");
      line("error", "dedup failed", { ...ids(alert), doing, ...describeError(error) });
    },
    listFailed: (list, error) => {
      count("ListsFailed");
      line("error", "list not read", { list, ...describeError(error) });
    },
    liveRulesFailed: (reason) => {
      count("LiveRulesFailed");
      line("error", "published rules not taken", { reason });
    },
    liveRulesTaken: (what, fields) => line("info", what, fields),
    caseFailed: (alertId, doing, error) =>
      line("error", "case not built whole", { alertId, doing, ...describeError(error) }),
    flush: () => {
      const [all, each] = [counts, deliveries];
      counts = {};
      deliveries = new Map();
      if (Object.keys(all).length > 0) write(metricsLine(all, now()));
      for (const [destination, some] of each) write(metricsLine(some, now(), { destination }));
    },
  };
}

function metricsLine(
  counts: Readonly<Record<string, number>>,
  timestamp: number,
  dimensions: Readonly<Record<string, string>> = {},
): string {
  const Metrics = Object.keys(counts).map((Name) => ({ Name, Unit: "Count" }));
  const Dimensions = [Object.keys(dimensions)];
  return safeJson({
    _aws: { Timestamp: timestamp, CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions, Metrics }] },
    ...dimensions,
    ...counts,
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
