/**
 * Keeps the engine from feeding itself. A call of its own role that fails (a secret it may not read) is a CloudTrail
 * record like any other; if a rule matches it, the alert makes the same call, which fails, which makes a record… So
 * every derived event pattern leaves such calls out (`lambda/engine/own-role.ts`), with those calls of the detector's that
 * succeed, and an EventBridge rule without a target counts the failed ones: the metric MatchedEvents of that rule is part
 * of the errors alarm.
 *
 * CloudFormation names the role, so that an engine fits into several Regions of one account. Patterns are therefore
 * derived, and measured, with a stand-in as long as the longest name:
 *
 *   { "anything-but": ["the-name-of-the-detectors-role…"] }  →  { "anything-but": [{ "Ref": "DetectorRole" }] }
 */
import type { Role } from "aws-cdk-lib/aws-iam";

/** Stands in derived patterns for the name of the detector's role, of which IAM allows 64 characters. */
export const OWN_ROLE_NAME = "the-name-of-the-detectors-role".padEnd(64, "-");

/**
 * Stands in the patterns of a hub for the role's ARN: records of other accounts pass there, and a role of the detector's
 * name in one of them is not the detector's. As long as the longest, with twelve digits and no path.
 */
export const OWN_ROLE_ARN = `arn:aws-us-gov:iam::${"0".repeat(12)}:role/${OWN_ROLE_NAME}`;

/** The pattern with every stand-in replaced by the name, or the ARN, that the role has once it is deployed. */
export function withRoleName(
  pattern: Readonly<Record<string, unknown>>,
  role: Role,
): Record<string, unknown> {
  return replaceName(pattern, role) as Record<string, unknown>;
}

/** Matches every failed call of the role, whether or not a rule would match it. */
export function ownDenialsPattern(role: Role): Record<string, unknown> {
  return {
    source: [{ prefix: "aws." }],
    "detail-type": ["AWS API Call via CloudTrail"],
    detail: {
      errorCode: [{ exists: true }],
      userIdentity: { sessionContext: { sessionIssuer: { arn: [role.roleArn] } } },
    },
  };
}

function replaceName(value: unknown, role: Role): unknown {
  if (value === OWN_ROLE_NAME) return role.roleName;
  if (value === OWN_ROLE_ARN) return role.roleArn;
  if (Array.isArray(value)) return value.map((item) => replaceName(item, role));
  if (!(value instanceof Object)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceName(inner, role)]));
}
