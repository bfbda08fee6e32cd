import { flatten } from "flat";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flattenRecord } from "../../../lambda/cases/flatten-record.ts";
import { sampleRecord } from "../alerts/sample.ts";

const roomy = { maxBytes: 1e9, first: [] };
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe("a flattened record", () => {
  it("has the keys and values that flat gives it", () => {
    const record = sampleRecord({ none: {}, empty: [], nothing: null, zero: 0 });
    expect(flattenRecord(record, roomy)).toEqual({ record: flatten(record), cut: 0, left: 0 });
  });

  it("has what flat gives, whatever the record, as long as no keys collide", () => {
    const name = fc.string({ minLength: 1 }).filter((key) => !key.includes(".") && key !== "__proto__");
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: true }),
        fc.array(tie("value"), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, json.value, { noNullPrototype: true }), (record) => {
        expect(flattenRecord(record, roomy).record).toEqual(flatten(record));
      }),
    );
  });

  it("hides no value behind a colliding key", () => {
    const record = { a: { b: 1 }, "a.b": 2, "a.b (2)": 3 };
    expect(flattenRecord(record, roomy).record).toEqual({ "a.b": 1, "a.b (3)": 2, "a.b (2)": 3 });
  });

  it("takes keys of JavaScript's own for keys", () => {
    const record = JSON.parse('{"__proto__":{"x":1},"constructor":"y"}') as Record<string, unknown>;
    expect(Object.entries(flattenRecord(record, roomy).record)).toEqual([
      ["__proto__.x", 1],
      ["constructor", "y"],
    ]);
  });

  it("cuts long texts before it leaves fields out, and says how many", () => {
    const record = { a: "x".repeat(50_000), b: "short" };
    const { record: kept, cut, left } = flattenRecord(record, { maxBytes: 5_000, first: [] });
    expect({ cut, left, b: kept["b"] }).toEqual({ cut: 1, left: 0, b: "short" });
    expect(bytesOf(kept)).toBeLessThanOrEqual(5_000);
  });

  it("leaves fields out from the end, but those that a rule matched on", () => {
    const record = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field${n}`, n]));
    const { record: kept, left } = flattenRecord(record, { maxBytes: 2_000, first: ["field4999"] });
    expect(bytesOf(kept)).toBeLessThanOrEqual(2_000);
    expect(kept["field4999"]).toBe(4_999);
    expect(left).toBe(5_000 - Object.keys(kept).length);
  });

  it("stays within its bytes and counts what it left, whatever the record", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.integer({ min: 2, max: 2_000 }),
        (record, maxBytes) => {
          const { record: kept, left } = flattenRecord(record, { maxBytes, first: [] });
          expect(bytesOf(kept)).toBeLessThanOrEqual(maxBytes);
          const all = Object.keys(flattenRecord(record, roomy).record).length;
          expect(Object.keys(kept).length + left).toBe(all);
        },
      ),
    );
  });

  it("is not made slow by long keys with many fields below them", () => {
    let value: unknown = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [n, 0]));
    for (let depth = 0; depth < 60; depth++) value = { ["k".repeat(1_000)]: value };
    const { record, left } = flattenRecord({ value, eventName: "X" }, roomy);
    expect(record).toEqual({ eventName: "X" });
    expect(left).toBe(1);
  });
});
