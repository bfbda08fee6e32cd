/**
 * Whether EventBridge would deliver an event to a rule with this pattern.
 *
 * Each field of the pattern is read once an event, however many branches name it. Most events fail at `source` or
 * `detail.eventSource` after a few look-ups; only when two fields both stand inside elements of arrays, or a field that
 * may be missing does, must the arrays be settled together.
 *
 *   const compiled = compileEventPattern({ source: [{ prefix: "aws." }], detail: { eventName: ["CreateUser"] } });
 *   matchesEventPattern(compiled, envelope);
 */
import { isConsistent } from "./array-consistency.ts";
import type { Branch, CompiledEventPattern, FieldTest } from "./compiled-event-pattern.ts";
import { IN_ELEMENT, IN_ELEMENT_PASS, PLAIN, PLAIN_PASS, scanField } from "./read-field.ts";
import { isObject } from "./leaf.ts";

/** How one field stands: alone enough, hopeless, or to be judged together with the others. */
export type Standing = "holds" | "fails" | "in-element" | "maybe-missing";

/** True when the event matches the pattern. Never throws; anything but an object matches nothing. */
export function matchesEventPattern(compiled: CompiledEventPattern, event: unknown): boolean {
  if (!isObject(event)) return false;
  const read = fieldReader(compiled, event);
  return compiled.branches.some((branch) => branchMatches(branch, event, read));
}

/** Reads each field at most once, and only when asked. */
export function fieldReader(compiled: CompiledEventPattern, event: object): (field: FieldTest) => number {
  const known = new Int8Array(compiled.fieldCount).fill(-1);
  return (field) => {
    const bits = known[field.index] ?? -1;
    return bits === -1 ? (known[field.index] = scanField(field, event)) : bits;
  };
}

/** What the bits of a field say. */
export function standingOf(field: FieldTest, bits: number): Standing {
  if ((bits & PLAIN_PASS) !== 0) return "holds";
  if (field.absence && (bits & PLAIN) === 0) return (bits & IN_ELEMENT) === 0 ? "holds" : "maybe-missing";
  return (bits & IN_ELEMENT_PASS) === 0 ? "fails" : "in-element";
}

function branchMatches(branch: Branch, event: object, read: (field: FieldTest) => number): boolean {
  let inElements = 0;
  let isOpen = false;
  for (const field of branch.byCost) {
    const standing = standingOf(field, read(field));
    if (standing === "fails") return false;
    if (standing === "in-element") inElements++;
    if (standing === "maybe-missing") isOpen = true;
  }
  return (inElements < 2 && !isOpen) || isConsistent(branch.byName, event);
}
