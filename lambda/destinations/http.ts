/**
 * POSTing JSON to a destination that is not AWS: a timeout on every attempt, a budget over all of them, and new
 * attempts only where they can help (429, 408, 5xx, network). The other side's `Retry-After` or `X-RateLimit-Reset`
 * decides the pause where it names one; otherwise it doubles, with jitter, so that a fleet does not return in step.
 * A pause that the budget cannot hold ends the delivery at once: Lambda or the redelivery queue waits better.
 */
import { showText } from "../alerts/show-text.ts";
import { DeliveryError } from "./destination.ts";

/** What a request is sent with. */
export type HttpOptions = {
  readonly method: "POST";
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly redirect: "error";
  readonly signal: AbortSignal;
};

/** The world, so that tests need neither network nor time. */
export type HttpPorts = {
  readonly fetch: (url: string, options: HttpOptions) => Promise<Response>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** A signal that aborts after so many milliseconds. */
  readonly timeout: (milliseconds: number) => AbortSignal;
};

/** One request. `secrets` are taken out of whatever the other side says before it reaches an error. */
export type Post = {
  readonly destination: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly secrets: readonly string[];
  /** When to give up for good, in milliseconds since 1970. */
  readonly deadline: number;
};

const ATTEMPT_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const MAX_ANSWER = 2_000;

/** The real world. */
export const HTTP_PORTS: HttpPorts = {
  fetch: (url, options) => fetch(url, options),
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: () => Math.random(),
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
};

type Attempt =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: DeliveryError; readonly pause: number | undefined };

/**
 * Sends the request until it is taken (2xx) or the deadline comes.
 * @throws DeliveryError with the last refusal; `retryable` says whether a later try can help.
 */
export async function postJson(post: Post, ports: HttpPorts = HTTP_PORTS): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    const attempt = await tryOnce(post, ports);
    if (attempt.ok) return;
    const { error } = attempt;
    if (!error.retryable) throw error;
    const pause = attempt.pause ?? backoff(attempts, ports);
    if (ports.now() + pause >= post.deadline) {
      throw new DeliveryError(
        `${error.message} (gave up after ${attempts} ${attempts === 1 ? "attempt" : "attempts"})`,
        {
          destination: error.destination,
          retryable: true,
          status: error.status,
          cause: error,
        },
      );
    }
    await ports.sleep(pause);
  }
}

async function tryOnce(post: Post, ports: HttpPorts): Promise<Attempt> {
  const { destination, url } = post;
  const host = new URL(url).host;
  const limit = Math.max(1, Math.min(ATTEMPT_TIMEOUT_MS, post.deadline - ports.now()));
  const signal = ports.timeout(limit);
  try {
    const response = await ports.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...post.headers },
      body: post.body,
      // A redirect would carry the key to another host.
      redirect: "error",
      signal,
    });
    if (response.ok) {
      // Taken is taken: an answer that breaks off must not send the alert again.
      await response.body?.cancel().catch(() => undefined);
      return { ok: true };
    }
    const { status } = response;
    const answer = await readAnswer(response).catch(() => "");
    const retryable = status === 408 || status === 429 || status >= 500;
    const said = answer === "" ? "" : `: ${redact(answer, post.secrets)}`;
    const error = new DeliveryError(`${host} answered ${status}${said}`, { destination, retryable, status });
    return { ok: false, error, pause: retryable ? pauseAsked(response.headers, ports) : undefined };
  } catch (cause) {
    const message = signal.aborted
      ? `${host} did not answer within ${limit} ms`
      : `${host} could not be reached: ${reason(cause)}`;
    const error = new DeliveryError(redact(message, post.secrets), { destination, retryable: true });
    return { ok: false, error, pause: undefined };
  }
}

/** The first line of the answer, as far as it is short; the rest is not read, however long it is. */
async function readAnswer(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length >= MAX_ANSWER) break;
  }
  return showText(text.trim().split(/[\r\n]/, 1)[0] ?? "", 300);
}

/** The pause that the other side asks for, in milliseconds: `Retry-After` (seconds or a date), else the rate limit's reset. */
function pauseAsked(headers: Headers, ports: HttpPorts): number | undefined {
  const after = headers.get("retry-after") ?? headers.get("x-ratelimit-reset");
  if (after === null || after.trim() === "") return undefined;
  const seconds = Number(after);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - ports.now());
}

function backoff(attempts: number, ports: HttpPorts): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  return longest / 2 + (ports.random() * longest) / 2;
}

/** `fetch` says only "fetch failed"; the reason is in its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  const { cause } = error;
  if (cause instanceof Error)
    return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
  return error.message;
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "(secret)"), text);
}
