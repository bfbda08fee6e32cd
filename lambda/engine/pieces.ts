/**
 * Pieces: sets of conjuncts that each fit an event pattern. Conjuncts that are too long for one pattern are divided by
 * the first letters of eventSource, and those of one eventSource by the first letters of eventName (see
 * `prefix-division.ts`). Where that does not fit, pieces overlap and say so.
 */
import { cutTo, exactValues, isAbsence, replaceAtom } from "./domains.ts";
import { OWN_ROLE_ARN_PATH, OWN_ROLE_PATH } from "./own-role.ts";
import { cutAll, divideByPrefix } from "./prefix-division.ts";
import { type Atom, type Conjunct, simplify } from "./selector.ts";

/** Conjuncts that fit a pattern, and what they are about, for people. */
export type Piece = { readonly label: string; readonly conjuncts: readonly Conjunct[] };

/** Pieces, and which of them may deliver the same record, in words. */
export type Pieces = { readonly pieces: readonly Piece[]; readonly overlaps: readonly string[] };

type Fits = (conjuncts: readonly Conjunct[]) => boolean;

/** Characters of a list of values that is worth several patterns; a longer one is left to the Lambda. */
const MAX_DIVIDED = 6_000;
const KEPT_WHOLE = new Set(["eventSource", "errorCode", OWN_ROLE_PATH, OWN_ROLE_ARN_PATH]);

/** Makes pieces of conjuncts of several eventSources, and of any. */
export function makePieces(conjuncts: readonly Conjunct[], fits: Fits): Pieces {
  if (conjuncts.length === 0) return { pieces: [], overlaps: [] };
  if (fits(conjuncts)) return { pieces: [{ label: labelOf(conjuncts), conjuncts }], overlaps: [] };
  const fitting = conjuncts.flatMap((conjunct) => fitConjunct(conjunct, fits));
  const overlaps: string[] = [];
  const divided = divideByPrefix("eventSource", fitting, fits, (ofSource) => {
    const byName = divideByPrefix("eventName", ofSource, fits);
    if (byName !== undefined) return byName;
    const parts = overlapping(ofSource, fits);
    overlaps.push(
      `${labelOf(ofSource)}: too many conditions for one event pattern, ${parts.length} patterns share records`,
    );
    return parts;
  });
  if (divided !== undefined)
    return { pieces: divided.map((one) => ({ label: labelOf(one), conjuncts: one })), overlaps };
  const parts = overlapping(fitting, fits);
  return {
    pieces: parts.map((one) => ({ label: labelOf(one), conjuncts: one })),
    overlaps: [`too many conditions about any eventSource, ${parts.length} patterns share records`],
  };
}

/** What people call the conjuncts: the eventSource that the first of them is about, if it is about one. */
function labelOf(conjuncts: readonly Conjunct[]): string {
  for (const conjunct of conjuncts) {
    const [source] = exactValues(conjunct, "eventSource") ?? [];
    if (source !== undefined) return source;
  }
  return "others";
}

function overlapping(conjuncts: readonly Conjunct[], fits: Fits): readonly (readonly Conjunct[])[] {
  const named = conjuncts.filter((conjunct) => exactValues(conjunct, "eventName") !== undefined);
  const names = [
    ...new Set(named.flatMap((conjunct) => exactValues(conjunct, "eventName") ?? [])),
  ].toSorted();
  const parts = names.map((name) => simplify(cutAll(named, (one) => cutTo("eventName", [name], one))));
  const open = conjuncts.filter((conjunct) => !named.includes(conjunct));
  const pieces: (readonly Conjunct[])[] = [];
  let group: readonly Conjunct[] = [];
  for (const part of [...parts, ...open.map((conjunct) => [conjunct])].flatMap((one) =>
    // Cutting joins again what was divided to fit.
    fits(one) ? [one] : one.flatMap((conjunct) => fitConjunct(conjunct, fits)).map((conjunct) => [conjunct]),
  )) {
    const joined = simplify([...group, ...part]);
    if (fits(joined)) group = joined;
    else {
      if (group.length > 0) pieces.push(group);
      group = part;
    }
  }
  return group.length > 0 ? [...pieces, group] : pieces;
}

/**
 * A conjunct that is too long even alone: its longest list of values is divided, or left out where it has one value or
 * would fill more than a few patterns. What domains and the detector's own calls are told by stays whole.
 */
function fitConjunct(conjunct: Conjunct, fits: Fits): readonly Conjunct[] {
  if (fits([conjunct])) return [conjunct];
  const divisible = conjunct.filter((atom) => !KEPT_WHOLE.has(atom.path));
  const [longest] = divisible.toSorted((a, b) => lengthOf(b.matchers) - lengthOf(a.matchers));
  const errors = conjunct.find((atom) => atom.path === "errorCode");
  if (errors !== undefined && lengthOf(errors.matchers) > lengthOf(longest?.matchers ?? [])) {
    const wider = withoutErrorNames(conjunct, errors);
    if (lengthOf(wider) < lengthOf(conjunct)) return fitConjunct(wider, fits);
  }
  if (longest === undefined) return [conjunct];
  if (
    longest.matchers.length < 2 ||
    (longest.path !== "eventName" && lengthOf(longest.matchers) > MAX_DIVIDED)
  )
    return fitConjunct(
      conjunct.filter((atom) => atom !== longest),
      fits,
    );
  const half = Math.ceil(longest.matchers.length / 2);
  return [longest.matchers.slice(0, half), longest.matchers.slice(half)].flatMap((matchers) =>
    fitConjunct(replaceAtom(conjunct, { ...longest, matchers }), fits),
  );
}

/** Which error it was is left to the Lambda; whether there was one is what domains are told by. */
function withoutErrorNames(conjunct: Conjunct, errors: Atom): Conjunct {
  const none = errors.matchers.filter(isAbsence);
  const some = none.length < errors.matchers.length ? [{ exists: true }] : [];
  return replaceAtom(conjunct, { ...errors, matchers: [...none, ...some] });
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value).length;
}
