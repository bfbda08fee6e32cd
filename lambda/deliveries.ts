/**
 * Every alert to every destination, within the time that the invocation has. Destinations are served side by side, so
 * that one delays no other; one destination gets a few alerts at once, the most severe first, because one record may
 * match hundreds of rules and hundreds of connections at once would be refused where eight are not.
 *
 * All ends before Lambda would end it: a killed invocation has not said what it delivered. A delivery that has not
 * ended by the deadline failed, and one whose turn did not come too; the invocation's next try has both again.
 */
import type { Alert } from "./alerts/alert-schema.ts";
import { DeliveryError, type Destination } from "./destinations/destination.ts";
import { SEVERITIES } from "./engine/rule.ts";

/** How many alerts one destination gets at once. */
export const DELIVERIES_AT_ONCE = 8;
/** Milliseconds that a destination has to say itself why it gave up at the deadline, before it is left behind. */
const GRACE_MS = 250;

/** What became of one delivery; `error` is there when it failed. */
export type Outcome =
  | { readonly ok: true; readonly alert: Alert; readonly destination: string }
  | { readonly ok: false; readonly alert: Alert; readonly destination: string; readonly error: unknown };

/**
 * Tries every delivery until `deadline` (milliseconds since 1970) and tells of each as it ends; never rejects for a
 * destination's sake.
 */
export async function deliverAll(
  alerts: readonly Alert[],
  destinations: readonly Destination[],
  deadline: number,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const urgentFirst = alerts.toSorted(
    (a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity),
  );
  await Promise.all(
    destinations.map((destination) => deliverTo(destination, urgentFirst, deadline, onOutcome)),
  );
}

async function deliverTo(
  destination: Destination,
  alerts: readonly Alert[],
  deadline: number,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const waiting = alerts.values();
  const lane = async (): Promise<void> => {
    for (const alert of waiting) onOutcome(await deliverOne(destination, alert, deadline));
  };
  await Promise.all(Array.from({ length: DELIVERIES_AT_ONCE }, lane));
}

async function deliverOne(destination: Destination, alert: Alert, deadline: number): Promise<Outcome> {
  const { id } = destination;
  try {
    const left = deadline - Date.now();
    if (left <= 0) throw outOfTime(id, "no time was left for it in this invocation");
    await within(left + GRACE_MS, destination.deliver(alert, deadline), () =>
      outOfTime(id, "it had not ended when the invocation's time was up"),
    );
    return { ok: true, alert, destination: id };
  } catch (error) {
    return { ok: false, alert, destination: id, error };
  }
}

/** The result of `work`, or a failure when it has none after so many milliseconds. */
async function within(milliseconds: number, work: Promise<void>, late: () => Error): Promise<void> {
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), milliseconds);
  try {
    await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

function outOfTime(destination: string, why: string): DeliveryError {
  return new DeliveryError(`the delivery to ${destination} was given up: ${why}`, {
    destination,
    retryable: true,
  });
}
