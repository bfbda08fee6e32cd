/**
 * Which list a comparison is with, and which of its values the fact meets. That a list of 500 ranges holds an address
 * says nothing to a reader; the one range does.
 *
 *   listOf({ offices: { kind: "cidr", values: ["192.0.2.0/24"], … } }, "inList", "offices", "192.0.2.7")
 *   // { name: "offices", kind: "cidr", values: 1, matched: "192.0.2.0/24" }
 */
import { comparesWithList } from "../engine/conditions.ts";
import { ResolvedList, resolveList } from "../engine/resolved-list.ts";
import type { RuleSet } from "../engine/rule.ts";
import { AlternativeLists, Alternatives } from "../record/facts.ts";
import type { ExplainedComparison } from "./condition-schema.ts";

/** The list of an `inList` or `notInList`; undefined for other operators. */
export function listOf(
  lists: RuleSet["lists"],
  operator: string,
  value: unknown,
  saw: unknown,
): ExplainedComparison["list"] {
  if (!comparesWithList(operator) || typeof value !== "string") return undefined;
  const list = resolveList(value, lists);
  if (list === undefined) return undefined;
  const { name, kind, values } = list;
  // Of a dynamic list nothing is known here.
  if (list.dynamic) return { name, kind, values: 0 };
  const element = elements(saw).find((one) => list.has(one));
  // The list is asked again with one value at a time, so that it is the list that says what the value means.
  const matched =
    element === undefined
      ? undefined
      : values.find((one) => new ResolvedList(name, { kind, values: [one], description: "" }).has(element));
  return { name, kind, values: values.length, ...(matched === undefined ? {} : { matched }) };
}

/** What a fact may stand for: its value, or with a `someFact:` one of its elements. */
function elements(saw: unknown): readonly unknown[] {
  if (saw instanceof Alternatives) return saw.values.flatMap(elements);
  if (saw instanceof AlternativeLists) return saw.lists.flatMap((list) => list.flatMap(elements));
  return Array.isArray(saw) ? saw.flatMap(elements) : [saw];
}
