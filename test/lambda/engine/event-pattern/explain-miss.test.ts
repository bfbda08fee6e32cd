import { describe, expect, it } from "vitest";
import { compileEventPattern } from "../../../../lambda/engine/event-pattern/compile.ts";
import { explainMiss } from "../../../../lambda/engine/event-pattern/explain-miss.ts";

function explain(pattern: unknown, event: unknown) {
  return explainMiss(compileEventPattern(pattern), event);
}

describe("explainMiss", () => {
  it("gives nothing for an event that matches", () => {
    expect(explain({ a: [1] }, { a: 1 })).toEqual([]);
  });

  it("names each field that stopped the event, with what was wanted and seen", () => {
    expect(
      explain({ a: [1], b: { c: ["x", { prefix: "y" }] }, d: [1] }, { a: 1, b: { c: ["z", "w"] } }),
    ).toEqual([
      { path: "b.c", wanted: ["x", { prefix: "y" }], saw: ["z", "w"], inOtherElement: false },
      { path: "d", wanted: [1], saw: [], inOtherElement: false },
    ]);
  });

  it("explains a field that should be missing by what is there", () => {
    expect(explain({ a: { b: [{ exists: false }] } }, { a: { b: null } })).toEqual([
      { path: "a.b", wanted: [{ exists: false }], saw: [null], inOtherElement: false },
    ]);
  });

  it("explains the branch of $or that came nearest", () => {
    const pattern = {
      $or: [
        { a: [1], b: [1], c: [1] },
        { a: [2], b: [2] },
      ],
    };
    expect(explain(pattern, { a: 2, b: 3, c: 1 }).map((miss) => miss.path)).toEqual(["b"]);
  });

  it("explains the branch that failed deepest where several came as near", () => {
    const pattern = {
      $or: [{ call: ["A"] }, { call: ["B"], parameters: { id: [1] } }, { call: ["C"] }],
    };
    expect(explain(pattern, { call: "B", parameters: { id: 2 } }).map((miss) => miss.path)).toEqual([
      "parameters.id",
    ]);
  });

  it("says when the values are there but in different elements of an array", () => {
    expect(explain({ a: { b: [1], c: [2] }, d: [3] }, { a: [{ b: 1 }, { c: 2 }], d: 3 })).toEqual([
      { path: "a.b", wanted: [1], saw: [1], inOtherElement: true },
      { path: "a.c", wanted: [2], saw: [2], inOtherElement: true },
    ]);
  });

  it("explains what is no event by all fields", () => {
    expect(explain({ a: [1], b: [2] }, "x").map((miss) => miss.path)).toEqual(["a", "b"]);
    expect(explain({ a: [{ exists: false }], b: [1] }, null).map((miss) => miss.path)).toEqual(["b"]);
  });
});
