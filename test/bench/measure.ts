/**
 * Times several things against each other on a machine that has other things to do: in turns, many rounds, in one
 * process, by the processor time of the thread. A slow second then hits all of them, waiting for the processor hits
 * none, and the ratio to the first within a round is steady where the microseconds are not.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** One thing to time. */
export type Contender = {
  readonly name: string;
  /** How many records one run reads: enough for a tenth of a second, which a clock of 4 ms can tell. */
  readonly records: number;
  readonly run: () => Promise<unknown>;
};

/** How long it took: medians over the rounds. */
export type Timing = { readonly name: string; readonly micros: number; readonly ratio: number };

/** Microseconds; Node before 23.9 knows no time of the thread, and the clock has to do. */
function now(): number {
  if (typeof process.threadCpuUsage !== "function") return Number(process.hrtime.bigint()) / 1000;
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

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
      const began = now();
      await contender.run();
      taken[at]?.push((now() - began) / contender.records);
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
