/**
 * Who made the call: the person or machine behind the session. CloudTrail spreads this over `userIdentity` in a shape
 * a kind of caller, and its ARN of a role session changes with each session, so rules and people get one shape here.
 * The ARN is that of the user or of the role; the session name, which the caller of AssumeRole chose, stands apart.
 *
 *     deriveActor({ userIdentity: { type: "AssumedRole", arn: "arn:aws:sts::123456789012:assumed-role/deploy/ci-1", … } })
 *     // { type: "AssumedRole", name: "deploy/ci-1", arn: "arn:aws:iam::123456789012:role/deploy", role: "deploy", … }
 *
 * `lambda/engine/derived-evidence.ts` says what an event pattern can see of this: both change together.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { afterColon, type Caller, readCaller, roleArnOf } from "./caller.ts";
import { cutText } from "./cut-text.ts";
import { deriveMfa, isAssumedRoot } from "./mfa.ts";
import type { CloudTrailRecord } from "./record.ts";
import { fieldReader, textReader } from "./record-reader.ts";
import { textAt } from "./untrusted.ts";

type Actor = Alert["actor"];

/** Stands for a field that CloudTrail defines as text and that holds something else: it is there, and no text. */
export const NOT_TEXT = "(not a text)";
/** Stands for the type where a record has none, or no text there. */
export const NO_TYPE = "Unknown";

/** What CloudTrail writes in place of the name of a user that does not exist (FACTS § 4, CTU). */
const HIDDEN_USER_NAME = "HIDDEN_DUE_TO_SECURITY_REASONS";
/** What CloudTrail writes in place of the account of a caller who did not sign the call. */
const ANONYMOUS: ReadonlySet<string> = new Set(["ANONYMOUS_PRINCIPAL", "anonymous"]);
const MAX_TEXT = 1024;

/** Fields of `userIdentity` that stand in the actor as they are: [name in the actor, field]. */
export const COPIED_FIELDS = {
  accountId: "userIdentity.accountId",
  principalId: "userIdentity.principalId",
  accessKeyId: "userIdentity.accessKeyId",
  invokedBy: "userIdentity.invokedBy",
  sessionIssuer: "userIdentity.sessionContext.sessionIssuer.arn",
  sourceIdentity: "userIdentity.sessionContext.sourceIdentity",
  identityCenterUserId: "userIdentity.onBehalfOf.userId",
} as const;
type CopiedField = keyof typeof COPIED_FIELDS;

const callerType = textReader("userIdentity.type");
const callerAccount = textReader("userIdentity.accountId");
const storeOfSession = textReader("userIdentity.onBehalfOf.identityStoreArn");
const storeOfUser = textReader("userIdentity.identityStoreArn");
const recipient = textReader("recipientAccountId");

type Derive = (record: CloudTrailRecord, caller: () => Caller) => string | boolean | undefined;

/** Each fact on its own: rules name one or two, and a record is asked for them before it is known to matter. */
const FACTS: { readonly [Key in keyof Required<Actor>]: Derive } = {
  type: (record) => callerType(record) ?? NO_TYPE,
  name: (record, caller) => actorName(record, caller()),
  arn: (_, caller) => actorArn(caller()),
  accountId: copyOf("accountId"),
  principalId: copyOf("principalId"),
  role: (_, caller) => caller().session?.role,
  session: (_, caller) => caller().session?.name,
  sessionIssuer: copyOf("sessionIssuer"),
  sourceIdentity: copyOf("sourceIdentity"),
  identityCenterUser: (record, caller) => centerUser(record, caller()),
  identityCenterUserId: copyOf("identityCenterUserId"),
  identityStoreArn: (record) => storeOfSession(record) ?? storeOfUser(record),
  accessKeyId: copyOf("accessKeyId"),
  invokedBy: copyOf("invokedBy"),
  mfa: (record, caller) => deriveMfa(record, caller()),
  crossAccount: isCrossAccount,
  root: (record) => callerType(record) === "Root" || isAssumedRoot(record),
};

