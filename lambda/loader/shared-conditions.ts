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
import type { Checked } from "./check-rule.ts";
import { didYouMean } from "../words/nearest.ts";
import type { Position, Problem } from "./problem.ts";
import { quote } from "./problem.ts";

/** A checked file; without `good` it has errors of its own. */
export type CheckedFile<T> = Checked<T> & { readonly file: string };

/** What is being resolved: `sizes` has the shared conditions whose references all lead somewhere. */
type Work = {
  readonly shared: ReadonlyMap<string, CheckedFile<Condition>>;
  readonly sizes: Map<string, number>;
  readonly problems: Problem[];
};

/** The shared conditions and rules whose references all lead somewhere; the others are reported where they refer. */
export function resolveReferences<T>(
  shared: ReadonlyMap<string, CheckedFile<Condition>>,
  rules: readonly CheckedFile<T>[],
  problems: Problem[],
): { conditions: Map<string, Condition>; usable: T[] } {
  const work: Work = { shared, sizes: new Map(), problems };
  measure(work);
  const conditions = new Map<string, Condition>();
  for (const [name, { good }] of shared) {
    if (good !== undefined && work.sizes.has(name)) conditions.set(name, good);
  }
  const usable = rules.flatMap(({ file, facts, good }) => {
    if (facts === undefined) return [];
    const found = facts.references.map((reference) => checkReference(work, file, reference)).every(Boolean);
    return found && fits(work, file, facts) && good !== undefined ? [good] : [];
  });
  return { conditions, usable };
}

/** Counts how many comparisons each shared condition comes to, references counted out. */
function measure(work: Work): void {
  const { shared, sizes } = work;
  const done = new Set<string>();

  function visit(name: string, way: readonly string[]): void {
    const condition = shared.get(name);
    if (done.has(name) || condition?.facts === undefined) return;
    const { file, facts, good } = condition;
    const here = [...way, name];
    let usable = good !== undefined;
    for (const reference of facts.references) {
      if (here.includes(reference.name)) {
        const circle = [...here.slice(here.indexOf(reference.name)), reference.name].join(" -> ");
        const message = `Shared conditions refer to each other in a circle: ${circle}.`;
        complain(work, file, reference, message, "Take one of these references out.");
        usable = false;
        continue;
      }
      visit(reference.name, here);
      usable = checkReference(work, file, reference) && usable;
    }
    done.add(name);
    if (fits(work, file, facts) && usable) sizes.set(name, sizeOf(work, facts));
  }

  for (const name of shared.keys()) visit(name, []);
}

function sizeOf({ sizes }: Work, { literals, references }: ConditionFacts): number {
  return references.reduce((sum, { name }) => sum + (sizes.get(name) ?? 0), literals);
}

function fits(work: Work, file: string, facts: ConditionFacts): boolean {
  const size = sizeOf(work, facts);
  if (size <= MAX_LITERALS) return true;
  const message = `The conditions come to ${size} comparisons, shared conditions counted out; at most ${MAX_LITERALS} are read.`;
  complain(
    work,
    file,
    { ...facts.place, field: "conditions" },
    message,
    "Use in with a list, or split the rule.",
  );
  return false;
}

function checkReference(work: Work, file: string, reference: Reference): boolean {
  const { shared, sizes } = work;
  const { name } = reference;
  const found = shared.get(name);
  if (found === undefined) {
    const otherwise =
      shared.size === 0 ? `Write it in _conditions/${quote(name).slice(1, -1)}.yaml.` : undefined;
    const message = `There is no shared condition ${quote(name)}.`;
    complain(work, file, reference, message, didYouMean(name, [...shared.keys()], otherwise));
    return false;
  }
  if (sizes.has(name)) return true;
  complain(
    work,
    file,
    reference,
    `The shared condition ${quote(name)} has errors.`,
    `Mend ${found.file} first.`,
  );
  return false;
}

type Place = Position & { readonly field: string };

function complain(
  work: Work,
  file: string,
  { line, column, field }: Place,
  message: string,
  cure: string,
): void {
  work.problems.push({ file, line, column, severity: "error", field, message, cure });
}
