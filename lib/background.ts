/**
 * What has the detector invoked with every alert that was stored: the table's stream. Cases are built in invocations of
 * their own, so that no notification waits for them; and the stream, unlike a message that the detector would send, is
 * there exactly when the alert is. Reading it costs nothing while no alert comes, and nothing by itself when one does.
 *
 * Only new alerts, summaries and entries of a case's history pass the filter: what the background itself writes does not
 * invoke it again.
 */
import { Duration } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, FilterCriteria, type IFunction, StartingPosition } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/** Alerts whose cases one invocation builds. */
const BATCH_SIZE = 10;
/** A table that is throttled heals within hours; what the stream holds is gone after a day. */
const MAX_AGE = Duration.hours(12);
const MAX_RETRIES = 100;

export type BackgroundProps = {
  readonly target: IFunction;
  /** With a stream. */
  readonly table: Table;
  /** Where it is said which changes were given up. */
  readonly deadLetters: IQueue;
};

/** The table's stream as an event source of the detector. */
export class Background extends Construct {
  readonly eventSource: EventSourceMapping;

  constructor(scope: Construct, id: string, { target, table, deadLetters }: BackgroundProps) {
    super(scope, id);
    this.eventSource = new EventSourceMapping(this, "EventSource", {
      target,
      eventSourceArn: streamOf(table),
      // The oldest: alerts that are stored while the mapping is made have cases, too.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH_SIZE,
      parallelizationFactor: 1,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: MAX_RETRIES,
      maxRecordAge: MAX_AGE,
      // CDK's own destination would write a policy of its own; the detector's role names the queue already.
      onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
      filters: [
        FilterCriteria.filter({
          eventName: ["INSERT"],
          dynamodb: {
            Keys: { pk: { S: [{ prefix: "ALERT#" }] }, sk: { S: ["ALERT", "SUMMARY", { prefix: "LOG#" }] } },
          },
        }),
      ],
    });
  }
}

/** What Lambda does with the stream in the detector's name. */
export function streamPermission(table: Table): PolicyStatement {
  return new PolicyStatement({
    sid: "ReadStream",
    actions: [
      "dynamodb:DescribeStream",
      "dynamodb:GetRecords",
      "dynamodb:GetShardIterator",
      "dynamodb:ListStreams",
    ],
    resources: [streamOf(table)],
  });
}

function streamOf({ tableStreamArn }: Table): string {
  if (tableStreamArn === undefined) throw new TypeError("the state table has no stream");
  return tableStreamArn;
}
