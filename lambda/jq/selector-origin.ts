/**
 * Where in the record a value of an expression lies, the fact that it is there, and what the record needs for it to be
 * equal to a constant, or not.
 *
 *     equalTo({ kind: "path", keys: ["eventName"] }, "A")
 *     // met: eventName equal A, missed: eventName notEqual A
 */
import { DERIVED_ROOTS } from "../record/derived-facts.ts";
import { PLAIN_VALUE_FACTS } from "../record/record-shape.ts";
import { any, type Formula, is, YES } from "./selector-formula.ts";

/** Where a value comes from. */
export type Origin =
  | { readonly kind: "path"; readonly keys: readonly string[]; readonly lowered?: boolean }
  | { readonly kind: "constants"; readonly values: readonly (string | number | boolean | null)[] }
  | { readonly kind: "unknown" };

export type PathOrigin = Extract<Origin, { kind: "path" }>;
export type Outcome = { readonly met: Formula; readonly missed: Formula };

/** What the record needs for one of the comparisons to hold, and for one of them not to. */
export function equality(place: PathOrigin, values: readonly (string | number | boolean | null)[]): Outcome {
  const each = values.map((value) => equalTo(place, value));
  return { met: any(each.map(({ met }) => met)), missed: any(each.map(({ missed }) => missed)) };
}

export function equalTo(place: PathOrigin, value: string | number | boolean | null): Outcome {
  const fact = factOf(place);
  const plain = plainFact(place);
  if (value === null)
    return plain === undefined
      ? { met: YES, missed: YES }
      : { met: is(plain, "exists", false), missed: is(plain, "exists", true) };
  if (fact === undefined || !isCertain(value)) return { met: YES, missed: YES };
  if (place.lowered === true) return { met: is(fact, "equalIgnoreCase", value), missed: YES };
  return {
    met: is(fact, "equal", value),
    missed: plain === undefined ? YES : is(plain, "notEqual", value),
  };
}

/** The name of the fact at a path; undefined where facts do not tell for sure what jq sees. */
export function factOf(origin: Origin): string | undefined {
  if (origin.kind !== "path" || origin.keys.length === 0) return undefined;
  const [root = ""] = origin.keys;
  if (DERIVED_ROOTS.includes(root) || root === "__proto__") return undefined;
  return origin.keys.every((key) => /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) && key !== "__proto__")
    ? origin.keys.join(".")
    : undefined;
}

export function plainFact(origin: Origin): string | undefined {
  if (origin.kind !== "path" || origin.keys.length !== 1 || origin.lowered === true) return undefined;
  const fact = factOf(origin);
  return fact !== undefined && PLAIN_VALUE_FACTS.has(fact) ? fact : undefined;
}

/**
 * Whether jq and JavaScript read a constant alike: printable ASCII, since jq replaces halves of surrogate pairs; whole
 * numbers that a double holds.
 */
export function isCertain(value: string | number | boolean): boolean {
  if (typeof value === "string") return /^[\x20-\x7e]*$/.test(value);
  return typeof value === "boolean" || Number.isSafeInteger(value);
}
