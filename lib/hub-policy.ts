/**
 * Who may put records on the hub's default bus: the spokes by account, or the organisation by its id, and nobody else.
 * The policy asks, too, that an event comes from a rule and not from a call, is of an AWS service and is CloudTrail's.
 *
 * Of these, source and invocation are belts beside braces, written so that a key that EventBridge should not set refuses
 * nothing (`IfExists`, `ForAllValues`): PutEvents itself refuses sources that begin with `aws.`, and the detector's own
 * patterns ask for source and detail-type again. Each event bus policy is one statement; a bus holds 10 KB of them.
 *
 *   hub: { accounts: ["210987654321"] } → Principal { "AWS": ["210987654321"] }
 *   hub: { organizationId: "o-a1b2c3d4e5" } → Principal "*", StringEquals aws:PrincipalOrgID
 *
 * The hub's own further Regions need none of it: they are of the same account.
 */
import { Stack } from "aws-cdk-lib";
import { CfnEventBusPolicy } from "aws-cdk-lib/aws-events";
import { Construct } from "constructs";
import type { EngineConfig } from "./config.ts";

/** The default bus of a stack's account and Region. */
export function defaultBusArn(stack: Stack): string {
  return stack.formatArn({ service: "events", resource: "event-bus", resourceName: "default" });
}

/** The policy of the hub's default bus. */
export class HubPolicy extends Construct {
  readonly policy: CfnEventBusPolicy;

  constructor(scope: Construct, id: string, { accounts, organizationId }: NonNullable<EngineConfig["hub"]>) {
    super(scope, id);
    const stack = Stack.of(this);
    this.policy = new CfnEventBusPolicy(this, "Policy", {
      eventBusName: "default",
      // Unique on the bus, which other stacks share.
      statementId: `${stack.stackName.slice(0, 50)}-spokes`,
      statement: {
        Effect: "Allow",
        Principal: accounts === undefined ? "*" : { AWS: accounts },
        Action: "events:PutEvents",
        Resource: defaultBusArn(stack),
        Condition: {
          ...(organizationId === undefined ? {} : { StringEquals: { "aws:PrincipalOrgID": organizationId } }),
          // As the derived patterns ask for it: sign-ins come under two spellings (FACTS § 1).
          StringLike: { "events:detail-type": "* via CloudTrail" },
          "ForAllValues:StringLike": { "events:source": "aws.*" },
          BoolIfExists: { "events:eventBusInvocation": "true" },
        },
      },
    });
  }
}
