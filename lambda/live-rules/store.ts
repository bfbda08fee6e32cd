/**
 * The bucket as the function sees it: two reads and nothing else. A pointer that has not changed costs an answer without
 * a body. S3 says "access denied" of an object that is not there to whoever may not list the bucket, as this function may
 * not; so both mean that nothing is published, and whether it is so the doctor and `engine publish --list` can tell.
 */
import { AWS_CALL_LIMITS, awsBudget, once } from "../destinations/aws-client.ts";
import { POINTER_KEY, PublishedError, RULE_SET_KEY } from "./published.ts";

/** Where published rules are. */
export type LiveStore = {
  /** The pointer, unless it is the one with this ETag. Rejects with the SDK's error, at the deadline (ms since 1970) at the latest. */
  pointer(
    etag: string | undefined,
    maxBytes: number,
    deadline: number,
  ): Promise<"same" | "none" | { readonly text: string; readonly etag: string | undefined }>;
  /** The bytes of a version of the rule set, which must be so many. */
  ruleSet(versionId: string, size: number, deadline: number): Promise<Uint8Array>;
};

/** Opens the bucket; the SDK is loaded at the first use. `prefix` stands before both keys. */
export function openLiveStore({
  bucket,
  prefix,
}: {
  readonly bucket: string;
  readonly prefix: string;
}): LiveStore {
  const open = once(async () => {
    const { GetObjectCommand, S3Client } = await import("../aws/live-objects.ts");
    const client = new S3Client({ maxAttempts: 2, requestHandler: AWS_CALL_LIMITS });
    return { client, GetObjectCommand };
  });
  return {
    async pointer(etag, maxBytes, deadline) {
      const { client, GetObjectCommand } = await open();
      try {
        const found = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: prefix + POINTER_KEY,
            ...(etag === undefined ? {} : { IfNoneMatch: etag }),
          }),
          { abortSignal: AbortSignal.timeout(awsBudget(deadline)) },
        );
        if ((found.ContentLength ?? 0) > maxBytes)
          throw new PublishedError(`${POINTER_KEY} has more than ${maxBytes} bytes`);
        return { text: (await found.Body?.transformToString()) ?? "", etag: found.ETag };
      } catch (error) {
        const status = statusOf(error);
        if (status === 304) return "same";
        if (status === 403 || status === 404) return "none";
        throw error;
      }
    },
    async ruleSet(versionId, size, deadline) {
      const { client, GetObjectCommand } = await open();
      const found = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: prefix + RULE_SET_KEY, VersionId: versionId }),
        { abortSignal: AbortSignal.timeout(awsBudget(deadline)) },
      );
      if (found.ContentLength !== size)
        throw new PublishedError(
          `${RULE_SET_KEY} has ${found.ContentLength ?? "no"} bytes, not the ${size} published`,
        );
      return (await found.Body?.transformToByteArray()) ?? new Uint8Array();
    },
  };
}

function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata;
  return metadata?.httpStatusCode;
}
