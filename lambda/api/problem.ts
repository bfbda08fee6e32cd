/**
 * How the API says no: one document for every refusal (RFC 9457), which names what is wrong and how to mend it, and
 * nothing of what is inside. Whoever refuses throws; the app turns it into the answer.
 *
 *     throw new ProblemError(400, "limit is a whole number from 1 to 200, not \"many\".")
 *     // 400 application/problem+json  { "type": "about:blank", "title": "Bad request", "status": 400, "detail": "limit …" }
 */
import { z } from "zod";
import { showText } from "../alerts/show-text.ts";
import { CursorError } from "../cases/case-store.ts";

const TITLES = {
  400: "Bad request",
  401: "No valid key",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Not possible now",
  413: "Body too large",
  415: "Wrong content type",
  429: "Too many requests",
  500: "Something is wrong here",
  503: "Not available now",
} as const;
export type ProblemStatus = keyof typeof TITLES;

/** Seconds after which it is worth trying again when the table is down: it heals, or somebody is woken. */
const RETRY_AFTER_SECONDS = 5;
const MAX_SHOWN = 60;

/** The body of every refusal. */
export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What is wrong and how to mend it."),
});

/** A refusal. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: ProblemStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: ProblemStatus, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/** What is behind the API failed; `cause` is for the log, never for the caller. */
export class UnavailableError extends ProblemError {
  constructor(cause: unknown) {
    super(503, "The alerts cannot be read or changed at the moment. Try again in a few seconds.", {
      "retry-after": String(RETRY_AFTER_SECONDS),
    });
    this.cause = cause;
  }
}

/**
 * Asks what is behind the API.
 * @throws UnavailableError when it fails, whatever it throws; a CursorError passes, for it is the caller's.
 */
export async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof CursorError) throw cause;
    throw new UnavailableError(cause);
  }
}

/** The document of a refusal. */
export function problemDocument({ status, message }: ProblemError): z.infer<typeof problemSchema> {
  return { type: "about:blank", title: TITLES[status], status, detail: message };
}

/** What somebody sent, to be named in a refusal: short, on one line, with nothing hidden in it. */
export function shown(text: string): string {
  return JSON.stringify(showText(text, MAX_SHOWN));
}
