/**
 * The AWS `PutEvents` call as EventBridge judges it: a call that is malformed as a whole is refused, a malformed
 * entry gets its own error code while the good entries beside it are taken. Two things differ on purpose: entries may
 * have a `source` of `aws.*` (that is what the local run is for), and there is only the default bus.
 *
 * Example: `{ Entries: [{ Source: "aws.ec2", DetailType: "AWS API Call via CloudTrail", Detail: "{…}" }] }`
 * becomes one envelope and `{ EventId }`; with `Detail: "{"` no envelope and `{ ErrorCode: "MalformedDetail" }`.
 */
import { randomUUID } from "node:crypto";
import type { Envelope } from "../../lambda/record/record.ts";

/** Most entries of one call. */
export const MAX_ENTRIES = 10;
/** Most bytes of all entries of one call (FACTS: 1 MB since January 2026). */
export const MAX_BYTES = 1_048_576;

/** What EventBridge replies for one entry. */
type EntryResult =
  | { readonly EventId: string }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

/** A call that was taken: one result an entry, and the envelopes of the good ones, in order. */
export type PutEventsResult = {
  readonly results: readonly EntryResult[];
  readonly envelopes: readonly Envelope[];
};

/** Where the bus is, for the fields of the envelope that the caller does not give. */
export type BusPlace = { readonly account: string; readonly region: string };

/** A call that is refused as a whole; `code` is the AWS error code. */
export class PutEventsError extends Error {
  override readonly name = "PutEventsError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type JsonObject = { readonly [key: string]: unknown };

/**
 * Judges the body of a call. `now` is the time for entries that have none.
 * Throws PutEventsError when the call as a whole is not one that EventBridge would take.
 */
export function readPutEvents(body: string, place: BusPlace, now: Date): PutEventsResult {
  const entries = entriesOf(body);
  const size = entries.reduce((sum, entry) => sum + entrySize(entry), 0);
  if (size > MAX_BYTES) {
    throw new PutEventsError(
      "ValidationException",
      `Total size of the entries in the request is over the limit: ${size} of ${MAX_BYTES} bytes.`,
    );
  }
  const results: EntryResult[] = [];
  const envelopes: Envelope[] = [];
  for (const entry of entries) {
    const taken = readEntry(entry, place, now);
    if ("envelope" in taken) {
      envelopes.push(taken.envelope);
      results.push({ EventId: taken.id });
    } else {
      results.push(taken);
    }
  }
  return { results, envelopes };
}

function entriesOf(body: string): JsonObject[] {
  let call: unknown;
  try {
    call = JSON.parse(body);
  } catch (error) {
    throw new PutEventsError("SerializationException", `the body is not JSON: ${(error as Error).message}`);
  }
  const entries = isObject(call) ? call["Entries"] : undefined;
  if (!Array.isArray(entries))
    throw new PutEventsError("ValidationException", "Entries must be a list of entries.");
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    throw new PutEventsError(
      "ValidationException",
      `Entries must have 1 to ${MAX_ENTRIES} members, got ${entries.length}.`,
    );
  }
  return entries.map((entry: unknown, index) => {
    if (!isObject(entry))
      throw new PutEventsError("SerializationException", `Entries[${index}] must be an object.`);
    for (const field of ["Source", "DetailType", "Detail", "EventBusName"]) {
      const value = entry[field] ?? "";
      if (typeof value !== "string")
        throw new PutEventsError("SerializationException", `Entries[${index}].${field} must be a text.`);
    }
    return entry;
  });
}

function readEntry(
  entry: JsonObject,
  place: BusPlace,
  now: Date,
): EntryResult | { id: string; envelope: Envelope } {
  const { Source: source, DetailType: detailType, Detail: detail } = entry;
  if (typeof source !== "string" || source === "") return missing("Source");
  if (typeof detailType !== "string" || detailType === "") return missing("DetailType");
  if (typeof detail !== "string" || detail === "") return missing("Detail");
  const bus = entry["EventBusName"];
  if (typeof bus === "string" && bus !== "default" && !bus.endsWith(":event-bus/default")) {
    return invalid("EventBusName", "the local run has only the default event bus");
  }
  const time = readTime(entry["Time"], now);
  if (time === undefined) return invalid("Time", "expected seconds since 1970, or an ISO 8601 time");
  const resources = entry["Resources"] ?? [];
  if (!Array.isArray(resources) || resources.some((resource) => typeof resource !== "string")) {
    return invalid("Resources", "expected a list of texts");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(detail);
  } catch {
    parsed = undefined;
  }
  if (!isObject(parsed))
    return {
      ErrorCode: "MalformedDetail",
      ErrorMessage: "Detail is malformed: expected the text of one JSON object.",
    };
  const id = randomUUID();
  const envelope: Envelope = {
    version: "0",
    id,
    "detail-type": detailType,
    source,
    account: place.account,
    time,
    region: place.region,
    resources,
    detail: parsed,
  };
  return { id, envelope };
}

/** The time as EventBridge writes it, in seconds. The protocol gives seconds since 1970; some tools give ISO 8601. */
function readTime(value: unknown, now: Date): string | undefined {
  if (value === undefined || value === null) return iso(now);
  const date =
    typeof value === "number"
      ? new Date(value * 1000)
      : new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : iso(date);
}

function iso(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/u, "Z");
}

/** What counts of an entry: 14 bytes for a time, then the bytes of the texts ("Calculating PutEvents event entry size"). */
function entrySize(entry: JsonObject): number {
  const texts = [
    entry["Source"],
    entry["DetailType"],
    entry["Detail"],
    ...(Array.isArray(entry["Resources"]) ? entry["Resources"] : []),
  ];
  const bytes = texts.reduce<number>(
    (sum, text) => sum + (typeof text === "string" ? Buffer.byteLength(text) : 0),
    0,
  );
  return bytes + (entry["Time"] === undefined ? 0 : 14);
}

function missing(field: string): EntryResult {
  return invalid(field, `${field} is a required argument.`);
}

function invalid(field: string, reason: string): EntryResult {
  return { ErrorCode: "InvalidArgument", ErrorMessage: `Parameter ${field} is not valid. Reason: ${reason}` };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
