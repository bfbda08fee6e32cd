/**
 * The record of the scaffolded firing case: what is particular about a real record, as a partial record over the base
 * record, redacted. Left out is whatever no rule should rest on (times, ids, TLS) and what the base record says too, so
 * that the case shows why the rule fires.
 *
 *   partialRecord(record, "ec2.amazonaws.com", createRedactor(record))
 *   // { record: { eventName: "CreateKeyPair", requestParameters: { keyName: "example-key" } }, remove: [] }
 */
import { deriveOutcome } from "../../lambda/record/outcome.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { isObject, textAt, valueAt } from "../../lambda/record/untrusted.ts";
import { CALLER_TYPES } from "../../lambda/record/caller-types.ts";
import { ACCOUNT, CALLER, type Redact } from "./redact.ts";

/** A case's `record` and `remove`. */
export type PartialRecord = {
  readonly record: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
};

const EVENT_TYPES: ReadonlySet<unknown> = new Set([
  "AwsServiceEvent",
  "AwsConsoleAction",
  "AwsConsoleSignIn",
  "AwsVpceEvents",
]);
/** Whoever has no session of a role: the base record is of one. */
const IDENTITY_TYPES = new Set(CALLER_TYPES.filter((type) => type !== "AssumedRole"));
const SERVICE = /^(?:[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?|AWS Internal)$/;
const ERROR_CODE = /^[\w.:-]{1,100}$/;

/** The partial record of a real one. */
export function partialRecord(
  record: CloudTrailRecord,
  eventSource: string | null,
  redact: Redact,
): PartialRecord {
  const identity = redactedIdentity(record);
  const partial: Record<string, unknown> = {
    ...(eventSource === null ? { eventSource: record.eventSource } : {}),
    eventName: record.eventName,
    ...(EVENT_TYPES.has(record.eventType) ? { eventType: record.eventType } : {}),
    ...(record.readOnly === true ? { readOnly: true } : {}),
    ...dataEvent(record),
    ...identity.record,
    ...callersSide(record),
    ...failure(record),
  };
  for (const field of ["requestParameters", "serviceEventDetails"]) {
    const value = redact(field, valueAt(record, field));
    if (isObject(value) && Object.keys(value).length > 0) partial[field] = value;
  }
  const mfaUsed = textAt(record, "additionalEventData", "MFAUsed");
  if (mfaUsed !== undefined && /^(?:yes|no)$/i.test(mfaUsed))
    partial["additionalEventData"] = { MFAUsed: mfaUsed };
  return { record: partial, remove: identity.remove };
}

function dataEvent({ eventCategory, managementEvent }: CloudTrailRecord): Record<string, unknown> {
  const known = eventCategory === "Data" || eventCategory === "NetworkActivity";
  return {
    ...(known ? { eventCategory } : {}),
    ...(managementEvent === false ? { managementEvent } : {}),
  };
}

/** The kind of caller, with nobody's name. The base record's own kind, a role session, needs no mention. */
function redactedIdentity(record: CloudTrailRecord): PartialRecord {
  const type = textAt(record, "userIdentity", "type");
  const service = textAt(record, "userIdentity", "invokedBy");
  const invokedBy = service !== undefined && SERVICE.test(service) ? { invokedBy: service } : {};
  if (type === undefined || !IDENTITY_TYPES.has(type)) {
    return { record: Object.keys(invokedBy).length === 0 ? {} : { userIdentity: invokedBy }, remove: [] };
  }
  const named: Readonly<Record<string, object>> = {
    Root: { principalId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT },
    IAMUser: { arn: `arn:aws:iam::${ACCOUNT}:user/${CALLER}`, accountId: ACCOUNT, userName: CALLER },
    AWSAccount: { accountId: ACCOUNT },
  };
  return { record: { userIdentity: { type, ...named[type], ...invokedBy } }, remove: ["userIdentity"] };
}

/** Where the call came from, where AWS says so: a service, or the console. The user agent is the caller's own text. */
function callersSide(record: CloudTrailRecord): Record<string, unknown> {
  const address = textAt(record, "sourceIPAddress");
  const service = address !== undefined && SERVICE.test(address) ? { sourceIPAddress: address } : {};
  const console = record.sessionCredentialFromConsole === "true";
  return {
    ...service,
    ...(console ? { userAgent: "AWS Internal", sessionCredentialFromConsole: "true" } : {}),
  };
}

/** What makes a call a failed one, without the message, which names people and things. */
function failure(record: CloudTrailRecord): Record<string, unknown> {
  const { result, errorCode } = deriveOutcome(record);
  const said = textAt(record, "responseElements", record.eventName);
  const response = said === "Success" || said === "Failure" ? signInAnswer(record.eventName, said) : {};
  if (result === "success") return response;
  if (errorCode === undefined) return { errorMessage: "Failed authentication", ...response };
  const otherwise = result === "denied" ? "AccessDenied" : "InvalidParameter";
  const code = ERROR_CODE.test(errorCode) ? errorCode : otherwise;
  return { errorCode: code, ...response };
}

/** How a sign-in tells whether it went through: under its own name. */
export function signInAnswer(eventName: string, said: "Success" | "Failure"): Record<string, unknown> {
  return /^[A-Za-z]\w*$/.test(eventName) ? { responseElements: { [eventName]: said } } : {};
}
