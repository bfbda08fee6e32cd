/** Rules folders for tests: written to a temporary folder, so that a test shows the file it is about. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { LoadedRules, LoadOptions } from "../../../lambda/loader/load-rules.ts";
import { formatProblem, loadRules } from "../../../lambda/loader/load-rules.ts";

/** Writes the files (path below the folder → content) into a new folder that is deleted after the test. */
export function rulesDir(files: Readonly<Record<string, string | Uint8Array>>): string {
  const dir = mkdtempSync(join(tmpdir(), "rules-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return dir;
}

/** Loads the files and gives the problems as people read them, paths relative to the folder. */
export function load(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: LoadOptions = {},
): LoadedRules & { lines: string[] } {
  const dir = rulesDir(files);
  const loaded = loadRules(dir, options);
  const lines = loaded.problems.map((problem) =>
    formatProblem(problem).replaceAll(`${dir}/`, "").replaceAll(dir, "."),
  );
  return { ...loaded, lines };
}

/** A rule file with the given conditions, which begin on line 4 as flow or block YAML. */
export function rule(conditions: string): string {
  return `name: Something happened\nseverity: low\nconditions:\n${conditions.replaceAll(/^/gm, "  ")}\n`;
}

/** A shared condition, which unlike a rule may be a single comparison; it begins on line 4 too. */
export function sharedCondition(conditions: string): string {
  return `description: >\n  Something happened\nconditions:\n${conditions.replaceAll(/^/gm, "  ")}\n`;
}

/** Loads one shared condition and gives the lines of its problems, without the file's name. */
export function linesOf(conditions: string): string[] {
  const { lines } = load({ "_conditions/x.yaml": sharedCondition(conditions) });
  return lines.map((line) => line.replace("_conditions/x.yaml:", ""));
}
