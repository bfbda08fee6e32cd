/**
 * The dashboard, where it is asked for: is it alive, what did it say, did people get it, how late. It costs three dollars
 * a month beyond the account's first three, so nobody gets one unasked.
 */
import { Duration, Stack } from "aws-cdk-lib";
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { CANARY_METRIC } from "../lambda/canary.ts";
import type { Count, DeliveryCount } from "../lambda/report.ts";

export type DashboardProps = {
  readonly lambda: IFunction;
  /** Ids of all destinations. */
  readonly destinations: readonly string[];
  readonly redelivery: IQueue;
  readonly deadDeliveries: IQueue;
  readonly deadLetters: IQueue;
  /** Whether there is a canary to show. */
  readonly canary: boolean;
};

const NAMESPACE = "CloudTrailEngine";
const period = Duration.minutes(5);
/** A dashboard is 24 columns wide. */
const HALF = 12;

/** Records, alerts, deliveries, lateness and queues of one stack. */
export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { lambda, destinations, redelivery, deadDeliveries, deadLetters } = props;
    this.dashboard = new CloudWatchDashboard(this, "Dashboard", {
      dashboardName: `${Stack.of(this).stackName}-${Stack.of(this).region}`,
      widgets: [
        [
          graph("Records", counts("Records", "RecordsMatched", "RecordsUnmatched", "RecordsUnreadable")),
          graph(
            "Alerts",
            counts(
              "Alerts",
              "AlertsDelivered",
              "AlertsDeduplicated",
              "AlertsSuppressed",
              "AlertsStaged",
              "AlertsDead",
            ),
          ),
        ],
        [
          graph("Deliveries", perDestination("Deliveries", destinations)),
          graph("Failed attempts", perDestination("DeliveriesFailed", destinations)),
        ],
        [
          graph(
            "Deliveries that an earlier attempt had failed",
            perDestination("DeliveriesRedelivered", destinations),
          ),
          graph("Deliveries given up", perDestination("DeliveriesDead", destinations)),
        ],
        [
          graph("Duration of the detector (ms)", [
            lambda.metricDuration({ period, statistic: Stats.p(50), label: "p50" }),
            lambda.metricDuration({ period, statistic: Stats.p(99), label: "p99" }),
          ]),
          graph("Failures of the detector", [
            lambda.metricErrors({ period, label: "errors" }),
            lambda.metricThrottles({ period, label: "throttles" }),
            ...counts("RulesFailed", "SuppressionsFailed", "DedupFailed"),
          ]),
        ],
        [
          graph("Waiting", [
            redelivery.metricApproximateNumberOfMessagesNotVisible({ period, label: "for the next attempt" }),
            redelivery.metricApproximateNumberOfMessagesVisible({ period, label: "due now" }),
            deadDeliveries.metricApproximateNumberOfMessagesVisible({ period, label: "dead deliveries" }),
            deadLetters.metricApproximateNumberOfMessagesVisible({ period, label: "dead records" }),
          ]),
          graph("Age of the oldest (s)", [
            redelivery.metricApproximateAgeOfOldestMessage({ period, label: "redelivery" }),
            deadDeliveries.metricApproximateAgeOfOldestMessage({ period, label: "dead deliveries" }),
            deadLetters.metricApproximateAgeOfOldestMessage({ period, label: "dead records" }),
          ]),
        ],
        ...(props.canary ? [[graph("From a canary's write to its record (ms)", [canaryLatency()])]] : []),
      ],
    });
  }
}

function graph(title: string, left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: HALF, leftYAxis: { min: 0 } });
}

function counts(...names: Count[]): IMetric[] {
  return names.map(
    (metricName) => new Metric({ namespace: NAMESPACE, metricName, statistic: Stats.SUM, period }),
  );
}

function perDestination(metricName: DeliveryCount, destinations: readonly string[]): IMetric[] {
  return destinations.map(
    (destination) =>
      new Metric({
        namespace: NAMESPACE,
        metricName,
        dimensionsMap: { destination },
        label: destination,
        statistic: Stats.SUM,
        period,
      }),
  );
}

function canaryLatency(): IMetric {
  return new Metric({ namespace: NAMESPACE, metricName: CANARY_METRIC, statistic: Stats.MAXIMUM, period });
}
