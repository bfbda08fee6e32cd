/**
 * The contract of every destination. A destination formats an alert for its own medium, escapes hostile text for
 * that medium, sends it once and says how that went. Retrying within one delivery (429, 5xx) is its own business
 * within its time budget; anything else is thrown as a DeliveryError, and the redelivery queue waits.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import type { Answer, HistoryEntry } from "../cases/case-schema.ts";

/** What a destination is asked to tell. */
export type Notice = {
  readonly alert: Alert;
  /**
   * `first`: nobody was told of this alert yet. `repeat`: its count grew while its window is open. `summary`: the window
   * has closed, and the alert stands for all of it. `answers`: the investigation is done. `status`: somebody acknowledged,
   * closed or reopened the case, or commented on it; `alert.status` is the one of now. The last two are told only where
   * they change what the medium already shows.
   */
  readonly kind: "first" | "repeat" | "summary" | "answers" | "status";
  /** What this destination gave back for the first notice of this alert, if it gave anything. */
  readonly receipt?: string;
  /** What the investigation found, the weightiest first; absent while it runs, as it does when the first notice goes out. */
  readonly answers?: readonly Answer[];
  /** What somebody did last: of `status` what is told, of others what a changed message must go on showing. */
  readonly change?: HistoryEntry;
  /** When the latest of these two came about, ISO 8601: for a medium that wants to know what is newer. */
  readonly at?: string;
};

/** A configured place that alerts go. */
export type Destination = {
  /** The id it has in the configuration. */
  readonly id: string;
  /** The registry's name for its kind, e.g. "sns". */
  readonly type: string;
  /** Whether a notice changes what the medium already shows; only then is it told of repeats, answers and status. */
  readonly updates: boolean;
  /**
   * Resolves when the destination took the notice, to what finds the message again (at most 1 KB), if the medium has
   * such a thing; rejects with a DeliveryError when it did not. Gives up by `deadline`, in milliseconds since 1970,
   * however much of its own budget is left: the invocation ends soon after.
   */
  deliver(notice: Notice, deadline: number): Promise<string | undefined>;
};

/** A delivery that failed. Its message holds no secret and no more than the first line of what the other side said. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly destination: string;
  /** Whether trying again later can help. */
  readonly retryable: boolean;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;
  /** Milliseconds that the other side asks to wait before the next attempt. */
  readonly retryAfter: number | undefined;
  /** Whether the secret was refused, so that reading it again may help. */
  readonly secretRefused: boolean;

  constructor(
    message: string,
    details: {
      destination: string;
      retryable: boolean;
      status?: number | undefined;
      retryAfter?: number | undefined;
      secretRefused?: boolean | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.destination = details.destination;
    this.retryable = details.retryable;
    this.status = details.status;
    this.retryAfter = details.retryAfter;
    this.secretRefused = details.secretRefused ?? false;
  }
}
