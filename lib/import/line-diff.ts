/**
 * What changes between two texts, line by line, for people: `-` goes, `+` comes, and up to three lines around it stay.
 */

const AROUND = 3;
/** Beyond this many pairs of lines the whole text counts as replaced: a diff that takes seconds helps nobody. */
const MOST_PAIRS = 4_000_000;

type Line = { readonly sign: " " | "-" | "+"; readonly text: string };

/** The lines that changed, with those around them; none when the texts are the same. */
export function lineDiff(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const lines = compare(before.split("\n"), after.split("\n"));
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== " "),
  );
  return lines.flatMap(({ sign, text }, at) => {
    if (near[at] === true) return [`${sign} ${text}`];
    return near[at - 1] === true ? ["  …"] : [];
  });
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  if (before.length * after.length > MOST_PAIRS)
    return [
      ...before.map((text): Line => ({ sign: "-", text })),
      ...after.map((text): Line => ({ sign: "+", text })),
    ];
  const width = after.length + 1;
  // The longest common part of what follows each pair of lines.
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const result: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      result.push({ sign: " ", text: before[i] ?? "" });
      i++;
      j++;
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      result.push({ sign: "-", text: before[i] ?? "" });
      i++;
    } else {
      result.push({ sign: "+", text: after[j] ?? "" });
      j++;
    }
  }
  return result;
}
