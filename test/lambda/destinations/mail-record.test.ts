import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RecordRow, recordRows } from "../../../lambda/destinations/mail-record.ts";
import { leaves } from "../../../lambda/destinations/leaves.ts";

const cost = ({ path, value }: RecordRow): number => path.length + value.length + 10;

describe("the rows of a record", () => {
  it("begin with the request", () => {
    const record = { eventName: "X", requestParameters: { a: 1 }, eventSource: "y" };
    expect(recordRows(record, 1000, cost).map(({ path }) => path)).toEqual([
      "requestParameters.a",
      "eventName",
      "eventSource",
    ]);
  });

  it("are cut where they are long, and say so", () => {
    const [row] = recordRows({ ["k".repeat(500)]: "v".repeat(500) }, 10_000, cost);
    expect(row).toEqual({ path: `${"k".repeat(149)}…`, value: `${"v".repeat(299)}…` });
  });

  it("never cost more than their room, and show or count every field", () => {
    const records = fc.dictionary(
      fc.string(),
      fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(null)),
    );
    fc.assert(
      fc.property(records, fc.nat(400), (record, room) => {
        const rows = recordRows(record, room, cost);
        expect(rows.reduce((total, row) => total + cost(row), 0)).toBeLessThanOrEqual(room);
        const total = [...leaves(record)].length;
        const last = rows.at(-1);
        const left = /^… (\d+) more fields/.exec(last?.value ?? "");
        const accounted = left === null ? rows.length : rows.length - 1 + Number(left[1]);
        expect(rows.length === 0 || accounted === total).toBe(true);
      }),
    );
  });
});
