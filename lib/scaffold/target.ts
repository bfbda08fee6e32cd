/**
 * Where a new rule goes: its id is its path, so the name that a person types decides what the rule sees. What the
 * loader would refuse later is refused here, with the same advice, before a file is written.
 *
 *   targetOf("ec2.amazonaws.com/key-made", "rules")   // { id, eventSource, ruleFile: "rules/ec2.amazonaws.com/key-made.yaml", … }
 *   targetOf("ec2/key-made", "rules")                 // { problem: '"ec2" is no eventSource. Did you mean …?' }
 */
import { join, relative, resolve, sep } from "node:path";
import { isEventSource, misnamedEventSource, nearestEventSource } from "../../lambda/loader/event-source.ts";
import { printable, quote } from "../../lambda/loader/problem.ts";
import {
  badRuleName,
  GLOBAL_FOLDER,
  isRuleName,
  listRuleFiles,
  nearestRuleName,
} from "../../lambda/loader/rule-files.ts";

/** A rule that can be made. */
export type Target = {
  readonly id: string;
  /** null for a rule of `_global`. */
  readonly eventSource: string | null;
  /** The id's last part. */
  readonly name: string;
  readonly ruleFile: string;
  readonly testFile: string;
};

const EXAMPLE = "ec2.amazonaws.com/security-group-opened";

/**
 * The rule that an argument names, as an id or as the path of a file in the rules folder; what is wrong, and the
 * cure, when it names none or one that is there already.
 */
export function targetOf(argument: string, dir: string): Target | { readonly problem: string } {
  const id = idOf(argument, dir);
  const slash = id.indexOf("/");
  if (slash < 1) {
    return { problem: `${quote(argument)} names no rule. Write <eventSource>/<name>, e.g. ${EXAMPLE}.` };
  }
  const folder = id.slice(0, slash);
  const name = id.slice(slash + 1);
  const problem = folderProblem(folder, name, dir) ?? nameProblem(folder, name) ?? existing(id, dir);
  if (problem !== undefined) return { problem };
  const path = join(dir, folder, name);
  return {
    id,
    eventSource: folder === GLOBAL_FOLDER ? null : folder,
    name,
    ruleFile: `${path}.yaml`,
    testFile: `${path}.test.yaml`,
  };
}

/** `rules/ec2.amazonaws.com/x.yaml` means `ec2.amazonaws.com/x`. */
function idOf(argument: string, dir: string): string {
  const inside = relative(resolve(dir), resolve(argument)).split(sep);
  const path = inside[0] === ".." || inside.length < 2 ? argument : inside.join("/");
  return path.replace(/(?:\.test)?\.(?:yaml|yml|json)$/, "");
}

function folderProblem(folder: string, name: string, dir: string): string | undefined {
  if (folder === GLOBAL_FOLDER) return undefined;
  if (folder.startsWith("_")) {
    return `${quote(folder)} holds no rules. Rules that see every eventSource are in ${GLOBAL_FOLDER}.`;
  }
  const right = misnamedEventSource(folder);
  if (right !== undefined)
    return `CloudTrail writes ${right}, not ${folder}. Did you mean ${right}/${printable(name)}?`;
  if (isEventSource(folder)) return undefined;
  const folders = listRuleFiles(dir).entries.flatMap(({ eventSource }) => eventSource ?? []);
  const meant = nearestEventSource(folder, folders);
  const cure =
    meant === undefined
      ? `Write it as CloudTrail does, e.g. ${EXAMPLE}.`
      : `Did you mean ${meant}/${printable(name)}?`;
  return `${quote(folder)} is no eventSource. ${cure}`;
}

function nameProblem(folder: string, name: string): string | undefined {
  if (isRuleName(name)) return undefined;
  const better = nearestRuleName(name);
  const cure =
    better === "" ? "Name it in lower-case words with hyphens." : `Did you mean ${folder}/${better}?`;
  return `${badRuleName(name)} ${cure}`;
}

function existing(id: string, dir: string): string | undefined {
  const taken = listRuleFiles(dir).entries.find(
    (entry) => entry.id === id && (entry.kind === "rule" || entry.kind === "test"),
  );
  return taken === undefined
    ? undefined
    : `${printable(taken.file)} is there already. Choose another name, or delete it first.`;
}
