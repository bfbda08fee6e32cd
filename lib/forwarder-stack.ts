/**
 * The stack of a further Region, or of a spoke in one Region: the forwarder, a topic for its alarm, and, where the engine
 * has a canary, one that sings across the hop. It holds no code and no asset: CloudFormation needs no bootstrap for it.
 *
 *   new ForwarderStack(app, "CloudTrailEngine-us-east-1", { config, ruleSet, engineName: "CloudTrailEngine", busArn, env })
 *
 * Without a `busArn` the stack asks for it, and for the alarm's address, when it is deployed: then its template is the
 * same for every spoke (`engine spoke-template`).
 */
import { CfnCondition, CfnOutput, CfnParameter, Fn, Stack, type StackProps } from "aws-cdk-lib";
import { CfnSubscription, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { deriveEventRules } from "../lambda/engine/event-rules.ts";
import type { RuleSet } from "../lambda/engine/rule.ts";
import type { EngineConfig } from "./config.ts";
import { ForwardedCanary, forwardedCanaryRule } from "./forwarded-canary.ts";
import { Forwarder } from "./forwarder.ts";
import { ruleNamePrefix } from "./names.ts";
import { OWN_ROLE_NAME } from "./own-denials.ts";
import { admitService, denyOthers } from "./senders.ts";

export type ForwarderStackProps = StackProps & {
  readonly config: Pick<EngineConfig, "eventRules" | "canary" | "operations" | "subscribe">;
  /** Validated, and the same that the detector has: what is not forwarded alerts nobody. */
  readonly ruleSet: RuleSet;
  /** The name of the engine's stack: its rules here are called alike, so that the rules that guard them do. */
  readonly engineName: string;
  /** The default bus of the detector's Region and account. Absent: a parameter of the template. */
  readonly busArn?: string;
};

const CLOUDWATCH = "cloudwatch.amazonaws.com";

/** Everything that one further Region, or a spoke's Region, needs. Throws when the rules do not fit the budget. */
export class ForwarderStack extends Stack {
  readonly canary?: ForwardedCanary;

  constructor(scope: Construct, id: string, props: ForwarderStackProps) {
    const { config, ruleSet, engineName, busArn, ...stackProps } = props;
    super(scope, id, {
      description: "CloudTrail Engine: forwards records from this account and Region to where the engine is",
      ...stackProps,
    });
    const { eventRules } = deriveEventRules(ruleSet, {
      budget: config.eventRules.budget,
      excludeOwnRole: OWN_ROLE_NAME,
    });
    const forwarder = new Forwarder(this, "Forwarder", {
      eventRules: [...eventRules, ...(config.canary === undefined ? [] : [forwardedCanaryRule()])],
      namePrefix: ruleNamePrefix(engineName),
      busArn: busArn ?? this.askForBus(),
      operations:
        busArn === undefined
          ? this.askForOperations()
          : this.operations(config.operations.subscribe ?? config.subscribe),
      brief: busArn === undefined,
    });
    if (config.canary !== undefined) this.canary = new ForwardedCanary(this, "Canary", config.canary);
    this.show("DeadLettersUrl", forwarder.deadLetters.queue.queueUrl);
  }

  private show(name: string, value: string): CfnOutput {
    return new CfnOutput(this, name, { value });
  }

  private askForBus(): string {
    return new CfnParameter(this, "HubBusArn", {
      type: "String",
      description: "ARN of the hub's default event bus, as the engine's stack shows it",
      allowedPattern: "^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/default$",
      constraintDescription: "must be arn:aws:events:REGION:ACCOUNT:event-bus/default",
    }).valueAsString;
  }

  /** Alarm texts are no secret: no key, which would cost a dollar a month in each Region of each account. */
  private operations(addresses: readonly string[]): Topic {
    const topic = new Topic(this, "Operations", {
      displayName: "CloudTrail Engine operations",
      enforceSSL: true,
    });
    const alarms = this.formatArn({ service: "cloudwatch", resource: "alarm:*" });
    topic.addToResourcePolicy(admitService(CLOUDWATCH, "sns:Publish", topic.topicArn, alarms, this));
    topic.addToResourcePolicy(denyOthers("sns:Publish", topic.topicArn, []));
    for (const address of addresses) topic.addSubscription(new EmailSubscription(address));
    return topic;
  }

  private askForOperations(): Topic {
    const topic = this.operations([]);
    const address = new CfnParameter(this, "OperationsEmail", {
      type: "String",
      default: "",
      description: "Who is told when records cannot be forwarded; empty for nobody",
    }).valueAsString;
    const subscription = new CfnSubscription(this, "OperationsSubscription", {
      topicArn: topic.topicArn,
      protocol: "email",
      endpoint: address,
    });
    subscription.cfnOptions.condition = new CfnCondition(this, "HasOperationsEmail", {
      expression: Fn.conditionNot(Fn.conditionEquals(address, "")),
    });
    return topic;
  }
}
