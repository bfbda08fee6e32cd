/**
 * The contract of every destination. A destination formats an alert for its own medium, escapes hostile text for
 * that medium, sends it once and says how that went. Retrying within one delivery (429, 5xx) is its own business
 * within its time budget; anything else is thrown as a DeliveryError.
 */
import type { Alert } from "../alerts/alert-schema.ts";

/** A configured place that alerts go. */
export type Destination = {
  /** The id it has in the configuration. */
  readonly id: string;
  /** The registry's name for its kind, e.g. "sns". */
  readonly type: string;
  /**
   * Resolves when the destination took the alert; rejects with a DeliveryError when it did not. Gives up by `deadline`,
   * in milliseconds since 1970, however much of its own budget is left: the invocation ends soon after.
   */
  deliver(alert: Alert, deadline: number): Promise<void>;
};

/** A delivery that failed. Its message holds no secret and no more than the first line of what the other side said. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly destination: string;
  /** Whether trying again later can help. */
  readonly retryable: boolean;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(
    message: string,
    details: { destination: string; retryable: boolean; status?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: details.cause });
    this.destination = details.destination;
    this.retryable = details.retryable;
    this.status = details.status;
  }
}
