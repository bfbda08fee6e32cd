/**
 * A Lambda function on this machine: the bundled asset in a process of its own, with the environment that the
 * template gives it, invoked as EventBridge does: asynchronously, tried again after one and two minutes when it fails,
 * and handed to the on-failure destination when it fails for good. Or as SQS and people do, who wait for the answer.
 */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { ask, ended } from "./lambda-child.ts";
import type { InvocationError, ProcessOptions } from "./lambda-child.ts";
import type { LocalClock } from "./local-clock.ts";
import { ProcessPool } from "./process-pool.ts";

/** Waits before the second and third try, in milliseconds. */
const RETRY_WAITS = [60_000, 120_000];
/** Most processes of one function. */
const MAX_PROCESSES = 8;

/** What Lambda sends to the on-failure destination ("Capturing records of Lambda asynchronous invocations"). */
export type FailureRecord = {
  readonly version: "1.0";
  readonly timestamp: string;
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: "RetriesExhausted";
    readonly approximateInvokeCount: number;
  };
  readonly requestPayload: unknown;
  readonly responseContext: {
    readonly statusCode: 200;
    readonly executedVersion: "$LATEST";
    readonly functionError: "Unhandled";
  };
  readonly responsePayload: InvocationError;
};

/** How a function is run. */
export type LocalLambdaOptions = ProcessOptions & {
  readonly clock: LocalClock;
  /** Gets what failed for good. */
  onFailure(failure: FailureRecord): Promise<void>;
};

/** How an invocation went. */
export type InvocationResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: InvocationError };

/** The function. Holds its processes, the queue of invocations and their counts. */
export class LocalLambda {
  readonly #options: LocalLambdaOptions;
  readonly #pool: ProcessPool;
  #stopped = false;
  readonly #open = new Set<Promise<void>>();
  /** Invocations started, tries again included. */
  invocations = 0;
  /** Tries that failed. */
  errors = 0;
  /** Invocations that failed for good. */
  failures = 0;

  constructor(options: LocalLambdaOptions) {
    this.#options = options;
    this.#pool = new ProcessPool(options, MAX_PROCESSES);
  }

  /** Ids of the processes that run. */
  get pids(): number[] {
    return this.#pool.pids;
  }

  /** Takes an event as EventBridge hands it over: returns at once. */
  invoke(event: unknown): void {
    const work = this.#invokeWithRetries(event).finally(() => this.#open.delete(work));
    this.#open.add(work);
  }

  /** Whether there is no event that was taken and is not done with. */
  get isIdle(): boolean {
    return this.#open.size === 0;
  }

  /** Resolves when every event taken so far is done with. Rejects when the on-failure destination did. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /** Invokes once and gives the answer, as for a batch of a queue; never rejects. */
  async call(event: unknown): Promise<InvocationResult> {
    const result = await this.#invokeOnce(event, randomUUID());
    if (!result.ok) this.errors += 1;
    return result;
  }

  /** Starts a process, so that the first event does not wait for it. Rejects when the asset does not load. */
  async warm(): Promise<void> {
    this.#pool.give(await this.#pool.take());
  }

  /** Ends the processes. Events still waiting are dropped. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#pool.stop();
  }

  async #invokeWithRetries(event: unknown): Promise<void> {
    const { spec, clock } = this.#options;
    const requestId = randomUUID();
    for (let tried = 0; ; tried += 1) {
      const result = await this.#invokeOnce(event, requestId);
      if (result.ok || this.#stopped) return;
      this.errors += 1;
      if (tried >= spec.retries) {
        this.failures += 1;
        return this.#options.onFailure(failureRecord(spec.arn, requestId, tried + 1, event, result.error));
      }
      await clock.sleep(RETRY_WAITS[tried] ?? 0);
    }
  }

  /** One try; never rejects. */
  async #invokeOnce(event: unknown, requestId: string): Promise<InvocationResult> {
    if (this.#stopped) return { ok: true, value: undefined };
    this.invocations += 1;
    const leave = this.#options.clock.enter();
    try {
      const child = await this.#pool.take();
      try {
        return await this.#ask(child, event, requestId);
      } finally {
        this.#pool.give(child);
      }
    } catch (error) {
      return fault("Runtime.InitError", error instanceof Error ? error.message : String(error));
    } finally {
      leave();
    }
  }

  async #ask(child: ChildProcess, event: unknown, requestId: string): Promise<InvocationResult> {
    const { spec, clock } = this.#options;
    const limit = spec.timeoutSeconds * 1000;
    const now = clock.now();
    const message = {
      requestId,
      event,
      now,
      deadline: now + limit,
      functionName: spec.name,
      functionArn: spec.arn,
    };
    const reply = await ask(child, limit, (one) => one.requestId === requestId, message);
    if (reply === "ended" || reply === "timeout") {
      await ended(child);
      return reply === "timeout"
        ? fault("Sandbox.Timedout", `Task timed out after ${spec.timeoutSeconds}.00 seconds`)
        : fault("Runtime.ExitError", "the process exited");
    }
    return reply.ok === true
      ? { ok: true, value: reply.value }
      : { ok: false, error: reply.error ?? { errorType: "unknown", errorMessage: "", trace: [] } };
  }
}

/** An error that the runtime raises, not the function's code. */
function fault(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, error: { errorType, errorMessage, trace: [] } };
}

function failureRecord(
  arn: string,
  requestId: string,
  tries: number,
  event: unknown,
  error: InvocationError,
): FailureRecord {
  return {
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId,
      functionArn: `${arn}:$LATEST`,
      condition: "RetriesExhausted",
      approximateInvokeCount: tries,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: error,
  };
}
