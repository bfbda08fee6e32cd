/**
 * What an import would do to the files that are there, and doing it. Nothing that a person wrote is overwritten unless
 * they say so; a rule that stays as it is keeps its test too, for the two belong together.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { lineDiff } from "./line-diff.ts";
import { destinationsObject, mergeDestinations } from "./merge-config.ts";
import { type Imported, Refusal, type Remark } from "./model.ts";
import type { ImportReport } from "./report-schema.ts";
import type { Staged } from "./stage.ts";

/** The same rule may be written under other extensions. */
const OTHER_NAMES = [".yml", ".json"];

/** Where an import goes, and how. */
export type Target = {
  readonly into: string;
  /** The cdk.json for destinations; undefined when they are only shown. */
  readonly config: string | undefined;
  readonly force: boolean;
};

/** The report, and the files to write, by path. */
export type Plan = { readonly report: ImportReport; readonly writes: ReadonlyMap<string, string> };

/** Compares what was staged with what is there. Reads files, writes none. */
export function planImport(
  format: ImportReport["format"],
  imported: Imported,
  staged: Staged,
  target: Target,
): Plan {
  const { into, force } = target;
  const writes = new Map<string, string>();
  const remarks: Remark[] = [...staged.remarks];
  const kept = new Set<string>();
  const files = staged.files.map(({ path, text, place, subject, kind }): ImportReport["files"][number] => {
    const file = join(into, path);
    const there = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    const other = OTHER_NAMES.map((extension) => file.replace(/\.yaml$/, extension)).find((one) =>
      existsSync(one),
    );
    const rule = path.replace(/\.test\.yaml$/, ".yaml");
    const differs = there !== undefined && there !== text;
    const state =
      kept.has(rule) || other !== undefined || (differs && !force)
        ? "kept"
        : there === undefined
          ? "new"
          : differs
            ? "changed"
            : "same";
    if (state === "kept" && kind !== "test") {
      kept.add(path);
      const message =
        other === undefined
          ? `${file} is there already and differs: it is kept. --force overwrites it.`
          : `${other} is there already and has the same id: it is kept. Delete it first.`;
      remarks.push({ kind: "refused", ...place, subject, message });
    }
    if (state === "new" || state === "changed") writes.set(file, text);
    return {
      path: file,
      state,
      from: place,
      text,
      diff: there === undefined ? [] : [...lineDiff(there, text)],
    };
  });
  const config = planConfig(imported, target, remarks, writes);
  const count = (kind: string): number =>
    staged.files.filter((file, at) => file.kind === kind && files[at]?.state !== "kept").length;
  const report: ImportReport = {
    format,
    into,
    written: false,
    rules: count("rule"),
    tests: count("test"),
    lists: count("list"),
    refused: remarks.filter(({ kind }) => kind === "refused").length,
    files,
    destinations: destinationsObject(imported.destinations) as ImportReport["destinations"],
    ...(config === undefined ? {} : { config }),
    commands: [...imported.commands],
    remarks: remarks.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
  };
  return { report, writes };
}

function planConfig(
  { destinations }: Imported,
  { config }: Target,
  remarks: Remark[],
  writes: Map<string, string>,
): ImportReport["config"] {
  if (config === undefined || destinations.length === 0) return undefined;
  const there = readFileSync(config, "utf8");
  const refuse = (subject: string, message: string): void =>
    void remarks.push({ kind: "refused", file: config, line: 1, subject, message });
  try {
    const { text, taken } = mergeDestinations(there, destinations);
    for (const id of taken)
      refuse(
        id,
        `engine.destinations.${id} stands for another destination there: it is kept. Rename one of the two.`,
      );
    if (text !== there) writes.set(config, text);
    return { path: config, diff: [...lineDiff(there, text)] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(config, error.message);
    return undefined;
  }
}

/** Writes the files of a plan. Throws the file system's own error when one cannot be written. */
export function writePlan({ writes }: Plan): void {
  for (const [path, text] of writes) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
