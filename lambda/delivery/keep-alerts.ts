/**
 * Alerts that nobody is told of, on their way into the table: beside the deliveries, which wait for none of it. What
 * cannot be kept fails the invocation in the end, as what cannot be told does, so that Lambda tries again.
 *
 *     const keeping = startKeeping(ports, invocation);
 *     keeping.keep(alert, {});
 *     failures.push(...(await keeping.failures()));
 */
import type { Alert } from "../alerts/alert-schema.ts";
import type { Kept } from "../state/keep-alert.ts";
import { insist } from "./insist.ts";
import { makeLanes } from "./lanes.ts";
import type { DeliveryPorts, Invocation } from "./ports.ts";

const KEPT_AT_ONCE = 8;
/**
 * How long a table that takes nothing is asked, in milliseconds: a flood of repeats would otherwise hold each of its
 * sandboxes for as long as it may run, and whoever must be told of something else would wait for one. Lambda tries again.
 */
const PATIENCE_MS = 10_000;

/** Keeps alerts as they come. */
export type Keeping = {
  /** Begins to keep one; `count` is how many records the alert that it repeats has by now, for the log. */
  keep(alert: Alert, kept: Kept, count?: number): void;
  /** What could not be kept, once all has been tried. */
  failures(): Promise<unknown[]>;
};

/** An alert that was not kept; the next try finds it missing. */
class NotKeptError extends Error {
  override readonly name = "NotKeptError";
}

/** Makes what keeps the alerts of one invocation. */
export function startKeeping(
  { store, clock, report, newOwner }: Pick<DeliveryPorts, "store" | "clock" | "report" | "newOwner">,
  { writtenBy }: Pick<Invocation, "writtenBy">,
): Keeping {
  const lanes = makeLanes(KEPT_AT_ONCE);
  const started: Promise<unknown[]>[] = [];
  async function keepOne(alert: Alert, kept: Kept, count: number): Promise<unknown[]> {
    const owner = newOwner();
    const until = Math.min(writtenBy, clock.now() + PATIENCE_MS);
    const write = (): Promise<boolean> =>
      store.keep(alert, kept, { owner, now: clock.now(), deadline: until });
    try {
      const isNew = await lanes(() => insist(write, until, clock));
      // What was kept before was counted then.
      if (isNew && kept.counted !== true) report.kept({ ...alert, count });
      return [];
    } catch (cause) {
      return [new NotKeptError(`alert ${alert.id} could not be kept`, { cause })];
    }
  }
  return {
    keep: (alert, kept, count = alert.count) => void started.push(keepOne(alert, kept, count)),
    failures: async () => (await Promise.all(started)).flat(),
  };
}
