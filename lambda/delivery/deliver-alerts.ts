/**
 * New alerts to their destinations. An alert is recorded before it is delivered, the most severe first; its destinations
 * are served side by side, so that one delays no other; one destination gets a few alerts at once, because one record may
 * match hundreds of rules and hundreds of connections at once would be refused where eight are not.
 *
 *     await deliverAlerts([{ alert, part: "first", destinations: ["slack", "topic"] }], ports, invocation)   // []
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { SEVERITIES } from "../engine/rule.ts";
import type { WindowRef } from "../state/alert-item.ts";
import type { Part, Recorded } from "../state/alert-store.ts";
import { attemptDelivery, settle } from "./attempt.ts";
import { insist } from "./insist.ts";
import { type Known, knownSince, withKnown } from "./known-since.ts";
import { makeLanes } from "./lanes.ts";
import type { DeliveryPorts, Invocation } from "./ports.ts";

/** An alert and the ids of the destinations it goes to. */
export type Routed = {
  readonly alert: Alert;
  readonly part: Part;
  readonly destinations: readonly string[];
  /** Of a first notice: the window that it stands for. */
  readonly window?: WindowRef;
  /** Of a summary: what each destination gave back for the first notice. */
  readonly receipts?: Readonly<Record<string, string>>;
};

/** An alert that lists may not find: it was told all the same, and the next try mends it. */
class UnlistedError extends Error {
  override readonly name = "UnlistedError";
}

/** How many alerts one destination gets at once, and how many are recorded at once. */
export const DELIVERIES_AT_ONCE = 8;
/** SQS delays a message by a quarter of an hour at most (FACTS § 9); one that comes early is hidden for the rest. */
const LONGEST_DELAY_MS = 900_000;
/** Milliseconds from a lease's end to the look at what became of its delivery. */
export const AFTER_LEASE_MS = 1_000;

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
  const fail = (error: unknown): void => void failures.push(error);
  const urgentFirst = routed.toSorted(
    (a, b) => SEVERITIES.indexOf(b.alert.severity) - SEVERITIES.indexOf(a.alert.severity),
  );
  const recording = makeLanes(DELIVERIES_AT_ONCE);
  const lanes = new Map<string, ReturnType<typeof makeLanes>>();
  const laneOf = (id: string): ReturnType<typeof makeLanes> => {
    const lane = lanes.get(id) ?? makeLanes(DELIVERIES_AT_ONCE);
    lanes.set(id, lane);
    return lane;
  };
  await Promise.all(
    urgentFirst.map(async (one) => {
      const owner = ports.newOwner();
      const recorded = await recording(() => record(one, owner, ports, invocation)).catch(fail);
      if (recorded === undefined) return;
      if (recorded.isNew && one.part === "first") ports.report.alertMade();
      // Of a first notice there is nothing to know yet, and it must not wait for any.
      const known =
        one.part === "first" || recorded.mine.length === 0
          ? {}
          : await knownSince(one.alert.id, ports, invocation.answersBy);
      await Promise.all([
        ...recorded.mine.map((mine) =>
          laneOf(mine.destination)(() => deliverOne(one, known, owner, mine, ports, invocation)).catch(fail),
        ),
        ...recorded.busy.map(({ destination, until }) =>
          lookAgain(one, destination, until, ports, invocation).catch(fail),
        ),
      ]);
      const unlisted = await recorded.unlisted;
      if (unlisted !== undefined)
        fail(new UnlistedError(`alert ${one.alert.id} is in no list yet`, { cause: unlisted }));
    }),
  );
  return failures;
}

function record(
  { alert, part, destinations, window }: Routed,
  owner: string,
  { store, clock }: DeliveryPorts,
  { answersBy, writtenBy }: Invocation,
): Promise<Recorded> {
  const attempt = (): Promise<Recorded> =>
    store.record(alert, part, destinations, { owner, now: clock.now(), deadline: writtenBy }, window);
  return insist(attempt, answersBy, clock);
}

async function deliverOne(
  { alert, part, receipts }: Routed,
  known: Known,
  owner: string,
  mine: Recorded["mine"][number],
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<void> {
  const { destination } = mine;
  const receipt = receipts?.[destination];
  const notice = withKnown({ alert, kind: part, ...(receipt === undefined ? {} : { receipt }) }, known);
  const attempt = { ...mine, notice, part, owner };
  const ending = await attemptDelivery(attempt, ports, invocation);
  if (ending.state !== "retry") return;
  const { reason, due } = ending;
  await enqueue({ alertId: alert.id, part, destination }, due, ports, invocation);
  await settle(attempt, { state: "queued", reason, due }, ports, invocation);
}

/**
 * A delivery that somebody else holds: another invocation with the same record, or this one's own first try, which may
 * have died. Nobody can tell, so the queue asks when the lease is over; by then there is an end, or it is made.
 */
async function lookAgain(
  { alert, part }: Routed,
  destination: string,
  until: number,
  ports: DeliveryPorts,
  invocation: Invocation,
): Promise<void> {
  await enqueue({ alertId: alert.id, part, destination }, until + AFTER_LEASE_MS, ports, invocation);
}

async function enqueue(
  message: { readonly alertId: string; readonly part: Part; readonly destination: string },
  due: number,
  { redeliver, clock }: DeliveryPorts,
  { writtenBy }: Invocation,
): Promise<void> {
  const send = (): Promise<void> => {
    const delay = Math.max(0, Math.min(LONGEST_DELAY_MS, due - clock.now()));
    return redeliver(message, delay, writtenBy);
  };
  await insist(send, writtenBy, clock);
}
