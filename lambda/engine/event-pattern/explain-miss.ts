/**
 * Says why an event did not match: not "no", but which fields stopped it, what the pattern wanted there and what the
 * event had. Of a pattern with `$or` the branch that came nearest is explained.
 *
 *   explainMiss(compileEventPattern({ source: ["aws.ec2"], a: [1] }), { source: "aws.ec2", a: 2 })
 *   // [{ path: "a", wanted: [1], saw: [2] }]
 */
import type { Branch, CompiledEventPattern, FieldTest } from "./compiled-event-pattern.ts";
import { isObject, type Leaf } from "./leaf.ts";
import { leafReader, matchesEventPattern, standingOf } from "./match.ts";

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

/**
 * The fields that stopped an event; none when the event matches. They are those of the branch with the fewest, and of
 * several such of the one that failed deepest: that the right call had another parameter says more than that it is not
 * some other call. Never throws.
 */
export function explainMiss(compiled: CompiledEventPattern, event: unknown): Miss[] {
  if (matchesEventPattern(compiled, event)) return [];
  const read = leafReader(isObject(event) ? event : {});
  let best: { failing: readonly FieldTest[]; depth: number; branch: Branch } | undefined;
  for (const branch of compiled.branches) {
    const failing = branch.byName.filter((field) => standingOf(field, read(field.name)) === "fails");
    const depth = Math.min(...failing.map(({ name }) => name.segments.length));
    const nearer =
      best === undefined ||
      failing.length < best.failing.length ||
      (failing.length === best.failing.length && depth > best.depth);
    if (nearer) best = { failing, depth, branch };
  }
  if (best === undefined) return [];
  const { failing, branch } = best;
  const miss =
    (inOtherElement: boolean) =>
    ({ name, wanted }: FieldTest): Miss => {
      const { plain, inElements } = read(name);
      return { path: name.text, wanted, saw: [...plain, ...inElements].slice(0, MAX_SAW), inOtherElement };
    };
  if (failing.length > 0) return failing.map(miss(false));
  return branch.byName.filter((field) => standingOf(field, read(field.name)) !== "holds").map(miss(true));
}
