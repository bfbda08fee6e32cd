/**
 * Walks a rules folder and says what each file in it is. The path carries meaning (folder = eventSource, path = id),
 * so a file in the wrong place is a rule that never fires: nothing is passed over in silence but dot files.
 *
 *   rules/ec2.amazonaws.com/security-group-opened.yaml        a rule
 *   rules/ec2.amazonaws.com/security-group-opened.test.yaml   its test
 *   rules/_conditions/by-hand.yaml                            a shared condition; likewise _lists, _suppressions
 */
import { readdirSync, realpathSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { basename, join, relative } from "node:path";
import { isEventSource, misnamedEventSource, nearestEventSource } from "./event-source.ts";
import { didYouMean } from "../words/nearest.ts";
import type { Problem } from "./problem.ts";
import { quote } from "./problem.ts";

/** What the folders beside those of rules hold. */
type SharedKind = "condition" | "list" | "suppression";

/** A file that belongs where it is. */
export type RuleFileEntry = {
  readonly kind: "rule" | "test" | SharedKind;
  /** Path as the caller would open it. */
  readonly file: string;
  /** The id of the rule (also of a test's rule), or the name of the shared condition, list or suppression. */
  readonly id: string;
  /** null for `_global`. */
  readonly eventSource: string | null;
  /** In a folder that is no eventSource: checked for its own problems, but never part of the rule set. */
  readonly misplaced: boolean;
};

/** What `engine docs` writes into the rules folder. */
export const CATALOGUE = "CATALOGUE.md";

/** The folder of rules that see every eventSource. */
export const GLOBAL_FOLDER = "_global";
/** Folders of what rules share, what lies in them, and how its files are called. */
const SHARED_FOLDERS: ReadonlyMap<string, { readonly kind: SharedKind; readonly called: string }> = new Map([
  ["_conditions", { kind: "condition", called: "Shared conditions" }],
  ["_lists", { kind: "list", called: "Lists" }],
  ["_suppressions", { kind: "suppression", called: "Suppressions" }],
]);

const SPECIAL = [GLOBAL_FOLDER, ...SHARED_FOLDERS.keys()];
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const EXTENSION = /(\.test)?\.(?:yaml|yml|json)$/;

/** Whether a file of this path is, or is meant as, the test of a rule. */
export function isTestFile(path: string): boolean {
  return EXTENSION.exec(path)?.[1] !== undefined;
}

type Walk = { readonly entries: RuleFileEntry[]; readonly problems: Problem[] };

/** Lists the files of a rules folder, in the order of their paths, and reports those that have no business there. */
export function listRuleFiles(dir: string): Walk {
  const walk: Walk = { entries: [], problems: [] };
  const names = list(walk, dir);
  const folders = names.filter((name) => isEventSource(name));
  for (const name of names) {
    const path = join(dir, name);
    const stats = look(walk, path);
    if (stats === undefined) continue;
    if (stats.isDirectory()) visitFolder(walk, dir, name, folders);
    else if (!name.endsWith(".schema.json") && !isReadme(name) && name !== CATALOGUE) {
      complain(
        walk,
        path,
        "This file lies beside the folders of rules.",
        "Move it into the folder of its eventSource, e.g. ec2.amazonaws.com/.",
      );
    }
  }
  return walk;
}

function visitFolder(walk: Walk, dir: string, name: string, folders: readonly string[]): void {
  const path = join(dir, name);
  if (!SPECIAL.includes(name) && !isEventSource(name)) {
    complain(walk, path, `${quote(name)} is no eventSource.`, folderCure(name, folders));
    if (name.startsWith("_")) return;
  }
  if (!relative(realpathSync(path), realpathSync(dir)).startsWith("..")) {
    complain(walk, path, "This symbolic link leads back to the rules folder.", "Delete the link.");
    return;
  }
  const right = misnamedEventSource(name);
  if (right !== undefined) {
    const message = `CloudTrail writes ${right}, not ${name}: rules here would never be tried.`;
    complain(walk, path, message, `Rename the folder to ${right}.`, "warning");
  }
  for (const inner of list(walk, path)) visitFile(walk, name, inner, join(path, inner));
}

function visitFile(walk: Walk, folder: string, name: string, path: string): void {
  const stats = look(walk, path);
  if (stats === undefined || isReadme(name)) return;
  const extension = EXTENSION.exec(name);
  const stem = extension === null ? name : name.slice(0, extension.index);
  const shared = SHARED_FOLDERS.get(folder);
  if (stats.isDirectory()) {
    complain(
      walk,
      path,
      "Rules lie directly in the folder of their eventSource, not in folders below it.",
      "Move its files up.",
    );
  } else if (!stats.isFile()) {
    complain(walk, path, "This is no regular file.", "Replace it by one, or delete it.");
  } else if (extension === null) {
    complain(
      walk,
      path,
      `${quote(name)} is no rule: rules end in .yaml, .yml or .json.`,
      "Rename it, or move it out of the rules folder.",
    );
  } else if (!isRuleName(stem)) {
    const better = nearestRuleName(stem);
    const cure =
      better === "" ? "Name it in lower-case words with hyphens." : `Rename it to ${better}${extension[0]}.`;
    complain(walk, path, badRuleName(stem), cure);
  } else if (shared !== undefined) {
    if (extension[1] === undefined)
      walk.entries.push({ kind: shared.kind, file: path, id: stem, eventSource: null, misplaced: false });
    else
      complain(
        walk,
        path,
        `${shared.called} have no tests of their own.`,
        "Test them through a rule that uses them.",
      );
  } else {
    const kind = extension[1] === undefined ? "rule" : "test";
    const eventSource = folder === GLOBAL_FOLDER ? null : folder;
    const misplaced = eventSource !== null && !isEventSource(folder);
    walk.entries.push({ kind, file: path, id: `${folder}/${stem}`, eventSource, misplaced });
  }
}

/** Whether a file of this name, without its extension, makes a valid id. */
export function isRuleName(name: string): boolean {
  return KEBAB.test(name) && name.length <= 100;
}

/** What is wrong with a name that makes no valid id. */
export function badRuleName(name: string): string {
  return `${quote(name)} makes no valid id: only a-z, 0-9 and single hyphens between them.`;
}

/** The valid name that is nearest to one that is not; empty when nothing of it can stay. */
export function nearestRuleName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 100)
    .replace(/^-+|-+$/g, "");
}

