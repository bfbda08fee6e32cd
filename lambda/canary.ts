/**
 * The canary: a harmless write that a schedule of the stack makes every few minutes, and that must come back as a record.
 * Tight event patterns make a quiet account silent; only a canary tells it from a stopped trail. Its record is measured
 * and goes no further. It is known by the role that nobody but the schedule can take, never by what a caller could choose.
 *
 *     const isCanary = watchCanary(config.canaryRoleArn, write, now);
 *     isCanary(record)   // true: it was written 95 seconds ago, which is now in the log as CanaryLatencyMs
 */
import { textAt } from "./record/untrusted.ts";

/** The metric of the time from a canary's write to its record in the detector, in milliseconds. */
export const CANARY_METRIC = "CanaryLatencyMs";

/** What the canary writes. */
export const CANARY_CALL = { eventSource: "ssm.amazonaws.com", eventName: "PutParameter" } as const;

const NAMESPACE = "CloudTrailEngine";

/**
 * Tells the canary's records from all others and measures them. Without a role there is no canary.
 * @param write writes a line of the log, in which CloudWatch finds the metric.
 * @param now gives milliseconds since 1970.
 */
export function watchCanary(
  roleArn: string | undefined,
  write: (line: string) => void,
  now: () => number,
): (record: unknown) => boolean {
  if (roleArn === undefined || roleArn === "") return () => false;
  return (record) => {
    if (!isCanaryOf(roleArn, record)) return false;
    const written = Date.parse(textAt(record, "eventTime") ?? "");
    // A record without a time that can be read is no sign that all is well.
    if (!Number.isNaN(written)) write(metricLine(now() - written, now()));
    return true;
  };
}

/** A record of the role's that is of another call is not the canary's: then somebody else is using the role. */
export function isCanaryOf(roleArn: string, record: unknown): boolean {
  return (
    isCanaryCall(record) &&
    textAt(record, "userIdentity", "sessionContext", "sessionIssuer", "arn") === roleArn
  );
}

/** Whether a record is of the call that canaries make. */
export function isCanaryCall(record: unknown): boolean {
  return (
    textAt(record, "eventSource") === CANARY_CALL.eventSource &&
    textAt(record, "eventName") === CANARY_CALL.eventName
  );
}

/** CloudTrail's times are whole seconds and clocks differ, so a latency below zero is none. */
export function metricLine(latency: number, timestamp: number): string {
  const metric = { Name: CANARY_METRIC, Unit: "Milliseconds" };
  return JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [{ Namespace: NAMESPACE, Dimensions: [[]], Metrics: [metric] }],
    },
    [CANARY_METRIC]: Math.max(0, latency),
  });
}
