/**
 * Who may put something into our queues and topics. Their policies admit the few senders by name; in one account that
 * is not enough, since any IAM policy with `sns:*` or `sqs:*` admits its holder as well. So an explicit denial refuses
 * everybody but our own roles. AWS services (EventBridge, CloudWatch) are told apart by `aws:PrincipalIsAWSService`,
 * which every signed request of a person or role carries as "false": a service that does not set the key is not
 * denied, only ever refused for lack of an admission.
 */
import { Effect, type IRole, PolicyStatement, ServicePrincipal, StarPrincipal } from "aws-cdk-lib/aws-iam";
import { Stack } from "aws-cdk-lib";

/** Denies `action` on `resource` to everybody but AWS services and the given roles. */
export function denyOthers(action: string, resource: string, roles: readonly IRole[]): PolicyStatement {
  return new PolicyStatement({
    sid: "DenyOtherSenders",
    effect: Effect.DENY,
    principals: [new StarPrincipal()],
    actions: [action],
    resources: [resource],
    conditions: {
      Bool: { "aws:PrincipalIsAWSService": "false" },
      ...(roles.length === 0
        ? {}
        : { ArnNotEquals: { "aws:PrincipalArn": roles.map((role) => role.roleArn) } }),
    },
  });
}

/** Admits one AWS service, only on behalf of the sources of this account that `sourceArn` matches (`*` allowed). */
export function admitService(
  service: string,
  action: string,
  resource: string,
  sourceArn: string,
  stack: Stack,
): PolicyStatement {
  return new PolicyStatement({
    sid: `Admit${service.split(".")[0]}`,
    principals: [new ServicePrincipal(service)],
    actions: [action],
    resources: [resource],
    conditions: {
      ArnLike: { "aws:SourceArn": sourceArn },
      StringEquals: { "aws:SourceAccount": stack.account },
    },
  });
}
