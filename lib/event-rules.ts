/**
 * The EventBridge rules, with one Lambda permission and one queue-policy statement for all of them: CDK's own Lambda
 * target adds both for every rule, and a stack of some 25 rules outgrows the 20 statements that a queue policy holds
 * (FACTS § 9). Both name the rules by the prefix that all their names share.
 *
 *   rules CloudTrailEngine.ec2-0w7xk2p, CloudTrailEngine.iam-and-2-1b9k3zq, …
 *   permission: ArnLike aws:SourceArn arn:aws:events:eu-west-1:123456789012:rule/CloudTrailEngine.*
 *
 * A derived name ends with a hash of the pattern, and CloudFormation knows a rule by a logical id made of that name: a
 * changed pattern is a new rule, made before the old one is deleted. For a moment both deliver, which alerts nobody
 * twice (alert ids are the same); changed in place, records that move from one rule to another would be lost between.
 *
 * The rules come last of the whole stack: from its first record on, a rule needs all that follows it, to the alarms.
 */
import { Stack } from "aws-cdk-lib";
import { CfnRule } from "aws-cdk-lib/aws-events";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import { Construct, type IConstruct } from "constructs";
import type { EventRule } from "../lambda/engine/event-rules.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Detector } from "./detector.ts";
import { OWN_DENIALS_RULE } from "./names.ts";
import { ownDenialsPattern, withRoleName } from "./own-denials.ts";

export type EventRulesProps = {
  readonly eventRules: readonly EventRule[];
  readonly namePrefix: string;
  readonly detector: Detector;
  readonly deadLetters: DeadLetters;
  /** The role of the timers, which keep there what they could not hand over. */
  readonly timers: IRole;
};

/** All EventBridge rules of the engine on the default bus. */
export class EventRules extends Construct {
  /** The rule that counts calls of our own role that failed; it has no target. */
  readonly ownDenials: CfnRule;
  private readonly permission: CfnPermission;

  constructor(scope: Construct, id: string, props: EventRulesProps) {
    super(scope, id);
    const { detector, deadLetters, namePrefix } = props;
    const stack = Stack.of(this);
    const rulesArn = stack.formatArn({ service: "events", resource: "rule", resourceName: `${namePrefix}*` });
    this.permission = new CfnPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      functionName: detector.lambda.functionArn,
      principal: "events.amazonaws.com",
      sourceArn: rulesArn,
      sourceAccount: stack.account,
    });
    deadLetters.admit([detector.role, props.timers], rulesArn);
    this.startAfter(deadLetters, detector);
    const target: CfnRule.TargetProperty = {
      id: "detector",
      arn: detector.lambda.functionArn,
      retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86_400 },
      deadLetterConfig: { arn: deadLetters.queue.queueArn },
    };
    for (const eventRule of props.eventRules) {
      const rule = new CfnRule(this, eventRule.name, {
        name: namePrefix + eventRule.name,
        description: describeRule(eventRule.rules),
        state: eventRule.state,
        eventPattern: withRoleName(eventRule.eventPattern, detector.role),
        targets: [target],
      });
      rule.node.addDependency(this.permission);
    }
    this.ownDenials = new CfnRule(this, "OwnDenials", {
      name: namePrefix + OWN_DENIALS_RULE,
      description:
        "Counts failed calls of the engine's own role: they invoke nothing and raise the errors alarm",
      state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
      eventPattern: ownDenialsPattern(detector.role),
    });
  }

  /**
   * Has the rules that invoke made after everything in these constructs. The permission waits for it, and every rule
   * for the permission: the same list on each of 300 rules would outgrow the template.
   */
  startAfter(...earlier: readonly IConstruct[]): void {
    this.permission.node.addDependency(...earlier);
  }
}

/** The rules behind an EventBridge rule, in the 512 characters that its description holds. */
export function describeRule(ruleIds: readonly string[]): string {
  if (ruleIds.length === 0) return "CloudTrail Engine: brings the engine's own canary";
  const text = `CloudTrail Engine: ${ruleIds.join(", ")}`;
  return text.length <= 512 ? text : `${text.slice(0, 480)}… (${ruleIds.length} rules in all)`;
}
