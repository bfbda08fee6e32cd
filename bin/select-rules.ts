/**
 * What a RULE argument means: the id of a rule, its file, its test file, or a folder of rules, from wherever the command
 * is run.
 *
 *   selectRules(["rules/iam.amazonaws.com"], "rules", ids)   // the ids of all rules in it
 */
import { resolve, sep } from "node:path";
import { nearest } from "../lambda/words/nearest.ts";
import { UsageError } from "./command.ts";

/** The ids that the arguments mean. Throws a UsageError for one that means none. */
export function selectRules(
  args: readonly string[],
  dir: string,
  ids: readonly string[],
): ReadonlySet<string> {
  const selected = args.map((arg) => {
    const path = resolve(arg).replace(EXTENSION, "");
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
    const bare = `/${arg.replace(EXTENSION, "")}`;
    const meant = ids.find((id) => id.endsWith(bare)) ?? nearest(arg, ids) ?? nearestByName(arg, ids);
    const cure =
      meant === undefined
        ? "Give the id of a rule, a rule file or a folder of rules."
        : `Did you mean "${meant}"?`;
    throw new UsageError(`There is no good rule "${arg}" in ${dir}. ${cure}`);
  });
  return new Set(selected.flat());
}

const EXTENSION = /(?:\.test)?\.(?:yaml|yml|json)$/;

/** The id whose name, without its folder, a bare name is a misspelling of. */
function nearestByName(arg: string, ids: readonly string[]): string | undefined {
  if (arg.includes("/")) return undefined;
  const name = nearest(arg.replace(EXTENSION, ""), [...new Set(ids.map(nameOf))]);
  return ids.find((id) => nameOf(id) === name);
}

function nameOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

/** The id that an argument means. Throws a UsageError when it means none or several. */
export function selectRule(arg: string, dir: string, ids: readonly string[]): string {
  const [id = arg, ...others] = selectRules([arg], dir, ids);
  if (others.length === 0) return id;
  throw new UsageError(`"${arg}" means ${others.length + 1} rules: name one of them, e.g. ${id}.`);
}
