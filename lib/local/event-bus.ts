/**
 * The local event bus: takes the AWS `PutEvents` call over HTTP, as the SDK and `aws events put-events
 * --endpoint-url` make it, and hands each envelope to whoever listens. It replies before the envelopes are worked
 * on, as EventBridge does.
 */
import { randomUUID } from "node:crypto";
import type { Envelope } from "../../lambda/record/record.ts";
import { refusal, serve } from "./local-server.ts";
import type { LocalReply, LocalRequest, LocalServer } from "./local-server.ts";
import { PutEventsError, readPutEvents } from "./put-events.ts";
import type { BusPlace } from "./put-events.ts";

/** How the bus is made. */
export type EventBusOptions = BusPlace & {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Takes each good envelope; must not throw. */
  onEnvelope(envelope: Envelope): void;
};

// Escaping in JSON can make 1 MB of entries into a larger body.
const BODY_LIMIT = 8 * 1_048_576;

/** Starts the bus on 127.0.0.1. */
export function startEventBus(options: EventBusOptions): Promise<LocalServer> {
  return serve({
    port: options.port ?? 0,
    contentTypes: ["application/x-amz-json-1.1", "application/x-amz-json-1.0"],
    limit: BODY_LIMIT,
    answer: (request) => answer(request, options),
  });
}

function answer(request: LocalRequest, options: EventBusOptions): LocalReply {
  if (request.method !== "POST" || request.path !== "/") {
    return refusal(
      404,
      "UnknownOperationException",
      "this is the local event bus; it takes the AWS call PutEvents, as a POST to /",
    );
  }
  const target = request.headers["x-amz-target"];
  if (target !== "AWSEvents.PutEvents") {
    return refusal(
      400,
      "UnknownOperationException",
      "the local event bus knows only PutEvents (X-Amz-Target: AWSEvents.PutEvents)",
    );
  }
  try {
    const { results, envelopes } = readPutEvents(request.body, options, new Date());
    for (const envelope of envelopes) options.onEnvelope(envelope);
    const body = {
      FailedEntryCount: results.length - envelopes.length,
      Entries: results,
      RequestId: randomUUID(),
    };
    return { status: 200, type: "application/x-amz-json-1.1", body: JSON.stringify(body) };
  } catch (error) {
    if (error instanceof PutEventsError) return refusal(400, error.code, error.message);
    throw error;
  }
}
