/**
 * What rules share, for the catalogue: shared conditions, lists and suppressions, each with who is behind it or who uses
 * it. A suppression stands here with its reason, its owner and its last day, because what nobody is told of must at least
 * be on record.
 */
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { tableHead, tableRow } from "../replay/markdown.ts";
import { counted } from "../words.ts";
import { codeOf, textOf } from "./markdown.ts";
import { referencesOf } from "./references.ts";
import type { CatalogueFiles } from "./rules-folder.ts";

const MAX_VALUES = 10;

/** The sections that are not empty, each with its heading and its lines. */
export function sharedEntries(
  ruleSet: RuleSet,
  folder: CatalogueFiles,
): { heading: string; lines: string[] }[] {
  const used = usersOf(ruleSet);
  const link = (kind: string, id: string): string =>
    `[${codeOf(id)}](${folder.files.get(`${kind} ${id}`) ?? ""})`;
  const sections = [
    {
      heading: "Shared conditions",
      head: ["condition", "means", "used by:"],
      rows: Object.keys(ruleSet.conditions).map((id) => [
        link("condition", id),
        textOf(folder.meanings.get(id) ?? ""),
        users(used.conditions.get(id)),
      ]),
    },
    {
      heading: "Lists",
      head: ["list", "holds", "kind", "values", "used by:"],
      rows: Object.entries(ruleSet.lists).map(([id, { description, kind, values, dynamic }]) => [
        link("list", id),
        textOf(description),
        kind,
        dynamic === undefined ? valuesIn(values) : codeOf(dynamic.query.type),
        users(used.lists.get(id)),
      ]),
    },
    {
      heading: "Suppressions",
      head: ["suppression", "of", "reason", "owner", "last day"],
      rows: ruleSet.suppressions.map(({ id, rules, reason, owner, expires }) => [
        link("suppression", id),
        rules.map(codeOf).join(", "),
        textOf(reason),
        textOf(owner),
        expires,
      ]),
    },
  ];
  return sections
    .filter(({ rows }) => rows.length > 0)
    .map(({ heading, head, rows }) => ({ heading, lines: tableOf(head, rows) }));
}

/** A table of Markdown; cells must be escaped already. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [tableHead(head), ...rows.map(tableRow)];
}

/** How many rules and suppressions use each condition and list. */
function usersOf({ rules, suppressions, conditions }: RuleSet) {
  const used = { conditions: new Map<string, number>(), lists: new Map<string, number>() };
  for (const user of [...rules, ...suppressions]) {
    const names = referencesOf(user.conditions, conditions);
    for (const name of names.conditions) used.conditions.set(name, (used.conditions.get(name) ?? 0) + 1);
    for (const name of names.lists) used.lists.set(name, (used.lists.get(name) ?? 0) + 1);
  }
  return used;
}

function users(count = 0): string {
  return count === 0 ? "nothing" : String(count);
}

function valuesIn(values: readonly string[]): string {
  const shown = values.slice(0, MAX_VALUES).map(codeOf).join(", ");
  const more = values.length - MAX_VALUES;
  return more > 0 ? `${shown} and ${counted(more, "other")}` : shown;
}
