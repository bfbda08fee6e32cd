/**
 * A thread that runs jq programs one at a time, each within a time; one that takes longer is ended with its thread, for
 * jq knows no other way to be stopped. The next program gets a new thread.
 *
 *     const thread = makeJqThread();
 *     await thread.run("[.a]", '{"a":1}', 200)   // { kind: "ended", stdout: "[1]", stderr: "", exitCode: 0 }
 *
 * An idle thread keeps no process alive.
 */
import { Worker } from "node:worker_threads";
import { isObject } from "../record/untrusted.ts";

/** How a program ended. */
export type JqRun =
  | { readonly kind: "ended"; readonly stdout: string; readonly stderr: string; readonly exitCode: number }
  | { readonly kind: "late" }
  /** jq itself broke (out of memory, out of stack), or its thread cannot be started. */
  | { readonly kind: "broken"; readonly reason: string; readonly started: boolean };

/** Runs programs, in the order in which they are asked for. */
export type JqThread = {
  /**
   * Runs a program on one input; never rejects.
   * @param limit in milliseconds, from when the thread takes it up
   */
  run(program: string, input: string, limit: number): Promise<JqRun>;
  /** Ends the thread. */
  close(): Promise<void>;
};

/** The file of the thread: beside this one in the sources, and beside the bundle in the Lambda. */
export const WORKER_FILE = new URL("./jq-worker.mjs", import.meta.url);
/** Nothing of this process: not its environment, not its flags (a loader of a development tool would slow it down). */
export const SURROUNDINGS = { env: {}, execArgv: [], argv: [] };
/** Milliseconds in which a thread must be ready: it reads and compiles 0.9 MB. */
const START_LIMIT = 10_000;

type Live = { readonly worker: Worker; readonly ready: Promise<string | undefined> };

/** Starts no thread until it is asked to run something. */
export function makeJqThread(): JqThread {
  let live: Live | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function end(): Promise<unknown> {
    const ending = live?.worker.terminate() ?? Promise.resolve();
    live = undefined;
    return ending;
  }

  async function runNow(program: string, input: string, limit: number): Promise<JqRun> {
    live ??= start();
    const { worker, ready } = live;
    worker.ref();
    const problem = await ready;
    if (problem !== undefined) {
      await end();
      return { kind: "broken", reason: problem, started: false };
    }
    const answer = await within(worker, limit, () => worker.postMessage({ program, input }, []));
    if (answer.kind === "ended") worker.unref();
    else await end();
    return answer;
  }

  return {
    run(program, input, limit) {
      const next = last.then(() => runNow(program, input, limit));
      last = next;
      return next;
    },
    async close() {
      await last;
      await end();
    },
  };
}

function start(): Live {
  const worker = new Worker(WORKER_FILE, SURROUNDINGS);
  const ready = new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve("its thread did not start in time"), START_LIMIT);
    const done = (problem?: string): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    worker.once("message", () => done());
    // Without a listener an error of the thread would end the process.
    worker.on("error", (error: unknown) => done(error instanceof Error ? error.message : String(error)));
    worker.once("exit", () => done("its thread ended"));
  });
  return { worker, ready };
}

function within(worker: Worker, limit: number, ask: () => void): Promise<JqRun> {
  return new Promise((resolve) => {
    const done = (run: JqRun): void => {
      clearTimeout(timer);
      worker.off("message", onMessage);
      worker.off("exit", onExit);
      worker.off("error", onError);
      resolve(run);
    };
    const onMessage = (answer: unknown): void => done(readRun(answer));
    const onExit = (): void => done({ kind: "broken", reason: "its thread ended", started: true });
    const onError = (error: unknown): void =>
      done({ kind: "broken", reason: error instanceof Error ? error.message : String(error), started: true });
    const timer = setTimeout(() => done({ kind: "late" }), limit);
    worker.on("message", onMessage);
    worker.on("exit", onExit);
    worker.on("error", onError);
    ask();
  });
}

/** Reads what the thread answers. */
export function readRun(answer: unknown): JqRun {
  if (isObject(answer)) {
    const { stdout, stderr, exitCode, crash } = answer;
    if (typeof stdout === "string" && typeof stderr === "string" && typeof exitCode === "number")
      return { kind: "ended", stdout, stderr, exitCode };
    if (typeof crash === "string") return { kind: "broken", reason: crash, started: true };
  }
  return { kind: "broken", reason: "its thread answered something else", started: true };
}
