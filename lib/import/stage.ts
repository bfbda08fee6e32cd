/**
 * From drafts to files that are known to be good: they are written into a copy of the rules folder, which the loader
 * then reads as it reads any. What it refuses is refused here, with its reason; what is left is tried with a test.
 *
 *   const { files, remarks } = await stage(imported, "rules");
 *   // files: [{ path: "iam.amazonaws.com/create-user.yaml", text: "…", … }, …]
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { type LoadedRules, loadRules, type Problem } from "../../lambda/loader/load-rules.ts";
import { createCaseRunner } from "../rule-tests/run-case.ts";
import { deriveTest } from "./derive-test.ts";
import type { Imported, ListDraft, Place, Remark, RuleDraft } from "./model.ts";
import { importedText } from "./rule-text.ts";

/** A file that is to be written, by its path below the rules folder. */
type StagedFile = {
  readonly path: string;
  readonly text: string;
  readonly kind: "rule" | "test" | "list";
  readonly place: Place;
  readonly subject: string;
};

/** What is to be written, and what is not. */
export type Staged = { readonly files: readonly StagedFile[]; readonly remarks: readonly Remark[] };

const MAX_ROUNDS = 5;
/** What no rules folder has in it, should somebody name another. */
const SKIPPED = /^(?:\.|node_modules$|cdk\.out$)/;

/** Makes the files of an import into a folder, which need not be there. */
export async function stage(imported: Imported, into: string): Promise<Staged> {
  const folder = mkdtempSync(join(tmpdir(), "engine-import-"));
  try {
    if (existsSync(into))
      cpSync(into, folder, {
        recursive: true,
        dereference: true,
        filter: (path) => path === into || !SKIPPED.test(basename(path)),
      });
    return await stageIn(folder, imported, into);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function stageIn(folder: string, imported: Imported, into: string): Promise<Staged> {
  const remarks: Remark[] = [...imported.remarks];
  let files = named(imported);
  let loaded: LoadedRules = {
    ruleSet: { rules: [], conditions: {}, lists: {}, suppressions: [] },
    problems: [],
    tests: [],
  };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    loaded = loadRules(folder);
    const problems = ofFiles(loaded.problems, folder);
    const bad = files.filter(({ path }) => problems.get(path)?.some(({ severity }) => severity === "error"));
    if (bad.length === 0) {
      remarks.push(
        ...files.flatMap((file) =>
          (problems.get(file.path) ?? []).map((one) => remarkOf("changed", file, one, folder, into)),
        ),
      );
      break;
    }
    for (const file of bad) {
      rmSync(join(folder, file.path));
      const first = problems.get(file.path)?.find(({ severity }) => severity === "error");
      if (first !== undefined) remarks.push(remarkOf("refused", file, first, folder, into));
    }
    files = files.filter((file) => !bad.includes(file));
  }
  return { files: await withTests(files, loaded), remarks };
}

/** A test beside each rule for which one can be found. */
async function withTests(files: readonly StagedFile[], { ruleSet }: LoadedRules): Promise<StagedFile[]> {
  const runner = createCaseRunner(ruleSet);
  const byId = new Map(ruleSet.rules.map((rule) => [rule.id, rule]));
  const result: StagedFile[] = [];
  for (const file of files) {
    result.push(file);
    const rule = file.kind === "rule" ? byId.get(file.path.replace(/\.yaml$/, "")) : undefined;
    const cases = rule === undefined ? undefined : await deriveTest(rule, runner);
    if (cases === undefined) continue;
    const path = file.path.replace(/\.yaml$/, ".test.yaml");
    result.push({ ...file, kind: "test", path, text: importedText({ cases }, "rule-test.schema.json") });
  }
  return result;
}

/** The files of an import, each under a name of its own. */
function named({ rules, lists }: Imported): StagedFile[] {
  const taken = new Set<string>();
  const unique = (folder: string, stem: string): string => {
    let path = `${folder}/${stem}.yaml`;
    for (let more = 2; taken.has(path); more++) path = `${folder}/${stem.slice(0, 95)}-${more}.yaml`;
    taken.add(path);
    return path;
  };
  const file = (
    kind: "rule" | "list",
    { place, subject, stem }: RuleDraft | ListDraft,
    folder: string,
    text: string,
  ): StagedFile => ({
    path: unique(folder, stem),
    text,
    kind,
    place,
    subject,
  });
  return [
    ...lists.map((draft) => file("list", draft, "_lists", importedText(draft.list, "list.schema.json"))),
    ...rules.map((draft) => file("rule", draft, draft.folder, importedText(draft.rule, "rule.schema.json"))),
  ];
}

function ofFiles(problems: readonly Problem[], folder: string): ReadonlyMap<string, Problem[]> {
  const result = new Map<string, Problem[]>();
  for (const problem of problems) {
    const path = relative(folder, problem.file).replaceAll("\\", "/");
    result.set(path, [...(result.get(path) ?? []), problem]);
  }
  return result;
}

function remarkOf(
  kind: Remark["kind"],
  { place, subject }: StagedFile,
  { message, cure }: Problem,
  folder: string,
  into: string,
): Remark {
  const text = `${message} ${cure}`.replaceAll(folder, into).replaceAll(basename(folder), into);
  return { kind, ...place, subject, message: text };
}
