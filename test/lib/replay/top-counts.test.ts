import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TopCounts } from "../../../lib/replay/top-counts.ts";

function counted(names: readonly string[]): TopCounts {
  const counts = new TopCounts();
  for (const name of names) counts.add(name);
  return counts;
}

describe("top counts", () => {
  it("give the most frequent names, ties by name, and what the others come to", () => {
    expect(counted(["b", "a", "c", "b", "d", "a", "b"]).top(2)).toEqual({
      top: [
        { name: "b", count: 3 },
        { name: "a", count: 2 },
      ],
      others: { count: 2, names: 2 },
    });
    expect(counted([]).top(5)).toEqual({ top: [], others: { count: 0, names: 0 } });
  });

  it("are exact up to 200 names, in any order", () => {
    const names = fc.array(
      fc.nat(199).map((number) => `name ${number}`),
      { maxLength: 500 },
    );
    fc.assert(
      fc.property(names, (all) => {
        const { top, others } = counted(all).top(1000);
        expect(others).toEqual({ count: 0, names: 0 });
        const expected = Map.groupBy(all, (name) => name);
        expect(new Map(top.map(({ name, count }) => [name, count]))).toEqual(
          new Map([...expected].map(([name, list]) => [name, list.length])),
        );
      }),
    );
  });

  it("keep a frequent name among a flood of rare ones, count every name once, and say that not all are told apart", () => {
    const counts = new TopCounts();
    for (let number = 0; number < 20_000; number++) {
      counts.add(`session-${number}`);
      if (number % 10 === 0) counts.add("alice");
    }
    const { top, others } = counts.top(3);
    expect(top[0]).toEqual({ name: "alice", count: 2000 });
    expect(others.names).toBeNull();
    expect(top.reduce((sum, { count }) => sum + count, others.count)).toBe(22_000);
  });

  it("hold at most 200 names and 200 characters of each", () => {
    const counts = counted(Array.from({ length: 5000 }, (_, number) => `${number} ${"x".repeat(10_000)}`));
    const { top } = counts.top(10_000);
    expect(top.length).toBeLessThanOrEqual(200);
    expect(Math.max(...top.map(({ name }) => name.length))).toBe(200);
  });
});
