/**
 * Resolves `{ condition: name }`. json-rules-engine throws on an unknown name in the middle of a run, or finds it
 * false, so that `not` of it is true; and a condition that leads back to itself never ends. Both are found here, with
 * the way round the circle:
 *
 *   by-hand -> not-a-service -> by-hand
 */
import { MAX_LITERALS } from "../engine/conditions.ts";
import type { Condition } from "../engine/rule.ts";
import type { ConditionFacts, Reference } from "./check-conditions.ts";
import type { CheckedRule } from "./check-rule.ts";
import { didYouMean } from "./nearest.ts";
import { quote } from "./problem.ts";
import type { Report } from "./report.ts";

/** A file of `_conditions`; without `good` it has errors of its own. */
export type SharedCondition = {
  readonly file: string;
  readonly good?: { readonly report: Report; readonly conditions: Condition; readonly facts: ConditionFacts };
};

type Shared = ReadonlyMap<string, SharedCondition>;
type Placed = { readonly report: Report; readonly checked: CheckedRule };

/** The shared conditions and rules whose references all lead somewhere; the others are reported where they refer. */
export function resolveReferences(
  shared: Shared,
  rules: readonly Placed[],
): { conditions: Map<string, Condition>; usable: CheckedRule[] } {
  const sizes = sizesOf(shared);
  const conditions = new Map<string, Condition>();
  for (const [name, { good }] of shared) {
    if (good !== undefined && sizes.has(name)) conditions.set(name, good.conditions);
  }
  const usable: CheckedRule[] = [];
  for (const { report, checked } of rules) {
    const { references, literals } = checked.facts;
    const good = references
      .map((reference) => checkReference(report, reference, shared, sizes))
      .every(Boolean);
    if (good && fits(report, literals, references, sizes)) usable.push(checked);
  }
  return { conditions, usable };
}

/** How many comparisons each shared condition comes to, references counted out; without those that lead nowhere. */
function sizesOf(shared: Shared): Map<string, number> {
  const sizes = new Map<string, number>();
  const done = new Set<string>();

  function visit(name: string, way: readonly string[]): void {
    const good = shared.get(name)?.good;
    if (done.has(name) || good === undefined) return;
    const { report, facts } = good;
    const here = [...way, name];
    let usable = true;
    for (const reference of facts.references) {
      if (here.includes(reference.name)) {
        const circle = [...here.slice(here.indexOf(reference.name)), reference.name].join(" -> ");
        report.add(
          reference.path,
          `Shared conditions refer to each other in a circle: ${circle}.`,
          "Take one of these references out.",
        );
        usable = false;
        continue;
      }
      visit(reference.name, here);
      usable = checkReference(report, reference, shared, sizes) && usable;
    }
    done.add(name);
    if (usable && fits(report, facts.literals, facts.references, sizes)) {
      sizes.set(name, sizeOf(facts.literals, facts.references, sizes));
    }
  }

  for (const name of shared.keys()) visit(name, []);
  return sizes;
}

function sizeOf(
  literals: number,
  references: readonly Reference[],
  sizes: ReadonlyMap<string, number>,
): number {
  return references.reduce((sum, { name }) => sum + (sizes.get(name) ?? 0), literals);
}

function fits(
  report: Report,
  literals: number,
  references: readonly Reference[],
  sizes: ReadonlyMap<string, number>,
): boolean {
  const size = sizeOf(literals, references, sizes);
  if (size <= MAX_LITERALS) return true;
  const message = `The conditions come to ${size} comparisons, shared conditions counted out; at most ${MAX_LITERALS} are read.`;
  report.add(["conditions"], message, "Use in with a list, or split the rule.", { part: "key" });
  return false;
}

function checkReference(
  report: Report,
  { name, path }: Reference,
  shared: Shared,
  sizes: ReadonlyMap<string, number>,
): boolean {
  const found = shared.get(name);
  if (found === undefined) {
    const otherwise =
      shared.size === 0 ? `Write it in _conditions/${quote(name).slice(1, -1)}.yaml.` : undefined;
    report.add(
      path,
      `There is no shared condition ${quote(name)}.`,
      didYouMean(name, [...shared.keys()], otherwise),
    );
    return false;
  }
  if (sizes.has(name)) return true;
  report.add(path, `The shared condition ${quote(name)} has errors.`, `Mend ${found.file} first.`);
  return false;
}
