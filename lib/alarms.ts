/**
 * The three alarms of every stack: whatever goes wrong in the engine shows in one of them, and each says in its
 * description what to do. Missing data is fine: a quiet account invokes nothing.
 */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { CfnRule } from "aws-cdk-lib/aws-events";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

export type AlarmsProps = {
  readonly lambda: IFunction;
  readonly deadLetters: IQueue;
  readonly ownDenials: CfnRule;
  readonly operations: ITopic;
};

const PERIOD = Duration.minutes(5);

/** Alarms on errors (with failed calls of the engine's own role), throttles and dead letters. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { lambda, deadLetters, ownDenials, operations } = props;
    const ownFailedCalls = new Metric({
      namespace: "AWS/Events",
      metricName: "MatchedEvents",
      dimensionsMap: { RuleName: ownDenials.ref },
      statistic: "Sum",
      period: PERIOD,
    });
    const failures = new MathExpression({
      expression: "FILL(errors, 0) + FILL(denied, 0)",
      label: "Failed invocations and failed calls of the engine's own role",
      usingMetrics: { errors: lambda.metricErrors({ period: PERIOD }), denied: ownFailedCalls },
      period: PERIOD,
    });
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
      failures,
      "CloudTrail Engine failed to process a record or to deliver an alert, or a call of its own role was refused. " +
        "Look for level error in the detector's log group; run the doctor command for missing permissions.",
    );
    add(
      "Throttles",
      lambda.metricThrottles({ period: PERIOD }),
      "The detector was throttled: alerts are late, by up to six hours. Raise the account's Lambda concurrency, or " +
        "take reserved concurrency from other functions.",
    );
    add(
      "DeadLetters",
      deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: "Maximum" }),
      "A record or an alert could not be processed and waits in the dead-letter queue, for 14 days. Read it there, " +
        "mend the cause that the detector's log names, and send the record again.",
    );
  }
}
