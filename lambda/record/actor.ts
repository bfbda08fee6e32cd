/**
 * Who made the call: the person or machine behind the session. CloudTrail spreads this over `userIdentity` in a shape
 * a kind of caller, and its ARN of a role session changes with each session, so rules and people get one shape here.
 * The ARN is that of the user or of the role; the session name, which the caller of AssumeRole chose, stands apart.
 *
 *     deriveActor({ userIdentity: { type: "AssumedRole", arn: "arn:aws:sts::123456789012:assumed-role/deploy/ci-1", … } })
 *     // { type: "AssumedRole", name: "deploy/ci-1", arn: "arn:aws:iam::123456789012:role/deploy", role: "deploy", … }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { cutText } from "./cut-text.ts";
import type { CloudTrailRecord } from "./record.ts";
import { isObject, textAt, type Untrusted, valueAt } from "./untrusted.ts";

type Actor = Alert["actor"];

/** What CloudTrail writes in place of the name of a user that does not exist (FACTS § 4, CTU). */
const HIDDEN_USER_NAME = "HIDDEN_DUE_TO_SECURITY_REASONS";
const ROLE_SESSION = /^arn:([\w-]+):sts::(\d*):assumed-role\/([^/]+)\/(.+)$/s;
const MAX_TEXT = 1024;

/** Derives the actor of a record; never throws, whatever types the fields have. */
export function deriveActor(record: CloudTrailRecord): Actor {
  const found = valueAt(record, "userIdentity");
  const identity: Untrusted = isObject(found) ? found : {};
  const type = textAt(identity, "type") ?? "Unknown";
  const session = roleSession(identity, type);
  const mfa = deriveMfa(record, identity, type);
  return withoutGaps({
    type,
    name: actorName(record, identity, type, session),
    arn: actorArn(identity, type),
    accountId: textAt(identity, "accountId"),
    principalId: textAt(identity, "principalId"),
    role: session?.role,
    session: session?.name,
    sourceIdentity: textAt(identity, "sessionContext", "sourceIdentity"),
    accessKeyId: textAt(identity, "accessKeyId"),
    invokedBy: textAt(identity, "invokedBy"),
    mfa,
    root: type === "Root" || isTrue(valueAt(identity, "sessionContext", "assumedRoot")),
  });
}

type Session = { readonly role: string | undefined; readonly name: string | undefined };

function roleSession(identity: Untrusted, type: string): Session | undefined {
  const match = ROLE_SESSION.exec(textAt(identity, "arn") ?? "");
  const issuedByRole = textAt(identity, "sessionContext", "sessionIssuer", "type") === "Role";
  if (match === null && !issuedByRole && type !== "AssumedRole" && type !== "Role") return undefined;
  return {
    role:
      textAt(identity, "sessionContext", "sessionIssuer", "userName") ?? match?.[3] ?? roleOfArn(identity),
    name: match?.[4] ?? afterColon(textAt(identity, "principalId")),
  };
}

function roleOfArn(identity: Untrusted): string | undefined {
  const arn = textAt(identity, "arn");
  return arn?.includes(":role/") === true ? arn.slice(arn.lastIndexOf("/") + 1) || undefined : undefined;
}

function actorArn(identity: Untrusted, type: string): string | undefined {
  const issuer = textAt(identity, "sessionContext", "sessionIssuer", "arn");
  const arn = textAt(identity, "arn");
  if (type !== "Root" && type !== "IAMUser" && issuer !== undefined) return issuer;
  const match = ROLE_SESSION.exec(arn ?? "");
  return match === null ? arn : `arn:${match[1]}:iam::${match[2]}:role/${match[3]}`;
}

function actorName(record: CloudTrailRecord, identity: Untrusted, type: string, session?: Session): string {
  if (type === "Root") return "root user";
  if (session !== undefined) {
    const parts = [session.role, session.name].filter((part) => part !== undefined);
    if (parts.length > 0) return parts.join("/");
  }
  const userName = textAt(identity, "userName");
  if (userName === HIDDEN_USER_NAME) return "(a user name that does not exist, hidden by AWS)";
  return (
    userName ??
    nameInArn(textAt(identity, "arn")) ??
    afterColon(textAt(identity, "principalId")) ??
    textAt(record, "additionalEventData", "UserName") ??
    textAt(identity, "onBehalfOf", "userId") ??
    textAt(identity, "invokedBy") ??
    textAt(identity, "principalId") ??
    accountName(textAt(identity, "accountId")) ??
    "(unknown)"
  );
}

function nameInArn(arn: string | undefined): string | undefined {
  if (arn === undefined || !(arn.includes(":user/") || arn.includes(":federated-user/"))) return undefined;
  return arn.slice(arn.lastIndexOf("/") + 1) || undefined;
}

function afterColon(principalId: string | undefined): string | undefined {
  const colon = principalId?.indexOf(":") ?? -1;
  return colon < 0 ? undefined : principalId?.slice(colon + 1) || undefined;
}

function accountName(accountId: string | undefined): string | undefined {
  return accountId === undefined ? undefined : `account ${accountId}`;
}

/**
 * Whether a second factor was used, as far as CloudTrail tells. The identity provider's second factor is invisible to
 * AWS: "No" on a federated sign-in and "false" on an Identity Center or web-identity session say nothing.
 */
function deriveMfa(record: CloudTrailRecord, identity: Untrusted, type: string): boolean | undefined {
  const signIn = textAt(record, "additionalEventData", "MFAUsed")?.toLowerCase();
  if (signIn === "yes") return true;
  const stated = valueAt(identity, "sessionContext", "attributes", "mfaAuthenticated");
  if (isTrue(stated)) return true;
  if (signIn === "no") return type === "IAMUser" || type === "Root" ? false : undefined;
  if (stated !== "false" && stated !== false) return undefined;
  return isFederated(identity, type) ? undefined : false;
}

function isFederated(identity: Untrusted, type: string): boolean {
  if (["FederatedUser", "SAMLUser", "WebIdentityUser", "IdentityCenterUser", "Directory"].includes(type))
    return true;
  const role = roleSession(identity, type)?.role;
  const provider = textAt(identity, "sessionContext", "webIdFederationData", "federatedProvider");
  return provider !== undefined || role?.startsWith("AWSReservedSSO_") === true;
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.toLowerCase() === "true");
}

/** Absent fields are left out (the schema has no `undefined`), over-long texts are cut. */
function withoutGaps(actor: { [Key in keyof Actor]: Actor[Key] | undefined }): Actor {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(actor)) {
    if (value !== undefined) kept[key] = typeof value === "string" ? cutText(value, MAX_TEXT) : value;
  }
  return kept as Actor;
}
