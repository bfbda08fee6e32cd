/**
 * The timer of a window, made with its first repeat: a window of one record needs no summary. It runs out when records
 * may be expected to be there, also for records that were late themselves.
 */
import { hash } from "node:crypto";
import { insist } from "../delivery/insist.ts";
import type { Counting } from "./counting.ts";
import { CLOSE_AFTER_MS } from "./policy.ts";
import type { ClosePayload, DedupPorts } from "./ports.ts";
import type { Window } from "./windows.ts";

/** How long Scheduler may hold up a repeat, in milliseconds. */
const PATIENCE_MS = 2_000;

/** Makes the timer. When that fails, it says so and gives the error back: no alert waits for it, but it must be tried again. */
export async function scheduleClose(
  { pk, ports, deadline, alert }: Pick<Counting, "pk" | "ports" | "deadline" | "alert">,
  { id, alertId, reach, opened, closes }: Window,
): Promise<{ readonly error?: unknown }> {
  const payload = {
    engine: "close-window",
    partition: pk,
    window: id,
    alertId,
    reach,
    opened,
    closes,
  } as const;
  const until = Math.min(deadline, ports.clock.now() + PATIENCE_MS);
  const make = (): Promise<void> =>
    ports.schedule(timerName(payload), closeTime(payload, ports), payload, until);
  try {
    await insist(make, until, ports.clock);
    return {};
  } catch (error) {
    ports.failed("making the timer for the summary of its repeats", alert, error);
    return {
      error: new Error(`no timer could be made for the summary of alert ${alertId}`, { cause: error }),
    };
  }
}

/** When a window is closed, in milliseconds since 1970. */
function closeTime({ closes }: Pick<ClosePayload, "closes">, { clock }: Pick<DedupPorts, "clock">): number {
  return Math.max(closes, clock.now()) + CLOSE_AFTER_MS;
}

/** One name a window, so that it has one timer. */
export function timerName({ partition, window }: Pick<ClosePayload, "partition" | "window">): string {
  return `cloudtrail-engine-${hash("sha256", `${partition} ${window}`).slice(0, 40)}`;
}
