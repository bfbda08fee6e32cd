/**
 * Whether EventBridge would deliver an event to a rule with this pattern.
 *
 * Each name of the pattern is looked up once an event, however many fields have it. Most events fail at `source` or
 * `detail.eventSource` after a few look-ups; only when two fields both stand inside elements of arrays, or a field that
 * may be missing does, must the arrays be settled together.
 *
 *   const compiled = compileEventPattern({ source: [{ prefix: "aws." }], detail: { eventName: ["CreateUser"] } });
 *   matchesEventPattern(compiled, envelope);
 */
import { isConsistent } from "./array-consistency.ts";
import type { CompiledEventPattern, FieldName, FieldTest } from "./compiled-event-pattern.ts";
import { isObject } from "./leaf.ts";
import { type Leaves, readLeaves } from "./read-field.ts";

/** True when the event matches the pattern. Never throws; anything but an object matches nothing. */
export function matchesEventPattern(compiled: CompiledEventPattern, event: unknown): boolean {
  return isObject(event) && matchesLeaves(compiled, event, leafReader(event));
}

/**
 * The positions of the patterns that an event matches. For patterns from one `compileEventPatterns`: names that several
 * of them have are looked up once for all.
 */
export function matchingPatterns(together: readonly CompiledEventPattern[], event: unknown): number[] {
  const matching: number[] = [];
  if (!isObject(event)) return matching;
  const read = leafReader(event);
  for (const [index, compiled] of together.entries()) {
    if (matchesLeaves(compiled, event, read)) matching.push(index);
  }
  return matching;
}

type LeafReader = (name: FieldName) => Leaves;

/** Reads the leaves of each name at most once, and only when asked. */
export function leafReader(event: object): LeafReader {
  const known: (Leaves | undefined)[] = [];
  return (name) => (known[name.index] ??= readLeaves(name, event));
}

/** How a field stands: alone enough, hopeless, or to be judged together with the others. */
export type Standing = "holds" | "fails" | "in-element" | "maybe-missing";

/** What the leaves of a field say of it. */
export function standingOf({ passes, absence }: FieldTest, { plain, inElements }: Leaves): Standing {
  if (passes !== null && plain.some(passes)) return "holds";
  if (absence && plain.length === 0) return inElements.length === 0 ? "holds" : "maybe-missing";
  return passes !== null && inElements.some(passes) ? "in-element" : "fails";
}

function matchesLeaves(compiled: CompiledEventPattern, event: object, read: LeafReader): boolean {
  const common = ties(compiled.common, read);
  if (common === HOPELESS) return false;
  return compiled.branches.some((branch) => {
    const own = ties(branch.own, read);
    return own !== HOPELESS && (own + common < 2 || isConsistent(branch.byName, event));
  });
}

const HOPELESS = -1;

/** How much there is to settle together: below 2 nothing, since one field in an array contradicts no other. */
function ties(fields: readonly FieldTest[], read: LeafReader): number {
  let sum = 0;
  for (const field of fields) {
    const standing = standingOf(field, read(field.name));
    if (standing === "fails") return HOPELESS;
    if (standing === "in-element") sum += 1;
    // Depends on what the other fields rule out, or on there being nothing to rule out.
    if (standing === "maybe-missing") sum += 2;
  }
  return sum;
}
