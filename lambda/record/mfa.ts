/**
 * Whether a second factor was used, as far as CloudTrail tells: true, false, or undefined for "it does not tell".
 *
 * A second factor at an identity provider is invisible to AWS. So "No" at a federated sign-in, and "false" in a session
 * of Identity Center, of a web identity or of a SAML provider, say nothing; nor does "false" in the session of a
 * machine, which has no second factor to use.
 *
 *     deriveMfa(consoleLogin, readCaller(consoleLogin))   // IAM user, MFAUsed "No": false; through Identity Center: undefined
 */
import type { Caller } from "./caller.ts";
import type { CloudTrailRecord } from "./record.ts";
import { fieldReader } from "./record-reader.ts";
import { textAt, valueAt } from "./untrusted.ts";

const authenticated = fieldReader("userIdentity.sessionContext.attributes.mfaAuthenticated");
const assumedRoot = fieldReader("userIdentity.sessionContext.assumedRoot");

/** Types of callers that somebody else than AWS has let in. */
const FEDERATED: ReadonlySet<string> = new Set([
  "FederatedUser",
  "SAMLUser",
  "WebIdentityUser",
  "IdentityCenterUser",
  "Directory",
]);

/** Derives whether a second factor was used. */
export function deriveMfa(record: CloudTrailRecord, caller: Caller): boolean | undefined {
  const signIn = textAt(record, "additionalEventData", "MFAUsed")?.toLowerCase();
  if (signIn === "yes") return true;
  const stated = authenticated(record);
  if (saysTrue(stated)) return true;
  if (signIn === "no") return caller.type === "IAMUser" || caller.type === "Root" ? false : undefined;
  if (stated !== "false" && stated !== false) return undefined;
  return isFederated(record, caller) || isMachine(record, caller) ? undefined : false;
}

/** Whether the session is one of the root user that AWS Organizations gave to an administrator for a task. */
export function isAssumedRoot(record: CloudTrailRecord): boolean {
  return saysTrue(assumedRoot(record));
}

function isFederated(record: CloudTrailRecord, { type, webIdentity, isCenterRole }: Caller): boolean {
  return (
    FEDERATED.has(type ?? "") ||
    webIdentity !== undefined ||
    isCenterRole ||
    textAt(record, "additionalEventData", "SamlProviderArn") !== undefined
  );
}

/** AWS writes for which instance or function it issued credentials, and which roles only its services assume. */
function isMachine(record: CloudTrailRecord, { issuerArn, invokedBy, session }: Caller): boolean {
  return (
    valueAt(record, "userIdentity", "sessionContext", "ec2RoleDelivery") !== undefined ||
    valueAt(record, "userIdentity", "inScopeOf") !== undefined ||
    issuerArn?.includes(":role/aws-service-role/") === true ||
    (invokedBy !== undefined && session !== undefined)
  );
}

/** CloudTrail writes true as a text here; a real one would mean the same. */
function saysTrue(value: unknown): boolean {
  return value === true || value === "true";
}
