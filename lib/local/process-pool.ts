/**
 * The processes that a function runs in: as on Lambda each handles one event at a time and is kept between events, and
 * another is started when events wait and there are not too many yet. Short waits start none: what takes milliseconds is
 * done in order by one process.
 */
import type { ChildProcess } from "node:child_process";
import { ended, startProcess } from "./lambda-child.ts";
import type { ProcessOptions } from "./lambda-child.ts";

/** How long an event waits for a process that is there before another is started, in milliseconds. */
const PATIENCE_MS = 500;

type Waiter = { readonly take: (child: ChildProcess) => void; readonly fail: (error: unknown) => void };

/** The pool. */
export class ProcessPool {
  readonly #options: ProcessOptions;
  readonly #most: number;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #waiting: Waiter[] = [];
  #starting = 0;
  #stopped = false;

  constructor(options: ProcessOptions, most: number) {
    this.#options = options;
    this.#most = most;
  }

  /** Ids of the processes that run. */
  get pids(): number[] {
    return [...this.#all].flatMap(({ pid }) => pid ?? []);
  }

  /** A process that is the caller's until it gives it back. Rejects when none can be started. */
  take(): Promise<ChildProcess> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return Promise.resolve(idle);
    return new Promise((take, fail) => {
      const waiter = { take, fail };
      this.#waiting.push(waiter);
      if (this.#all.size + this.#starting === 0) void this.#start();
      else
        setTimeout(() => {
          if (this.#waiting.includes(waiter) && this.#all.size + this.#starting < this.#most)
            void this.#start();
        }, PATIENCE_MS).unref();
    });
  }

  /** Takes a process back; one that has ended is forgotten. */
  give(child: ChildProcess): void {
    if (!this.#all.has(child)) {
      this.#replace();
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(child);
    else next.take(child);
  }

  /** Ends all processes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#all].map((child) => ended(child)));
  }

  /** Somebody may have waited for a process that has ended. */
  #replace(): void {
    if (this.#waiting.length > 0 && this.#all.size + this.#starting === 0) void this.#start();
  }

  async #start(): Promise<void> {
    this.#starting += 1;
    try {
      const child = await startProcess(this.#options);
      this.#starting -= 1;
      if (this.#stopped) return await ended(child);
      this.#all.add(child);
      child.once("exit", () => this.#forget(child));
      this.give(child);
    } catch (error) {
      this.#starting -= 1;
      this.#waiting.shift()?.fail(error);
      this.#replace();
    }
  }

  #forget(child: ChildProcess): void {
    this.#all.delete(child);
    const at = this.#idle.indexOf(child);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#replace();
  }
}
