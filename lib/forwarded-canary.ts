/**
 * The canary of a further Region or of a spoke: the same write as the home Region's (`lib/canary.ts`), whose record must
 * come back across the hop. The detector knows it by the names that it gives to its role and parameter, of which only
 * this account's own can be in a record of this account (`lambda/forwarded-canary.ts`).
 *
 *   role cloudtrail-engine-canary-eu-central-1-0a1b2c3d4e5f, parameter /cloudtrail-engine/canary/0a1b2c3d4e5f
 *
 * The last characters are of the stack's id: two engines in one account do not get into each other's way.
 */
import { Aws, Fn, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import { CfnParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { CANARY_PARAMETERS, CANARY_ROLES } from "../lambda/canary-names.ts";
import { CANARY_CALL } from "../lambda/canary.ts";
import type { EventRule } from "../lambda/engine/event-rules.ts";
import type { CanarySettings } from "./canary.ts";
import { FORWARDED_CANARY_RULE } from "./names.ts";
import { schedulerPrincipal } from "./timers.ts";

/** The schedule with its role and parameter. */
export class ForwardedCanary extends Construct {
  constructor(scope: Construct, id: string, { every }: Pick<CanarySettings, "every">) {
    super(scope, id);
    const stack = Stack.of(this);
    // arn:aws:cloudformation:eu-west-1:123456789012:stack/NAME/01234567-89ab-cdef-0123-456789abcdef
    const own = Fn.select(4, Fn.split("-", Fn.select(2, Fn.split("/", Aws.STACK_ID))));
    const name = `${CANARY_PARAMETERS}${own}`;
    const parameter = new CfnParameter(this, "Parameter", {
      name,
      type: "String",
      value: "never",
      description: "When the canary of CloudTrail Engine last sang",
    });
    const group = new CfnScheduleGroup(this, "Group");
    const role = new Role(this, "Role", {
      roleName: `${CANARY_ROLES}${stack.region}-${own}`,
      description: "Lets the canary of CloudTrail Engine write its parameter",
      assumedBy: schedulerPrincipal(group.attrArn, stack),
      inlinePolicies: {
        Canary: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ["ssm:PutParameter"],
              resources: [
                stack.formatArn({ service: "ssm", resource: "parameter", resourceName: name.slice(1) }),
              ],
            }),
          ],
        }),
      },
    });
    const schedule = new CfnSchedule(this, "Schedule", {
      description: "Writes what must come back to CloudTrail Engine as a CloudTrail record",
      groupName: group.ref,
      scheduleExpression: `rate(${every} minutes)`,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: `arn:${stack.partition}:scheduler:::aws-sdk:ssm:putParameter`,
        roleArn: role.roleArn,
        retryPolicy: { maximumRetryAttempts: 0 },
        input: stack.toJsonString({
          Name: name,
          Value: "<aws.scheduler.scheduled-time>",
          Overwrite: true,
        }),
      },
    });
    schedule.node.addDependency(parameter);
  }
}

/** The rule that brings the records of such canaries: to the bus there, and there to the detector. */
export function forwardedCanaryRule(): EventRule {
  return {
    name: FORWARDED_CANARY_RULE,
    state: "ENABLED",
    rules: [],
    eventPattern: {
      source: [{ prefix: "aws." }],
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: {
        eventSource: [CANARY_CALL.eventSource],
        eventName: [CANARY_CALL.eventName],
        userIdentity: { sessionContext: { sessionIssuer: { userName: [{ prefix: CANARY_ROLES }] } } },
      },
    },
  };
}