function folderCure(name: string, folders: readonly string[]): string {
  if (name.startsWith("_"))
    return didYouMean(
      name,
      SPECIAL,
      `Folders with an underscore are ${SPECIAL.slice(0, -1).join(", ")} and ${SPECIAL.at(-1)}.`,
    );
  const meant = nearestEventSource(name, folders);
  return meant === undefined
    ? "Name the folder as CloudTrail writes the eventSource, e.g. ec2.amazonaws.com."
    : `Rename the folder to ${meant}.`;
}

function isReadme(name: string): boolean {
  return /^readme(\.md)?$/i.test(name);
}

/** The names in a folder, sorted by code unit so that the order is the same on every machine; without dot files. */
function list(walk: Walk, dir: string): string[] {
  try {
    const names = readdirSync(dir).filter((name) => !name.startsWith("."));
    return names.toSorted((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    complain(
      walk,
      dir,
      `The folder cannot be read: ${reasonOf(error)}.`,
      "Check the path and its permissions.",
    );
    return [];
  }
}

function look(walk: Walk, path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const cure =
      codeOf(error) === "ELOOP" || codeOf(error) === "ENOENT"
        ? "Mend or delete the symbolic link."
        : "Check its permissions.";
    complain(walk, path, `${quote(basename(path))} cannot be read: ${reasonOf(error)}.`, cure);
    return undefined;
  }
}

function complain(
  walk: Walk,
  file: string,
  message: string,
  cure: string,
  severity: Problem["severity"] = "error",
): void {
  walk.problems.push({ file, line: 1, column: 1, severity, message, cure });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "its symbolic links go in a circle",
  ENOTDIR: "it is a file, not a folder",
  EISDIR: "it is a folder, not a file",
};

/** Why a file or folder cannot be read, in words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return (
    (code === undefined ? undefined : REASONS[code]) ??
    (error instanceof Error ? error.message : String(error))
  );
}
