/**
 * What the destinations' AWS clients have in common. The SDK is most of a cold start (FACTS § 3, TOOLCHAIN.md), so a
 * client and the SDK itself are loaded at the first use and then kept: a record that alerts nobody never pays for it.
 */
import { showText } from "../alerts/show-text.ts";
import { DeliveryError } from "./destination.ts";

/** Time limits of every AWS call, in milliseconds: a call that hangs must not hold up the invocation. */
export const AWS_CALL_LIMITS = {
  connectionTimeout: 2_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
} as const;
/** The SDK's own attempts at a call, the first included, with its backoff and jitter. */
export const AWS_MAX_ATTEMPTS = 3;
/** For calls of which AWS recognises no second copy: one attempt, with all the time; the redelivery queue makes the next. */
export const AWS_ONE_ATTEMPT = {
  maxAttempts: 1,
  requestHandler: { ...AWS_CALL_LIMITS, requestTimeout: 10_000 },
} as const;
/** How long one AWS call may take with all its attempts, in milliseconds. */
export const AWS_BUDGET_MS = 10_000;

/** How long an AWS call may take that must end by `deadline` (milliseconds since 1970), in whole milliseconds. */
export function awsBudget(deadline: number): number {
  return Math.max(1, Math.floor(Math.min(AWS_BUDGET_MS, deadline - Date.now())));
}

/** Runs `make` at the first call and gives every caller the same promise; a failure is forgotten, so that it can heal. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** The Region in an ARN: a topic or secret can only be reached through its own Region. */
export function regionOfArn(arn: string): string | undefined {
  return arn.split(":")[3] || undefined;
}

/**
 * Turns an error of the AWS SDK into a DeliveryError: the error's name, its first line, whether a later try can help.
 */
export function awsDeliveryError(error: unknown, destination: string, doing: string): DeliveryError {
  const name = error instanceof Error ? error.name : "unknown error";
  const message = error instanceof Error ? firstLine(error.message) : "";
  const status = statusOf(error);
  return new DeliveryError(`${doing} failed: ${name}${message === "" ? "" : `: ${message}`}`, {
    destination,
    status,
    retryable: isRetryable(name, status),
    cause: error,
  });
}

/** Everything but a refusal for what was sent: 4xx stay 4xx, except throttling, timeouts and permissions being mended. */
function isRetryable(name: string, status: number | undefined): boolean {
  if (status === undefined || status >= 500 || status === 408 || status === 429 || status === 403)
    return true;
  return /Throttl|TooManyRequests|NotFound|AuthorizationError|AccessDenied|KMS/.test(name);
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}

function firstLine(text: string): string {
  return showText(text.split(/[\r\n]/, 1)[0] ?? "", 300);
}
