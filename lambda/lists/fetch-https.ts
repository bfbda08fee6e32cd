/**
 * The source that is a document behind an HTTPS address. It is asked for with what is known already (ETag), has ten
 * seconds and ten megabytes, and may send on to its own host alone.
 */
import { lookup as resolve } from "node:dns";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { showText } from "../alerts/show-text.ts";
import { ListError } from "./list-error.ts";
import { decodeFile, MAX_FILE_BYTES, parseFile } from "./parse-file.ts";
import { problemOfAddress } from "./safe-address.ts";
import type { Source } from "./source.ts";

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;

/** The world, so that tests need neither certificates nor names. */
export type HttpsPorts = {
  readonly request: (
    url: URL,
    options: RequestOptions,
    answered: (response: IncomingMessage) => void,
  ) => ClientRequest;
  readonly lookup: LookupFunction;
};

const PORTS: HttpsPorts = {
  request: httpsRequest,
  lookup: (host, options, done) => resolve(host, options, done as never),
};

type Answer = {
  readonly status: number;
  readonly location: string | undefined;
  readonly etag: string | undefined;
  readonly body: Buffer;
};

/** Makes the source. */
export function httpsSource(ports: HttpsPorts = PORTS): Source<"https"> {
  return async ({ url, format, column, allowPrivate = [] }, { etag, deadline }) => {
    const signal = AbortSignal.timeout(Math.max(1, Math.min(TIMEOUT_MS, Math.floor(deadline - Date.now()))));
    const first = new URL(url);
    let at = first;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await get(at, { etag, signal, allowPrivate }, ports);
      if (answer.status === 304 && etag !== undefined) return { kind: "same" };
      if (answer.status >= 300 && answer.status < 400 && answer.location !== undefined) {
        at = nextOf(answer.location, at, first);
        continue;
      }
      if (answer.status !== 200) throw new ListError(`${first.host} answered ${answer.status}, not 200.`);
      const rows = parseFile(decodeFile(answer.body), format, column);
      return { kind: "rows", rows, ...(answer.etag === undefined ? {} : { etag: answer.etag }) };
    }
    throw new ListError(`${first.host} sends on more than ${MAX_REDIRECTS} times.`);
  };
}

function nextOf(location: string, at: URL, first: URL): URL {
  const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
  if (next?.protocol === first.protocol && next.host === first.host) return next;
  const where = next === undefined ? "nowhere" : showText(`${next.protocol}//${next.host}`, 100);
  throw new ListError(
    `${first.host} sends on to ${where}, another place. If that is where the document is, name it in the list.`,
  );
}

type Fetching = {
  readonly etag: string | undefined;
  readonly signal: AbortSignal;
  readonly allowPrivate: readonly string[];
};

function get(url: URL, { etag, signal, allowPrivate }: Fetching, ports: HttpsPorts): Promise<Answer> {
  const refuse = (problem: string): ListError =>
    new ListError(`${url.host} may not be fetched from: ${problem}.`);
  const host = url.hostname.replace(/^\[|\]$/gu, "");
  // An address in the place of a name is never looked up.
  const problem = isIP(host) === 0 ? undefined : problemOfAddress(host, allowPrivate);
  if (problem !== undefined) return Promise.reject(refuse(problem));
  const lookup: LookupFunction = (name, options, done) =>
    ports.lookup(name, options, (error, found, family) => {
      const addresses = typeof found === "string" ? [found] : (found ?? []).map(({ address }) => address);
      const bad = error === null ? addresses.map((one) => problemOfAddress(one, allowPrivate)) : [];
      const why = bad.find((one) => one !== undefined);
      if (why === undefined) done(error, found, family);
      else done(refuse(why), "", 0);
    });
  return new Promise((done, fail) => {
    const failed = (error: unknown): void => {
      if (error instanceof ListError) fail(error);
      else if (signal.aborted) fail(new ListError(`${url.host} did not answer in time.`));
      else fail(new ListError(`${url.host} cannot be reached: ${codeOf(error)}.`));
    };
    const headers = {
      accept: "*/*",
      "accept-encoding": "identity",
      "user-agent": "cloudtrail-engine",
      ...(etag === undefined ? {} : { "if-none-match": etag }),
    };
    const sent = ports.request(url, { method: "GET", headers, lookup, signal, agent: false }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on("data", (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes > MAX_FILE_BYTES)
          response.destroy(new ListError(`${url.host} gives more than ${MAX_FILE_BYTES} bytes.`));
      });
      response.on("error", failed);
      response.on("end", () => {
        const { location, etag: mark } = response.headers;
        done({ status: response.statusCode ?? 0, location, etag: mark, body: Buffer.concat(parts) });
      });
    });
    sent.on("error", failed);
    sent.end();
  });
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === "string" ? code : "the connection failed";
}
