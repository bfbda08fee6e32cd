/**
 * The rules folder as the verbs see it. A folder that is not there is wrong use of the command line, one without a rule
 * is a finding; and verbs that use rules rather than check them do nothing with half a rule set, because nothing else
 * would be deployed.
 */
import { statSync } from "node:fs";
import type { RuleSet } from "../lambda/engine/rule.ts";
import {
  describeTestErrors,
  errorsOfRules,
  formatProblem,
  hasErrors,
  type LoadedRules,
  type LoadOptions,
  loadRules,
} from "../lambda/loader/load-rules.ts";
import { counted } from "../lib/words.ts";
import { UsageError } from "./command.ts";

/** Throws a UsageError when there is no such folder. */
export function requireFolder(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new UsageError(`There is no folder "${dir}". Name the folder with the rules: --rules DIR.`);
}

/** Loads a rules folder; that it holds no rule is one of its problems. Throws a UsageError when there is no such folder. */
export function loadFolder(dir: string, options: LoadOptions = {}): LoadedRules {
  requireFolder(dir);
  const loaded = loadRules(dir, options);
  if (loaded.ruleSet.rules.length > 0 || hasErrors(loaded.problems)) return loaded;
  const message = "There are no rule files in this folder.";
  const cure = "Write one, e.g. ec2.amazonaws.com/security-group-opened.yaml, or name another folder.";
  return {
    ...loaded,
    problems: [...loaded.problems, { file: dir, line: 1, column: 1, severity: "error", message, cure }],
  };
}

/**
 * The rule set of a folder, or undefined when it must not be used: all that is wrong with it has then been said. What
 * is wrong with test files is for `validate` and `test`. Throws a UsageError when there is no such folder.
 */
export function readRules(dir: string, say: (line: string) => void): RuleSet | undefined {
  const { ruleSet, problems } = loadFolder(dir);
  for (const problem of problems) if (problem.scope !== "test") say(formatProblem(problem));
  const errors = errorsOfRules(problems);
  if (errors.length > 0) {
    say(`Nothing was done, as nothing would be deployed: the rules have ${counted(errors.length, "error")}.`);
    return undefined;
  }
  const ofTests = describeTestErrors(problems);
  if (ofTests !== undefined) say(ofTests);
  return ruleSet;
}
