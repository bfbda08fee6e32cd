/**
 * The process that a local function runs in: how it is started, asked and ended.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { LocalFunctionSpec } from "./local-stack.ts";

const PROCESS = fileURLToPath(new URL("lambda-process.mjs", import.meta.url));
/** Lambda gives a function ten seconds to load ("Understanding the Lambda execution environment lifecycle"). */
const INIT_LIMIT_MS = 10_000;

/** How the process is started. */
export type ProcessOptions = {
  readonly spec: LocalFunctionSpec;
  /** The unpacked asset. */
  readonly folder: string;
  /** What the Lambda runtime sets beside the template's own variables. */
  readonly runtimeEnvironment: Readonly<Record<string, string>>;
  /** Gets each line that the function prints. */
  onLog(line: string): void;
};

/** Why an invocation failed, as Lambda reports it. */
export type InvocationError = {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
};

/** What the process says: that it is ready, or how an invocation went. */
export type Reply = {
  readonly requestId?: string;
  readonly ready?: boolean;
  readonly ok?: boolean;
  /** What the function returned. */
  readonly value?: unknown;
  readonly error?: InvocationError;
};

/** Starts the process with exactly the environment given. Rejects when the function does not load. */
export async function startProcess(options: ProcessOptions): Promise<ChildProcess> {
  const { spec, folder, runtimeEnvironment } = options;
  const child = fork(PROCESS, [folder, spec.handler], {
    env: { ...spec.environment, ...runtimeEnvironment },
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", (line) => options.onLog(line));
  }
  const reply = await ask(child, INIT_LIMIT_MS, ({ ready }) => ready !== undefined);
  if (typeof reply === "object" && reply.ready === true) return child;
  await ended(child);
  const reason = typeof reply === "object" ? reply.error?.errorMessage : reply;
  throw new Error(`the function ${spec.name} does not start: ${reason ?? "no reason given"}`);
}

/** Sends a message, if one is given, and waits for a reply that `matches`, for the end of the process, or for the time limit. */
export function ask(
  child: ChildProcess,
  limit: number,
  matches: (reply: Reply) => boolean,
  question?: { readonly requestId: string },
): Promise<Reply | "ended" | "timeout"> {
  return new Promise((resolve) => {
    const finish = (result: Reply | "ended" | "timeout") => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onEnd);
      resolve(result);
    };
    const onMessage = (message: unknown) => {
      if (matches(message as Reply)) finish(message as Reply);
    };
    const onEnd = () => finish("ended");
    const timer = setTimeout(() => finish("timeout"), limit);
    child.on("message", onMessage);
    child.on("exit", onEnd);
    if (!child.connected) return onEnd();
    // A message that cannot be sent is followed by the process's exit, which is waited for.
    if (question !== undefined) child.send(question, () => {});
  });
}

/** Ends a process and waits until it has ended. */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
