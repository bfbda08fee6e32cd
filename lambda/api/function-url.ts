/**
 * Between a Lambda function URL and an app that takes Requests. Our own twenty lines, because what cannot be made a
 * Request of (a header or an address out of all form) must be answered like all else, and never be quoted in a log.
 *
 *     export const handler = serveFunctionUrl(app.fetch);
 *     // { rawPath: "/alerts", rawQueryString: "limit=1", … } → { statusCode: 200, headers: { … }, body: "{…}" }
 */
import { isObject, textAt, valueAt } from "../record/untrusted.ts";
import { jsonAnswer } from "./bodies.ts";
import { problemDocument, ProblemError } from "./problem.ts";

/** What a function URL takes for an answer. */
export type FunctionUrlAnswer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: false;
};

/** Lambda refuses answers above 6 MB, and says so to nobody. The body is a text in them, in which each quote counts twice. */
const MAX_ANSWER_BYTES = 5_800_000;

/** The Lambda's handler. Two parameters at most: Node 24 refuses handlers with a callback (FACTS § 3). */
export function serveFunctionUrl(
  answer: (request: Request) => Response | Promise<Response>,
): (event: unknown) => Promise<FunctionUrlAnswer> {
  return async (event) => {
    const request = readRequest(event);
    const response = await (request === undefined
      ? refuse(400, "The request is out of all form. Send one whose address and headers are plain ASCII.")
      : answer(request));
    const body = await response.text();
    if (Buffer.byteLength(JSON.stringify(body)) <= MAX_ANSWER_BYTES) return toAnswer(response, body);
    const tooLarge = refuse(
      500,
      "The answer is larger than a function URL can give. Ask for a smaller part of it.",
    );
    return toAnswer(tooLarge, await tooLarge.text());
  };
}

/** The request that an event of format 2.0 stands for; undefined when none can be made of it. */
function readRequest(event: unknown): Request | undefined {
  try {
    const http = valueAt(event, "requestContext", "http");
    const method = textAt(http, "method") ?? "GET";
    const host = textAt(event, "requestContext", "domainName") ?? "localhost";
    // Decoded or not, a path ends where the query begins.
    const path = (textAt(event, "rawPath") ?? "/").replaceAll(/[?#]/g, encodeURIComponent);
    // Without its slash it would go on with the host's name: "https://ours" + ".evil.example/".
    if (!path.startsWith("/")) return undefined;
    const query = textAt(event, "rawQueryString");
    const headers = new Headers();
    const given = valueAt(event, "headers");
    for (const [name, value] of Object.entries(isObject(given) ? given : {}))
      if (typeof value === "string") headers.set(name, value);
    const body = method === "GET" || method === "HEAD" ? undefined : bodyOf(event);
    // What is announced has been read by now.
    headers.delete("content-length");
    return new Request(`https://${host}${path}${query === undefined ? "" : `?${query}`}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  } catch {
    return undefined;
  }
}

function bodyOf(event: unknown): Uint8Array<ArrayBuffer> | string | undefined {
  const body = textAt(event, "body");
  return body !== undefined && valueAt(event, "isBase64Encoded") === true
    ? Buffer.from(body, "base64")
    : body;
}

function refuse(status: 400 | 500, detail: string): Response {
  return jsonAnswer(problemDocument(new ProblemError(status, detail)), {
    status,
    type: "application/problem+json",
  });
}

function toAnswer(response: Response, body: string): FunctionUrlAnswer {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body,
    isBase64Encoded: false,
  };
}
