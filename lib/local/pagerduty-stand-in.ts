/**
 * A stand-in for PagerDuty's Events API v2. It keeps which incidents there are: a trigger on one that is not resolved is
 * told in its log, and what is done to one that does not exist is taken and changes nothing, as PagerDuty does it.
 */
import type { LocalRequest } from "./local-server.ts";
import { LOCAL_SECRETS } from "./local-secrets.ts";
import { json, objectIn, textIn } from "./stand-in.ts";
import type { Judgement, Medium } from "./stand-in.ts";

/** PagerDuty takes events of 512 KB. */
const MAX_BYTES = 512_000;

/** PagerDuty without incidents yet. */
export function makePagerDutyMedium(): Medium {
  const open = new Set<string>();
  return {
    contentTypes: ["application/json"],
    limit: 1_048_576,
    judge: (request) => judgeEvent(request, open),
  };
}

function judgeEvent({ method, path, body }: LocalRequest, open: Set<string>): Judgement {
  if (method !== "POST" || path !== "/v2/enqueue") return { reply: json(404, { status: "not found" }) };
  if (Buffer.byteLength(body) > MAX_BYTES) return { reply: json(413, { status: "too large" }) };
  const event = objectIn(body);
  const errors = [
    ...(textIn(event, "routing_key") === LOCAL_SECRETS.routingKey ? [] : ["invalid routing key"]),
    ...(textIn(event, "payload", "summary") === "" ? ["payload.summary is required"] : []),
    ...(["trigger", "acknowledge", "resolve"].includes(textIn(event, "event_action"))
      ? []
      : ["event_action is invalid"]),
  ];
  if (event === undefined || errors.length > 0)
    return { reply: json(400, { status: "invalid event", errors }) };
  const { routing_key: _, ...kept } = event;
  return {
    reply: json(202, { status: "success", dedup_key: textIn(event, "dedup_key") }),
    took: {
      line: `${did(textIn(event, "event_action"), textIn(event, "dedup_key"), open)}: ${textIn(event, "payload", "summary")}`,
      body: kept,
    },
  };
}

/** What an event does to its incident, in PagerDuty's words. */
function did(action: string, incident: string, open: Set<string>): string {
  const isOpen = open.has(incident);
  if (action === "trigger") {
    open.add(incident);
    return isOpen ? "(in the log) trigger" : action;
  }
  if (action === "resolve") open.delete(incident);
  return isOpen ? action : `(no incident) ${action}`;
}
