/**
 * Whether jq itself reads an expression, for the validation of rules. Validation is synchronous and jq's loading is not,
 * so jq runs in a thread that this one waits for. Nothing is evaluated: without input jq compiles the program and ends.
 *
 *     checkSyntax("select(.a ==)")
 *     // { message: "syntax error, unexpected ')'", line: 1, column: 13 }
 */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { isObject } from "../record/untrusted.ts";
import { readRun, SURROUNDINGS, WORKER_FILE } from "./jq-thread.ts";

/** What jq has against an expression; line and column count from 1, where jq tells them. */
export type SyntaxProblem = { readonly message: string; readonly line?: number; readonly column?: number };

/** Milliseconds for jq to be loaded and to compile one expression: a machine may be very busy. */
const LIMIT = 30_000;
const AT = /^jq: error: (.*?) at <top-level>(?:, line (\d+)(?:, column (\d+))?)?:?$/s;

let worker: Worker | undefined;

/** What is wrong with an expression as a program of its own; undefined when jq takes it. */
export function checkSyntax(expression: string): SyntaxProblem | undefined {
  worker ??= start();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ program: expression, input: "", port: port2, signal }, [port2]);
  if (Atomics.wait(signal, 0, 0, LIMIT) === "timed-out") {
    void worker.terminate();
    worker = undefined;
    return { message: `jq did not answer within ${LIMIT / 1_000} s` };
  }
  const received: unknown = receiveMessageOnPort(port1);
  port1.close();
  const run = readRun(isObject(received) ? received.message : undefined);
  if (run.kind === "broken") {
    void worker.terminate();
    worker = undefined;
    return { message: `jq cannot compile it: ${run.reason}` };
  }
  if (run.kind === "ended" && run.exitCode === 0) return undefined;
  return readProblem(run.kind === "ended" ? run.stderr : "");
}

function start(): Worker {
  const made = new Worker(WORKER_FILE, SURROUNDINGS);
  // What waits for its answer has a limit of its own; without a listener an error of the thread would end the process.
  made.on("error", () => {
    worker = undefined;
  });
  made.unref();
  return made;
}

function readProblem(stderr: string): SyntaxProblem {
  const [first = ""] = stderr.split("\n");
  const found = AT.exec(first);
  if (found === null) return { message: first.replace(/^jq: error: /, "") || "jq refuses it" };
  const [, message = "", line, column] = found;
  return {
    message,
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  };
}
