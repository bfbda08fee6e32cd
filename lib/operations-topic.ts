/**
 * Where the alarms about the engine itself go, apart from the alerts that it raises. CloudWatch cannot publish to a
 * topic under `alias/aws/sns`, whose key policy nobody can change, so this topic has a key that admits it.
 */
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { admitService, denyOthers } from "./senders.ts";

const CLOUDWATCH = "cloudwatch.amazonaws.com";

/** The operations topic with its key and subscribers. Only CloudWatch alarms of this account may publish. */
export class OperationsTopic extends Construct {
  readonly topic: Topic;
  readonly key: Key;

  constructor(scope: Construct, id: string, props: { readonly subscribe: readonly string[] }) {
    super(scope, id);
    const stack = Stack.of(this);
    this.key = new Key(this, "Key", {
      description: "Encrypts the alarms of CloudTrail Engine",
      enableKeyRotation: true,
      // Each of the first two rotations adds a dollar a month; this key only ever encrypts the texts of alarms.
      rotationPeriod: Duration.days(2560),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "AdmitAlarms",
        principals: [new ServicePrincipal(CLOUDWATCH)],
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
      }),
    );
    this.topic = new Topic(this, "Topic", {
      displayName: "CloudTrail Engine operations",
      masterKey: this.key,
      enforceSSL: true,
    });
    const alarms = stack.formatArn({ service: "cloudwatch", resource: "alarm:*" });
    const { topicArn } = this.topic;
    this.topic.addToResourcePolicy(admitService(CLOUDWATCH, "sns:Publish", topicArn, alarms, stack));
    this.topic.addToResourcePolicy(denyOthers("sns:Publish", topicArn, []));
    for (const address of props.subscribe) this.topic.addSubscription(new EmailSubscription(address));
  }
}
