/** A stand-in for PagerDuty's Events API v2. */
import { LOCAL_SECRETS } from "./local-secrets.ts";
import { json, objectIn, textIn } from "./stand-in.ts";
import type { Medium } from "./stand-in.ts";

/** PagerDuty takes events of 512 KB. */
const MAX_BYTES = 512_000;

/** PagerDuty. */
export const PAGERDUTY: Medium = {
  contentTypes: ["application/json"],
  limit: 1_048_576,
  judge: ({ method, path, body }) => {
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
        line: `${textIn(event, "event_action")}: ${textIn(event, "payload", "summary")}`,
        body: kept,
      },
    };
  },
};
