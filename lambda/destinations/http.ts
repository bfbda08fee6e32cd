/**
 * POSTing to a destination that is not AWS: a timeout on every attempt, a budget over all of them, and new attempts
 * only where they can help (429, 408, 5xx, network). The other side's `Retry-After` or `X-RateLimit-Reset` decides the
 * pause where it asks for a longer one than ours, which doubles, with jitter, so that a fleet does not return in step.
 * A pause that the budget cannot hold ends the delivery at once and goes on with the error as `retryAfter`: the
 * redelivery queue waits better.
 *
 * A request whose answer never came may have been taken. A medium that recognises a second copy is asked again at once;
 * where people would see the same message twice or three times, the one attempt has all the time there is, and the
 * redelivery queue makes the next.
 */
import { showText } from "../alerts/show-text.ts";
import { DeliveryError } from "./destination.ts";
import { type Answer, type Judge, pauseAsked, problemIn, readBody } from "./http-answer.ts";
import { redact } from "./redact.ts";

/** What a request is sent with. */
export type HttpOptions = {
  readonly method: "POST";
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly redirect: "manual";
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

/** One request. */
export type Post = {
  readonly destination: string;
  readonly url: string;
  /** What errors call the other side; needed where the address is a secret. Its host unless given. */
  readonly name?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Taken out of whatever reaches an error. */
  readonly secrets: readonly string[];
  /** When to give up for good, in milliseconds since 1970. */
  readonly deadline: number;
  /** What the medium says beyond the status. */
  readonly judge?: Judge;
  /** Whether the medium takes a second copy for the first one; only then is one sent where the first may be there. */
  readonly recognisesCopies?: boolean;
};

const ATTEMPT_TIMEOUT_MS = 5_000;
/** For an attempt that must not be made twice. */
const LONG_ATTEMPT_TIMEOUT_MS = 15_000;
/** With less time than this an attempt would most likely be taken and not be answered: a duplicate later. */
const SHORTEST_ATTEMPT_MS = 50;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** Characters of an answer that are read; media that answer with JSON stay far below it. */
const MAX_ANSWER = 65_536;
const MAX_SAID = 400;

/** The real world. */
export const HTTP_PORTS: HttpPorts = {
  fetch: (url, options) => fetch(url, options),
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: () => Math.random(),
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
};

/** An attempt that failed; `soon` when the next one can follow in this delivery. */
type Failure = { readonly error: DeliveryError; readonly soon: boolean };

/**
 * Sends the request, as JSON unless its headers say otherwise, until it is taken or the deadline comes.
 * @returns the answer that took it.
 * @throws DeliveryError with the last refusal; `retryable` says whether a later try can help, `retryAfter` when.
 */
export async function post(request: Post, ports: HttpPorts = HTTP_PORTS): Promise<Answer> {
  for (let attempts = 1; ; attempts++) {
    const attempt = await tryOnce(request, ports);
    if ("status" in attempt) return attempt;
    const { error, soon } = attempt;
    if (!soon) throw error;
    const pause = Math.max(error.retryAfter ?? 0, backoff(attempts, ports));
    if (ports.now() + pause + SHORTEST_ATTEMPT_MS > request.deadline) {
      const { destination, retryable, status, retryAfter } = error;
      throw new DeliveryError(
        `${error.message} (gave up after ${attempts} ${attempts === 1 ? "attempt" : "attempts"})`,
        { destination, retryable, status, retryAfter, cause: error },
      );
    }
    await ports.sleep(pause);
  }
}

async function tryOnce(request: Post, ports: HttpPorts): Promise<Answer | Failure> {
  const { destination, url, recognisesCopies = false } = request;
  const name = request.name ?? new URL(url).host;
  const said = (text: string): string => showText(redact(`${name} ${text}`, request.secrets), MAX_SAID);
  const longest = recognisesCopies ? ATTEMPT_TIMEOUT_MS : LONG_ATTEMPT_TIMEOUT_MS;
  const limit = Math.min(longest, request.deadline - ports.now());
  if (limit < SHORTEST_ATTEMPT_MS) {
    const error = new DeliveryError(said("was not asked: no time was left"), {
      destination,
      retryable: true,
    });
    return { error, soon: false };
  }
  const signal = ports.timeout(limit);
  try {
    const response = await ports.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...request.headers },
      body: request.body,
      redirect: "manual",
      signal,
    });
    const { status, headers } = response;
    // A body that breaks off leaves the status to judge by: taken is taken, and must not be sent again.
    const answer = { status, headers, body: await readBody(response, MAX_ANSWER).catch(() => "") };
    const problem = problemIn(answer, request.judge);
    if (problem === undefined) return answer;
    const error = new DeliveryError(said(problem.says), {
      destination,
      status,
      retryable: problem.again !== "never",
      retryAfter: problem.again === "never" ? undefined : pauseAsked(headers, ports.now()),
      secretRefused: problem.secretRefused,
    });
    const mayBeThere = status === GATEWAY_TIMEOUT && !recognisesCopies;
    return { error, soon: problem.again === "soon" && !mayBeThere };
  } catch (cause) {
    const { text, soon } = signal.aborted
      ? { text: `did not answer within ${limit} ms`, soon: recognisesCopies }
      : unreached(cause, recognisesCopies);
    return { error: new DeliveryError(said(text), { destination, retryable: true }), soon };
  }
}

function backoff(attempts: number, ports: HttpPorts): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  return longest / 2 + (ports.random() * longest) / 2;
}

/** Node's and OpenSSL's codes for a certificate that is not accepted. */
const CERTIFICATE = /CERT|UNABLE_TO_(?:GET|VERIFY)|^HOSTNAME_MISMATCH$|^INVALID_(?:CA|PURPOSE)$/;

/** The codes of a connection that never came about; all others may follow a request that was taken. */
const NOTHING_SENT: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
]);
/** A gateway that did not wait for the answer of what is behind it. */
const GATEWAY_TIMEOUT = 504;

/** `fetch` says only "fetch failed"; the reason is in its cause. A certificate is not mended in seconds. */
function unreached(
  error: unknown,
  recognisesCopies: boolean,
): { readonly text: string; readonly soon: boolean } {
  if (!(error instanceof Error)) {
    return { text: "could not be reached: unknown reason", soon: recognisesCopies };
  }
  const { cause } = error;
  const code =
    cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  if (code !== undefined && CERTIFICATE.test(code)) {
    return { text: `shows a certificate that is not valid (${code}); nothing was sent to it`, soon: false };
  }
  const why = code ?? (cause instanceof Error ? cause.message : error.message);
  const soon = recognisesCopies || (code !== undefined && NOTHING_SENT.has(code));
  return { text: `could not be reached: ${why}`, soon };
}
