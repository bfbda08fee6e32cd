/**
 * The alarms of every stack: whatever goes wrong in the engine shows in one of them, and each says in its description
 * what to do. Missing data is fine: a quiet account invokes nothing.
 *
 * An alarm speaks when it begins, not while it lasts. So that later failures are heard too, the errors alarm counts
 * what happens in five minutes, each new dead letter included, and ends by itself; the alarms of the dead-letter queues
 * last as long as anything waits, and end for ten minutes a day to begin anew.
 *
 * A delivery that fails once and works half a minute later is nobody's concern: a destination's alarm begins with the
 * third failed attempt within a quarter of an hour, and that of the redelivery queue when it was not empty for an hour.
 * The age of its oldest message would not do: SQS leaves messages out of it that were received three times.
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
import type { Count, DeliveryCount } from "../lambda/report.ts";

export type AlarmsProps = {
  readonly lambda: IFunction;
  readonly deadLetters: IQueue;
  readonly deadDeliveries: IQueue;
  readonly redelivery: IQueue;
  /** Ids of all destinations. */
  readonly destinations: readonly string[];
  readonly ownDenials: CfnRule;
  readonly operations: ITopic;
};

const NAMESPACE = "CloudTrailEngine";
const period = Duration.minutes(5);
const DAY = Duration.days(1).toSeconds();
/** Long enough that one period lies wholly within it, in seconds. */
const PAUSE = 2 * period.toSeconds();

/** Failed attempts within `DELIVERY_PERIOD` that make an outage of what may be a hiccup. */
const FAILED_ATTEMPTS = 3;
const DELIVERY_PERIOD = Duration.minutes(15);
/** Periods for which something waits to be delivered again until somebody should know. */
const WAITING_PERIODS = 12;

/** Alarms on errors (with failed calls of the engine's own role), throttles, deliveries and dead letters. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { lambda, operations } = props;
    const add = (
      alarmId: string,
      metric: IMetric,
      alarmDescription: string,
      { threshold = 1, evaluationPeriods = 1 } = {},
    ): void => {
      new Alarm(this, alarmId, {
        metric,
        alarmDescription,
        threshold,
        evaluationPeriods,
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
      "A record could not be processed and waits in the dead-letter queue, for 14 days; this is said anew each day. Read " +
        "it there, mend the cause that the detector's log names, and send the record again.",
    );
    add(
      "DeadDeliveries",
      waiting(props.deadDeliveries),
      "An alert could not be delivered to a destination and waits in the queue of dead deliveries, for 14 days; this is " +
        "said anew each day. Each message names the destination and the reason: mend it and deliver again with the " +
        "redrive command.",
    );
    add(
      "Redelivery",
      underWay(props.redelivery),
      "Alerts have been waiting for an hour to be delivered again: a destination refuses them, or nothing takes them from " +
        "the redelivery queue. The detector's log says why (delivery failed); the doctor command looks at the queue.",
      { evaluationPeriods: WAITING_PERIODS },
    );
    for (const destination of props.destinations) {
      add(
        `Delivery-${destination}`,
        failedAttempts(destination),
        `Deliveries to the destination "${destination}" of CloudTrail Engine fail. They are tried again for a day. The ` +
          "detector's log says why (delivery failed); the doctor command looks at secrets and senders.",
        { threshold: FAILED_ATTEMPTS },
      );
    }
  }
}

/** How much failed in a period, of whatever kind. Each metric is billed: docs/cost.md counts them. */
function failures({ lambda, deadLetters, deadDeliveries, ownDenials }: AlarmsProps): MathExpression {
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
      namespace: NAMESPACE,
      metricName: "RulesFailed" satisfies Count,
      statistic: Stats.SUM,
      period,
    }),
    dropped: lambda.metric("AsyncEventsDropped", { statistic: Stats.SUM, period }),
    undelivered: lambda.metric("DestinationDeliveryFailures", { statistic: Stats.SUM, period }),
    letters: deadLetters.metricNumberOfMessagesSent({ statistic: Stats.SUM, period }),
    dead: deadDeliveries.metricNumberOfMessagesSent({ statistic: Stats.SUM, period }),
  };
  const terms = Object.keys(usingMetrics).map((id) => `FILL(${id}, 0)`);
  return new MathExpression({
    expression: `SUM([${terms.join(", ")}])`,
    label: "Failed invocations, rules, hand-overs, deliveries and calls of the engine's own role",
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

/** Attempts at one destination that failed. */
function failedAttempts(destination: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: "DeliveriesFailed" satisfies DeliveryCount,
    dimensionsMap: { destination },
    statistic: Stats.SUM,
    period: DELIVERY_PERIOD,
  });
}

/** What the redelivery queue holds: due now, or hidden until its next attempt. */
function underWay(queue: IQueue): MathExpression {
  return new MathExpression({
    expression: "FILL(due, 0) + FILL(hidden, 0)",
    label: "Deliveries that wait for their next attempt",
    usingMetrics: {
      due: queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period }),
      hidden: queue.metricApproximateNumberOfMessagesNotVisible({ statistic: Stats.MAXIMUM, period }),
    },
    period,
  });
}
