/**
 * Which objects a message tells of. S3 tells of new objects in four ways (to SQS, by SNS to SQS, by EventBridge to SQS, and
 * by both), CloudTrail itself in a fifth (its own SNS notifications), and what was given up comes back as a dead letter of
 * ours. Only S3's own notifications encode keys.
 *
 *     { "Records": [{ "eventSource": "aws:s3", "s3": { "bucket": { "name": "trail" }, "object": { "key": "a+b.json.gz" } } }] }
 *     { "Type": "Notification", "Message": "<the same, as text>" }
 *     { "detail-type": "Object Created", "source": "aws.s3", "detail": { "bucket": { "name": … }, "object": { "key": … } } }
 *     { "s3Bucket": "trail", "s3ObjectKey": ["AWSLogs/…"] }
 *     { "engine": "intake", "bucket": "trail", "key": "AWSLogs/…" }
 */
import { showText } from "../alerts/show-text.ts";
import { textAt, valueAt } from "../record/untrusted.ts";
import { decodeNotifiedKey } from "./log-key.ts";

/** An object in S3. */
export type ObjectRef = {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
  /** When it was written, in milliseconds since 1970, where the message tells. */
  readonly written?: number;
  /** Somebody sent it: it is read even if it was read before. */
  readonly byHand?: true;
};

/**
 * The objects that a message names, none for one that is about something else, with what of it could not be read; or why
 * it is no notification.
 */
export type Notified =
  | { readonly ok: true; readonly objects: readonly ObjectRef[]; readonly problem?: string }
  | { readonly ok: false; readonly reason: string };

/** SNS in SNS is as deep as anybody wraps. */
const MAX_WRAPS = 3;

const NOTHING: Notified = { ok: true, objects: [] };

/** Reads the body of a message; never throws. */
export function readNotification(body: string): Notified {
  return readText(body, MAX_WRAPS);
}

function readText(text: string, wraps: number): Notified {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { ok: false, reason: "the message is no JSON" };
  }
  if (textAt(message, "Type") === "Notification") {
    const inner = textAt(message, "Message");
    if (inner === undefined || wraps === 0)
      return { ok: false, reason: "a notification of SNS without a message that could be read" };
    return readText(inner, wraps - 1);
  }
  return readMessage(message);
}

function readMessage(message: unknown): Notified {
  // S3 and CloudTrail send one when a notification is set up.
  if (textAt(message, "Event") === "s3:TestEvent" || textAt(message, "s3Bucket") !== undefined)
    return readTrailNotification(message);
  const records = valueAt(message, "Records");
  if (Array.isArray(records)) return all(records.map(readS3Record));
  if (textAt(message, "detail-type") !== undefined) return readEvent(message);
  if (textAt(message, "engine") === "intake") return readOwn(message);
  const shown = showText(JSON.stringify(message).slice(0, 100), 100);
  return { ok: false, reason: `the message tells of no object in S3: ${shown}` };
}

function readTrailNotification(message: unknown): Notified {
  const bucket = textAt(message, "s3Bucket");
  const keys = valueAt(message, "s3ObjectKey");
  if (bucket === undefined || !Array.isArray(keys)) return NOTHING;
  const objects = keys.flatMap((key: unknown) => (typeof key === "string" ? [{ bucket, key }] : []));
  return { ok: true, objects };
}

function readS3Record(record: unknown): Notified {
  const event = textAt(record, "eventName") ?? "";
  if (textAt(record, "eventSource") !== "aws:s3")
    return { ok: false, reason: "a record in the message is no notification of S3" };
  if (!/^(?:s3:)?ObjectCreated:/.test(event)) return NOTHING;
  const key = textAt(record, "s3", "object", "key");
  return objectOf({
    bucket: textAt(record, "s3", "bucket", "name"),
    key: key === undefined ? undefined : decodeNotifiedKey(key),
    versionId: textAt(record, "s3", "object", "versionId"),
    written: textAt(record, "eventTime"),
  });
}

function readEvent(event: unknown): Notified {
  // Not "Object Deleted", and nobody else's events: PutEvents refuses sources that begin with `aws.`.
  if (textAt(event, "source") !== "aws.s3" || textAt(event, "detail-type") !== "Object Created")
    return NOTHING;
  return objectOf({
    bucket: textAt(event, "detail", "bucket", "name"),
    key: textAt(event, "detail", "object", "key"),
    versionId: textAt(event, "detail", "object", "version-id"),
    written: textAt(event, "time"),
  });
}

/** A dead letter of ours, sent back, or a message written by hand. */
function readOwn(message: unknown): Notified {
  const bucket = textAt(message, "bucket");
  const body = textAt(message, "body");
  if (bucket === undefined && body !== undefined) return readText(body, 0);
  const own = objectOf({
    bucket,
    key: textAt(message, "key"),
    versionId: textAt(message, "versionId"),
    written: textAt(message, "written"),
  });
  return own.ok ? { ok: true, objects: own.objects.map((object) => ({ ...object, byHand: true })) } : own;
}

type Told = { readonly [Key in "bucket" | "key" | "versionId" | "written"]: string | undefined };

function objectOf({ bucket, key, versionId, written }: Told): Notified {
  if (bucket === undefined || bucket === "" || key === undefined || key === "")
    return { ok: false, reason: "a notification of S3 without a bucket or a key" };
  const at = written === undefined ? Number.NaN : Date.parse(written);
  const object = {
    bucket,
    key,
    ...(versionId === undefined ? {} : { versionId }),
    ...(Number.isNaN(at) ? {} : { written: at }),
  };
  return { ok: true, objects: [object] };
}

function all(found: readonly Notified[]): Notified {
  const objects = found.flatMap((one) => (one.ok ? one.objects : []));
  const bad = found.find((one) => !one.ok);
  if (bad === undefined) return { ok: true, objects };
  return objects.length === 0 ? bad : { ok: true, objects, problem: bad.reason };
}
