/**
 * The queue of deliveries that failed for now, and the one where those end that failed for good. A message waits in the
 * first, hidden for as long as its next attempt is away; its own dead-letter policy only catches what comes back a
 * thousand times without an end, such as a message that nobody can read.
 *
 * A message names an alert and a destination, and the table says what is still open: whoever puts one there by hand has
 * nothing delivered twice. So the redelivery queue is open to whom IAM lets in, and `engine redrive` can use it; the
 * dead deliveries take messages from the detector alone.
 */
import { Duration, Validations } from "aws-cdk-lib";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, type IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { denyOthers } from "./senders.ts";

const RETENTION = Duration.days(14);
/** The most that SQS takes: a day of attempts makes some thirty. */
const MAX_RECEIVES = 1000;
/** Deliveries that one invocation has side by side. */
const BATCH_SIZE = 10;
/** Invocations at once, so that a long outage's end takes no concurrency from new records; SQS's least is 2. */
const MAX_CONCURRENCY = 5;
/** Lambda's advice for queues that it polls: six times the function's timeout. */
const TIMEOUTS_HIDDEN = 6;

export type RedeliveryProps = { readonly timeoutSeconds: number };

/** Both queues. */
export class Redelivery extends Construct {
  readonly queue: Queue;
  readonly deadDeliveries: Queue;

  constructor(scope: Construct, id: string, { timeoutSeconds }: RedeliveryProps) {
    super(scope, id);
    this.deadDeliveries = new Queue(this, "DeadDeliveries", {
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: RETENTION,
      enforceSSL: true,
    });
    Validations.of(this.deadDeliveries).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This queue is itself the dead-letter queue: an alarm watches it and nothing consumes it.",
    });
    this.queue = new Queue(this, "Queue", {
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: RETENTION,
      visibilityTimeout: Duration.seconds(TIMEOUTS_HIDDEN * timeoutSeconds),
      deadLetterQueue: { queue: this.deadDeliveries, maxReceiveCount: MAX_RECEIVES },
      enforceSSL: true,
    });
  }

  /** Has the function invoked with what the queue holds. Only messages that it names as failed come again. */
  invoke(target: IFunction): EventSourceMapping {
    return new EventSourceMapping(this, "EventSource", {
      target,
      eventSourceArn: this.queue.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency: MAX_CONCURRENCY,
      reportBatchItemFailures: true,
    });
  }

  /** Lets nobody but the role put something into the dead deliveries. */
  admit(role: IRole): void {
    const { deadDeliveries } = this;
    deadDeliveries.addToResourcePolicy(denyOthers("sqs:SendMessage", deadDeliveries.queueArn, [role]));
  }

  /** What the detector does with both queues, and what Lambda does with the first in its name. */
  permissions(): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: "Redeliver",
        actions: [
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:ReceiveMessage",
          "sqs:SendMessage",
        ],
        resources: [this.queue.queueArn],
      }),
      new PolicyStatement({
        sid: "KeepUndeliverable",
        actions: ["sqs:SendMessage"],
        resources: [this.deadDeliveries.queueArn],
      }),
    ];
  }
}
