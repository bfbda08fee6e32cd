/**
 * The canary's nest: a schedule that writes the time into a parameter, every few minutes; a rule that brings the record
 * of it to the detector; an alarm for when none comes. `lambda/canary.ts` knows it again.
 *
 * A parameter of SSM, because PutParameter is a management write that every trail records, because a parameter of the
 * canary's own is nobody else's concern, and because it costs nothing.
 */
import { Duration, Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyDocument, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { CfnParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { CANARY_CALL, CANARY_METRIC } from "../lambda/canary.ts";
import type { EventRule } from "../lambda/engine/event-rules.ts";
import { CANARY_RULE } from "./names.ts";
import { schedulerPrincipal } from "./timers.ts";
import { counted } from "./words.ts";

/** How often the canary sings and how late its record may be, in minutes. */
export type CanarySettings = { readonly every: number; readonly within: number };

/** How many canaries in a row must fail to come back: one may be late across a period's end. */
const MISSED = 2;

/** The schedule with its role and parameter. */
export class Canary extends Construct {
  readonly role: Role;
  readonly schedule: CfnSchedule;
  private readonly settings: CanarySettings;

  constructor(scope: Construct, id: string, settings: CanarySettings) {
    super(scope, id);
    this.settings = settings;
    const stack = Stack.of(this);
    const parameter = new CfnParameter(this, "Parameter", {
      type: "String",
      value: "never",
      description: "When the canary of CloudTrail Engine last sang",
    });
    const group = new CfnScheduleGroup(this, "Group");
    this.role = new Role(this, "Role", {
      description: "Lets the canary of CloudTrail Engine write its parameter",
      assumedBy: schedulerPrincipal(group.attrArn, stack),
      inlinePolicies: {
        Canary: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ["ssm:PutParameter"],
              resources: [
                stack.formatArn({ service: "ssm", resource: "parameter", resourceName: parameter.ref }),
              ],
            }),
          ],
        }),
      },
    });
    this.schedule = new CfnSchedule(this, "Schedule", {
      description: "Writes what must come back to CloudTrail Engine as a CloudTrail record",
      groupName: group.ref,
      scheduleExpression: `rate(${settings.every} minutes)`,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: `arn:${stack.partition}:scheduler:::aws-sdk:ssm:putParameter`,
        roleArn: this.role.roleArn,
        // The next canary is worth more than a late one.
        retryPolicy: { maximumRetryAttempts: 0 },
        input: stack.toJsonString({
          Name: parameter.ref,
          Value: "<aws.scheduler.scheduled-time>",
          Overwrite: true,
        }),
      },
    });
  }

  /** The rule that brings its records; no rule of the user's own is needed for it. */
  eventRule(): EventRule {
    return {
      name: CANARY_RULE,
      state: "ENABLED",
      rules: [],
      eventPattern: {
        source: [{ prefix: "aws." }],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventSource: [CANARY_CALL.eventSource],
          eventName: [CANARY_CALL.eventName],
          userIdentity: { sessionContext: { sessionIssuer: { arn: [this.role.roleArn] } } },
        },
      },
    };
  }

  /** Says when canaries do not come back, or come late, and when they do again. */
  alarm(operations: ITopic): Alarm {
    const { every, within } = this.settings;
    const alarm = new Alarm(this, "Silence", {
      metric: new Metric({
        namespace: "CloudTrailEngine",
        metricName: CANARY_METRIC,
        statistic: Stats.MINIMUM,
        period: Duration.minutes(every),
      }),
      alarmDescription:
        `CloudTrail Engine hears nothing: a harmless write every ${counted(every, "minute")} did not come back as a record ` +
        `within ${counted(within, "minute")}, ${MISSED} times in a row. Alerts are late or do not come at all. Run the ` +
        "doctor command: it looks for a stopped trail and for EventBridge rules that are disabled or changed.",
      threshold: Duration.minutes(within).toMilliseconds(),
      evaluationPeriods: MISSED,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(operations));
    alarm.addOkAction(new SnsAction(operations));
    return alarm;
  }
}
