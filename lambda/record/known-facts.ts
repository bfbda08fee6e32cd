/**
 * Readers of the facts that most rules name, each with its property written out: V8 reads `record.eventName` several
 * times faster than `record[name]`, and these are read for every record, by the index before any rule is looked at.
 *
 *     KNOWN_FACTS.get("userIdentity.type")?.({ userIdentity: { type: "Root" }, … })   // "Root"
 */
import type { CloudTrailRecord } from "./record.ts";

/** Given instead of a value where the record is unusual, so that `resolveFact` must be asked. */
export const UNUSUAL: unique symbol = Symbol("unusual");

type Read = (record: CloudTrailRecord) => unknown;
type JsonObject = { readonly [key: string]: unknown };

/** userIdentity where it is an object. A list would have none of the fields below either. */
function identityOf(record: CloudTrailRecord): JsonObject | undefined {
  const { userIdentity } = record;
  return typeof userIdentity === "object" && userIdentity !== null ? (userIdentity as JsonObject) : undefined;
}

/**
 * By the name of the fact. A single key cannot collide; of two keys, one key with a dot can spell the same fact, and
 * then the record is unusual.
 */
export const KNOWN_FACTS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["eventName", (record) => record.eventName],
  ["eventType", (record) => record.eventType],
  ["awsRegion", (record) => record.awsRegion],
  ["sourceIPAddress", (record) => record.sourceIPAddress],
  ["userAgent", (record) => record.userAgent],
  ["errorCode", (record) => record.errorCode],
  ["errorMessage", (record) => record.errorMessage],
  ["readOnly", (record) => record.readOnly],
  ["managementEvent", (record) => record.managementEvent],
  ["sessionCredentialFromConsole", (record) => record.sessionCredentialFromConsole],
  [
    "userIdentity.type",
    (record) => (record["userIdentity.type"] === undefined ? identityOf(record)?.type : UNUSUAL),
  ],
  [
    "userIdentity.arn",
    (record) => (record["userIdentity.arn"] === undefined ? identityOf(record)?.arn : UNUSUAL),
  ],
  [
    "userIdentity.userName",
    (record) => (record["userIdentity.userName"] === undefined ? identityOf(record)?.userName : UNUSUAL),
  ],
  [
    "userIdentity.invokedBy",
    (record) => (record["userIdentity.invokedBy"] === undefined ? identityOf(record)?.invokedBy : UNUSUAL),
  ],
]);
