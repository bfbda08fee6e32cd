/**
 * One attempt at one delivery, from asking the destination to the outcome in the table. The order matters: a message is
 * in its queue before the table says so. Whoever dies in between leaves a delivery that is tried once more, never one
 * that nobody tries.
 *
 *     taken                → delivered
 *     failed for now       → redelivery queue → queued
 *     failed for good      → dead-letter queue → dead
 */
import { showText } from "../alerts/show-text.ts";
import { DeliveryError, type Destination, type Notice } from "../destinations/destination.ts";
import type { Part, Settled } from "../state/alert-store.ts";
import { insist } from "./insist.ts";
import type { DeliveryPorts, Invocation } from "./ports.ts";

/** What is attempted. */
export type Attempt = {
  readonly notice: Notice;
  readonly part: Part;
  readonly destination: string;
  /** How many attempts there have been, this one included, and when the first was, in milliseconds since 1970. */
  readonly attempts: number;
  readonly since: number;
};

/** How it ended; `retry` names the pause that is due, in milliseconds. */
export type Ending =
  | { readonly state: "delivered" }
  | { readonly state: "dead"; readonly error: DeliveryError }
  | { readonly state: "retry"; readonly error: DeliveryError; readonly pause: number };

/** How long a delivery is tried again, in milliseconds, from its first attempt. */
const TRY_FOR_MS = 26 * 3_600_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** SQS hides a message for twelve hours at most from when it was received (FACTS § 9); minutes are left for the work. */
const LONGEST_ASKED_MS = 11 * 3_600_000;
/** Milliseconds that a destination has to say itself why it gave up at the deadline, before it is left behind. */
const GRACE_MS = 250;

/** Makes the attempt and writes its end, unless it is to be tried again: the caller knows how to wait. */
export async function attemptDelivery(
  attempt: Attempt,
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<Ending> {
  const { destinations, report, clock } = ports;
  const { notice, destination: id } = attempt;
  const destination = destinations.get(id);
  const started = clock.now();
  try {
    if (destination === undefined) {
      throw new DeliveryError(`there is no destination ${id} any more`, {
        destination: id,
        retryable: false,
      });
    }
    const receipt = await tell(destination, notice, invocation.answersBy, started);
    await settle(attempt, { state: "delivered", receipt }, ports, invocation);
    report.delivered(notice.alert, id, clock.now() - started);
    return { state: "delivered" };
  } catch (error) {
    if (error instanceof NotWrittenError) throw error;
    const failure = deliveryError(error, id);
    report.deliveryFailed(notice.alert, id, failure);
    const age = clock.now() - attempt.since;
    if (failure.retryable && age < TRY_FOR_MS) {
      return { state: "retry", error: failure, pause: pauseBefore(attempt.attempts, failure.retryAfter) };
    }
    await bury(attempt, failure, ports, invocation);
    return { state: "dead", error: failure };
  }
}

/** An outcome that could not be written in time: the invocation fails, and the next one finds the delivery open. */
export class NotWrittenError extends Error {
  override readonly name = "NotWrittenError";
}

/** Writes an outcome, and insists on it. */
export async function settle(
  { notice, part, destination }: Attempt,
  outcome: Settled,
  { store, clock }: DeliveryPorts,
  { owner, writtenBy }: Invocation,
): Promise<void> {
  const write = (): Promise<void> =>
    store.settle(notice.alert.id, part, destination, outcome, {
      owner,
      now: clock.now(),
      deadline: writtenBy,
    });
  await insist(write, writtenBy, clock).catch((cause: unknown) => {
    throw new NotWrittenError(
      `that alert ${notice.alert.id} is ${outcome.state} for ${destination} could not be written`,
      { cause },
    );
  });
}

async function bury(
  attempt: Attempt,
  { message }: DeliveryError,
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<void> {
  const { notice, part, destination, attempts, since } = attempt;
  const { id: alertId, title, severity } = notice.alert;
  const letter = {
    alertId,
    part,
    destination,
    title,
    severity,
    reason: message,
    attempts,
    since: new Date(since).toISOString(),
    until: new Date(ports.clock.now()).toISOString(),
  };
  const { writtenBy } = invocation;
  await insist(() => ports.bury(letter, 0, writtenBy), writtenBy, ports.clock);
  await settle(attempt, { state: "dead", reason: message }, ports, invocation);
  ports.report.deliveryDead(notice.alert, destination, message);
}

/** The pause before the next attempt, in milliseconds: doubling to an hour, or as long as the other side asks. */
function pauseBefore(attempts: number, asked = 0): number {
  const own = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 20));
  return Math.min(LONGEST_ASKED_MS, Math.max(own, asked));
}

async function tell(
  destination: Destination,
  notice: Notice,
  deadline: number,
  now: number,
): Promise<string | undefined> {
  const late = (): DeliveryError =>
    new DeliveryError(`${destination.id} had not answered when the invocation's time was up`, {
      destination: destination.id,
      retryable: true,
    });
  if (deadline <= now) throw late();
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), Math.min(deadline - now + GRACE_MS, 2 ** 31 - 1));
  try {
    return await Promise.race([destination.deliver(notice, deadline), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is no DeliveryError is a mistake of ours: tried again, for the next version may have it mended. */
function deliveryError(error: unknown, destination: string): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const said =
    error instanceof Error ? showText(error.message, 300) : "something that is no error was thrown";
  return new DeliveryError(`the delivery failed: ${said}`, { destination, retryable: true, cause: error });
}
