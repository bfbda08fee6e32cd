/**
 * Events made to crash the matcher or to keep it busy. Each must get its verdict; an exponential or quadratic walk of one
 * takes minutes, and so runs into the time limit of its test.
 */
import { describe, expect, it } from "vitest";
import { compileEventPattern } from "../../../../lambda/engine/event-pattern/compile.ts";
import { explainMiss } from "../../../../lambda/engine/event-pattern/explain-miss.ts";
import { matchesEventPattern } from "../../../../lambda/engine/event-pattern/match.ts";

function judge(pattern: unknown, event: unknown): boolean {
  return matchesEventPattern(compileEventPattern(pattern), event);
}

function nested(depth: number, wrap: (inner: unknown) => unknown, innermost: unknown): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

describe("a hostile event", () => {
  it("of 100,000 nested arrays has no leaf that counts", () => {
    const event = { a: nested(100_000, (inner) => [inner], "x") };
    expect(judge({ a: ["x"] }, event)).toBe(false);
    expect(judge({ a: ["x"], "a.b": [{ exists: false }] }, event)).toBe(false);
    expect(judge({ a: [{ exists: false }, "y"], b: [{ exists: false }] }, event)).toBe(true);
  });

  it("of 100,000 nested objects is read no deeper than the pattern", () => {
    const event = { a: nested(100_000, (inner) => ({ a: inner }), "x"), b: 1 };
    expect(judge({ a: { a: { a: ["x"] } }, b: [1] }, event)).toBe(false);
    expect(judge({ a: { a: { a: [{ exists: false }] } }, b: [1] }, event)).toBe(true);
  });

  it("of arrays nested as deep as is read, with several fields in them, is settled", () => {
    const event = { a: nested(900, (inner) => [inner, 7], [{ b: 1, c: 2 }]) };
    expect(judge({ a: { b: [1], c: [2] } }, event)).toBe(true);
    expect(judge({ a: [7], "a.b": [1], "a.c": [{ exists: false }, 3] }, event)).toBe(false);
    expect(judge({ a: [8], "a.b": [1], "a.c": [{ exists: false }] }, event)).toBe(false);
  });

  it("of 10,000 elements that each satisfy all fields but one is settled in linear time", () => {
    const names = ["b", "c", "d", "e", "f", "g", "h", "i"];
    const items = Array.from({ length: 10_000 }, (_, index) =>
      Object.fromEntries(names.map((name, position) => [name, index % names.length === position ? 0 : 1])),
    );
    const pattern = { a: Object.fromEntries(names.map((name) => [name, [1]])) };
    expect(judge(pattern, { a: items })).toBe(false);
    expect(judge(pattern, { a: [...items, Object.fromEntries(names.map((name) => [name, 1]))] })).toBe(true);
  });

  it("of 10,000 elements and a field that must be missing is settled in linear time", () => {
    const items = Array.from({ length: 10_000 }, (_, index) => ({
      b: 1,
      c: index % 2 === 0 ? [{ d: 1 }] : "x",
    }));
    expect(judge({ a: { b: [1], c: [{ exists: false }] } }, { a: items })).toBe(true);
    expect(judge({ a: { b: [{ exists: false }], c: ["x"] } }, { a: items })).toBe(false);
  });

  it("of arrays in arrays in arrays, where only the last fits, is settled", () => {
    const inner = Array.from({ length: 22 }, () => ({ c: 1, d: 0 }));
    const middle = Array.from({ length: 22 }, () => ({ b: inner, e: 1 }));
    const outer = Array.from({ length: 22 }, () => ({ a: middle, f: 1 }));
    const pattern = { o: { f: [1], a: { e: [1], b: { c: [1], d: [1] } } } };
    expect(judge(pattern, { o: outer })).toBe(false);
    expect(judge(pattern, { o: [...outer, { f: 1, a: [{ e: 1, b: [...inner, { c: 1, d: 1 }] }] }] })).toBe(
      true,
    );
  });

  it("whose dotted keys collide in every way is delivered rather than searched for ever", () => {
    const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
    const event: Record<string, unknown> = {
      o: { p: Array.from({ length: 50 }, (_, index) => ({ [`f${index}`]: 1 })) },
    };
    event["o.p"] = Array.from({ length: 50 }, (_, index) => ({ [`f${49 - index}`]: 1 }));
    expect(judge({ o: { p: Object.fromEntries(names.map((name) => [name, [1]])) } }, event)).toBe(true);
  });

  it("of one huge string is compared once", () => {
    const text = "ab".repeat(500_000);
    expect(judge({ a: [{ wildcard: "*a*b*a*b*c" }] }, { a: text })).toBe(false);
    expect(judge({ a: [{ "equals-ignore-case": "ab" }] }, { a: text })).toBe(false);
    expect(judge({ a: [{ suffix: { "equals-ignore-case": "BAB" } }] }, { a: text })).toBe(true);
    expect(
      judge(
        { a: [{ cidr: "192.0.2.0/24" }, "192.0.2.1", { cidr: "2001:db8::/32" }] },
        { a: "1".repeat(1_000_000) },
      ),
    ).toBe(false);
    expect(judge({ a: [{ cidr: "2001:db8::/32" }] }, { a: `${":".repeat(500_000)}1` })).toBe(false);
  });

  it("with lone surrogates and numbers beyond 2^53 gets a verdict", () => {
    const event: unknown = JSON.parse('{"a":"\\ud800","b":9007199254740993,"c":1e400}');
    expect(judge({ a: [{ prefix: "\ud800" }] }, event)).toBe(true);
    expect(judge({ b: [9007199254740992], c: [{ exists: true }] }, event)).toBe(true);
    expect(judge({ c: [{ numeric: [">", 0] }] }, event)).toBe(false);
  });

  it("pollutes no prototype", () => {
    const event: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    judge({ "__proto__.polluted": [1], "constructor.prototype.polluted": [1] }, event);
    expect("polluted" in {}).toBe(false);
  });

  it("is explained within bounds", () => {
    const compiled = compileEventPattern({ a: ["x"], "a.b": ["y"] });
    const [miss] = explainMiss(compiled, { a: Array.from({ length: 100_000 }, (_, index) => index) });
    expect(miss?.saw).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
