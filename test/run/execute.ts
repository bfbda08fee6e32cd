/**
 * Runs one command of an installed package to its end. Its JavaScript is started with the Node at hand, not by the
 * shell's name for it: `npm test` must use Node 24 from `node_modules` whatever the machine has, on any system.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject, textAt } from "../../lambda/record/untrusted.ts";

/** How a command ended. */
export type Finished = {
  /** 1 when it was ended by a signal or could not be started. */
  readonly exitCode: number;
  readonly stdout: string;
  /** All that it printed, in the order in which it came; empty when it went to the screen. */
  readonly text: string;
  readonly seconds: number;
};

/** What is run, and where. */
export type Command = {
  readonly root: string;
  readonly package: string;
  readonly bin: string;
  readonly args: readonly string[];
  readonly live?: true;
  /** Seconds after which it is ended: a check that hangs must fail, not stop all others. */
  readonly limit: number;
};

/** Runs a command; never rejects. */
export async function execute(command: Command): Promise<Finished> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  let script: string;
  try {
    script = scriptOf(command);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { exitCode: 1, stdout: "", text: `${reason}\nRun "npm ci" first.\n`, seconds: seconds() };
  }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...command.args], {
      cwd: command.root,
      stdio: ["ignore", command.live ? "inherit" : "pipe", command.live ? "inherit" : "pipe"],
      env: withOwnNode(command.root),
    });
    let stdout = "";
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      stdout += piece;
      text += piece;
    });
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    const timer = setTimeout(() => {
      text += `It did not end within ${command.limit} s and was stopped.\n`;
      child.kill("SIGKILL");
    }, command.limit * 1000);
    const finish = (exitCode: number): void => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, text, seconds: seconds() });
    };
    child.once("error", (error) => {
      text += `${error.message}\n`;
      finish(1);
    });
    child.once("close", (code) => finish(code ?? 1));
  });
}

/** The file behind a package's command. */
function scriptOf({ root, package: name, bin }: Command): string {
  const manifest = join(root, "node_modules", name, "package.json");
  const found = JSON.parse(readFileSync(manifest, "utf8")) as unknown;
  const file = isObject(found) && typeof found.bin === "string" ? found.bin : textAt(found, "bin", bin);
  if (file === undefined) throw new Error(`${manifest} has no command ${bin}`);
  return join(dirname(manifest), file);
}

/** Commands that start `node` by name (launchers, tests) get the same Node. */
function withOwnNode(root: string): NodeJS.ProcessEnv {
  const separator = process.platform === "win32" ? ";" : ":";
  const path = [dirname(process.execPath), join(root, "node_modules", ".bin"), process.env.PATH ?? ""];
  return { ...process.env, PATH: path.join(separator) };
}
