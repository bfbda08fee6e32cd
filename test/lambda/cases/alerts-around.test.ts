import { describe, expect, it } from "vitest";
import { alertsAround } from "../../../lambda/cases/alerts-around.ts";
import { idOf, memoryCases, rowWith } from "./memory-cases.ts";

const at = Date.parse("2026-11-20T10:00:00.000Z");
const HOUR = 3_600_000;
const rowAt = (offset: number, number: number) =>
  rowWith({ id: idOf(number), startTime: new Date(at + offset).toISOString() });
const offsetsOf = (rows: readonly { readonly startTime: string }[]): number[] =>
  rows.map(({ startTime }) => Date.parse(startTime) - at);

describe("the alerts around a time", () => {
  const offsets = [-25, -24, -6, -1, -0.05, 0, 0.05, 1, 6, 24, 25].map((hours) => hours * HOUR);
  const cases = memoryCases([], { rows: offsets.map(rowAt) });

  it("are all of a day before and after, each once", async () => {
    const { rows, all } = await alertsAround(cases, {}, { at, most: 100 }, 0);
    expect(all).toBe(true);
    expect(offsetsOf(rows).toSorted((a, b) => a - b)).toEqual(offsets.slice(1, -1));
  });

  it("are found at every millisecond where one stretch of time ends and the next begins", async () => {
    const edges = [5 / 60, 1, 6, 24].flatMap((hours) =>
      [-1, 0, 1].flatMap((ms) => [hours * HOUR + ms, -hours * HOUR + ms]),
    );
    const { rows } = await alertsAround(
      memoryCases([], { rows: edges.map(rowAt) }),
      {},
      { at, most: 100 },
      0,
    );
    const within = edges.filter((edge) => Math.abs(edge) <= 24 * HOUR);
    expect(offsetsOf(rows).toSorted((a, b) => a - b)).toEqual(within.toSorted((a, b) => a - b));
  });

  it("are the nearest where there are too many, and say so", async () => {
    const { rows, all } = await alertsAround(cases, {}, { at, most: 3 }, 0);
    expect(all).toBe(false);
    expect(offsetsOf(rows).toSorted((a, b) => a - b)).toEqual([-0.05 * HOUR, 0, 0.05 * HOUR]);
  });

  it("come through pages without rows, and an end is made of pages without end", async () => {
    const sparse = memoryCases([], { rows: offsets.map(rowAt), empty: true });
    expect((await alertsAround(sparse, {}, { at, most: 100 }, 0)).rows).toHaveLength(9);
    const endless = { list: () => Promise.resolve({ rows: [], next: "again" }) };
    expect(await alertsAround(endless, {}, { at, most: 100 }, 0)).toEqual({ rows: [], all: false });
  });

  it("are asked for in times that can be written, at the ends of time too", async () => {
    for (const end of ["0001-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]) {
      const asked = memoryCases([]);
      await alertsAround(asked, {}, { at: Date.parse(end), most: 10 }, 0);
      for (const { from, to } of asked.asked) expect(`${from} ${to}`).toMatch(/^\d{4}-\S+Z \d{4}-\S+Z$/);
    }
  });
});
