/**
 * A rules folder as it was at a git revision, read by today's loader. Files that today's loader refuses (the format
 * may have been another one then) do not stop the comparison: the good ones are used, and of the others the problems
 * and the ids of the rules are given, so that nobody takes their alerts for new ones.
 *
 *   const then = await rulesAtRevision("rules", "origin/main", runGit);
 *   then.ruleSet.rules.length   // 32
 *   then.problems[0]?.file      // "origin/main:rules/ec2.amazonaws.com/broken.yaml"
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { loadRules } from "../../lambda/loader/load-rules.ts";
import { printable, type Problem, quote } from "../../lambda/loader/problem.ts";
import { isTestFile, listRuleFiles } from "../../lambda/loader/rule-files.ts";
import type { Git } from "./git.ts";
import { readTree, type TreeFile } from "./git-tree.ts";

/** Rules of the past. */
export type RulesAtRevision = {
  /** The revision as it was asked for, and the commit that it means. */
  readonly revision: string;
  readonly commit: string;
  readonly ruleSet: RuleSet;
  /** Errors of the rules folder then. `file` is `REV:path`, the path from the top of the repository. */
  readonly problems: readonly Problem[];
  /** Ids of the rules whose files could not be used. */
  readonly unread: readonly string[];
};

/** There are no rules of that revision; the message says why and what to do. */
export class RevisionError extends Error {
  override readonly name = "RevisionError";
}

/**
 * Reads the rules folder at a revision of the repository that the folder is in.
 * @throws RevisionError when there is no git, no repository, no such revision, or no such folder in it.
 */
export async function rulesAtRevision(dir: string, revision: string, git: Git): Promise<RulesAtRevision> {
  const shown = quote(revision);
  if (!isRevision(revision)) {
    throw new RevisionError(`${shown} is no git revision: name one such as origin/main, HEAD~1 or a commit.`);
  }
  const folder = await folderInRepository(dir, git);
  const commit = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`], {
    cwd: dir,
  });
  if (!commit.ok) {
    throw new RevisionError(
      `There is no revision ${shown} in the repository of the rules folder. "git log --oneline" shows what there is; a CI job often has the last commit only and must fetch the others first (actions/checkout: fetch-depth: 0).`,
    );
  }
  const hash = commit.stdout.toString().trim();
  const files = await readTree(git, dir, hash, folder);
  if (typeof files === "string") {
    const reason = /^not a (valid object name|tree object)/i.test(files)
      ? `There is no folder ${quote(folder)} at ${shown}.`
      : `The rules at ${shown} cannot be read: ${printable(files)}.`;
    throw new RevisionError(`${reason} Name a revision that has the rules in this place.`);
  }
  return { revision, commit: hash, ...load(files, `${revision}:${folder === "" ? "" : `${folder}/`}`) };
}

/** No git reference begins with "-", which would be an option, and none has control characters. */
function isRevision(text: string): boolean {
  return text.trim() !== "" && !text.startsWith("-") && !/\p{Cc}/u.test(text);
}

/** The path of a folder from the top of its repository, without a slash at its end; "" for the top. */
async function folderInRepository(dir: string, git: Git): Promise<string> {
  const prefix = await git(["rev-parse", "--show-prefix"], { cwd: dir });
  if (prefix.ok) return prefix.stdout.toString().replace(/\n$/, "").replace(/\/$/, "");
  if (prefix.absent) {
    throw new RevisionError("A revision is read by git, and there is no git on the PATH: install it.");
  }
  if (prefix.reason.startsWith("not a git repository")) {
    throw new RevisionError(
      `The rules folder ${quote(dir)} is in no git repository, so it has no revision to compare with.`,
    );
  }
  throw new RevisionError(`Git cannot read the repository of ${quote(dir)}: ${printable(prefix.reason)}.`);
}

/** Lays the files into a folder that lives for this call only, because the loader reads folders. */
function load(
  files: readonly TreeFile[],
  place: string,
): Pick<RulesAtRevision, "ruleSet" | "problems" | "unread"> {
  const temporary = mkdtempSync(join(tmpdir(), "rules-at-revision-"));
  try {
    const refused = files.flatMap((file) => layDown(temporary, file));
    const { ruleSet, problems } = loadRules(temporary);
    const loaded = new Set(ruleSet.rules.map(({ id }) => id));
    const without = new Set(refused.map(({ file }) => file));
    const { entries } = listRuleFiles(temporary);
    const named = (text: string): string =>
      text.replaceAll(temporary + sep, place).replaceAll(temporary, place);
    return {
      ruleSet,
      // Nothing is tested at a revision: what is wrong with its tests changes no alert.
      problems: [...refused, ...problems.filter(({ file }) => !without.has(file))]
        .filter(({ file, severity }) => severity === "error" && !isTestFile(file))
        .map((problem) => placed(problem, named)),
      unread: entries.flatMap(({ kind, id, misplaced }) =>
        kind === "rule" && !misplaced && !loaded.has(id) ? [id] : [],
      ),
    };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The problem with the names that people know its files by. */
function placed(problem: Problem, named: (text: string) => string): Problem {
  const { file, message, cure } = problem;
  return { ...problem, file: named(file), message: named(message), cure: named(cure) };
}

/** Writes a file; gives the problem of one that has no content, or whose path would lead out of the folder. */
function layDown(folder: string, file: TreeFile): Problem[] {
  const path = join(folder, file.path);
  const about = (message: string): Problem[] => [
    {
      file: path,
      line: 1,
      column: 1,
      severity: "error",
      message,
      cure: "Compare with a revision that has the file.",
    },
  ];
  if (!path.startsWith(folder + sep)) return about("The path of this file leads out of the rules folder.");
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Without content it is still a rule that is there, and must not count as absent.
    writeFileSync(path, "content" in file ? file.content : "");
    return "content" in file ? [] : about(file.problem);
  } catch (error) {
    return about(`The file cannot be laid down: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
