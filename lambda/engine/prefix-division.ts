/**
 * Divides conjuncts so that each part fits an event pattern and no record is in two parts: one part for the eventSources
 * that begin with a to c, say, the next for those with d to g, the last for all others, whether a rule names them or not.
 * Prefixes are short however many values there are, and EventBridge can exclude them (`anything-but: { prefix: […] }`),
 * which keeps the last part small.
 */
import { cutToOtherPrefixes, cutToPrefixes, type DomainField, exactValues } from "./domains.ts";
import { type Conjunct, simplify } from "./selector.ts";

type Conjuncts = readonly Conjunct[];
type Fits = (conjuncts: Conjuncts) => boolean;

const MAX_PARTS = 200;

/**
 * Takes prefixes away from the front until what is left fits. A single value that does not fit is handed to `deeper`.
 * Undefined when that leads nowhere.
 */
export function divideByPrefix(
  path: DomainField,
  conjuncts: Conjuncts,
  fits: Fits,
  deeper?: (conjuncts: Conjuncts) => readonly Conjuncts[],
): readonly Conjuncts[] | undefined {
  const values = [...new Set(conjuncts.flatMap((one) => exactValues(one, path) ?? []))].toSorted();
  const at = (prefixes: readonly string[]): Conjuncts =>
    cutAll(conjuncts, (one) => cutToPrefixes(path, prefixes, one));
  const beside = (prefixes: readonly string[]): Conjuncts =>
    cutAll(conjuncts, (one) => cutToOtherPrefixes(path, prefixes, one));
  const parts: Conjuncts[] = [];
  const used: string[] = [];
  let left = beside(used);
  let length = 1;
  while (left.length > 0 && !fits(left)) {
    if (parts.length > MAX_PARTS) return undefined;
    const open = values.filter((value) => !used.some((prefix) => value.startsWith(prefix)));
    const candidates = prefixesOf(open, length);
    const first = candidates.findIndex((prefix) => fits(at([prefix])));
    if (first !== -1) {
      const taken = longestFront(candidates.slice(first), (front) => fits(at(front)));
      used.push(...taken);
      parts.push(simplify(at(taken)));
      length = 1;
    } else {
      const longer = nextLength(open, length);
      const [value] = open;
      if (longer !== undefined) length = longer;
      else if (deeper === undefined || value === undefined) return undefined;
      else {
        used.push(value);
        parts.push(...deeper(simplify(at([value]))));
        length = 1;
      }
    }
    left = beside(used);
  }
  return left.length > 0 ? [...parts, simplify(left)] : parts;
}

/** Cuts all conjuncts. */
export function cutAll(conjuncts: Conjuncts, cut: (conjunct: Conjunct) => Conjunct | undefined): Conjuncts {
  return conjuncts.map(cut).filter((one) => one !== undefined);
}

function prefixesOf(values: readonly string[], length: number): readonly string[] {
  return [...new Set(values.map((value) => value.slice(0, length)))];
}

/** Values share their first words; only a length that tells more of them apart, or one whole, is worth a try. */
function nextLength(values: readonly string[], length: number): number | undefined {
  const distinct = prefixesOf(values, length).length;
  const longest = Math.max(0, ...values.map((value) => value.length));
  for (let longer = length + 1; longer <= longest; longer++) {
    if (prefixesOf(values, longer).length > distinct) return longer;
  }
  return length < longest ? longest : undefined;
}

/** The longest front of a list that passes a test which longer ones pass only if shorter ones do. */
function longestFront<T>(list: readonly T[], passes: (front: readonly T[]) => boolean): readonly T[] {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (passes(list.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return list.slice(0, low);
}
