/**
 * Bodies in and out. One that is too large is refused while it is read, whatever length it announces; what goes out is
 * JSON in which nothing is hidden, with headers that keep a browser from making anything of it.
 */
import type { MiddlewareHandler } from "hono";
import { safeJson } from "../alerts/safe-json.ts";
import { ProblemError, shown } from "./problem.ts";

/** The largest body that is taken, in bytes. */
const MAX_BODY_BYTES = 65_536;

const SAFE_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Puts the headers on every answer that keep it from being cached, framed, guessed at or run. */
export const safeHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(SAFE_HEADERS)) context.header(name, value);
};

/** An answer with a JSON body. */
export function jsonAnswer(
  value: object,
  { status = 200, type = "application/json", headers = {} }: JsonOptions = {},
): Response {
  return new Response(safeJson(value), { status, headers: { ...headers, "content-type": type } });
}
type JsonOptions = {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * The JSON value in the body of a request.
 * @throws ProblemError 413 above 64 KB, 415 for another type, 400 for what is no JSON in UTF-8.
 */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(type.trim())) {
    const given = type === "" ? "none" : shown(type);
    throw new ProblemError(415, `Send JSON with Content-Type: application/json, not ${given}.`, {
      accept: "application/json",
    });
  }
  const bytes = await readBody(request);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's own message quotes the text.
    throw new ProblemError(
      400,
      'The body is no JSON in UTF-8. Send an object, such as { "status": "acknowledged" }.',
    );
  }
}

/**
 * The bytes of a request's body.
 * @throws ProblemError 413 as soon as there are more than 64 KB, announced or not.
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ProblemError(400, "The body broke off. Send it again.");
    });
    if (done) return Buffer.concat(parts);
    length += value.length;
    if (length > MAX_BODY_BYTES) {
      // Nobody waits for the rest of it.
      reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    parts.push(value);
  }
}

function tooLarge(): ProblemError {
  return new ProblemError(413, `A body has at most ${MAX_BODY_BYTES} bytes. Send a shorter comment.`);
}
