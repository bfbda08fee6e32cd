/**
 * A Lambda function on this machine: the bundled asset in a process of its own, with the environment that the
 * template gives it, invoked as EventBridge does: asynchronously, one at a time, tried again when it fails, and
 * handed to the on-failure destination when it fails for good. Lambda waits one and two minutes between tries; here
 * it is fractions of a second.
 */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, ended, startProcess } from "./lambda-child.ts";
import type { InvocationError, ProcessOptions } from "./lambda-child.ts";

/** Waits before the second and third try, in milliseconds. */
const RETRY_WAITS = [200, 400];

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
  /** Gets what failed for good. */
  onFailure(failure: FailureRecord): Promise<void>;
};

/** The function. Holds its process, the queue of invocations and their counts. */
export class LocalLambda {
  readonly #options: LocalLambdaOptions;
  #process: Promise<ChildProcess> | undefined;
  #turn: Promise<void> = Promise.resolve();
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
  }

  /** Takes an event as EventBridge hands it over: returns at once. */
  invoke(event: unknown): void {
    const work = this.#invokeWithRetries(event).finally(() => this.#open.delete(work));
    this.#open.add(work);
  }

  /** Resolves when every event taken so far is done with. Rejects when the on-failure destination did. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /** Starts the process, so that the first event does not wait for it. Rejects when the asset does not load. */
  async warm(): Promise<void> {
    await this.#started();
  }

  /** Ends the process. Events still waiting are dropped. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const child = await this.#process?.catch(() => undefined);
    this.#process = undefined;
    if (child !== undefined) await ended(child);
  }

  async #invokeWithRetries(event: unknown): Promise<void> {
    const { spec } = this.#options;
    const requestId = randomUUID();
    for (let tried = 0; ; tried += 1) {
      const attempt = this.#turn.then(() => this.#invokeOnce(event, requestId));
      this.#turn = attempt.then(() => undefined);
      const error = await attempt;
      if (error === undefined || this.#stopped) return;
      this.errors += 1;
      if (tried >= spec.retries) {
        this.failures += 1;
        return this.#options.onFailure(failureRecord(spec.arn, requestId, tried + 1, event, error));
      }
      await sleep(RETRY_WAITS[tried] ?? 0);
    }
  }

  /** One try; never rejects. */
  async #invokeOnce(event: unknown, requestId: string): Promise<InvocationError | undefined> {
    if (this.#stopped) return undefined;
    this.invocations += 1;
    const { spec } = this.#options;
    let child: ChildProcess;
    try {
      child = await this.#started();
    } catch (error) {
      return fault("Runtime.InitError", error instanceof Error ? error.message : String(error));
    }
    const limit = spec.timeoutSeconds * 1000;
    const message = {
      requestId,
      event,
      deadline: Date.now() + limit,
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
    return reply.ok === true ? undefined : reply.error;
  }

  #started(): Promise<ChildProcess> {
    if (this.#process === undefined) {
      const forget = () => {
        this.#process = undefined;
      };
      this.#process = startProcess(this.#options).then((child) => child.once("exit", forget));
      this.#process.catch(forget);
    }
    return this.#process;
  }
}

/** An error that the runtime raises, not the function's code. */
function fault(errorType: string, errorMessage: string): InvocationError {
  return { errorType, errorMessage, trace: [] };
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
