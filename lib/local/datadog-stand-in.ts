/**
 * A stand-in for Datadog: its Events API (v1) and its intake of logs (v2). An event whose aggregation key was there before
 * joins the first one.
 */
import type { LocalRequest } from "./local-server.ts";
import { LOCAL_SECRETS } from "./local-secrets.ts";
import { json, objectIn, textIn } from "./stand-in.ts";
import type { Judgement, Medium } from "./stand-in.ts";

/** Longest text of an event, in characters. */
const MAX_TEXT = 4_000;
const MAX_KEY = 100;

/** Datadog without events yet. */
export function makeDatadogMedium(): Medium {
  const keys = new Set<string>();
  return {
    contentTypes: ["application/json"],
    limit: 1_048_576,
    judge: (request, count) => judge(request, count, keys),
  };
}

function judge(request: LocalRequest, count: number, keys: Set<string>): Judgement {
  const { method, path, headers } = request;
  const isEvent = path === "/api/v1/events";
  if (method !== "POST" || !(isEvent || path === "/api/v2/logs"))
    return { reply: json(404, { errors: ["Not found"] }) };
  if (headers["dd-api-key"] !== LOCAL_SECRETS.apiKey) return { reply: json(403, { errors: ["Forbidden"] }) };
  return isEvent ? judgeEvent(request, count, keys) : judgeLogs(request);
}

function judgeEvent({ body }: LocalRequest, count: number, keys: Set<string>): Judgement {
  const event = objectIn(body);
  const [title, text] = [textIn(event, "title"), textIn(event, "text")];
  if (title === "" || text === "") return { reply: json(400, { errors: ["title and text are required"] }) };
  if (text.length > MAX_TEXT)
    return { reply: json(400, { errors: [`text is longer than ${MAX_TEXT} characters`] }) };
  const key = textIn(event, "aggregation_key");
  if (key.length > MAX_KEY)
    return { reply: json(400, { errors: [`aggregation_key is longer than ${MAX_KEY} characters`] }) };
  const line = key !== "" && keys.has(key) ? `(joins the first) ${title}` : title;
  keys.add(key);
  const reply = json(202, { status: "ok", event: { id: count + 1, title } });
  return { reply, took: { line, body: event } };
}

function judgeLogs({ body }: LocalRequest): Judgement {
  // One log, or a list of them.
  const logs = body.trimStart().startsWith("[") ? objectIn(`{"logs":${body}}`) : objectIn(body);
  if (logs === undefined) return { reply: json(400, { errors: [{ title: "Bad Request" }] }) };
  const first = Array.isArray(logs["logs"]) ? (logs["logs"][0] as unknown) : logs;
  const line = textIn(first, "title") || textIn(first, "message");
  return { reply: json(202, {}), took: { line, body: first } };
}
