/**
 * Time that passes only when nothing else is left to do: a day of waiting takes a millisecond. What is due at one moment
 * happens in the order in which it was asked for, so a schedule runs the same way every time.
 *
 *     const time = new VirtualTime();
 *     void time.sleep(86_400_000).then(() => …);
 *     await time.run(limit)   // a day later
 */
import { setImmediate } from "node:timers";

type Timer = { readonly at: number; readonly order: number; readonly run: () => void };

/** The start of every schedule, in milliseconds since 1970. */
export const START = Date.parse("2026-11-20T00:00:00Z");

export class VirtualTime {
  #now = START;
  #order = 0;
  readonly #timers: Timer[] = [];
  readonly now = (): number => this.#now;

  /** Calls `run` in so many milliseconds; gives what takes that back. */
  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, milliseconds), order: this.#order++, run };
    let at = this.#timers.length;
    while (at > 0 && isLater(this.#timers[at - 1], timer)) at--;
    this.#timers.splice(at, 0, timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place >= 0) this.#timers.splice(place, 1);
    };
  }

  readonly sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const cancel = this.after(milliseconds, resolve);
      signal?.addEventListener("abort", () => {
        cancel();
        reject(new Error("the sleep was called off"));
      });
    });

  /** Lets time pass until nothing is left to happen; false when there is more after `limit` moments. */
  async run(limit: number): Promise<boolean> {
    for (let moments = 0; moments < limit; moments++) {
      // All promises that can go on do so first.
      await new Promise<void>((resolve) => setImmediate(resolve));
      const next = this.#timers[0];
      if (next === undefined) return true;
      this.#now = next.at;
      while (this.#timers[0]?.at === next.at) this.#timers.shift()?.run();
    }
    return false;
  }
}

function isLater(a: Timer | undefined, b: Timer): boolean {
  return a !== undefined && (a.at > b.at || (a.at === b.at && a.order > b.order));
}
