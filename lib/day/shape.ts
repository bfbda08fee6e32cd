/**
 * What every record of the shipped day has, so that the files that tell the day's story say only what is special
 * about a call. The day is made by code with fixed times and ids made by hashing, never by chance: whoever makes it
 * again gets the same bytes, and a test compares them with the file that is shipped (`examples/day.ndjson`).
 *
 * Example: `call("09:14:02", mira, "ec2:DescribeVpcs", { request: { vpcSet: {} } })` is a whole record, made by
 * Mira's console session, with the fields that CloudTrail writes around a call.
 */
import { createHash } from "node:crypto";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";

/** The account that the day happens in. */
export const ACCOUNT = "123456789012";
/** The Region that the day happens in. */
export const REGION = "us-east-1";
/** The day, a Thursday, UTC. */
export const DATE = "2026-11-19";

/** Who makes a call, and from where and with what. */
export type Caller = {
  readonly identity: Readonly<Record<string, unknown>>;
  readonly ip: string;
  readonly userAgent: string;
  /** A session whose credentials come from signing in to the console. */
  readonly fromConsole?: true;
};

/** What is special about one call. */
export type Details = {
  readonly request?: unknown;
  readonly response?: unknown;
  readonly additional?: Readonly<Record<string, unknown>>;
  /** ARNs and types of the resources that the record names. */
  readonly resources?: readonly { readonly type: string; readonly arn: string }[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly readOnly?: boolean;
  /** Fields that replace or complete those of the record. */
  readonly fields?: Readonly<Record<string, unknown>>;
};

const READS =
  /^(?:Get|List|Describe|Head|Lookup|Search|Select|Filter|BatchGet|BatchCheck|Assume|Decrypt|GenerateDataKey|View)/u;

/** Hex digits that look random and are the same each time: the first `length` of SHA-256 of `seed` (at most 64). */
export function digits(seed: string, length: number): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, length);
}

/** An id in the form of a UUID, the same each time for a seed. */
function uuid(seed: string): string {
  const hex = digits(seed, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** An access key id or a unique id of IAM, made up: "ASIA" or "AROA" and so on, then 16 capitals and digits. */
export function iamId(prefix: string, seed: string): string {
  return `${prefix}EXAMPLE${digits(seed, 9).toUpperCase()}`;
}

/** One record: the call `service:Name` at a time of the day ("HH:MM:SS"), made by a caller. */
export function call(at: string, caller: Caller, name: string, details: Details = {}): CloudTrailRecord {
  const [service = "", eventName = ""] = name.split(":");
  const seed = `${at} ${name} ${JSON.stringify(caller.identity)} ${JSON.stringify(details)}`;
  const byService = caller.ip.endsWith(".amazonaws.com") || caller.ip === "AWS Internal";
  return {
    eventVersion: "1.11",
    userIdentity: caller.identity,
    eventTime: `${DATE}T${at}Z`,
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: REGION,
    sourceIPAddress: caller.ip,
    userAgent: caller.userAgent,
    ...(details.error === undefined
      ? {}
      : { errorCode: details.error.code, errorMessage: details.error.message }),
    requestParameters: details.request ?? null,
    responseElements: details.response ?? null,
    ...(details.additional === undefined ? {} : { additionalEventData: details.additional }),
    requestID: uuid(`request ${seed}`),
    eventID: uuid(`record ${seed}`),
    readOnly: details.readOnly ?? READS.test(eventName),
    ...(details.resources === undefined
      ? {}
      : { resources: details.resources.map(({ type, arn }) => ({ accountId: ACCOUNT, type, ARN: arn })) }),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: "Management",
    ...(byService || caller.fromConsole === true ? {} : { tlsDetails: tls(service) }),
    ...(caller.fromConsole === true ? { sessionCredentialFromConsole: "true" } : {}),
    ...details.fields,
  };
}

/** A record of something that a service did by itself: no caller, only the service. */
export function serviceEvent(
  at: string,
  service: string,
  eventName: string,
  details: unknown,
): CloudTrailRecord {
  const caller: Caller = {
    identity: { accountId: ACCOUNT, invokedBy: `${service}.amazonaws.com` },
    ip: `${service}.amazonaws.com`,
    userAgent: `${service}.amazonaws.com`,
  };
  return call(at, caller, `${service}:${eventName}`, {
    readOnly: false,
    fields: { eventType: "AwsServiceEvent", serviceEventDetails: details },
  });
}

/** The times from `from` to `to` ("HH:MM"), every so many minutes, each with a few seconds of its own. */
export function everyMinutes(minutes: number, from: string, to: string, seed: string): string[] {
  const times: string[] = [];
  for (let minute = minuteOf(from); minute <= minuteOf(to); minute += minutes) {
    const second = Number.parseInt(digits(`${seed} ${minute}`, 4), 16) % 60;
    times.push(`${two(Math.floor(minute / 60))}:${two(minute % 60)}:${two(second)}`);
  }
  return times;
}

/** A time of the day so many seconds after another ("HH:MM:SS"). */
export function after(at: string, seconds: number): string {
  const [hour = 0, minute = 0, second = 0] = at.split(":").map(Number);
  const total = hour * 3600 + minute * 60 + second + seconds;
  return `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function tls(service: string): Record<string, string> {
  return {
    tlsVersion: "TLSv1.3",
    cipherSuite: "TLS_AES_128_GCM_SHA256",
    clientProvidedHostHeader: `${service}.${REGION}.amazonaws.com`,
  };
}
