/**
 * What stands in a further Region, or in a spoke: the same EventBridge rules as where the detector is, states included,
 * with the event bus there as their target. A record that no rule could match stays where it is.
 *
 *   rule CloudTrailEngine.ec2-0w7xk2p on the default bus here → PutEvents on arn:aws:events:eu-west-1:123456789012:event-bus/default
 *
 * The bus there keeps account, Region and source as they are, so that its own rules, of the same patterns, let the record
 * through once more: as often as rules here share it, which for the shipped rules is once (`deriveEventRules`). Nothing
 * is forwarded a second time: EventBridge makes one hop.
 *
 * The role may put events on that bus and nothing else, and only the rules of this name may take it. Its calls, were
 * they recorded, are left out of these patterns as the detector's are out of its own: a forwarded call would make the next.
 *
 * A bus as a target takes no retry policy of ours (CDK, `EventBusProps`); EventBridge's own is a day. What it could not
 * hand over waits in the dead-letter queue here, under an alarm here: CloudWatch publishes in its own Region only.
 */
import { CfnElement, Duration, Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { CfnRule } from "aws-cdk-lib/aws-events";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct, type IConstruct } from "constructs";
import type { EventRule } from "../lambda/engine/event-rules.ts";
import { DeadLetters } from "./dead-letters.ts";
import { describeRule } from "./event-rules.ts";
import { withRoleName } from "./own-denials.ts";
import { counted } from "./words.ts";

export type ForwarderProps = {
  readonly eventRules: readonly EventRule[];
  readonly namePrefix: string;
  /** The default bus of where the detector is. */
  readonly busArn: string;
  /** Where the alarm about records that did not get there is said. */
  readonly operations: ITopic;
  /** Whether descriptions leave out what the rules are about: a template in a call holds 51,200 bytes. */
  readonly brief?: boolean;
};

/** Rules with a bus elsewhere as their target, the role that they forward with, and where lost records are kept. */
export class Forwarder extends Construct {
  readonly role: Role;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, props: ForwarderProps) {
    super(scope, id);
    const { eventRules, namePrefix, busArn, operations, brief = false } = props;
    const stack = Stack.of(this);
    const rulesArn = stack.formatArn({ service: "events", resource: "rule", resourceName: `${namePrefix}*` });
    this.role = new Role(this, "Role", {
      description: "Lets the EventBridge rules of CloudTrail Engine forward records",
      assumedBy: new ServicePrincipal("events.amazonaws.com", {
        conditions: {
          ArnLike: { "aws:SourceArn": rulesArn },
          StringEquals: { "aws:SourceAccount": stack.account },
        },
      }),
      inlinePolicies: {
        Forward: new PolicyDocument({
          statements: [new PolicyStatement({ actions: ["events:PutEvents"], resources: [busArn] })],
        }),
      },
    });
    this.deadLetters = new DeadLetters(this, "DeadLetters");
    this.deadLetters.admit([], rulesArn);
    const alarm = this.alarm(operations);
    // Every rule names these three.
    if (brief) this.shorten({ Role: this.role, Queue: this.deadLetters.queue, Lost: alarm });
    const target: CfnRule.TargetProperty = {
      id: "hub",
      arn: busArn,
      roleArn: this.role.roleArn,
      deadLetterConfig: { arn: this.deadLetters.queue.queueArn },
    };
    for (const eventRule of eventRules) {
      const rule = new CfnRule(this, eventRule.name, {
        name: namePrefix + eventRule.name,
        description: brief ? briefly(eventRule.rules) : describeRule(eventRule.rules),
        state: eventRule.state,
        eventPattern: withRoleName(eventRule.eventPattern, this.role),
        targets: [target],
      });
      // The queue's policy comes before the alarm, and what the rule names comes before it anyway.
      rule.node.addDependency(alarm);
    }
  }

  private shorten(constructs: Readonly<Record<string, IConstruct>>): void {
    for (const [name, { node }] of Object.entries(constructs))
      if (node.defaultChild instanceof CfnElement) node.defaultChild.overrideLogicalId(name);
  }

  private alarm(operations: ITopic): Alarm {
    const alarm = new Alarm(this, "Lost", {
      metric: this.deadLetters.queue.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(5),
      }),
      alarmDescription:
        "CloudTrail Engine could not forward a record from this account and Region: it waits in the dead-letter queue " +
        "for 14 days and nobody was alerted. Each message names the reason (ERROR_CODE); see that the hub's bus policy " +
        "names this account, then give the message to the detector: docs/accounts.md.",
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(operations));
    // The alarm names the queue; its policy, without which nothing gets into it, is nobody's to name.
    const policy = this.deadLetters.queue.node.tryFindChild("Policy");
    if (policy !== undefined) alarm.node.addDependency(policy);
    return alarm;
  }
}

function briefly(ruleIds: readonly string[]): string {
  return ruleIds.length === 0
    ? describeRule(ruleIds)
    : `CloudTrail Engine: the records of ${counted(ruleIds.length, "rule")}`;
}
