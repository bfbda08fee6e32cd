/**
 * Looks up the lists that conditions name, once all files are read. A condition with an unknown list would be refused
 * by the engine in the middle of a deployment; one with a list of the wrong kind holds for nothing, or for everything,
 * and nobody is told.
 *
 *   rules/_global/x.yaml:6:52 conditions.all[0].value: There is no list "ofice". Did you mean "office"?
 */
import { parseCidr } from "../engine/cidr.ts";
import type { List } from "../engine/rule.ts";
import { typeOfFact } from "./check-fact.ts";
import type { ListUse } from "./check-list-name.ts";
import { didYouMean } from "../words/nearest.ts";
import type { Problem } from "./problem.ts";
import { quote } from "./problem.ts";
import type { CheckedFile } from "./shared-conditions.ts";

/** The lists of a rules folder by name, and how often conditions name them. */
export type Lists = {
  /** The file as it is when all lists in it are good; else without what is good in it. The rest is reported. */
  check<T>(file: CheckedFile<T>): CheckedFile<T>;
  /** Reports lists that no condition named. */
  reportUnused(): void;
};

/** The only field that holds addresses, of those of which it is known what they hold. */
const ADDRESS = "sourceIPAddress";

/** Makes the check of lists against these. */
export function createListCheck(lists: ReadonlyMap<string, CheckedFile<List>>, problems: Problem[]): Lists {
  const used = new Set<string>();

  function checkUse(file: string, use: ListUse): boolean {
    const { name, line, column, field } = use;
    const complain = (severity: Problem["severity"], message: string, cure: string): void => {
      problems.push({ file, line, column, severity, field, message, cure });
    };
    const found = lists.get(name);
    if (found === undefined) {
      const otherwise = lists.size === 0 ? `Write it in _lists/${quote(name).slice(1, -1)}.yaml.` : undefined;
      complain("error", `There is no list ${quote(name)}.`, didYouMean(name, [...lists.keys()], otherwise));
      return false;
    }
    used.add(name);
    if (found.good === undefined) {
      complain("error", `The list ${quote(name)} has errors.`, `Mend ${found.file} first.`);
      return false;
    }
    const misfit = misfitOf(use, found.good, found.file);
    if (misfit !== undefined) complain("warning", misfit.message, misfit.cure);
    return true;
  }

  return {
    check(file) {
      const found = file.facts?.lists.map((use) => checkUse(file.file, use)) ?? [];
      if (found.every(Boolean)) return file;
      const { good: _, ...rest } = file;
      return rest;
    },
    reportUnused() {
      for (const [name, { file, good }] of lists) {
        if (used.has(name) || good === undefined) continue;
        const message = "No condition compares with this list.";
        const cure = `Use it, { fact: …, operator: inList, value: ${name} }, or delete it.`;
        problems.push({ file, line: 1, column: 1, severity: "warning", message, cure });
      }
    },
  };
}

/** Why a list says nothing about a fact, if it does not. */
function misfitOf(
  { fact, name }: ListUse,
  { kind, values }: List,
  file: string,
): { message: string; cure: string } | undefined {
  if (fact === undefined || typeOfFact(fact) !== "text") return undefined;
  if (kind === "cidr" && fact.text !== ADDRESS) {
    return {
      message: `${fact.text} is no address, and the list ${quote(name)} holds ranges of addresses.`,
      cure: `Compare ${ADDRESS} with it, or ${fact.text} with a list of another kind.`,
    };
  }
  const range = fact.text === ADDRESS ? values.find((value) => parseCidr(value) !== undefined) : undefined;
  if (kind === "cidr" || range === undefined) return undefined;
  return {
    message: `The list ${quote(name)} is of kind ${kind}, so that ${ADDRESS} is compared with ${quote(range)} as text and never in that range.`,
    cure: `Write kind: cidr in ${file}.`,
  };
}
