/**
 * When a threshold is reached: whether there is a span of time, as long as the rule says, that has the record in it and
 * enough others. It slides: five within ten minutes are five, wherever a clock's ten minutes begin.
 *
 *     burstStart([{ from: 0, to: 0, value: "a" }, { from: 50, to: 50, value: "b" }], 50, { count: 2, within: 60 })   // -9
 */
import type { Threshold } from "./policy.ts";

/** Something that counts once: a record, or one of the values that are told apart. It is there from one time to another. */
export type Point = { readonly from: number; readonly to: number; readonly value: string };

/**
 * The start of the earliest span `[start, start + within)` that has `time` and enough points; undefined when there is
 * none. Points of the same value count once.
 */
export function burstStart(
  points: readonly Point[],
  time: number,
  { count, within }: Pick<Threshold, "count" | "within">,
): number | undefined {
  const earliest = time - within + 1;
  // Sliding on, a span gains a point only where its end reaches one.
  const starts = [earliest, ...points.map(({ from }) => from - within + 1)]
    .filter((start) => start >= earliest && start <= time)
    .toSorted((a, b) => a - b);
  return [...new Set(starts)].find((start) => {
    const there = points.filter(({ from, to }) => from < start + within && to >= start);
    return new Set(there.map(({ value }) => value)).size >= count;
  });
}
