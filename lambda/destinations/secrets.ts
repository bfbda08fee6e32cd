/**
 * Secrets from AWS Secrets Manager and from SecureString parameters of SSM: read once, kept while the Lambda lives, read
 * again when the other side refuses them, so that a rotated key heals without a deployment. No error of this module
 * holds a secret or a part of one.
 *
 * Reads are spaced out, because each is a CloudTrail record itself: where a rule alerts on it, an alert that cannot be
 * delivered would cause a read, which would cause an alert that cannot be delivered.
 *
 *     const secret = openSecret("prod/datadog", "datadog", "apiKey");
 *     await secret.read()   // the key; a DeliveryError when it cannot be read
 */
import { awsDeliveryError } from "./aws-client.ts";
import { DeliveryError } from "./destination.ts";
import { fetchSecretFromAws } from "./fetch-secret.ts";
import { type SecretField, valueIn } from "./secret-value.ts";

/** One value of one secret. */
export type Secret = {
  /** How the configuration names it: for errors. Never the value. */
  readonly reference: string;
  /** The value; throws a DeliveryError when it cannot be read. */
  read(): Promise<string>;
  /** The value after `refused` was refused: read again, but no more than once in five minutes; else the one there is. */
  renew(refused: string): Promise<string>;
};

/** Fetches the text of a secret by its reference; the port through which tests put one. */
export type FetchSecret = (reference: string) => Promise<string | undefined>;

/** Milliseconds between two reads for a refused value. */
const RENEW_EVERY_MS = 5 * 60_000;
/** Milliseconds that a read that failed stands for those that would follow. Below Lambda's minute before its next try. */
const FAILURE_KEPT_MS = 30_000;

/** The value of `field` in the secret `reference`, for one destination; `now` is in milliseconds since 1970. */
export function openSecret(
  reference: string,
  destination: string,
  field: SecretField,
  fetchSecret: FetchSecret = fetchSecretFromAws,
  now: () => number = () => Date.now(),
): Secret {
  const load = async (): Promise<string> => {
    const text = await fetchSecret(reference).catch((error: unknown) => {
      throw readError(error, destination, reference);
    });
    const value = valueIn(text, field);
    if (value !== undefined) return value;
    throw new DeliveryError(
      `the secret ${reference} holds no ${field}: store the value itself as text, or JSON {"${field}": "…"}`,
      { destination, retryable: true },
    );
  };
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
    reference,
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

/** What the services themselves call their refusals, whose texts name the secret and the right that is missing. */
const SERVICE_REFUSAL = /Exception$|^NotSecureString$/;

/** A parser's message quotes the answer, and so the secret: of other errors only the name is told, and no cause kept. */
function readError(error: unknown, destination: string, reference: string): DeliveryError {
  const doing = `reading the secret ${reference}`;
  if (error instanceof Error && !(error instanceof SyntaxError) && SERVICE_REFUSAL.test(error.name)) {
    const { message, status } = awsDeliveryError(error, destination, doing);
    return new DeliveryError(message, { destination, retryable: true, status });
  }
  const name = error instanceof Error ? error.name : "unknown error";
  return new DeliveryError(`${doing} failed: ${name}`, { destination, retryable: true });
}
