/**
 * One-time timers: EventBridge Scheduler invokes the detector once and deletes the schedule itself, so that nothing is
 * there, and nothing costs, while no window is open.
 *
 *     const schedule = makeTimers({ functionArn: () => arn, roleArn, group });
 *     await schedule("cloudtrail-engine-5f…", Date.parse("2026-11-20T17:15:00Z"), payload, deadline)   // at(2026-11-20T17:15:00)
 */
import { AWS_CALL_LIMITS, AWS_MAX_ATTEMPTS, awsBudget, once } from "../destinations/aws-client.ts";
import type { Schedule } from "./ports.ts";

/** What a timer needs: whom it invokes, as whom, and where it is kept. */
type TimerSettings = {
  /** Asked when a timer is made: a function learns its own ARN with its first invocation. */
  readonly functionArn: () => string;
  readonly roleArn: string;
  readonly group: string;
  /** Where invocations go that Scheduler cannot make. */
  readonly deadLetterArn?: string;
  readonly endpoint?: string;
};

/** Scheduler refuses what is past when it looks; in milliseconds. */
const SOONEST_MS = 5_000;
/** How long and how often Scheduler tries to invoke: its own most. */
const RETRY = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } as const;

/** Makes timers; the SDK is loaded at the first. Rejects with the SDK's error when one could not be made. */
export function makeTimers(settings: TimerSettings): Schedule {
  const { functionArn, roleArn, group, deadLetterArn, endpoint } = settings;
  const connect = once(async () => {
    const sdk = await import("../aws/scheduler.ts");
    const client = new sdk.SchedulerClient({
      maxAttempts: AWS_MAX_ATTEMPTS,
      requestHandler: AWS_CALL_LIMITS,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return { sdk, client };
  });
  return async (name, at, payload, deadline) => {
    const { sdk, client } = await connect();
    const command = new sdk.CreateScheduleCommand({
      Name: name,
      GroupName: group,
      ScheduleExpression: atExpression(Math.max(at, Date.now() + SOONEST_MS)),
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: {
        Arn: functionArn(),
        RoleArn: roleArn,
        Input: JSON.stringify(payload),
        RetryPolicy: RETRY,
        ...(deadLetterArn === undefined ? {} : { DeadLetterConfig: { Arn: deadLetterArn } }),
      },
    });
    try {
      await client.send(command, { abortSignal: AbortSignal.timeout(awsBudget(deadline)) });
    } catch (error) {
      // It is there already: another repeat made it, or our own first try whose answer was lost.
      if (error instanceof Error && error.name === "ConflictException") return;
      throw error;
    }
  };
}

/** A time as Scheduler takes it: UTC, whole seconds, never early. */
function atExpression(at: number): string {
  return `at(${new Date(Math.ceil(at / 1000) * 1000).toISOString().slice(0, 19)})`;
}
