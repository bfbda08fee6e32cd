/**
 * Reads what comes in: an EventBridge envelope, or a bare CloudTrail record as a trail writes it to S3. For a bare
 * record the envelope is made that EventBridge would have sent, so that the same event patterns judge both.
 *
 * A record is refused, with the reason, only when it cannot be evaluated. That includes a field that CloudTrail
 * defines as a plain value and that holds a list or an object: event patterns negate those fields (`errorCode` must
 * be absent), which is sound only because of this check. Null in such a field is taken out: CloudTrail leaves the field
 * out instead, and no event pattern can look for null (CloudFormation refuses it in a template).
 */
import type { CloudTrailRecord, Envelope, Reading } from "./record.ts";
import { expectedKind, misshapenField, type SeenNull, withoutPlainNulls } from "./record-shape.ts";

const DETAIL_TYPES: ReadonlyMap<unknown, string> = new Map([
  ["AwsApiCall", "AWS API Call via CloudTrail"],
  ["AwsConsoleSignIn", "AWS Console Sign In via CloudTrail"],
  ["AwsConsoleAction", "AWS Console Action via CloudTrail"],
  ["AwsServiceEvent", "AWS Service Event via CloudTrail"],
  ["AwsVpceEvents", "AWS Network Activity Event via CloudTrail"],
  ["AwsCloudTrailInsight", "AWS Insight via CloudTrail"],
]);

type JsonObject = { readonly [key: string]: unknown };

/** Reads an envelope or a bare record; never throws. */
export function readEnvelope(value: unknown): Reading {
  if (!isObject(value))
    return refuse(`expected an EventBridge event or a CloudTrail record, got ${describe(value)}`);
  if (value.detail !== undefined || value["detail-type"] !== undefined) return readDetail(value);
  const seen = { plainNull: false };
  const problem = recordProblem(value, seen);
  if (problem !== undefined) return refuse(problem);
  const record = (seen.plainNull ? withoutPlainNulls(value) : value) as CloudTrailRecord;
  return { ok: true, record, envelope: toEnvelope(record) };
}

/** The envelope in which EventBridge delivers a record. Its `id` is the record's `eventID`: EventBridge's own is unknown. */
export function toEnvelope(record: CloudTrailRecord): Envelope {
  return {
    version: "0",
    id: record.eventID ?? "",
    "detail-type": DETAIL_TYPES.get(record.eventType) ?? "AWS API Call via CloudTrail",
    source: `aws.${firstLabel(record.eventSource)}`,
    account: record.recipientAccountId ?? "",
    time: record.eventTime ?? "",
    region: record.awsRegion ?? "",
    resources: [],
    detail: record,
  };
}

function firstLabel(eventSource: string): string {
  const end = eventSource.indexOf(".");
  return end === -1 ? eventSource : eventSource.slice(0, end);
}

function readDetail(envelope: JsonObject): Reading {
  if (envelope.detail === undefined) return refuse('an EventBridge event without "detail"');
  const { detail } = envelope;
  if (!isObject(detail))
    return refuse(
      `the "detail" of an EventBridge event must be a CloudTrail record, got ${describe(detail)}`,
    );
  const seen = { plainNull: false };
  const problem = recordProblem(detail, seen);
  if (problem !== undefined) return refuse(`in "detail": ${problem}`);
  if (typeof envelope.source !== "string" || typeof envelope["detail-type"] !== "string") {
    return refuse('an EventBridge event must have a "source" and a "detail-type"');
  }
  if (!seen.plainNull)
    return { ok: true, record: detail as CloudTrailRecord, envelope: envelope as Envelope };
  const record = withoutPlainNulls(detail) as CloudTrailRecord;
  return { ok: true, record, envelope: { ...(envelope as Envelope), detail: record } };
}

function recordProblem(record: JsonObject, seen: SeenNull): string | undefined {
  const { eventSource, eventName } = record;
  if (!isText(eventSource))
    return `a CloudTrail record needs the text field eventSource, got ${describe(eventSource)}`;
  if (!isText(eventName))
    return `a CloudTrail record needs the text field eventName, got ${describe(eventName)}`;
  const field = misshapenField(record, seen);
  return field === undefined ? undefined : describeMisshapen(record, field);
}

/** What a field holds and what CloudTrail writes there. */
function describeMisshapen(record: JsonObject, field: string): string {
  const expected = expectedKind(field);
  const steps = field.split(".");
  const last = steps.pop() ?? field;
  let parent: unknown = record;
  for (const step of steps) parent = isObject(parent) ? parent[step] : undefined;
  const value = isObject(parent) ? parent[last] : undefined;
  const found = describe(value);
  const wrong = value !== undefined && value !== null && found !== expected;
  if (wrong) return `${field} is ${found}, CloudTrail writes ${expected}`;
  // The field itself is right: beside it, a key with a dot spells one below it.
  return `a key that begins with "${last}." holds a list or an object, CloudTrail nests what is below ${field}`;
}

function refuse(reason: string): Reading {
  return { ok: false, reason };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return value === "" ? "an empty text" : "a text";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
