/**
 * Says why an event did not match: not "no", but which fields stopped it, what the pattern wanted there and what the
 * event had. Of a pattern with `$or` the branch that came nearest is explained.
 *
 *   explainMiss(compileEventPattern({ source: ["aws.ec2"], a: [1] }), { source: "aws.ec2", a: 2 })
 *   // [{ path: "a", wanted: [1], saw: [2] }]
 */
import type { Branch, CompiledEventPattern, FieldTest } from "./compiled-event-pattern.ts";
import { fieldReader, matchesEventPattern, standingOf } from "./match.ts";
import { leavesOf } from "./read-field.ts";
import { isObject, type Leaf } from "./leaf.ts";

/** One field that stopped an event. */
export type Miss = {
  /** The field's name: its keys joined with dots. */
  readonly path: string;
  /** The values as the pattern has them. */
  readonly wanted: readonly unknown[];
  /** The first values of the event there, ten at most; none when the field is missing. */
  readonly saw: readonly Leaf[];
  /** True when the value alone would do, but not together with the other misses: they are in different elements. */
  readonly inOtherElement: boolean;
};

const MAX_SAW = 10;

/** The fields that stopped an event, of the branch with the fewest; none when the event matches. Never throws. */
export function explainMiss(compiled: CompiledEventPattern, event: unknown): Miss[] {
  if (matchesEventPattern(compiled, event)) return [];
  const read = isObject(event) ? fieldReader(compiled, event) : () => 0;
  const root = isObject(event) ? event : {};
  let best: { failing: readonly FieldTest[]; branch: Branch } | undefined;
  for (const branch of compiled.branches) {
    const failing = branch.byCost.filter((field) => standingOf(field, read(field)) === "fails");
    if (best === undefined || failing.length < best.failing.length) best = { failing, branch };
  }
  if (best === undefined) return [];
  const { failing, branch } = best;
  const miss =
    (inOtherElement: boolean) =>
    (field: FieldTest): Miss => {
      return { path: field.name, wanted: field.wanted, saw: leavesOf(field, root, MAX_SAW), inOtherElement };
    };
  if (failing.length > 0) return failing.map(miss(false));
  return branch.byName.filter((field) => standingOf(field, read(field)) !== "holds").map(miss(true));
}
