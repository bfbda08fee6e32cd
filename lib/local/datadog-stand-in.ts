/**
 * A stand-in for Datadog's Events API (v1), so that the local run shows that path without an account or the network.
 * It judges what it gets as Datadog does, and can be told to fail, so that one sees what the engine does then.
 */
import { serve } from "./local-server.ts";
import type { LocalReply, LocalRequest, LocalServer } from "./local-server.ts";

/** An event as Datadog took it. */
type DatadogEvent = {
  readonly title: string;
  readonly text: string;
  readonly [field: string]: unknown;
};

/** The stand-in: what it took, and how to make it fail. */
export type DatadogStandIn = LocalServer & {
  readonly events: readonly DatadogEvent[];
  /** Number of requests, taken or not. */
  requests(): number;
  /** Replies with this status from now on; 202 is Datadog's normal reply. */
  respondWith(status: number): void;
};

/** Starts the stand-in. Requests must carry `apiKey` in DD-API-KEY. */
export async function startDatadog(apiKey: string): Promise<DatadogStandIn> {
  const events: DatadogEvent[] = [];
  let requests = 0;
  let status = 202;
  const server = await serve({
    contentTypes: ["application/json"],
    limit: 1_048_576,
    answer: (request) => {
      requests += 1;
      if (status !== 202) return json(status, { errors: ["the stand-in was told to fail"] });
      const taken = judge(request, apiKey);
      if ("reply" in taken) return taken.reply;
      events.push(taken.event);
      return json(202, { status: "ok", event: { id: events.length, title: taken.event.title } });
    },
  });
  return {
    ...server,
    events,
    requests: () => requests,
    respondWith: (next) => {
      status = next;
    },
  };
}

function judge(request: LocalRequest, apiKey: string): { reply: LocalReply } | { event: DatadogEvent } {
  if (request.method !== "POST" || request.path !== "/api/v1/events") {
    return { reply: json(404, { errors: ["Not found"] }) };
  }
  if (request.headers["dd-api-key"] !== apiKey) return { reply: json(403, { errors: ["Forbidden"] }) };
  const event = parse(request.body);
  if (event === undefined) return { reply: json(400, { errors: ["title and text are required"] }) };
  if (event.text.length > 4000)
    return { reply: json(400, { errors: ["text is longer than 4000 characters"] }) };
  return { event };
}

function parse(body: string): DatadogEvent | undefined {
  try {
    const event: unknown = JSON.parse(body);
    if (typeof event !== "object" || event === null) return undefined;
    const { title, text } = event as Record<string, unknown>;
    return typeof title === "string" && typeof text === "string" ? { ...event, title, text } : undefined;
  } catch {
    return undefined;
  }
}

function json(status: number, body: unknown): LocalReply {
  return { status, body: JSON.stringify(body) };
}
