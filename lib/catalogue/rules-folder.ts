/**
 * What the catalogue needs to know of a rules folder beyond its rule set: the file of each thing, to link to it, and what
 * shared conditions mean, which the engine has no use for and the rule set therefore leaves out.
 *
 *   readCatalogueFiles("rules").files.get("rule ec2.amazonaws.com/vpc-changed")   // "ec2.amazonaws.com/vpc-changed.yaml"
 */
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { isObject } from "../../lambda/loader/report.ts";
import { listRuleFiles, type RuleFileEntry } from "../../lambda/loader/rule-files.ts";
import { readSource } from "../../lambda/loader/source.ts";

/** Files of a rules folder by kind and id, and the descriptions of shared conditions by name. */
export type CatalogueFiles = {
  /** Path below the rules folder, with slashes, by `<kind> <id>`. */
  readonly files: ReadonlyMap<string, string>;
  readonly meanings: ReadonlyMap<string, string>;
};

/** Reads a rules folder that was loaded without an error just before. */
export function readCatalogueFiles(dir: string): CatalogueFiles {
  const { entries } = listRuleFiles(dir);
  return {
    files: new Map(
      entries.map(({ kind, id, file }) => [`${kind} ${id}`, relative(dir, file).split(sep).join("/")]),
    ),
    meanings: new Map(
      entries.flatMap((entry) => {
        const meaning = entry.kind === "condition" ? descriptionIn(entry) : undefined;
        return meaning === undefined ? [] : [[entry.id, meaning] as const];
      }),
    ),
  };
}

function descriptionIn({ file }: RuleFileEntry): string | undefined {
  const data = readSource(file, readFileSync(file, "utf8")).source?.data;
  return isObject(data) && typeof data["description"] === "string" ? data["description"] : undefined;
}
