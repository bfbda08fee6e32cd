/**
 * What conditions refer to by name, so that the catalogue can say who uses a shared condition or a list: whoever changes
 * one changes every rule behind it.
 *
 *   referencesOf({ all: [{ condition: "write" }, { fact: "recipientAccountId", operator: "inList", value: "ours" }] }, {})
 *   // { conditions: ["write"], lists: ["ours"] }
 */
import { comparesWithList } from "../../lambda/engine/conditions.ts";
import type { Condition, RuleSet } from "../../lambda/engine/rule.ts";

/** Names in order, each once. */
export type References = { readonly conditions: readonly string[]; readonly lists: readonly string[] };

/** What conditions refer to, themselves or through the shared conditions they name. */
export function referencesOf(conditions: Condition, shared: RuleSet["conditions"]): References {
  const names = new Set<string>();
  const lists = new Set<string>();
  const visit = (condition: Condition): void => {
    if ("all" in condition) condition.all.forEach(visit);
    else if ("any" in condition) condition.any.forEach(visit);
    else if ("not" in condition) visit(condition.not);
    else if ("fact" in condition) {
      if (comparesWithList(condition.operator) && typeof condition.value === "string")
        lists.add(condition.value);
    } else if (!names.has(condition.condition)) {
      names.add(condition.condition);
      const target = Object.hasOwn(shared, condition.condition) ? shared[condition.condition] : undefined;
      if (target !== undefined) visit(target);
    }
  };
  visit(conditions);
  return { conditions: [...names].toSorted(), lists: [...lists].toSorted() };
}
