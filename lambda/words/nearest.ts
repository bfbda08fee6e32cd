/**
 * Finds what somebody meant to write. A typo is an edit or two away from the right word; beyond that a suggestion
 * would be a guess and mislead, so there is none.
 *
 *   nearest("equals", ["equal", "notEqual"])  // "equal"
 *   nearest("xyzzy", ["equal", "notEqual"])   // undefined
 */

/** Longer words are never typos of known ones, and the distance costs their product. */
const MAX_LENGTH = 100;

/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/** The known word that was most likely meant, or undefined when none is near. Case counts for less than letters. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const lower = word.toLowerCase();
  const furthest = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = furthest + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > furthest) continue;
    const other = candidate.toLowerCase();
    const distance = other === lower ? 0 : editDistance(lower, other);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The cure for an unknown word: the nearest known one, or else all of them, or else the given advice. */
export function didYouMean(word: string, known: readonly string[], otherwise?: string): string {
  const found = nearest(word, known);
  if (found !== undefined) return `Did you mean "${found}"?`;
  return otherwise ?? `Known are: ${known.join(", ")}.`;
}
