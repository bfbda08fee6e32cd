/** Runs one script with the Node at hand, to its end, and gives what it printed. */
import { spawn } from "node:child_process";

/** How a script ended. */
export type Finished = {
  /** 1 when it was ended by a signal or could not be started. */
  readonly exitCode: number;
  readonly stdout: string;
  /** All that it printed, in the order in which it came; empty when it went to the screen. */
  readonly text: string;
  readonly seconds: number;
};

/** Where and how long a script runs. */
export type Surroundings = {
  readonly cwd: string;
  /** Added to this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether its text goes straight to the screen. */
  readonly live?: boolean;
  /** Seconds after which it is ended: a script that hangs must fail, not stop all others. */
  readonly limit: number;
};

/**
 * Runs a script; never rejects.
 * @param args the script and its arguments
 */
export async function execute(args: readonly string[], around: Surroundings): Promise<Finished> {
  const began = performance.now();
  const to = around.live === true ? "inherit" : "pipe";
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: around.cwd,
      stdio: ["ignore", to, to],
      env: { ...process.env, ...around.env },
    });
    let stdout = "";
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      stdout += piece;
      text += piece;
    });
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    const timer = setTimeout(() => {
      text += `It did not end within ${around.limit} s and was stopped.\n`;
      child.kill("SIGKILL");
    }, around.limit * 1000);
    const finish = (exitCode: number): void => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, text, seconds: (performance.now() - began) / 1000 });
    };
    child.once("error", (error) => {
      text += `${error.message}\n`;
      finish(1);
    });
    child.once("close", (code) => finish(code ?? 1));
  });
}
