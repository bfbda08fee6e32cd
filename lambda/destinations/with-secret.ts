/**
 * Sending with a secret. When the other side refuses it, it may have been rotated: it is read again, and where it has
 * changed, the message is sent once more. Where it has not, the error names the secret and what to put into it; whether
 * that is worth waiting for is what the refusal said.
 */
import { DeliveryError } from "./destination.ts";
import type { Secret } from "./secrets.ts";

/** What a delivery with a renewed secret has at least, in milliseconds. */
const SECOND_BUDGET_MS = 5_000;

/** How one delivery goes about its secret. Times are milliseconds since 1970. */
export type SecretDelivery = {
  readonly secret: Secret;
  /** How long the delivery may take with all its attempts, in milliseconds. */
  readonly budget: number;
  /** When the invocation needs it to end. */
  readonly deadline: number;
  readonly now: () => number;
  /** What the secret must hold, for the error: "a valid API key for datadoghq.eu". */
  readonly holds: string;
};

/** Sends with the secret's value, by the deadline it is given, and once more with a renewed one. */
export async function sendWithSecret<T>(
  { secret, budget, deadline, now, holds }: SecretDelivery,
  send: (value: string, deadline: number) => Promise<T>,
): Promise<T> {
  const first = Math.min(deadline, now() + budget);
  const value = await secret.read();
  try {
    return await send(value, first);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const renewed = await secret.renew(value);
    if (renewed === value) throw withCure(error, secret, holds);
    const second = Math.min(deadline, Math.max(first, now() + SECOND_BUDGET_MS));
    return await send(renewed, second).catch((again: unknown) => {
      throw isRefusal(again) ? withCure(again, secret, holds) : again;
    });
  }
}

function isRefusal(error: unknown): error is DeliveryError {
  return error instanceof DeliveryError && error.secretRefused;
}

function withCure(cause: DeliveryError, { reference }: Secret, holds: string): DeliveryError {
  const { destination, retryable, status, retryAfter } = cause;
  return new DeliveryError(`${cause.message}; put ${holds} into the secret ${reference}`, {
    destination,
    retryable,
    status,
    retryAfter,
    secretRefused: true,
    cause,
  });
}
