/**
 * From a folder of rule files to a rule set, with every problem of every file. One bad file must not hide the others'
 * problems, nor take good rules with it: the command line goes on with the good ones, and synthesis, which must not
 * deploy half a rule set, looks at the problems. Those of test files stand apart: nothing of them is deployed.
 *
 *   const { ruleSet, problems } = loadRules("rules");
 *   for (const problem of problems) console.error(formatProblem(problem));
 */
import { readFileSync } from "node:fs";
import type { Condition, List, Rule, RuleSet, Suppression } from "../engine/rule.ts";
import { checkList } from "./check-list.ts";
import { checkRule, checkSharedCondition } from "./check-rule.ts";
import { checkSuppression, checkWhatTheyRestOn } from "./check-suppression.ts";
import type { RuleTestFile } from "./check-test.ts";
import { checkTest } from "./check-test.ts";
import { createListCheck } from "./list-references.ts";
import type { Problem } from "./problem.ts";
import { compareProblems, quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { createReport } from "./report.ts";
import type { RuleFileEntry } from "./rule-files.ts";
import { isTestFile, listRuleFiles, reasonOf } from "./rule-files.ts";
import type { CheckedFile } from "./shared-conditions.ts";
import { resolveReferences } from "./shared-conditions.ts";
import { readSource } from "./source.ts";

export type { PlacedCase, RuleTestFile } from "./check-test.ts";
export type { Problem } from "./problem.ts";
export { formatProblem } from "./problem.ts";

/** What a rules folder holds. `ruleSet` and `tests` hold what is good; `problems` says why the rest is not. */
export type LoadedRules = {
  readonly ruleSet: RuleSet;
  readonly problems: Problem[];
  readonly tests: RuleTestFile[];
};

/** The problems that keep a folder from being deployed: its errors, but for those of test files. */
export function errorsOfRules(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ severity, scope }) => severity === "error" && scope !== "test");
}

/** What those who only use the rules should know of errors in test files; undefined when there are none. */
export function describeTestErrors(problems: readonly Problem[]): string | undefined {
  const count = problems.filter(({ severity, scope }) => severity === "error" && scope === "test").length;
  if (count === 0) return undefined;
  return `Test files have ${count} ${count === 1 ? "error" : "errors"}, which validate and test show; the rules are used all the same.`;
}

/** Whether something in the folder is wrong: a test file, too. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === "error");
}

/** How to look at a rules folder. */
export type LoadOptions = {
  /**
   * The time in milliseconds since 1970, to warn of suppressions that end soon or have ended. Without it the same folder
   * has the same problems on every day.
   */
  readonly now?: number;
};

/** Loads a rules folder. Never throws for what is in it; problems come in the order of files and lines. */
export function loadRules(dir: string, { now }: LoadOptions = {}): LoadedRules {
  const { entries, problems } = listRuleFiles(dir);
  const unique = withoutDuplicates(entries, problems);
  const ruleIds = new Set(unique.filter(({ kind }) => kind === "rule").map(({ id }) => id));
  const shared = new Map<string, CheckedFile<Condition>>();
  const lists = new Map<string, CheckedFile<List>>();
  const suppressions: CheckedFile<Suppression>[] = [];
  const rules: CheckedFile<Rule>[] = [];
  const tests: RuleTestFile[] = [];

  for (const { kind, file, id, eventSource, misplaced } of unique) {
    const report = open(file, problems);
    if (kind === "condition") {
      shared.set(id, { file, ...(report === undefined ? {} : checkSharedCondition(report)) });
    } else if (kind === "list") {
      lists.set(id, { file, ...(report === undefined ? {} : checkList(report)) });
    } else if (report !== undefined && kind === "suppression") {
      suppressions.push({ file, ...checkSuppression(report, id, { ruleIds, now }) });
    } else if (report !== undefined && kind === "rule") {
      const { good, ...checked } = checkRule(report, id, eventSource);
      rules.push({ file, ...checked, ...(good === undefined || misplaced ? {} : { good }) });
    } else if (report !== undefined) {
      const test = checkTest(report, id, eventSource, ruleIds);
      if (test !== undefined && !misplaced) tests.push(test);
    }
  }

  const listCheck = createListCheck(lists, problems);
  const resolved = resolveReferences<Rule | Suppression>(
    new Map([...shared].map(([name, file]) => [name, listCheck.check(file)])),
    [...rules.map((file) => listCheck.check(file)), ...suppressions.map((file) => listCheck.check(file))],
    problems,
  );
  listCheck.reportUnused();
  const goodLists = [...lists].flatMap(([id, { good }]) =>
    good === undefined ? [] : ([[id, good]] as const),
  );
  const ruleSet: RuleSet = {
    rules: resolved.usable.filter((one): one is Rule => !isSuppression(one)).toSorted(byId),
    conditions: sorted(resolved.conditions),
    lists: sorted(new Map(goodLists)),
    suppressions: resolved.usable.filter(isSuppression).toSorted(byId),
  };
  checkWhatTheyRestOn(suppressions, ruleSet.suppressions, ruleSet, problems);
  return {
    ruleSet,
    problems: problems.map(withScope).toSorted(compareProblems),
    tests,
  };
}

/** Deleting a rule breaks the tests that name it: that must not keep the other rules from an account. */
function withScope(problem: Problem): Problem {
  return isTestFile(problem.file) ? { ...problem, scope: "test" } : problem;
}

/** The first of the files that make the same id; the others are problems. */
function withoutDuplicates(entries: readonly RuleFileEntry[], problems: Problem[]): RuleFileEntry[] {
  const first = new Map<string, RuleFileEntry>();
  for (const entry of entries) {
    const key = `${entry.kind} ${entry.id}`;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, entry);
      continue;
    }
    const message = `${other.file} already makes the id ${quote(entry.id)}.`;
    problems.push({
      file: entry.file,
      line: 1,
      column: 1,
      severity: "error",
      message,
      cure: "Rename or delete one of the two.",
    });
  }
  return [...first.values()];
}

function open(file: string, problems: Problem[]): Report | undefined {
  const complain = (message: string, cure: string): undefined => {
    problems.push({ file, line: 1, column: 1, severity: "error", message, cure });
  };
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return complain(`The file cannot be read: ${reasonOf(error)}.`, "Check its permissions.");
  }
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return complain("The file is not UTF-8.", "Save it as UTF-8.");
  }
  const read = readSource(file, text);
  problems.push(...read.problems);
  if (read.source === undefined) return undefined;
  const report = createReport(read.source, problems);
  return read.problems.some(({ severity }) => severity === "error") ? broken(report) : report;
}

/** A file that already has errors is checked on, for the rest of its problems, but never counts as good. */
function broken(report: Report): Report {
  return { ...report, errors: () => Math.max(report.errors(), 1) };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function isSuppression(one: Rule | Suppression): one is Suppression {
  return "expires" in one;
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}

function sorted<T>(named: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...named].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
