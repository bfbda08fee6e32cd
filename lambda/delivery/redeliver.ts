/**
 * What the redelivery queue brings: deliveries that failed for now. A message stays in the queue until its delivery has
 * an end; waiting longer means hiding it longer. It is never sent again: Lambda's loop detection would stop a function
 * that feeds the queue that invokes it (FACTS § 9).
 */
import { isObject, textAt } from "../record/untrusted.ts";
import type { Part } from "../state/alert-store.ts";
import { attemptDelivery, settle } from "./attempt.ts";
import type { DeliveryPorts, Invocation, Redelivery } from "./ports.ts";

/** A message of the queue, as Lambda hands it over. */
export type QueueMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
};

/** Hides a message for so many milliseconds from now. */
export type Hide = (receiptHandle: string, milliseconds: number, deadline: number) => Promise<void>;

/** Milliseconds between a lease's end and the next look at its delivery. */
const AFTER_LEASE_MS = 1_000;

/**
 * Tries every message's delivery once, side by side.
 * @returns the ids of the messages that must stay in the queue (Lambda's partial batch failure).
 */
export async function redeliver(
  messages: readonly QueueMessage[],
  ports: DeliveryPorts & { readonly hide: Hide },
  invocation: Invocation,
): Promise<string[]> {
  const staying = await Promise.all(
    messages.map(async (message) => {
      try {
        const pause = await redeliverOne(message, ports, invocation);
        if (pause === undefined) return [];
        await ports.hide(message.receiptHandle, pause, invocation.writtenBy);
      } catch (error) {
        // It stays, and comes again when the queue's own time for it is over.
        ports.report.redeliveryFailed(message.messageId, error);
      }
      return [message.messageId];
    }),
  );
  return staying.flat();
}

/** Milliseconds after which the delivery is due again; undefined when it has its end. */
async function redeliverOne(
  { body }: QueueMessage,
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<number | undefined> {
  const { store, clock } = ports;
  const { alertId, part, destination } = parse(body);
  const now = clock.now();
  const claim = await store.claim(alertId, part, destination, {
    owner: invocation.owner,
    now,
    deadline: invocation.writtenBy,
  });
  if (!claim.may) {
    if (claim.why === "busy") return Math.max(0, claim.until - now) + AFTER_LEASE_MS;
    if (claim.why === "gone") ports.report.redeliveryGone(alertId, destination);
    return undefined;
  }
  const { alert, delivery, receipt } = claim;
  const attempt = {
    notice: {
      alert,
      kind: part === "first" ? "first" : "summary",
      ...(receipt === undefined ? {} : { receipt }),
    },
    part,
    destination,
    attempts: delivery.attempts,
    since: delivery.since,
  } as const;
  const ending = await attemptDelivery(attempt, ports, invocation);
  if (ending.state !== "retry") return undefined;
  await settle(attempt, { state: "queued", reason: ending.error.message }, ports, invocation);
  return ending.pause;
}

/** A message that we did not write; it goes to the dead-letter queue when it has been received often enough. */
function parse(body: string): Redelivery {
  const message: unknown = JSON.parse(body);
  const alertId = textAt(message, "alertId");
  const destination = textAt(message, "destination");
  const part: Part = textAt(message, "part") === "summary" ? "summary" : "first";
  if (!isObject(message) || alertId === undefined || destination === undefined) {
    throw new TypeError("a message of the redelivery queue names no alert and destination");
  }
  return { alertId, part, destination };
}
