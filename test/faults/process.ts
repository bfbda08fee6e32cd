/**
 * One invocation of the function as the outside world sees it: it makes calls, each takes a moment and may fail before or
 * after its effect, and it can die at any of them. What is dead never goes on: its promises stay open for ever.
 */
import type { Fault } from "./schedule.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How long a call takes, in milliseconds. */
const LATENCY = 10;

/** What a call is made to. */
export type Port = "table" | "queue" | "destination";

/** What happens to the next call; and what happens to calls of its port at this time. */
export type Weather = {
  nextFault(): Fault | undefined;
  outage(port: Port): "fails-before" | "fails-after" | undefined;
};

export class Process {
  alive = true;
  /** Calls of the table or a queue that failed. */
  failures = 0;
  /** When it ended, one way or another. */
  ended = 0;
  readonly started: number;
  readonly died: Promise<void>;
  #die: () => void = () => undefined;
  readonly #time: VirtualTime;
  readonly #weather: Weather;

  constructor(time: VirtualTime, weather: Weather) {
    this.#time = time;
    this.#weather = weather;
    this.started = time.now();
    this.died = new Promise((resolve) => (this.#die = resolve));
  }

  die(): void {
    this.alive = false;
    this.#die();
  }

  /** Sleeping, until death. */
  readonly sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    await this.#time.sleep(milliseconds, signal);
    if (!this.alive) await never();
  };

  /** Makes a call. */
  async call<T>(port: Port, effect: () => T): Promise<T> {
    if (!this.alive) return never();
    const fault = this.#weather.nextFault();
    const out = this.#weather.outage(port);
    await this.#time.sleep(LATENCY);
    if (!this.alive) {
      // It was on its way when the process died, and arrives all the same.
      effect();
      return never();
    }
    if (fault === "dies-before") this.die();
    if (!this.alive) return never();
    if (fault === "hangs") {
      await this.sleep(10_000);
      return this.#fail(port);
    }
    if (fault === "fails-before" || out === "fails-before") return this.#fail(port);
    const result = effect();
    if (fault === "dies-after") this.die();
    if (!this.alive) return never();
    if (fault === "fails-after" || out === "fails-after") return this.#fail(port);
    return result;
  }

  #fail(port: Port): never {
    if (port !== "destination") this.failures++;
    throw new Error("the call failed");
  }
}

/** What a dead process waits for. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
