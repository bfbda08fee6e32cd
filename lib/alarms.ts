/**
 * The three alarms of every stack: whatever goes wrong in the engine shows in one of them, and each says in its
 * description what to do. Missing data is fine: a quiet account invokes nothing.
 *
 * An alarm speaks when it begins, not while it lasts. So that later failures are heard too, the errors alarm counts
 * what happens in five minutes, each new dead letter included, and ends by itself; the dead-letter alarm lasts as long
 * as anything waits, and ends for ten minutes a day to begin anew.
 *
 * What no alarm sees: EventBridge's InvocationsFailedToBeSentToDlq, which has a series per EventBridge rule and none
 * for all, while an alarm takes ten at most. The doctor looks for its causes (`lib/doctor/event-rules.ts`).
 */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { CfnRule } from "aws-cdk-lib/aws-events";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Counts } from "../lambda/report.ts";

export type AlarmsProps = {
  readonly lambda: IFunction;
  readonly deadLetters: IQueue;
  readonly ownDenials: CfnRule;
  readonly operations: ITopic;
};

const period = Duration.minutes(5);
const DAY = Duration.days(1).toSeconds();
/** Long enough that one period lies wholly within it, in seconds. */
const PAUSE = 2 * period.toSeconds();

/** Alarms on errors (with failed calls of the engine's own role), throttles and dead letters. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { lambda, operations } = props;
    const add = (alarmId: string, metric: IMetric, alarmDescription: string): void => {
      new Alarm(this, alarmId, {
        metric,
        alarmDescription,
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }).addAlarmAction(new SnsAction(operations));
    };
    add(
      "Errors",
      failures(props),
      "CloudTrail Engine failed to process a record or to deliver an alert, could not be handed a record, or a call of " +
        "its own role was refused. Look for level error in the detector's log group and into the dead-letter queue; run " +
        "the doctor command for missing permissions.",
    );
    add(
      "Throttles",
      lambda.metricThrottles({ period }),
      "The detector was throttled: alerts are late, by up to six hours. Raise the account's Lambda concurrency, or " +
        "take reserved concurrency from other functions.",
    );
    add(
      "DeadLetters",
      waiting(props.deadLetters),
      "A record or an alert could not be processed and waits in the dead-letter queue, for 14 days; this is said anew " +
        "each day. Read it there, mend the cause that the detector's log names, and send the record again.",
    );
  }
}

/** How much failed in a period, of whatever kind. Each metric is billed: docs/cost.md counts them. */
function failures({ lambda, deadLetters, ownDenials }: AlarmsProps): MathExpression {
  const usingMetrics: Record<string, IMetric> = {
    errors: lambda.metricErrors({ period }),
    denied: new Metric({
      namespace: "AWS/Events",
      metricName: "MatchedEvents",
      dimensionsMap: { RuleName: ownDenials.ref },
      statistic: Stats.SUM,
      period,
    }),
    // Without dimensions: of two stacks in one Region, both alarms hear of either's.
    rules: new Metric({
      namespace: "CloudTrailEngine",
      metricName: "RulesFailed" satisfies keyof Counts,
      statistic: Stats.SUM,
      period,
    }),
    dropped: lambda.metric("AsyncEventsDropped", { statistic: Stats.SUM, period }),
    undelivered: lambda.metric("DestinationDeliveryFailures", { statistic: Stats.SUM, period }),
    letters: deadLetters.metricNumberOfMessagesSent({ statistic: Stats.SUM, period }),
  };
  const terms = Object.keys(usingMetrics).map((id) => `FILL(${id}, 0)`);
  return new MathExpression({
    expression: `SUM([${terms.join(", ")}])`,
    label: "Failed invocations, rules, hand-overs and calls of the engine's own role",
    usingMetrics,
    period,
  });
}

/** What waits in the queue, and nothing for ten minutes after each full day that the oldest has waited. */
function waiting(queue: IQueue): MathExpression {
  const sinceFullDay = `FILL(age, 0) - FLOOR(FILL(age, 0) / ${DAY}) * ${DAY}`;
  return new MathExpression({
    expression: `IF(FILL(age, 0) >= ${DAY}, IF(${sinceFullDay} < ${PAUSE}, 0, FILL(waiting, 0)), FILL(waiting, 0))`,
    label: "Waiting dead letters, with a pause each day",
    usingMetrics: {
      waiting: queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period }),
      age: queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period }),
    },
    period,
  });
}
