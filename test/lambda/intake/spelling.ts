/** Random spellings of one JSON value: what JSON.parse reads is the same, the bytes are not. */
import * as fc from "fast-check";

export type Dice = (below: number) => number;

/** Numbers from a list that fast-check made, again and again. */
export function diceOf(numbers: readonly number[]): Dice {
  let at = 0;
  return (below) => (numbers[at++ % numbers.length] ?? 0) % below;
}

export const diceArbitrary = fc
  .array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 200 })
  .map((numbers) => diceOf(numbers));

/** Writes a value with blanks, escapes, keys in another order, and members that a later one replaces. */
export function spell(value: unknown, dice: Dice, wild: number): string {
  const odd = (): boolean => dice(100) < wild;
  const blank = (): string => (odd() ? " ".repeat(1 + dice(3)) : "");
  const text = (plain: string): string =>
    `"${[
      ...JSON.stringify(plain)
        .slice(1, -1)
        .matchAll(/\\u....|\\.|./gsu),
    ]
      .map(([char]) =>
        char.length === 1 && odd() ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : char,
      )
      .join("")}"`;
  const write = (one: unknown): string => {
    if (typeof one === "string") return text(one);
    if (Array.isArray(one)) return `[${blank()}${one.map(write).join(`${blank()},${blank()}`)}${blank()}]`;
    if (typeof one !== "object" || one === null) return JSON.stringify(one) ?? "null";
    const entries = Object.entries(one).filter(([, inner]) => inner !== undefined);
    const shuffled = odd() ? entries.toSorted(() => dice(3) - 1) : entries;
    const members = shuffled.map(([key, inner]) => `${text(key)}${blank()}:${blank()}${write(inner)}`);
    if (odd() && members.length > 0) {
      const [key = ""] = entries[dice(entries.length)] ?? [];
      members.unshift(
        `${text(key)}:${JSON.stringify(["DescribeVpcs", null, { eventName: "x" }, true][dice(4)])}`,
      );
    }
    return `{${blank()}${members.join(`${blank()},${blank()}`)}${blank()}}`;
  };
  return write(value);
}
