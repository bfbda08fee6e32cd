/**
 * One attempt at one delivery, from asking the destination to the outcome in the table. The order matters: a message is
 * in its queue before the table says so. Whoever dies in between leaves a delivery that is tried once more, never one
 * that nobody tries.
 *
 *     taken                → delivered
 *     failed for now       → redelivery queue → queued, with the time that the next attempt is due
 *     failed for good      → dead-letter queue → dead
 */
import { DeliveryError, type Destination, type Notice } from "../destinations/destination.ts";
import { showText } from "../alerts/show-text.ts";
import type { Part, Settled } from "../state/alert-store.ts";
import { insist } from "./insist.ts";
import type { DeliveryPorts, Invocation } from "./ports.ts";

/** What is attempted. */
export type Attempt = {
  readonly notice: Notice;
  readonly part: Part;
  readonly destination: string;
  /** Who claimed it. */
  readonly owner: string;
  /** How many attempts there have been, this one included, and when the first was, in milliseconds since 1970. */
  readonly attempts: number;
  readonly since: number;
};

/** How it ended; `due` is when the next attempt may be made, in milliseconds since 1970. */
export type Ending =
  | { readonly state: "delivered" | "dead" }
  | { readonly state: "retry"; readonly reason: string; readonly due: number };

/** How long a delivery is tried again, in milliseconds, from its first attempt: a day, and the longest pause after it. */
const TRY_FOR_MS = 26 * 3_600_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Milliseconds that a destination has to say itself why it gave up at the deadline, before it is left behind. */
const GRACE_MS = 250;

/** Makes the attempt and writes its end, unless it is to be tried again: the caller knows how to wait. */
export async function attemptDelivery(
  attempt: Attempt,
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<Ending> {
  const { report, clock } = ports;
  const { notice, destination } = attempt;
  const started = clock.now();
  const told = await tell(attempt, ports, invocation.answersBy);
  const took = clock.now() - started;
  if (!("error" in told)) {
    await settle(attempt, { state: "delivered", receipt: told.receipt }, ports, invocation);
    report.delivered(notice.alert, destination, { part: attempt.part, attempts: attempt.attempts, took });
    return { state: "delivered" };
  }
  const { error } = told;
  const { message: reason } = error;
  report.deliveryFailed(notice.alert, destination, error);
  const now = clock.now();
  const end = attempt.since + TRY_FOR_MS;
  if (error.retryable && now < end) {
    const pause = Math.max(pauseAfter(attempt.attempts), error.retryAfter ?? 0);
    // However long the other side asks: the last attempt is made when trying ends.
    return { state: "retry", reason, due: Math.max(now + FIRST_PAUSE_MS, Math.min(now + pause, end)) };
  }
  await bury(attempt, reason, ports, invocation);
  return { state: "dead" };
}

/** An outcome that could not be written in time: the invocation fails, and the next one finds the delivery open. */
class NotWrittenError extends Error {
  override readonly name = "NotWrittenError";
}

/** Writes an outcome, and insists on it; counts the alert when it was the last of its outcomes. */
export async function settle(
  { notice, part, destination, owner }: Attempt,
  outcome: Settled,
  { store, clock, report }: DeliveryPorts,
  { writtenBy }: Invocation,
): Promise<void> {
  const { alert } = notice;
  const write = (): ReturnType<typeof store.settle> =>
    store.settle(alert.id, part, destination, outcome, { owner, now: clock.now(), deadline: writtenBy });
  const end = await insist(write, writtenBy, clock).catch((cause: unknown) => {
    throw new NotWrittenError(
      `that alert ${alert.id} is ${outcome.state} for ${destination} could not be written`,
      { cause },
    );
  });
  if (end !== undefined && part === "first") report.alertEnded(end);
}

async function bury(
  { notice, part, destination, owner, attempts, since }: Attempt,
  reason: string,
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<void> {
  const { id: alertId, title, severity } = notice.alert;
  const letter = {
    alertId,
    part,
    destination,
    title,
    severity,
    reason,
    attempts,
    since: new Date(since).toISOString(),
    until: new Date(ports.clock.now()).toISOString(),
  };
  const { writtenBy } = invocation;
  await insist(() => ports.bury(letter, 0, writtenBy), writtenBy, ports.clock);
  ports.report.deliveryDead(alertId, destination, reason);
  const attempt = { notice, part, destination, owner, attempts, since };
  await settle(attempt, { state: "dead", reason }, ports, invocation);
}

/** Our own pause after so many attempts, in milliseconds: doubling to an hour. */
function pauseAfter(attempts: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 20));
}

/** What a destination said to a notice, at the latest a moment after `deadline`; never rejects. */
async function tell(
  { notice, destination: id }: Pick<Attempt, "notice" | "destination">,
  { destinations, clock }: Pick<DeliveryPorts, "destinations" | "clock">,
  deadline: number,
): Promise<{ receipt: string | undefined } | { error: DeliveryError }> {
  const destination = destinations.get(id);
  if (destination === undefined) {
    const said = `there is no destination ${id} in the configuration any more`;
    return { error: new DeliveryError(said, { destination: id, retryable: false }) };
  }
  const left = deadline - clock.now();
  const late = `${id} had not answered when the invocation's time was up`;
  if (left <= 0) return { error: new DeliveryError(late, { destination: id, retryable: true }) };
  const answered = new AbortController();
  try {
    const timeUp = clock.sleep(left + GRACE_MS, answered.signal).then(() => {
      throw new DeliveryError(late, { destination: id, retryable: true });
    });
    return { receipt: await Promise.race([deliver(destination, notice, deadline), timeUp]) };
  } catch (error) {
    return { error: deliveryError(error, id) };
  } finally {
    answered.abort();
  }
}

/** Asynchronous, so that a destination that throws rejects. */
async function deliver(
  destination: Destination,
  notice: Notice,
  deadline: number,
): Promise<string | undefined> {
  return destination.deliver(notice, deadline);
}

/** Tells a destination without recording it: for what may be lost. Never rejects. */
export async function tellOnce(
  notice: Notice,
  destination: string,
  ports: Pick<DeliveryPorts, "destinations" | "clock">,
  deadline: number,
): Promise<DeliveryError | undefined> {
  const told = await tell({ notice, destination }, ports, deadline);
  return "error" in told ? told.error : undefined;
}

/** What is no DeliveryError is a mistake of ours: tried again, for the next version may have it mended. */
function deliveryError(error: unknown, destination: string): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const said =
    error instanceof Error ? showText(error.message, 300) : "something that is no error was thrown";
  return new DeliveryError(`the delivery failed: ${said}`, { destination, retryable: true, cause: error });
}