/** Derives the actor of a record; never throws, whatever types the fields have. What is not known is left out. */
export function deriveActor(record: CloudTrailRecord): Actor {
  let read: Caller | undefined;
  const caller = (): Caller => (read ??= readCaller(record));
  const known: Record<string, unknown> = {};
  for (const [key, derive] of Object.entries(FACTS)) {
    const value = bounded(derive(record, caller));
    if (value !== undefined) known[key] = value;
  }
  return known as Actor;
}

/** Derives one fact of the actor; undefined where there is none of that name. */
export function deriveActorFact(record: CloudTrailRecord, key: string): unknown {
  if (!Object.hasOwn(FACTS, key)) return undefined;
  return bounded(FACTS[key as keyof Actor](record, () => readCaller(record)));
}

function bounded(value: string | boolean | undefined): string | boolean | undefined {
  return typeof value === "string" ? cutText(value, MAX_TEXT) : value;
}

/** What a rule compares with must not depend on a field's type: a number in place of a text is there, and no text. */
function copyOf(name: CopiedField): Derive {
  const read = fieldReader(COPIED_FIELDS[name]);
  return (record) => plainText(read(record));
}

function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" || typeof value === "boolean" ? NOT_TEXT : undefined;
}

function actorArn({ type, arn, issuerArn }: Caller): string | undefined {
  if (type !== "Root" && type !== "IAMUser" && issuerArn !== undefined) return issuerArn;
  return roleArnOf(arn) ?? arn;
}

function actorName(record: CloudTrailRecord, caller: Caller): string {
  const { type, session, userName, arn, principalId, centerUserId, invokedBy, accountId } = caller;
  if (type === "Root") return "root user";
  if (session !== undefined) {
    const parts = [session.role, session.name].filter((part) => part !== undefined);
    if (parts.length > 0) return parts.join("/");
  }
  if (userName === HIDDEN_USER_NAME) return "(a user name that does not exist, hidden by AWS)";
  return (
    userName ??
    nameInArn(arn) ??
    afterColon(principalId) ??
    textAt(record, "additionalEventData", "UserName") ??
    centerUserId ??
    (principalId !== undefined && !ANONYMOUS.has(principalId) ? principalId : undefined) ??
    invokedBy ??
    accountName(accountId) ??
    "(unknown)"
  );
}

function nameInArn(arn: string | undefined): string | undefined {
  if (arn === undefined || !(arn.includes(":user/") || arn.includes(":federated-user/"))) return undefined;
  return arn.slice(arn.lastIndexOf("/") + 1) || undefined;
}

function accountName(accountId: string | undefined): string | undefined {
  if (accountId === undefined) return undefined;
  return ANONYMOUS.has(accountId) ? "an anonymous caller" : `account ${accountId}`;
}

/**
 * The user of IAM Identity Center: by name where CloudTrail tells it (Identity Center names its role sessions after
 * their users), else by id.
 */
function centerUser(
  record: CloudTrailRecord,
  { type, userName, session, isCenterRole, centerUserId }: Caller,
): string | undefined {
  if (isCenterRole && session?.name !== undefined) return session.name;
  if (type !== "IdentityCenterUser" && centerUserId === undefined) return undefined;
  if (session !== undefined) return centerUserId;
  return textAt(record, "additionalEventData", "UserName") ?? userName ?? centerUserId;
}

/** Whether the caller belongs to another account than the one that the record is about; AWS itself belongs to none. */
function isCrossAccount(record: CloudTrailRecord): boolean | undefined {
  const type = callerType(record);
  if (type === "AWSService") return false;
  const accountId = callerAccount(record);
  const own = recipient(record);
  if (accountId !== undefined && own !== undefined) return accountId !== own;
  // CloudTrail writes this type only of callers from elsewhere.
  return type === "AWSAccount" ? true : undefined;
}
