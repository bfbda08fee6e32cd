/**
 * One HTTP server of the local run: on 127.0.0.1 only, and out of reach of other sites in the same browser. A page
 * can send requests to 127.0.0.1, and by DNS rebinding even read the replies; so a request must name this server in
 * `Host`, must not come from a page (`Origin`, `Sec-Fetch-Site`), and must carry what no simple form can send.
 *
 * Example: `serve({ contentTypes: ["application/json"], limit: 1e6, answer: () => ({ status: 202, body: "{}" }) })`.
 */
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** Most bytes that a packed body may become. */
const UNPACKED_LIMIT = 8 * 1_048_576;

/** A request that passed the guard, its body read whole. */
export type LocalRequest = {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body; unpacked where its Content-Encoding is gzip. */
  readonly body: string;
};

/** What to reply. `type` is JSON when it is not given. */
export type LocalReply = {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  /** Seconds that the caller is asked to wait. */
  readonly retryAfter?: number;
};
/** What a server does that never answers. */
export const SILENCE = "silence";

/** How a server is made. */
export type LocalServerOptions = {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Content types of a body that are taken; none that a simple form can send may be among them. */
  readonly contentTypes: readonly string[];
  /** Largest body, in bytes. */
  readonly limit: number;
  answer(request: LocalRequest): Promise<LocalReply | typeof SILENCE> | LocalReply | typeof SILENCE;
};

/** A server that listens. */
export type LocalServer = { readonly port: number; readonly url: string; close(): Promise<void> };

/**
 * Why a request is refused because of where it comes from; undefined when it may pass. `port` is the server's own.
 */
export function foreign(headers: IncomingHttpHeaders, port: number): string | undefined {
  const { host } = headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return `the Host header must be 127.0.0.1:${port} or localhost:${port}`;
  }
  const site = headers["sec-fetch-site"];
  if (headers.origin !== undefined || (site !== undefined && site !== "none")) {
    return "requests from web pages are not taken";
  }
  return undefined;
}

/** Starts a server; rejects with the reason when the port cannot be had. */
export async function serve(options: LocalServerOptions): Promise<LocalServer> {
  const server = createServer((request, response) => {
    void reply(request, response, options);
  });
  const port = options.port ?? 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new PortInUseError(port) : error);
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The port that was asked for is taken. */
class PortInUseError extends Error {
  override readonly name = "PortInUseError";
  constructor(port: number) {
    super(`port ${port} of 127.0.0.1 is in use; stop what listens there, or give another port with --port`);
  }
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  options: LocalServerOptions,
): Promise<void> {
  let answer: LocalReply | typeof SILENCE;
  try {
    answer = await answerTo(request, options);
  } catch (error) {
    answer = refusal(500, "InternalFailure", error instanceof Error ? error.message : String(error));
  }
  if (answer === SILENCE) return;
  // A refused body is not read to its end, so the connection cannot be used again.
  if (!request.complete) response.setHeader("connection", "close");
  if (answer.retryAfter !== undefined) response.setHeader("retry-after", answer.retryAfter);
  response.setHeader("content-type", answer.type ?? "application/json");
  response.writeHead(answer.status).end(answer.body);
}

async function answerTo(
  request: IncomingMessage,
  options: LocalServerOptions,
): Promise<LocalReply | typeof SILENCE> {
  const { headers } = request;
  const reason = foreign(headers, request.socket.localPort ?? 0);
  if (reason !== undefined) return refusal(403, "AccessDeniedException", reason);
  const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (request.method !== "GET" && !options.contentTypes.includes(type)) {
    return refusal(
      415,
      "SerializationException",
      `the content type must be ${options.contentTypes.join(" or ")}`,
    );
  }
  const body = await readBody(request, options.limit);
  if (body === undefined) {
    return refusal(
      413,
      "RequestEntityTooLargeException",
      `a request may have at most ${options.limit} bytes`,
    );
  }
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  return options.answer({ method: request.method ?? "GET", path, headers, body });
}

async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const packed = request.headers["content-encoding"] === "gzip";
  return (packed ? gunzipSync(bytes, { maxOutputLength: UNPACKED_LIMIT }) : bytes).toString("utf8");
}

/** An error in the form that AWS's JSON protocols give it; the other clients show its text. */
export function refusal(status: number, code: string, message: string): LocalReply {
  return { status, body: JSON.stringify({ __type: code, message }), type: "application/x-amz-json-1.1" };
}
