/**
 * Runs one command of an installed package. Its JavaScript is started with the Node at hand, not by the shell's name
 * for it: `npm test` must use Node 24 from `node_modules` whatever the machine has, on any system.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject, textAt } from "../../lambda/record/untrusted.ts";
import { execute, type Finished } from "./execute-script.ts";

/** What is run, and where. */
export type Command = {
  readonly root: string;
  readonly package: string;
  readonly bin: string;
  readonly args: readonly string[];
  readonly live?: true;
  /** Seconds after which it is ended. */
  readonly limit: number;
};

/** Runs a command; never rejects. */
export async function executeCommand(command: Command): Promise<Finished> {
  const { root, args, live = false, limit } = command;
  let script: string;
  try {
    script = scriptOf(command);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { exitCode: 1, stdout: "", text: `${reason}\nRun "npm ci" first.\n`, seconds: 0 };
  }
  return execute([script, ...args], { cwd: root, live, limit, env: ownNode(root) });
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
function ownNode(root: string): NodeJS.ProcessEnv {
  const separator = process.platform === "win32" ? ";" : ":";
  const path = [dirname(process.execPath), join(root, "node_modules", ".bin"), process.env.PATH ?? ""];
  return { PATH: path.join(separator) };
}
