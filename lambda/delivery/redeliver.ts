/**
 * What the redelivery queue brings: deliveries that failed for now. A message stays in the queue until its delivery has
 * an end; waiting longer means hiding it longer. It is never sent again: Lambda's loop detection would stop a function
 * that feeds the queue that invokes it (FACTS § 9). When an attempt is due is in the table, so that two messages for one
 * delivery, which SQS may make of one, do not make two attempts of one.
 */
import { isObject, textAt } from "../record/untrusted.ts";
import { attemptDelivery, settle } from "./attempt.ts";
import { AFTER_LEASE_MS } from "./deliver-alerts.ts";
import { insist } from "./insist.ts";
import { knownSince, withKnown } from "./known-since.ts";
import type { DeliveryPorts, Invocation, Redelivery } from "./ports.ts";

/** A message of the queue, as Lambda hands it over. */
export type QueueMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
};

/** SQS hides a message for twelve hours at most from when it was received (FACTS § 9); time is left for the work. */
const LONGEST_HIDDEN_MS = 11 * 3_600_000;

/**
 * Tries every message's delivery once, side by side.
 * @returns the ids of the messages that must stay in the queue (Lambda's partial batch failure).
 */
export async function redeliver(
  messages: readonly QueueMessage[],
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<string[]> {
  const staying = await Promise.all(
    messages.map(async (message) => {
      const hideUntil = async (due: number): Promise<void> => {
        const pause = Math.max(0, Math.min(LONGEST_HIDDEN_MS, due - ports.clock.now()));
        await ports.hide(message.receiptHandle, pause, invocation.writtenBy);
      };
      try {
        return (await redeliverOne(message, hideUntil, ports, invocation)) === "done"
          ? []
          : [message.messageId];
      } catch (error) {
        // It stays, and comes again when the queue's own time for it is over.
        ports.report.redeliveryFailed(message.messageId, error);
        return [message.messageId];
      }
    }),
  );
  return staying.flat();
}

async function redeliverOne(
  { body }: QueueMessage,
  hideUntil: (due: number) => Promise<void>,
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<"done" | "stays"> {
  const { store, clock } = ports;
  const message = parse(body);
  if (message === undefined) {
    await buryMessage({ body }, "a message of the redelivery queue names no delivery", ports, invocation);
    return "done";
  }
  const { alertId, part, destination } = message;
  const owner = ports.newOwner();
  const deadline = invocation.writtenBy;
  const claim = await store.claim(alertId, part, destination, { owner, now: clock.now(), deadline });
  if (!claim.may) {
    if (claim.why === "busy") {
      await hideUntil(claim.until + AFTER_LEASE_MS);
      return "stays";
    }
    if (claim.why === "gone")
      await buryMessage(message, "the table does not have the alert any more", ports, invocation);
    return "done";
  }
  const { alert, delivery, receipt } = claim;
  const { attempts, since } = delivery;
  const late = { alert, kind: part, ...(receipt === undefined ? {} : { receipt }) };
  const notice = withKnown(late, await knownSince(alertId, ports, invocation.answersBy));
  const attempt = { notice, part, destination, owner, attempts, since };
  const ending = await attemptDelivery(attempt, ports, invocation);
  if (ending.state !== "retry") return "done";
  const { reason, due } = ending;
  const [written] = await Promise.allSettled([
    settle(attempt, { state: "queued", reason, due }, ports, invocation),
    hideUntil(due),
  ]);
  if (written.status === "rejected") throw written.reason;
  return "stays";
}

/** A message that nothing can be done for is kept where people look, with what is known of it. */
async function buryMessage(
  known: Redelivery | { readonly body: string },
  reason: string,
  { bury, clock, report }: DeliveryPorts,
  { writtenBy }: Invocation,
): Promise<void> {
  const letter = { ...known, reason, until: new Date(clock.now()).toISOString() };
  await insist(() => bury(letter, 0, writtenBy), writtenBy, clock);
  const { alertId = "unknown", destination = "unknown" }: Partial<Redelivery> =
    "alertId" in known ? known : {};
  report.deliveryDead(alertId, destination, reason);
}

/** The message, when it is one that we wrote. */
function parse(body: string): Redelivery | undefined {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return undefined;
  }
  const alertId = textAt(message, "alertId");
  const destination = textAt(message, "destination");
  const part = textAt(message, "part");
  if (!isObject(message) || alertId === undefined || destination === undefined) return undefined;
  return part === "first" || part === "summary" ? { alertId, part, destination } : undefined;
}
