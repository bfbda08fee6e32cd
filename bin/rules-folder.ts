/** A rules folder that is not there is wrong use of the command line, not a finding about rules. */
import { statSync } from "node:fs";
import { UsageError } from "./command.ts";

/** Throws a UsageError when there is no such folder. */
export function requireFolder(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new UsageError(`There is no folder "${dir}". Name the folder with the rules: --rules DIR.`);
}
