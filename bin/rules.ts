/**
 * Loads the rules for a verb that uses them rather than checks them: it goes on with the good ones, says what is
 * wrong with the others, and leaves it to the exit code that not all of them took part.
 */
import { statSync } from "node:fs";
import type { RuleSet } from "../lambda/engine/rule.ts";
import { formatProblem, hasErrors, loadRules } from "../lambda/loader/load-rules.ts";
import { printable } from "../lambda/loader/problem.ts";
import { UsageError } from "./command.ts";

/** The good rules of a folder, and whether they are all of them. Throws a UsageError when there is no such folder. */
export function readRules(dir: string, say: (line: string) => void): { ruleSet: RuleSet; complete: boolean } {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`There is no folder "${dir}". Name the folder with the rules: --rules DIR.`);
  }
  const { ruleSet, problems } = loadRules(dir);
  for (const problem of problems) say(formatProblem(problem));
  if (ruleSet.rules.length === 0)
    say(`There is no rule in the folder "${printable(dir)}": nothing can match.`);
  return { ruleSet, complete: !hasErrors(problems) };
}
