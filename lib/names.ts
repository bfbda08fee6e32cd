/**
 * Names that both the stack and the doctor know. They are apart from the constructs so that the doctor need not load
 * the CDK, which takes a second.
 *
 *   stack CloudTrailEngine → rules CloudTrailEngine.ec2-0w7xk2p, CloudTrailEngine.iam-and-2-1b9k3zq, …
 */
import { createHash } from "node:crypto";

/** The name of the stack unless the caller chooses another. */
export const STACK_NAME = "CloudTrailEngine";

/** The name, after the stack's prefix, of the EventBridge rule that counts failed calls of the detector's role. */
export const OWN_DENIALS_RULE = "own-denials";

/** The name, after the stack's prefix, of the EventBridge rule that brings the canary's records. */
export const CANARY_RULE = "canary";

/** The same of the rule that brings the records of canaries from further Regions and accounts. */
export const FORWARDED_CANARY_RULE = "forwarded-canary";

/** The name of the stack that forwards from a further Region, or from a spoke's. */
export function forwarderName(engineName: string, region: string): string {
  return `${engineName}-${region}`;
}

/** A rule's name has 64 characters, of which the derived name takes up to 40 and the dot one. */
const MAX_STACK_PART = 23;

/**
 * What the names of a stack's EventBridge rules begin with, at most 24 characters. It ends with a dot, which no
 * stack's name can hold: no other stack's rules begin like ours.
 */
export function ruleNamePrefix(stackName: string): string {
  if (stackName.length <= MAX_STACK_PART) return `${stackName}.`;
  const hash = createHash("sha256").update(stackName).digest("hex").slice(0, 8);
  return `${stackName.slice(0, MAX_STACK_PART - 9)}-${hash}.`;
}
