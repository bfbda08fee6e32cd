/**
 * What the intake tells beside the pipeline's report, in the same way: a JSON line for what matters, and the numbers of an
 * invocation in CloudWatch's embedded metric format.
 *
 *     {"level":"error","message":"object given up","bucket":"trail","key":"AWSLogs/…","reason":"the gzip data was cut short"}
 *
 * TrailRecords is every record in the log files that were read; those that no deployed pattern lets through are among
 * them. LateSeconds tells how late each late alert was, from its record's time.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { showText } from "../alerts/show-text.ts";
import type { ObjectRef } from "./notifications.ts";

/** What is counted. */
export type IntakeCount =
  | "TrailObjects"
  /** Digests, Insights, and what is not of a configured place. */
  | "TrailObjectsSkipped"
  /** Tries that failed and are made again. */
  | "TrailObjectsFailed"
  | "TrailObjectsDead"
  | "TrailRecords"
  | "TrailRecordsUnreadable"
  | "LateAlerts";

/** The metric of how late alerts were, in seconds. */
export const LATE_METRIC = "LateSeconds";

/** Where the intake says what happened. */
export type IntakeReport = {
  count(name: IntakeCount, many?: number): void;
  skipped(object: Pick<ObjectRef, "bucket" | "key">, reason: string): void;
  /** A record that could not be read; the lines of one object are bounded, the count is not. */
  unreadable(object: ObjectRef, reason: string, offset: number, isShown: boolean): void;
  failed(object: Pick<ObjectRef, "bucket" | "key">, reason: string): void;
  dead(object: Partial<ObjectRef>, reason: string): void;
  messageFailed(messageId: string, error: unknown): void;
  late(alert: Alert, milliseconds: number): void;
  /** Writes the numbers since the last call. */
  flush(): void;
};

const NAMESPACE = "CloudTrailEngine";
/** The embedded metric format takes so many values of a metric in one line. */
const MOST_VALUES = 100;

/** A report that writes lines; `now` is in milliseconds since 1970. */
export function createIntakeReport(write: (line: string) => void, now: () => number): IntakeReport {
  let counts: Partial<Record<IntakeCount, number>> = {};
  let lateSeconds: number[] = [];
  const count = (name: IntakeCount, many = 1): void => {
    if (many > 0) counts[name] = (counts[name] ?? 0) + many;
  };
  const line = (level: "info" | "error", message: string, fields: Readonly<Record<string, unknown>>): void =>
    write(safeJson({ level, message, ...fields }));
  return {
    count,
    skipped(object, reason) {
      count("TrailObjectsSkipped");
      line("info", "object skipped", { ...place(object), reason });
    },
    unreadable(object, reason, offset, isShown) {
      count("TrailRecordsUnreadable");
      if (isShown)
        line("error", "record unreadable", { ...place(object), offset, reason: showText(reason, 500) });
    },
    failed(object, reason) {
      count("TrailObjectsFailed");
      line("error", "object not read whole", { ...place(object), reason });
    },
    dead(object, reason) {
      count("TrailObjectsDead");
      line("error", "object given up", { ...place(object), reason });
    },
    messageFailed: (messageId, error) =>
      line("error", "message failed", { messageId, reason: describe(error) }),
    late(alert, milliseconds) {
      count("LateAlerts");
      lateSeconds.push(Math.round(milliseconds / 1000));
      const { id: alertId, rule, record, cloud } = alert;
      const minutes = Math.round(milliseconds / 60_000);
      const { eventID } = record;
      line("info", "alert late", {
        alertId,
        ruleId: rule.id,
        ...(typeof eventID === "string" ? { eventID: showText(eventID, 100) } : {}),
        ...(cloud.accountId === undefined ? {} : { accountId: cloud.accountId }),
        minutes,
      });
    },
    flush() {
      const [all, late] = [counts, lateSeconds];
      counts = {};
      lateSeconds = [];
      if (Object.keys(all).length > 0) write(metricsLine(all, "Count", now()));
      for (let at = 0; at < late.length; at += MOST_VALUES)
        write(metricsLine({ [LATE_METRIC]: late.slice(at, at + MOST_VALUES) }, "Seconds", now()));
    },
  };
}

function place({ bucket, key }: Partial<ObjectRef>): Record<string, unknown> {
  return {
    ...(bucket === undefined ? {} : { bucket: showText(bucket, 100) }),
    ...(key === undefined ? {} : { key: showText(key, 500) }),
  };
}

function metricsLine(
  values: Readonly<Record<string, number | readonly number[]>>,
  Unit: string,
  Timestamp: number,
): string {
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit }));
  return safeJson({
    _aws: { Timestamp, CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [[]], Metrics }] },
    ...values,
  });
}

/** What an error says, in one line. */
export function describe(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${showText(error.message, 500)}`
    : "something that is no error was thrown";
}
