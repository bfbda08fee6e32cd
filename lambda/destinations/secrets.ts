/**
 * Secrets from AWS Secrets Manager: read once, kept while the Lambda lives, read again when the other side refuses
 * them, so that a rotated key heals without a deployment. A secret is the key itself or JSON with an `apiKey`. No
 * error of this module holds a secret or a part of one.
 *
 * Reads are spaced out, because each is a CloudTrail record itself: where a rule alerts on it, an alert that cannot be
 * delivered would cause a read, which would cause an alert that cannot be delivered.
 */
import type { GetSecretValueCommandOutput } from "@aws-sdk/client-secrets-manager";
import {
  AWS_BUDGET_MS,
  AWS_CALL_LIMITS,
  AWS_MAX_ATTEMPTS,
  awsDeliveryError,
  regionOfArn,
} from "./aws-client.ts";
import { DeliveryError } from "./destination.ts";

/** One key, read from its secret. */
export type SecretKey = {
  /** The key; throws a DeliveryError when it cannot be read. */
  read(): Promise<string>;
  /** The key after `refused` was refused: read again, but no more than once in five minutes; else the key there is. */
  renew(refused: string): Promise<string>;
};

/** Fetches the text of a secret by its ARN; the port through which tests put one. */
export type FetchSecret = (arn: string) => Promise<string | undefined>;

/** Milliseconds between two reads for a refused key. */
const RENEW_EVERY_MS = 5 * 60_000;
/** Milliseconds that a read that failed stands for those that would follow. Below Lambda's minute before its next try. */
const FAILURE_KEPT_MS = 30_000;
/** A key that travels in an HTTP header. */
const KEY = /^[\x21-\x7e]{1,4096}$/;

/** The key in the secret `arn` for one destination; `now` is in milliseconds since 1970. */
export function secretKey(
  arn: string,
  destination: string,
  fetchSecret: FetchSecret = fetchFromAws,
  now: () => number = () => Date.now(),
): SecretKey {
  const load = async (): Promise<string> =>
    keyIn(await fetchText(arn, destination, fetchSecret), arn, destination);
  let current: Promise<string> | undefined;
  let failedAt = Infinity;
  let renewedAt = -Infinity;
  const read = (): Promise<string> => {
    if (now() - failedAt >= FAILURE_KEPT_MS) {
      current = undefined;
      failedAt = Infinity;
    }
    current ??= load().catch((error: unknown) => {
      failedAt = now();
      throw error;
    });
    return current;
  };
  return {
    read,
    async renew(refused) {
      const known = await read();
      if (known !== refused) return known;
      // Read once more, not `known`: another delivery that was refused too may have begun to renew meanwhile.
      if (now() - renewedAt < RENEW_EVERY_MS) return read();
      renewedAt = now();
      const renewed = load();
      current = renewed.catch(() => known);
      return renewed;
    },
  };
}

async function fetchText(
  arn: string,
  destination: string,
  fetchSecret: FetchSecret,
): Promise<string | undefined> {
  try {
    return await fetchSecret(arn);
  } catch (error) {
    throw awsDeliveryError(error, destination, `reading the secret ${arn}`);
  }
}

function keyIn(text: string | undefined, arn: string, destination: string): string {
  const key = (text?.trim().startsWith("{") === true ? apiKeyOf(text) : text)?.trim();
  if (key !== undefined && KEY.test(key)) return key;
  throw new DeliveryError(
    `the secret ${arn} holds no key: store the key itself as text, or JSON {"apiKey": "…"}`,
    { destination, retryable: true },
  );
}

function apiKeyOf(text: string): string | undefined {
  try {
    const { apiKey } = JSON.parse(text) as { apiKey?: unknown };
    return typeof apiKey === "string" ? apiKey : undefined;
  } catch {
    // The parser's message quotes the secret: it must go no further.
    return undefined;
  }
}

/** Loads the SDK at the first secret; one client a Region. */
const fetchFromAws: FetchSecret = async (arn) => {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const region = regionOfArn(arn);
  const client = new SecretsManagerClient({
    maxAttempts: AWS_MAX_ATTEMPTS,
    requestHandler: AWS_CALL_LIMITS,
    ...(region === undefined ? {} : { region }),
  });
  try {
    const found: GetSecretValueCommandOutput = await client.send(
      new GetSecretValueCommand({ SecretId: arn }),
      {
        abortSignal: AbortSignal.timeout(AWS_BUDGET_MS),
      },
    );
    return found.SecretString;
  } finally {
    client.destroy();
  }
};
