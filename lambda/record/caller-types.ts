/**
 * Kinds of callers, as `userIdentity.type` names them (CloudTrail user guide, "CloudTrail userIdentity element"); AWS adds
 * to them now and then, so another one is a reason to ask, not to refuse.
 */
export const CALLER_TYPES: readonly string[] = [
  "Root",
  "IAMUser",
  "AssumedRole",
  "Role",
  "FederatedUser",
  "Directory",
  "AWSAccount",
  "AWSService",
  "IdentityCenterUser",
  "SAMLUser",
  "WebIdentityUser",
  "Unknown",
];
