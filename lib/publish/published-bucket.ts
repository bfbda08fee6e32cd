/**
 * The bucket of published rules as a publisher sees it. Objects are only ever added, as versions of one key; the pointer
 * is changed on the condition that it is still the one that was looked at, so that of two publishers the second one is
 * told of the first.
 */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  FORMAT,
  MAX_BYTES,
  type Pointer,
  POINTER_KEY,
  type Published,
  readPointer,
  readPublished,
  RULE_SET_KEY,
  sha256,
} from "../../lambda/live-rules/published.ts";

/** Where published rules are. */
export type PublishedPlace = {
  readonly s3: Pick<S3Client, "send">;
  readonly bucket: string;
  readonly prefix: string;
};

/** A pointer with the ETag on which it may be changed; both undefined when nothing was published. */
export type FoundPointer = { readonly pointer?: Pointer; readonly etag?: string; readonly broken?: string };

/** A version of the rule set. */
export type Version = {
  readonly versionId: string;
  /** ISO 8601. */
  readonly created: string;
  readonly size: number;
  readonly by: string;
  readonly revision: string;
  readonly rules: string;
  readonly base: string;
};

/** Somebody moved the pointer since it was read. */
export class PointerMovedError extends Error {
  override readonly name = "PointerMovedError";
}

const MAX_VERSIONS = 20;

/** Reads the pointer; one that cannot be used is told as broken, since publishing mends it. */
export async function findPointer({ s3, bucket, prefix }: PublishedPlace): Promise<FoundPointer> {
  try {
    const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: prefix + POINTER_KEY }));
    const text = (await found.Body?.transformToString()) ?? "";
    const etag = found.ETag === undefined ? {} : { etag: found.ETag };
    try {
      return { pointer: readPointer(text), ...etag };
    } catch (error) {
      return { broken: error instanceof Error ? error.message : String(error), ...etag };
    }
  } catch (error) {
    if (statusOf(error) === 404) return {};
    throw error;
  }
}

/**
 * Reads a version of the rule set.
 * @throws PublishedError when it is not what was published.
 */
export async function readVersion(
  { s3, bucket, prefix }: PublishedPlace,
  versionId: string,
  expected?: { readonly sha256: string },
): Promise<{ readonly published: Published; readonly sha256: string; readonly size: number }> {
  const found = await s3.send(
    new GetObjectCommand({ Bucket: bucket, Key: prefix + RULE_SET_KEY, VersionId: versionId }),
  );
  if ((found.ContentLength ?? 0) > MAX_BYTES)
    throw new Error(
      `The version ${versionId} has more than ${MAX_BYTES} bytes and was not published by this engine.`,
    );
  const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
  const hash = expected?.sha256 ?? found.Metadata?.["sha256"] ?? sha256(bytes);
  return { published: readPublished(bytes, { sha256: hash }), sha256: hash, size: bytes.byteLength };
}

/** Adds a version and gives its id with the hash and size for a pointer. Throws when the bucket keeps no versions. */
export async function addVersion(
  { s3, bucket, prefix }: PublishedPlace,
  published: Published,
): Promise<{ readonly versionId: string; readonly sha256: string; readonly size: number }> {
  const body = Buffer.from(JSON.stringify(published));
  if (body.byteLength > MAX_BYTES)
    throw new Error(
      `The rule set has ${body.byteLength} bytes, and at most ${MAX_BYTES} can be published. Deploy it instead.`,
    );
  const hash = sha256(body);
  const { VersionId: versionId } = await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: prefix + RULE_SET_KEY,
      Body: body,
      ContentType: "application/json",
      // Headers are ASCII; the object itself has the same in full.
      Metadata: {
        sha256: hash,
        by: ascii(published.by),
        revision: ascii(published.revision ?? ""),
        rules: String(published.content.ruleSet.rules.length),
        base: published.base,
      },
    }),
  );
  if (versionId === undefined || versionId === "null")
    throw new Error(
      `The bucket ${bucket} keeps no versions, so nothing could be rolled back. Switch versioning on: aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled.`,
    );
  return { versionId, sha256: hash, size: body.byteLength };
}

/**
 * Moves the pointer, if it is still the one with this ETag (or still absent).
 * @throws PointerMovedError when it is not.
 */
export async function movePointer(
  { s3, bucket, prefix }: PublishedPlace,
  pointer: Pointer,
  etag: string | undefined,
): Promise<void> {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: prefix + POINTER_KEY,
        Body: JSON.stringify({ format: FORMAT, ...pointer }),
        ContentType: "application/json",
        ...(etag === undefined ? { IfNoneMatch: "*" } : { IfMatch: etag }),
      }),
    );
  } catch (error) {
    const status = statusOf(error);
    if (status !== 412 && status !== 409) throw error;
    throw new PointerMovedError(
      "Somebody else published while this was looked at: nothing was changed. Look at what is in force now with --dry-run, and publish again.",
      { cause: error },
    );
  }
}

/** The latest versions, the last one first. */
export async function listVersions({ s3, bucket, prefix }: PublishedPlace): Promise<Version[]> {
  const Key = prefix + RULE_SET_KEY;
  const page = await s3.send(
    new ListObjectVersionsCommand({ Bucket: bucket, Prefix: Key, MaxKeys: MAX_VERSIONS }),
  );
  const own = (page.Versions ?? []).filter((one) => one.Key === Key);
  return Promise.all(
    own.map(async ({ VersionId: versionId = "", LastModified, Size = 0 }) => {
      const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key, VersionId: versionId }));
      const { by = "", revision = "", rules = "", base = "" } = head.Metadata ?? {};
      return { versionId, created: LastModified?.toISOString() ?? "", size: Size, by, revision, rules, base };
    }),
  );
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 300);
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}
