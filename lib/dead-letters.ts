/**
 * The queue where everything ends whole that could not be processed: records that EventBridge could not hand to the
 * detector, and invocations that failed for good. An alarm watches it, so nothing in it stays unseen. What could be
 * processed and not delivered is in `lib/redelivery.ts`.
 */
import { Duration, Stack, Validations } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { admitService, denyOthers } from "./senders.ts";

/** The dead-letter queue. Nobody may send to it until `admit` was called. */
export class DeadLetters extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.queue = new Queue(this, "Queue", {
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
    });
    Validations.of(this.queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This queue is itself the dead-letter queue: an alarm watches it and nothing consumes it.",
    });
  }

  /** Admits our own roles, and EventBridge for all rules whose ARN `rulesArn` matches: one statement for all. */
  admit(roles: readonly IRole[], rulesArn: string): void {
    const { queue } = this;
    queue.addToResourcePolicy(
      admitService("events.amazonaws.com", "sqs:SendMessage", queue.queueArn, rulesArn, Stack.of(this)),
    );
    queue.addToResourcePolicy(denyOthers("sqs:SendMessage", queue.queueArn, roles));
  }
}
