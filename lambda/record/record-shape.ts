/**
 * The fields of a CloudTrail record, as "CloudTrail record contents" and "CloudTrail userIdentity element" in the
 * CloudTrail user guide define them. Two things rest on this table: a rule that names a field which no record has is
 * refused, and event patterns may negate a field that can only be a plain value.
 */

/** Every field that a record can have at its top level. */
export const RECORD_FIELDS: readonly string[] = [
  "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
  "errorCode", "errorMessage", "requestParameters", "responseElements", "additionalEventData", "requestID", "eventID",
  "eventType", "apiVersion", "managementEvent", "readOnly", "resources", "recipientAccountId", "serviceEventDetails",
  "sharedEventID", "vpcEndpointId", "vpcEndpointAccountId", "eventCategory", "addendum", "sessionCredentialFromConsole",
  "edgeDeviceDetails", "tlsDetails", "insightDetails",
];

const PLAIN_FIELDS = [
  "eventSource", "eventName", "eventType", "eventCategory", "awsRegion", "sourceIPAddress", "userAgent", "errorCode",
  "errorMessage", "readOnly", "managementEvent", "recipientAccountId", "vpcEndpointId", "sessionCredentialFromConsole",
] as const;
const IDENTITY_FIELDS = ["type", "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy"] as const;
const ISSUER_FIELDS = ["type", "principalId", "arn", "accountId", "userName"] as const;
const ATTRIBUTE_FIELDS = ["mfaAuthenticated"] as const;

/** Dotted keys that are true, false or nothing. */
export const BOOLEAN_FACTS: readonly string[] = ["readOnly", "managementEvent"];

const IDENTITY = "userIdentity";
const SESSION = "sessionContext";

/** Dotted keys that hold a plain value or nothing in every record that `readEnvelope` accepts, with no list on the way. */
export const PLAIN_VALUE_FACTS: ReadonlySet<string> = new Set([
  ...PLAIN_FIELDS,
  ...IDENTITY_FIELDS.map((field) => `${IDENTITY}.${field}`),
  ...ISSUER_FIELDS.map((field) => `${IDENTITY}.${SESSION}.sessionIssuer.${field}`),
  ...ATTRIBUTE_FIELDS.map((field) => `${IDENTITY}.${SESSION}.attributes.${field}`),
]);

type JsonObject = { readonly [key: string]: unknown };

/** The first field that holds a list or an object where CloudTrail defines a plain value; undefined when all are right. */
export function misshapenField(record: JsonObject): string | undefined {
  for (const field of PLAIN_FIELDS) if (isCompound(record[field])) return field;
  for (const field of BOOLEAN_FACTS) if (record[field] !== undefined && record[field] !== null && typeof record[field] !== "boolean") return field;
  const identity = record[IDENTITY];
  if (typeof identity !== "object" || identity === null) return undefined;
  if (Array.isArray(identity)) return IDENTITY;
  for (const field of IDENTITY_FIELDS) if (isCompound((identity as JsonObject)[field])) return `${IDENTITY}.${field}`;
  const session = (identity as JsonObject)[SESSION];
  if (typeof session !== "object" || session === null) return undefined;
  if (Array.isArray(session)) return `${IDENTITY}.${SESSION}`;
  return (
    misshapenChild(session as JsonObject, "sessionIssuer", ISSUER_FIELDS) ??
    misshapenChild(session as JsonObject, "attributes", ATTRIBUTE_FIELDS)
  );
}

function misshapenChild(session: JsonObject, name: string, fields: readonly string[]): string | undefined {
  const child = session[name];
  if (typeof child !== "object" || child === null) return undefined;
  if (Array.isArray(child)) return `${IDENTITY}.${SESSION}.${name}`;
  for (const field of fields) {
    if (isCompound((child as JsonObject)[field])) return `${IDENTITY}.${SESSION}.${name}.${field}`;
  }
  return undefined;
}

function isCompound(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
