/**
 * The fields of a CloudTrail record, as "CloudTrail record contents" and "CloudTrail userIdentity element" in the
 * CloudTrail user guide define them. Two things rest on this table: a rule that names a field which no record has is
 * refused, and event patterns may negate a field that can only be a plain value.
 */

/** Every field that a record can have at its top level. */
export const RECORD_FIELDS: readonly string[] = [
  "eventVersion",
  "userIdentity",
  "eventTime",
  "eventSource",
  "eventName",
  "awsRegion",
  "sourceIPAddress",
  "userAgent",
  "errorCode",
  "errorMessage",
  "requestParameters",
  "responseElements",
  "additionalEventData",
  "requestID",
  "eventID",
  "eventType",
  "apiVersion",
  "managementEvent",
  "readOnly",
  "resources",
  "recipientAccountId",
  "serviceEventDetails",
  "sharedEventID",
  "vpcEndpointId",
  "vpcEndpointAccountId",
  "eventCategory",
  "addendum",
  "sessionCredentialFromConsole",
  "edgeDeviceDetails",
  "tlsDetails",
  "insightDetails",
];

const PLAIN_FIELDS = [
  "eventSource",
  "eventName",
  "eventType",
  "eventCategory",
  "awsRegion",
  "sourceIPAddress",
  "userAgent",
  "errorCode",
  "errorMessage",
  "readOnly",
  "managementEvent",
  "recipientAccountId",
  "vpcEndpointId",
  "sessionCredentialFromConsole",
] as const;
const IDENTITY_FIELDS = [
  "type",
  "principalId",
  "arn",
  "accountId",
  "accessKeyId",
  "userName",
  "invokedBy",
] as const;
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

/** What CloudTrail writes in a field that `misshapenField` looks at, in words. */
export function expectedKind(field: string): string {
  if (BOOLEAN_FACTS.includes(field)) return "true or false";
  return PLAIN_VALUE_FACTS.has(field) ? "a text" : "an object";
}

type JsonObject = { readonly [key: string]: unknown };

/** Whether a plain field with null in it was met; CloudTrail leaves such a field out. */
export type SeenNull = { plainNull: boolean };

/** Keys that hold plain values, and those whose own keys are looked at in turn. */
type PlainKeys = { readonly fields: ReadonlySet<string>; readonly below: readonly string[] };

const RECORD_KEYS: PlainKeys = { fields: new Set(PLAIN_FIELDS), below: [IDENTITY] };
const IDENTITY_KEYS: PlainKeys = { fields: new Set(IDENTITY_FIELDS), below: [SESSION] };
const SESSION_KEYS: PlainKeys = { fields: new Set(), below: ["sessionIssuer", "attributes"] };
const ISSUER_KEYS: PlainKeys = { fields: new Set(ISSUER_FIELDS), below: [] };
const ATTRIBUTE_KEYS: PlainKeys = { fields: new Set(ATTRIBUTE_FIELDS), below: [] };

/** The first field that holds a list or an object where CloudTrail defines a plain value; undefined when all are right. */
export function misshapenField(
  record: JsonObject,
  seen: SeenNull = { plainNull: false },
): string | undefined {
  const field = compoundAmong(record, RECORD_KEYS, seen) ?? misshapenValue(record);
  if (field !== undefined) return field;
  const identity = record.userIdentity;
  if (typeof identity !== "object" || identity === null) return undefined;
  if (Array.isArray(identity)) return IDENTITY;
  const own = compoundAmong(identity as JsonObject, IDENTITY_KEYS, seen);
  if (own !== undefined) return `${IDENTITY}.${own}`;
  const session = (identity as JsonObject).sessionContext;
  if (typeof session !== "object" || session === null) return undefined;
  if (Array.isArray(session)) return `${IDENTITY}.${SESSION}`;
  const inner =
    compoundAmong(session as JsonObject, SESSION_KEYS, seen) ??
    misshapenChild((session as JsonObject).sessionIssuer, "sessionIssuer", ISSUER_KEYS, seen) ??
    misshapenChild((session as JsonObject).attributes, "attributes", ATTRIBUTE_KEYS, seen);
  return inner === undefined ? undefined : `${IDENTITY}.${SESSION}.${inner}`;
}

/** Booleans and texts; written out because a property that is named in the code is read ten times faster. */
function misshapenValue({ readOnly, managementEvent, errorCode }: JsonObject): string | undefined {
  if (readOnly !== undefined && readOnly !== null && typeof readOnly !== "boolean") return "readOnly";
  if (managementEvent !== undefined && managementEvent !== null && typeof managementEvent !== "boolean") {
    return "managementEvent";
  }
  if (errorCode !== undefined && errorCode !== null && typeof errorCode !== "string") return "errorCode";
  return undefined;
}

function misshapenChild(child: unknown, name: string, keys: PlainKeys, seen: SeenNull): string | undefined {
  if (typeof child !== "object" || child === null) return undefined;
  if (Array.isArray(child)) return name;
  const field = compoundAmong(child as JsonObject, keys, seen);
  return field === undefined ? undefined : `${name}.${field}`;
}

/** The objects and lists that nearly all records have, asked first because it is fast; no plain field has such a name. */
function isUsuallyCompound(key: string): boolean {
  switch (key) {
    case "userIdentity":
    case "requestParameters":
    case "responseElements":
    case "additionalEventData":
    case "resources":
    case "tlsDetails":
    case "sessionContext":
    case "sessionIssuer":
    case "webIdFederationData":
    case "attributes":
      return true;
    default:
      return false;
  }
}

/**
 * The field of an object that holds a list or an object and must not: one of `fields`, or, as `below` says, one with
 * dots that spells the same fact as nested keys do. Looks at the fields that are there, not at all that there could
 * be: most of a record's fields are texts, so that every record pays for very few look-ups.
 */
function compoundAmong(node: JsonObject, { fields, below }: PlainKeys, seen: SeenNull): string | undefined {
  for (const key in node) {
    const value = node[key];
    if (typeof value !== "object" || isUsuallyCompound(key)) continue;
    if (value === null) {
      seen.plainNull ||= spellsPlainField(key, fields, below);
      continue;
    }
    if (fields.has(key)) return key;
    for (const name of below) if (key.startsWith(name) && key[name.length] === ".") return name;
  }
  return undefined;
}

function spellsPlainField(key: string, fields: ReadonlySet<string>, below: readonly string[]): boolean {
  return fields.has(key) || below.some((name) => key.startsWith(name) && key[name.length] === ".");
}

/** The record without the plain fields that hold null; a copy as far as it has any. */
export function withoutPlainNulls(record: JsonObject): JsonObject {
  return mapped(record, RECORD_KEYS, {
    [IDENTITY]: (identity) =>
      mapped(identity, IDENTITY_KEYS, {
        [SESSION]: (session) =>
          mapped(session, SESSION_KEYS, {
            sessionIssuer: (issuer) => mapped(issuer, ISSUER_KEYS, {}),
            attributes: (attributes) => mapped(attributes, ATTRIBUTE_KEYS, {}),
          }),
      }),
  });
}

function mapped(
  node: JsonObject,
  { fields, below }: PlainKeys,
  inner: { readonly [key: string]: (node: JsonObject) => JsonObject },
): JsonObject {
  const kept = Object.entries(node).filter(
    ([key, value]) => value !== null || !spellsPlainField(key, fields, below),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => {
      const change = Object.hasOwn(inner, key) ? inner[key] : undefined;
      const isNode = typeof value === "object" && value !== null && !Array.isArray(value);
      return [key, change !== undefined && isNode ? change(value as JsonObject) : value];
    }),
  );
}
