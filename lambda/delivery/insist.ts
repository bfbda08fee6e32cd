/**
 * Tries again until it works or time is up: for what must be written although the table or a queue hiccups, because an
 * outcome that is not written is a message sent twice, or never.
 */
import type { Clock } from "./ports.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** The result of `attempt`; rejects with its last error when the next try would come after `deadline` (ms since 1970). */
export async function insist<T>(attempt: () => Promise<T>, deadline: number, clock: Clock): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (clock.now() + pause >= deadline) throw error;
      await clock.sleep(pause);
    }
  }
}
