/**
 * Runs schedules until one violates what must hold, or all have been run; one that fails is shrunk to the least that still
 * does, and can be run again by its seed.
 */
import * as fc from "fast-check";
import { type Schedule, schedules } from "./schedule.ts";
import { judge } from "./verdict.ts";
import { type Break, runSchedule } from "./world.ts";

/** What the schedules came to. */
export type Proof = {
  readonly schedules: number;
  readonly alerts: number;
  readonly lost: number;
  readonly repeated: number;
  readonly seed: number;
  /** The first schedule that failed, shrunk, and what was wrong with it. */
  readonly failure?: { readonly schedule: Schedule; readonly violations: readonly string[] };
};

/** Runs so many schedules; `onProgress` is told how many have been run. */
export async function prove({
  count,
  seed = Date.now() & 0x7fffffff,
  broken,
  onProgress,
}: {
  readonly count: number;
  readonly seed?: number;
  readonly broken?: Break;
  readonly onProgress?: (done: number) => void;
}): Promise<Proof> {
  const totals = { schedules: 0, alerts: 0, lost: 0, repeated: 0 };
  let failed = false;
  const property = fc.asyncProperty(schedules, async (schedule) => {
    const { alerts, lost, repeated, violations } = judge(schedule, await runSchedule(schedule, broken));
    // What shrinking runs is not counted.
    if (!failed) {
      totals.schedules++;
      totals.alerts += alerts;
      totals.lost += lost;
      totals.repeated += repeated;
      onProgress?.(totals.schedules);
    }
    failed ||= violations.length > 0;
    return violations.length === 0;
  });
  const result = await fc.check(property, { numRuns: count, seed });
  if (!result.failed || result.counterexample === null) return { ...totals, seed };
  const [schedule] = result.counterexample;
  const { violations } = judge(schedule, await runSchedule(schedule, broken));
  return { ...totals, seed, failure: { schedule, violations } };
}
