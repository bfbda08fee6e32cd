/**
 * The destination that every stack has: the topic that alerts go to. It is encrypted with the key that AWS keeps for
 * SNS, which costs nothing and which our own role may use; only the operations topic needs a key of its own.
 */
import { Arn, ArnFormat, Stack } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { denyOthers } from "./senders.ts";

/** The alerts topic with its subscribers. Nobody but the role given to `admit` may publish. */
export class AlertsTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: { readonly subscribe: readonly string[] }) {
    super(scope, id);
    const keyArn = Arn.format(
      {
        service: "kms",
        resource: "alias",
        resourceName: "aws/sns",
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      },
      Stack.of(this),
    );
    this.topic = new Topic(this, "Topic", {
      displayName: "CloudTrail Engine",
      masterKey: Key.fromKeyArn(this, "SnsKey", keyArn),
      enforceSSL: true,
    });
    for (const address of props.subscribe) this.topic.addSubscription(new EmailSubscription(address));
  }

  /** Denies publishing to everybody but the detector's role. */
  admit(role: IRole): void {
    this.topic.addToResourcePolicy(denyOthers("sns:Publish", this.topic.topicArn, [role]));
  }
}
