/**
 * The intake's ports to AWS: log files from S3, its queue and that of the given-up objects. Each client is loaded at its
 * first use.
 */
import { safeJson } from "../alerts/safe-json.ts";
import {
  AWS_CALL_LIMITS,
  AWS_MAX_ATTEMPTS,
  awsBudget,
  once,
  regionOfArn,
} from "../destinations/aws-client.ts";
import type { IntakePorts } from "./ports.ts";

/** S3 has half a minute to begin and, within a file, half a minute for its next bytes. */
const S3_LIMITS = { connectionTimeout: 2_000, requestTimeout: 30_000, socketTimeout: 30_000 } as const;

/** Opens them; nothing is connected before the first call. Rejects with the SDK's errors. */
export function openIntake({
  deadObjectsUrl,
  s3Endpoint,
}: {
  readonly deadObjectsUrl: string;
  readonly s3Endpoint?: string;
}): Pick<IntakePorts, "open" | "bury" | "hide"> {
  const s3 = once(async () => {
    const sdk = await import("../aws/s3.ts");
    const client = new sdk.S3Client({
      maxAttempts: AWS_MAX_ATTEMPTS,
      requestHandler: S3_LIMITS,
      // The bucket of an organisation's trail may be in any Region.
      followRegionRedirects: true,
      ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint, forcePathStyle: true }),
    });
    return { sdk, client };
  });
  const sqs = once(async () => {
    const sdk = await import("../aws/sqs.ts");
    const client = new sdk.SQSClient({ maxAttempts: AWS_MAX_ATTEMPTS, requestHandler: AWS_CALL_LIMITS });
    return { sdk, client };
  });
  return {
    async open({ bucket, key, versionId }, { accountId }, deadline) {
      const { sdk, client } = await s3();
      const command = new sdk.GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(versionId === undefined ? {} : { VersionId: versionId }),
        ...(accountId === undefined ? {} : { ExpectedBucketOwner: accountId }),
      });
      const abortSignal = AbortSignal.timeout(Math.max(1, deadline - Date.now()));
      const { Body } = await client.send(command, { abortSignal });
      if (Body === undefined) throw new Error(`S3 gave no content for ${key}`);
      return Body as unknown as AsyncIterable<Buffer>;
    },
    async bury(letter, deadline) {
      const { sdk, client } = await sqs();
      const command = new sdk.SendMessageCommand({ QueueUrl: deadObjectsUrl, MessageBody: safeJson(letter) });
      await client.send(command, { abortSignal: AbortSignal.timeout(awsBudget(deadline)) });
    },
    async hide({ queueArn, receiptHandle: ReceiptHandle }, milliseconds, deadline) {
      const { sdk, client } = await sqs();
      const VisibilityTimeout = Math.ceil(milliseconds / 1000);
      await client.send(
        new sdk.ChangeMessageVisibilityCommand({
          QueueUrl: urlOf(queueArn),
          ReceiptHandle,
          VisibilityTimeout,
        }),
        { abortSignal: AbortSignal.timeout(awsBudget(deadline)) },
      );
    },
  };
}

/** Lambda names queues by their ARNs, SQS takes URLs. */
export function urlOf(queueArn: string): string {
  const [, partition, , , account, name] = queueArn.split(":");
  const domain = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://sqs.${regionOfArn(queueArn) ?? ""}.${domain}/${account ?? ""}/${name ?? ""}`;
}
