/**
 * Replays records with two rule sets at once. The input is read once (it may be stdin); each side has its own event
 * patterns, so that a record which only one side's patterns let through shows as well. The side of the working tree
 * drives: it takes records one by one, and each is settled when it has been through.
 *
 *   const { tally, report } = await compare(readBatches(["trail/"]), { before, after, … });
 *   report.total   // { before: 34, after: 37, appear: 5, disappear: 2, change: 1, same: 31, … }
 */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import type { CompareReport } from "./compare-schema.ts";
import type { Differences } from "./differences.ts";
import type { Item } from "./records.ts";
import { type ReplayOptions, replay, type Tally } from "./replay.ts";

/** One rule set, ready to run. */
export type Side = Pick<ReplayOptions, "engine" | "delivering">;

/** What comparing works with and whom it tells. */
export type CompareOptions = {
  readonly before: Side;
  readonly after: Side;
  readonly at: number;
  readonly differences: Differences;
  readonly onUnreadable: ReplayOptions["onUnreadable"];
  /** Told of every rule that could not be evaluated on a record, and on which side. */
  readonly onFailedRule: (
    side: "before" | "after",
    ...about: Parameters<ReplayOptions["onFailedRule"]>
  ) => void;
  /** Told now and then how far the working tree's side has come. */
  readonly onBatch?: (tally: Tally) => void;
};

/** What the other side counted. */
type Before = { delivered: number; failed: number };

/** Replays both sides; gives the counts of the working tree's side, and those of the other that differ by side. */
export async function compare(
  batches: AsyncIterable<readonly Item[]>,
  { before, after, at, differences, onUnreadable, onFailedRule, onBatch }: CompareOptions,
): Promise<{
  readonly tally: Tally;
  readonly records: Pick<CompareReport["records"], "delivered" | "failed">;
}> {
  const then: Before = { delivered: 0, failed: 0 };
  let alerts: Alert[] = [];

  async function* settled(): AsyncGenerator<readonly Item[]> {
    for await (const batch of batches) {
      const was = await alertsByItem(batch, before, at, then, (...about) => onFailedRule("before", ...about));
      for (const item of batch) {
        alerts = [];
        yield [item];
        // Whoever asks for the next item is through with this one.
        differences.settle(was.get(item) ?? [], alerts);
      }
    }
  }

  const tally = await replay(settled(), {
    ...after,
    at,
    onAlert(alert) {
      alerts.push(alert);
      return undefined;
    },
    onUnreadable,
    onFailedRule: (...about) => onFailedRule("after", ...about),
    ...(onBatch === undefined ? {} : { onBatch }),
  });
  return {
    tally,
    records: {
      delivered: { before: then.delivered, after: tally.delivered },
      failed: { before: then.failed, after: tally.failed },
    },
  };
}

/** The alerts that a side has for each item of a batch. */
async function alertsByItem(
  batch: readonly Item[],
  side: Side,
  at: number,
  sum: Before,
  onFailedRule: ReplayOptions["onFailedRule"],
): Promise<Map<Item, Alert[]>> {
  const found = new Map<Item, Alert[]>();
  let alerts: Alert[] = [];
  async function* oneByOne(): AsyncGenerator<readonly Item[]> {
    for (const item of batch) {
      yield [item];
      if (alerts.length === 0) continue;
      found.set(item, alerts);
      alerts = [];
    }
  }
  const tally = await replay(oneByOne(), {
    ...side,
    at,
    onAlert(alert) {
      alerts.push(alert);
      return undefined;
    },
    // The other side reads the same items and says so.
    onUnreadable: () => {},
    onFailedRule,
  });
  sum.delivered += tally.delivered;
  sum.failed += tally.failed;
  return found;
}
