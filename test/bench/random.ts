/**
 * Numbers that look random and are the same in every run, so that two runs of the bench measure the same records and
 * rules. The generator is mulberry32 (Tommy Ettinger, public domain).
 *
 *     const dice = createDice(7);
 *     dice.pick(["a", "b"]);   // always the same first pick
 */

/** A source of repeatable choices. */
export type Dice = {
  /** At least 0 and below 1. */
  next(): number;
  /** A whole number of at least 0 and below `limit`. */
  below(limit: number): number;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** True in so many of 100 cases. */
  percent(share: number): boolean;
  /** So many hexadecimal digits. */
  hex(digits: number): string;
};

/** Makes dice that always fall the same way for the same seed. */
export function createDice(seed: number): Dice {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick<T>(list: readonly T[]): T {
      const found = list[below(list.length)];
      if (found === undefined) throw new RangeError("there is nothing to pick from in an empty list");
      return found;
    },
    percent: (share) => next() * 100 < share,
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(""),
  };
}
