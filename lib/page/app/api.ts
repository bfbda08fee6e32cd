/** The calls of the page to its server: each with the key of the run, which no other origin can read or send. */
import type { Case, CaseRow, Scope, ScopeName, Status } from "../../../lambda/cases/case-schema.ts";
import type { OfferedFact, Picture, SuppressionDraft, SuppressionRequest, WhyAnswer } from "../exchange.ts";
import { runKey } from "./run-key.ts";

/** What the server says of itself. */
export type About = {
  readonly place: string;
  readonly person: string;
  readonly live: boolean;
  readonly formats: readonly string[];
  readonly rules: readonly { readonly id: string; readonly name: string; readonly severity: string }[];
};

/** A change that somebody makes. */
export type Change = {
  readonly status?: Status;
  readonly reason?: string;
  readonly comment?: string;
  readonly idempotencyKey?: string;
};

/** The server's own words when it refuses or fails, or that it cannot be reached. */
class CallError extends Error {
  override readonly name = "CallError";
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const HEADERS = { "x-engine-page": runKey() };
const GONE = "The page's server does not answer: it was stopped, or it is busy.";

/** Calls the server; gives the reply's JSON. Throws a CallError. */
async function call<T>(
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<T> {
  const reply = await fetch(path, { ...init, headers: { ...HEADERS, ...init.headers } }).catch(() => {
    throw new CallError(GONE, 0);
  });
  const text = await reply.text();
  const value = parse(text);
  if (reply.ok) return value as T;
  const told = typeof value === "object" && value !== null && "error" in value ? String(value.error) : text;
  throw new CallError(
    told.trim() === "" ? `The server answered ${reply.status}.` : told.trim(),
    reply.status,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const post = <T>(path: string, body: object): Promise<T> =>
  call<T>(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });

export const fetchAbout = (): Promise<About> => call("/api/about");
export const fetchPicture = (): Promise<Partial<Picture>> => call("/api/picture");
export const fetchCase = (id: string): Promise<Case> => call(`/api/cases/${id}`);
export const fetchScope = <S extends ScopeName>(id: string, scope: S): Promise<Scope<S>> =>
  call(`/api/cases/${id}/scopes/${scope}`);
export const fetchFormat = (id: string, format: string): Promise<{ readonly text: string }> =>
  call(`/api/cases/${id}/formats/${format}`);
export const fetchFacts = (id: string): Promise<{ readonly facts: readonly OfferedFact[] }> =>
  call(`/api/cases/${id}/suppression`);
export const fetchRows = (
  cursor: string | undefined,
): Promise<{ readonly rows: readonly CaseRow[]; readonly next?: string }> =>
  call(`/api/rows${cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`}`);
export const sendChange = (id: string, change: Change): Promise<{ readonly row: CaseRow }> =>
  post(`/api/cases/${id}/changes`, change);
export const sendSuppression = (id: string, request: SuppressionRequest): Promise<SuppressionDraft> =>
  post(`/api/cases/${id}/suppression`, request);
export const sendWhy = (request: {
  readonly text: string;
  readonly ruleId?: string;
  readonly index?: number;
}): Promise<WhyAnswer> => post("/api/why", request);

/** What the stream says. */
export type News =
  | { readonly event: "hello" }
  | { readonly event: "beat" }
  | { readonly event: "rows"; readonly rows: readonly CaseRow[] }
  | { readonly event: "picture"; readonly picture: Picture };

/**
 * Listens until the signal ends it; comes back by itself. Not an EventSource: that cannot send the header.
 * @param onState told whether the connection stands
 */
export async function listen(
  signal: AbortSignal,
  onNews: (news: News) => void,
  onState: (isUp: boolean) => void,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const reply = await fetch("/api/stream", { headers: HEADERS, signal });
      if (!reply.ok || reply.body === null) throw new CallError(GONE, reply.status);
      failures = 0;
      onState(true);
      await readEvents(reply.body, onNews);
    } catch {
      // Whatever ended it, it is begun again below.
    }
    onState(false);
    await new Promise((resolve) => setTimeout(resolve, Math.min(1000 * 2 ** failures, 15_000)));
  }
}

async function readEvents(body: ReadableStream<Uint8Array>, onNews: (news: News) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const news = readEvent(block);
      if (news !== undefined) onNews(news);
    }
  }
}

function readEvent(block: string): News | undefined {
  const lines = block.split("\n");
  const field = (name: string): string =>
    lines
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join("\n");
  const data = parse(field("data"));
  const event = field("event");
  if (event === "hello" || event === "beat") return { event };
  if (event === "rows") return { event, rows: (data as { rows: readonly CaseRow[] }).rows };
  if (event === "picture") return { event, picture: data as Picture };
  return undefined;
}
