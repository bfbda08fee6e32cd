/**
 * What a RULE argument means: the id of a rule, its file, its test file, or a folder of rules, from wherever the command
 * is run.
 *
 *   selectRules(["rules/iam.amazonaws.com"], "rules", ids)   // the ids of all rules in it
 */
import { resolve, sep } from "node:path";
import { nearest } from "../lambda/loader/nearest.ts";
import { UsageError } from "./command.ts";

/** The ids that the arguments mean. Throws a UsageError for one that means none. */
export function selectRules(
  args: readonly string[],
  dir: string,
  ids: readonly string[],
): ReadonlySet<string> {
  const selected = args.map((arg) => {
    const path = resolve(arg).replace(/(?:\.test)?\.(?:yaml|yml|json)$/, "");
    const found = ids.filter((id) => {
      const own = resolve(dir, id);
      return (
        id === arg ||
        id.startsWith(`${arg.replace(/\/+$/, "")}/`) ||
        own === path ||
        own.startsWith(path + sep)
      );
    });
    if (found.length > 0) return found;
    const meant = nearest(arg, ids);
    const cure =
      meant === undefined
        ? "Give the id of a rule, a rule file or a folder of rules."
        : `Did you mean "${meant}"?`;
    throw new UsageError(`There is no good rule "${arg}" in ${dir}. ${cure}`);
  });
  return new Set(selected.flat());
}

/** The id that an argument means. Throws a UsageError when it means none or several. */
export function selectRule(arg: string, dir: string, ids: readonly string[]): string {
  const [id = arg, ...others] = selectRules([arg], dir, ids);
  if (others.length === 0) return id;
  throw new UsageError(`"${arg}" means ${others.length + 1} rules: name one of them, e.g. ${id}.`);
}
