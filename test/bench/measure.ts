/**
 * Times several things against each other on a machine that has other things to do: in turns, many rounds, in one
 * process. A slow second then hits all of them, and the ratio to the first within a round is steady where the
 * microseconds are not.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** One thing to time. */
export type Contender = {
  readonly name: string;
  /** How many records one run reads: what is slow reads fewer. */
  readonly records: number;
  readonly run: () => Promise<unknown>;
};

/** How long it took: medians over the rounds. */
export type Timing = { readonly name: string; readonly micros: number; readonly ratio: number };

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Times the contenders in so many rounds; ratios are to the first one. */
export async function measure(
  contenders: readonly Contender[],
  rounds: number,
  warmUp: number,
): Promise<Timing[]> {
  for (let round = 0; round < warmUp; round++) for (const { run } of contenders) await run();
  const taken = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another one, so that none always runs behind the same other.
    for (let turn = 0; turn < contenders.length; turn++) {
      const at = (turn + round) % contenders.length;
      const contender = contenders[at];
      if (contender === undefined) continue;
      collect();
      const began = process.hrtime.bigint();
      await contender.run();
      taken[at]?.push(Number(process.hrtime.bigint() - began) / 1000 / contender.records);
    }
  }
  const first = taken[0] ?? [];
  return contenders.map(({ name }, at) => {
    const own = taken[at] ?? [];
    return {
      name,
      micros: median(own),
      ratio: median(own.map((micros, round) => micros / (first[round] ?? Number.NaN))),
    };
  });
}

/** The middle one of some numbers; NaN when there is none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
