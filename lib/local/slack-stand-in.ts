/**
 * A stand-in for Slack: an incoming webhook, and of the Web API what posts and changes messages. It keeps which messages
 * there are, so that an update of one that was never posted is refused as Slack refuses it.
 */
import type { LocalReply, LocalRequest } from "./local-server.ts";
import { LOCAL_SECRETS } from "./local-secrets.ts";
import { json, objectIn, textIn } from "./stand-in.ts";
import type { Judgement, Medium } from "./stand-in.ts";

const WEBHOOK_PATH = new URL(LOCAL_SECRETS.url).pathname;
/** Most blocks of a message. */
const MAX_BLOCKS = 50;

/** Slack with no messages yet. */
export function makeSlackMedium(): Medium {
  const posted = new Set<string>();
  return {
    contentTypes: ["application/json"],
    limit: 1_048_576,
    judge: (request, count) =>
      request.path.startsWith("/api/") ? judgeMethod(request, posted, count) : judgeWebhook(request),
  };
}

function judgeWebhook(request: LocalRequest): Judgement {
  if (request.method !== "POST" || request.path !== WEBHOOK_PATH) return { reply: plain(404, "no_service") };
  const message = objectIn(request.body);
  if (message === undefined) return { reply: plain(400, "invalid_payload") };
  const problem = problemOf(message);
  if (problem !== undefined) return { reply: plain(400, problem) };
  return { reply: plain(200, "ok"), took: { line: textIn(message, "text"), body: message } };
}

function judgeMethod(request: LocalRequest, posted: Set<string>, count: number): Judgement {
  if (request.headers.authorization !== `Bearer ${LOCAL_SECRETS.token}`) return refused("invalid_auth");
  const message = objectIn(request.body);
  if (message === undefined) return refused("invalid_json");
  const channel = textIn(message, "channel");
  if (channel === "") return refused("channel_not_found");
  const problem = problemOf(message);
  if (problem !== undefined) return refused(problem);
  if (request.path === "/api/chat.update") {
    const ts = textIn(message, "ts");
    if (!posted.has(`${channel} ${ts}`)) return refused("message_not_found");
    const line = `(changed) ${textIn(message, "text")}`;
    return { reply: json(200, { ok: true, channel, ts }), took: { line, body: message } };
  }
  if (request.path !== "/api/chat.postMessage") return refused("unknown_method");
  const thread = textIn(message, "thread_ts");
  if (thread !== "" && !posted.has(`${channel} ${thread}`)) return refused("thread_not_found");
  const ts = `1795170000.${String(count).padStart(6, "0")}`;
  posted.add(`${channel} ${ts}`);
  const line = `${thread === "" ? "" : "(in the thread) "}${textIn(message, "text")}`;
  return { reply: json(200, { ok: true, channel, ts }), took: { line, body: message } };
}

function refused(error: string): Judgement {
  return { reply: json(200, { ok: false, error }) };
}

/** Slack's word for what is wrong with a message. */
function problemOf(message: Readonly<Record<string, unknown>>): string | undefined {
  const { blocks = [] } = message;
  if (!Array.isArray(blocks) || blocks.length > MAX_BLOCKS) return "invalid_blocks";
  return textIn(message, "text") === "" && blocks.length === 0 ? "no_text" : undefined;
}

function plain(status: number, body: string): LocalReply {
  return { status, body, type: "text/plain" };
}
