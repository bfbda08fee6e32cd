/**
 * The timers that close windows: one-time schedules that the detector makes while a window is open, in a group of their
 * own. Scheduler invokes the function with a role that can do nothing else, and that only Scheduler can take, for
 * schedules of this group. An empty group costs nothing.
 */
import { Stack, Token, Validations } from "aws-cdk-lib";
import { Policy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

const SCHEDULER = "scheduler.amazonaws.com";

/** Admits Scheduler, for schedules of one group of this account. */
export function schedulerPrincipal(groupArn: string, stack: Stack): ServicePrincipal {
  return new ServicePrincipal(SCHEDULER, {
    conditions: { StringEquals: { "aws:SourceAccount": stack.account, "aws:SourceArn": groupArn } },
  });
}

/** The group of the timers and the role that they invoke with. */
export class Timers extends Construct {
  readonly role: Role;
  readonly groupName: string;
  private readonly group: CfnScheduleGroup;
  private readonly schedulesArn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = Stack.of(this);
    this.group = new CfnScheduleGroup(this, "Group");
    const { group } = this;
    this.groupName = group.ref;
    this.schedulesArn = stack.formatArn({
      service: "scheduler",
      resource: "schedule",
      resourceName: `${group.ref}/*`,
    });
    this.role = new Role(this, "Role", {
      description: "Lets timers of CloudTrail Engine invoke its detector",
      assumedBy: schedulerPrincipal(group.attrArn, stack),
    });
  }

  /**
   * Lets the timers invoke the function, and keep what they could not hand over for a day. Apart from the role, which
   * the function's own role must name.
   */
  invoke(target: IFunction, deadLetters: IQueue): Policy {
    return new Policy(this, "Invoke", {
      roles: [this.role],
      statements: [
        new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [target.functionArn] }),
        new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetters.queueArn] }),
      ],
    });
  }

  /** What the detector does: make timers, and hand them their role. */
  permissions(): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: "MakeTimers",
        actions: ["scheduler:CreateSchedule"],
        resources: [this.schedulesArn],
      }),
      new PolicyStatement({
        sid: "HandRoleToTimers",
        actions: ["iam:PassRole"],
        resources: [this.role.roleArn],
        conditions: { StringEquals: { "iam:PassedToService": SCHEDULER } },
      }),
    ];
  }

  /** Sets aside, for the role that has them, the check for wildcards: a timer's name is a hash that nobody knows before. */
  acknowledge(role: Role): void {
    const stack = Stack.of(this);
    const { partition, region, account } = stack;
    const place = [partition, "scheduler", region, account].map((part) =>
      Token.isUnresolved(part) ? nameOf(part, stack) : part,
    );
    const finding = `Resource::arn:${place.join(":")}:schedule/<${stack.getLogicalId(this.group)}>/*`;
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[${finding}]`,
      reason: "The only wildcard stands for the names of timers within their own group.",
    });
  }
}

/** A reference as cdk-nag writes it: <AWS::Region>. */
function nameOf(token: string, stack: Stack): string {
  const { Ref } = stack.resolve(token) as { readonly Ref?: string };
  return `<${Ref ?? ""}>`;
}
