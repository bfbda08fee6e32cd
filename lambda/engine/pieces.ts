/**
 * Pieces: sets of conjuncts that each fit an event pattern, one or more for an eventSource. An eventSource whose
 * conjuncts are too long for one pattern is divided by the first letters of eventName: one piece for the calls that
 * begin with A to C, say, the last one for all others. Where that does not fit, pieces overlap and say so.
 */
import { cutTo, cutToOtherPrefixes, cutToPrefixes, exactValues, replaceAtom } from "./domains.ts";
import { type Conjunct, simplify } from "./selector.ts";

/** Conjuncts that fit a pattern, and what they are about, for people. */
export type Piece = { readonly label: string; readonly conjuncts: readonly Conjunct[] };

/** Pieces, and which of them may deliver the same record, in words. */
export type Pieces = { readonly pieces: readonly Piece[]; readonly overlaps: readonly string[] };

type Fits = (conjuncts: readonly Conjunct[]) => boolean;

const MAX_PIECES = 100;

/** Makes pieces of the conjuncts of one eventSource (or of none in particular). */
export function makePieces(label: string, conjuncts: readonly Conjunct[], fits: Fits): Pieces {
  if (conjuncts.length === 0) return { pieces: [], overlaps: [] };
  if (fits(conjuncts)) return { pieces: [{ label, conjuncts }], overlaps: [] };
  const fitting = conjuncts.flatMap((conjunct) => fitConjunct(conjunct, fits));
  const divided = divideByPrefix(fitting, fits);
  if (divided !== undefined)
    return { pieces: divided.map((one) => ({ label, conjuncts: one })), overlaps: [] };
  const pieces = overlapping(label, fitting, fits);
  return {
    pieces,
    overlaps: [
      `${label}: too many conditions for one event pattern, ${pieces.length} patterns share records`,
    ],
  };
}

/** Takes prefixes away from the front until what is left fits; undefined when that leads nowhere. */
function divideByPrefix(
  conjuncts: readonly Conjunct[],
  fits: Fits,
): readonly (readonly Conjunct[])[] | undefined {
  const names = [
    ...new Set(conjuncts.flatMap((conjunct) => exactValues(conjunct, "eventName") ?? [])),
  ].toSorted();
  const at = (prefixes: readonly string[]): readonly Conjunct[] =>
    cutAll(conjuncts, (one) => cutToPrefixes(one, prefixes));
  const beside = (prefixes: readonly string[]): readonly Conjunct[] =>
    cutAll(conjuncts, (one) => cutToOtherPrefixes(one, prefixes));
  const pieces: (readonly Conjunct[])[] = [];
  const used: string[] = [];
  let left = beside(used);
  let length = 1;
  while (left.length > 0 && !fits(left)) {
    const taken: string[] = [];
    const open = names.filter(
      (name) => name.length >= length && !used.some((prefix) => name.startsWith(prefix)),
    );
    const candidates = [...new Set(open.map((name) => name.slice(0, length)))];
    for (const prefix of candidates) if (fits(at([...taken, prefix]))) taken.push(prefix);
    if (taken.length === 0) {
      if (open.length === 0 || length > 64) return undefined;
      length++;
      continue;
    }
    length = 1;
    used.push(...taken);
    pieces.push(at(taken));
    left = beside(used);
    if (pieces.length > MAX_PIECES) return undefined;
  }
  return left.length > 0 ? [...pieces, left] : pieces;
}

function overlapping(label: string, conjuncts: readonly Conjunct[], fits: Fits): readonly Piece[] {
  const named = conjuncts.filter((conjunct) => exactValues(conjunct, "eventName") !== undefined);
  const names = [
    ...new Set(named.flatMap((conjunct) => exactValues(conjunct, "eventName") ?? [])),
  ].toSorted();
  const parts = names.map((name) => cutAll(named, (one) => cutTo("eventName", [name], one)));
  const open = conjuncts.filter((conjunct) => !named.includes(conjunct));
  const pieces: Piece[] = [];
  let group: readonly Conjunct[] = [];
  for (const part of [...parts, ...open.map((conjunct) => [conjunct])].flatMap((one) =>
    fits(one) ? [one] : one.map((conjunct) => [conjunct]),
  )) {
    const joined = simplify([...group, ...part]);
    if (fits(joined)) group = joined;
    else {
      pieces.push({ label, conjuncts: group });
      group = part;
    }
  }
  return [...pieces, { label, conjuncts: group }];
}

function cutAll(
  conjuncts: readonly Conjunct[],
  cut: (conjunct: Conjunct) => Conjunct | undefined,
): readonly Conjunct[] {
  return simplify(conjuncts.map(cut).filter((one) => one !== undefined));
}

/** A conjunct that is too long even alone: its longest list of values is divided, or, where it has none, left out. */
function fitConjunct(conjunct: Conjunct, fits: Fits): readonly Conjunct[] {
  if (fits([conjunct])) return [conjunct];
  const [longest] = conjunct.toSorted((a, b) => lengthOf(b.matchers) - lengthOf(a.matchers));
  if (longest === undefined) return [conjunct];
  if (longest.matchers.length < 2)
    return fitConjunct(
      conjunct.filter((atom) => atom !== longest),
      fits,
    );
  const half = Math.ceil(longest.matchers.length / 2);
  return [longest.matchers.slice(0, half), longest.matchers.slice(half)].flatMap((matchers) =>
    fitConjunct(replaceAtom(conjunct, { ...longest, matchers }), fits),
  );
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value).length;
}
