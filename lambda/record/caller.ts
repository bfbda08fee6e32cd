/**
 * `userIdentity` as it is read for everything that is derived from it: texts only, each read the way conditions read it,
 * and the session that the caller acts in.
 *
 *     readCaller({ userIdentity: { type: "AssumedRole", arn: "arn:aws:sts::123456789012:assumed-role/deploy/ci-1" }, … }).session
 *     // { role: "deploy", name: "ci-1" }
 */
import type { CloudTrailRecord } from "./record.ts";
import { fieldReader, textReader } from "./record-reader.ts";

const ISSUER = "userIdentity.sessionContext.sessionIssuer";

const TEXTS = {
  type: textReader("userIdentity.type"),
  userName: textReader("userIdentity.userName"),
  arn: textReader("userIdentity.arn"),
  accountId: textReader("userIdentity.accountId"),
  principalId: textReader("userIdentity.principalId"),
  invokedBy: textReader("userIdentity.invokedBy"),
  issuerType: textReader(`${ISSUER}.type`),
  issuerArn: textReader(`${ISSUER}.arn`),
  webIdentity: textReader("userIdentity.sessionContext.webIdFederationData.federatedProvider"),
  centerUserId: textReader("userIdentity.onBehalfOf.userId"),
} as const;
const readIssuerName = fieldReader(`${ISSUER}.userName`);

/** Types of callers that act in the session of a role. */
export const SESSION_TYPES: readonly string[] = ["AssumedRole", "Role"];
/** How the names of roles begin that IAM Identity Center makes. */
export const CENTER_ROLE = "AWSReservedSSO_";
/** Where they stand: nobody but AWS can make a role below this path. */
const CENTER_PATH = ":role/aws-reserved/sso.amazonaws.com/";

const ROLE_SESSION = /^arn:([\w-]+):sts::(\d*):assumed-role\/([^/]+)\/(.+)$/s;

/** A role's session: the role's name, and the session's, which whoever assumed the role chose. */
type RoleSession = { readonly role: string | undefined; readonly name: string | undefined };

/** The caller of a record, as far as there is text about it. */
export type Caller = { readonly [Key in keyof typeof TEXTS]: string | undefined } & {
  readonly session: RoleSession | undefined;
  /** Whether IAM Identity Center made the role, so that the session's name is that of its user. */
  readonly isCenterRole: boolean;
};

/** Reads the caller; never throws, whatever types the fields have. */
export function readCaller(record: CloudTrailRecord): Caller {
  const type = TEXTS.type(record);
  const arn = TEXTS.arn(record);
  const principalId = TEXTS.principalId(record);
  const issuerType = TEXTS.issuerType(record);
  const issuerArn = TEXTS.issuerArn(record);
  const isSession = type !== undefined && SESSION_TYPES.includes(type);
  const session =
    isSession || issuerType === "Role"
      ? { role: roleName(record, isSession ? arn : undefined), name: sessionName(arn, principalId) }
      : undefined;
  const isCenterRole =
    session?.role?.startsWith(CENTER_ROLE) === true &&
    (issuerArn === undefined || issuerArn.includes(CENTER_PATH));
  return {
    type,
    userName: TEXTS.userName(record),
    arn,
    accountId: TEXTS.accountId(record),
    principalId,
    invokedBy: TEXTS.invokedBy(record),
    issuerType,
    issuerArn,
    webIdentity: TEXTS.webIdentity(record),
    centerUserId: TEXTS.centerUserId(record),
    session,
    isCenterRole,
  };
}

/** The ARN of the role behind a session's ARN, its path aside, which the session's ARN does not tell. */
export function roleArnOf(sessionArn: string | undefined): string | undefined {
  const match = ROLE_SESSION.exec(sessionArn ?? "");
  return match === null ? undefined : `arn:${match[1]}:iam::${match[2]}:role/${match[3]}`;
}

/** What stands behind the first colon of a principal id: the name of a session, or of a federated user. */
export function afterColon(principalId: string | undefined): string | undefined {
  const colon = principalId?.indexOf(":") ?? -1;
  return colon < 0 ? undefined : principalId?.slice(colon + 1) || undefined;
}

/** The role's name; where there is no word of who issued the session, it is read from the ARN of the session or role. */
function roleName(record: CloudTrailRecord, arn: string | undefined): string | undefined {
  const issuer = readIssuerName(record);
  if (issuer !== undefined) return typeof issuer === "string" && issuer !== "" ? issuer : undefined;
  const match = ROLE_SESSION.exec(arn ?? "");
  if (match !== null) return match[3];
  return arn?.includes(":role/") === true ? arn.slice(arn.lastIndexOf("/") + 1) || undefined : undefined;
}

function sessionName(arn: string | undefined, principalId: string | undefined): string | undefined {
  return ROLE_SESSION.exec(arn ?? "")?.[4] ?? afterColon(principalId);
}
