/**
 * New alerts to their destinations. Every alert is recorded before any is delivered; destinations are served side by
 * side, so that one delays no other; one destination gets a few alerts at once, the most severe first, because one
 * record may match hundreds of rules and hundreds of connections at once would be refused where eight are not.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { SEVERITIES } from "../engine/rule.ts";
import type { Part } from "../state/alert-store.ts";
import { attemptDelivery, settle } from "./attempt.ts";
import { insist } from "./insist.ts";
import type { DeliveryPorts, Invocation } from "./ports.ts";

/** An alert and the ids of the destinations it goes to. */
export type Routed = { readonly alert: Alert; readonly part: Part; readonly destinations: readonly string[] };

/** How many alerts one destination gets at once. */
export const DELIVERIES_AT_ONCE = 8;
/** SQS delays a message by a quarter of an hour at most (FACTS § 9). */
const LONGEST_DELAY_MS = 900_000;

/**
 * Delivers what nobody else has delivered, queued or is delivering.
 * @returns what could be neither delivered, nor queued, nor buried: errors, empty when all is in safe hands.
 */
export async function deliverAlerts(
  routed: readonly Routed[],
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  const urgentFirst = routed.toSorted(
    (a, b) => SEVERITIES.indexOf(b.alert.severity) - SEVERITIES.indexOf(a.alert.severity),
  );
  const jobs = new Map<string, Routed[]>();
  await inLanes(urgentFirst, async (one) => {
    const mine = await record(one, ports, invocation).catch((error: unknown) => {
      failures.push(error);
      return [];
    });
    for (const id of mine) jobs.set(id, [...(jobs.get(id) ?? []), one]);
  });
  await Promise.all(
    [...jobs].map(([id, waiting]) =>
      inLanes(waiting, async (one) => {
        await deliverOne(one, id, ports, invocation).catch((error: unknown) => failures.push(error));
      }),
    ),
  );
  return failures;
}

function record(
  { alert, part, destinations }: Routed,
  { store, clock }: DeliveryPorts,
  { owner, answersBy, writtenBy }: Invocation,
): Promise<string[]> {
  const attempt = (): Promise<string[]> =>
    store.record(alert, part, destinations, { owner, now: clock.now(), deadline: writtenBy });
  return insist(attempt, answersBy, clock);
}

async function deliverOne(
  { alert, part }: Routed,
  destination: string,
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<void> {
  const kind = part === "first" ? "first" : "summary";
  const attempt = {
    notice: { alert, kind },
    part,
    destination,
    attempts: 1,
    since: ports.clock.now(),
  } as const;
  const ending = await attemptDelivery(attempt, ports, invocation);
  if (ending.state !== "retry") return;
  const { writtenBy } = invocation;
  const message = { alertId: alert.id, part, destination };
  await insist(
    () => ports.redeliver(message, Math.min(ending.pause, LONGEST_DELAY_MS), writtenBy),
    writtenBy,
    ports.clock,
  );
  await settle(attempt, { state: "queued", reason: ending.error.message }, ports, invocation);
}

/** Works through a list, a few at once, in its order. */
async function inLanes<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = list.values();
  const lane = async (): Promise<void> => {
    for (const one of waiting) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(DELIVERIES_AT_ONCE, list.length) }, lane));
}
