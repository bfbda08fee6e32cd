import { flatten } from "flat";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFactPath } from "../../../lambda/record/fact-path.ts";
import { readerOf } from "../../../lambda/record/fact-reader.ts";
import { AlternativeLists, Alternatives, lookupFact, resolveFact } from "../../../lambda/record/facts.ts";
import { recordOf } from "../engine/samples.ts";

function fact(root: unknown, name: string): unknown {
  return resolveFact(root, parseFactPath(name));
}

describe("a fact", () => {
  const record = {
    eventName: "RunInstances",
    requestParameters: {
      empty: {},
      none: [],
      nothing: null,
      blank: "",
      zero: 0,
      no: false,
      groupSet: { items: [{ groupId: "sg-1", ports: [22, 80] }, { groupId: "sg-2" }, "sg-3", null] },
      collapsed: { items: { groupId: "sg-4", ports: 443 } },
      tags: ["a", "b"],
      byNumber: { "0": "key zero", "01": "key 01" },
    },
  };

  it.each([
    ["eventName", "RunInstances"],
    ["requestParameters.groupSet.items.0.groupId", "sg-1"],
    ["requestParameters.groupSet.items[0].groupId", "sg-1"],
    ["requestParameters.groupSet.items[0].ports[1]", 80],
    ["requestParameters.groupSet.items.2", "sg-3"],
    ["requestParameters.groupSet.items.3", null],
    ["requestParameters.tags", ["a", "b"]],
    ["requestParameters.empty", {}],
    ["requestParameters.none", []],
    ["requestParameters.nothing", null],
    ["requestParameters.blank", ""],
    ["requestParameters.zero", 0],
    ["requestParameters.no", false],
    ["requestParameters.byNumber.0", "key zero"],
    ["requestParameters.byNumber.01", "key 01"],
  ])("%s is what the record has there", (name, value) => {
    expect(fact(record, name)).toEqual(value);
    expect(readerOf(parseFactPath(name))(recordOf(record))).toEqual(value);
  });

  it.each([
    "errorCode",
    "requestParameters.groupSet.items.4",
    "requestParameters.groupSet.items[4]",
    "requestParameters.tags.01",
    "requestParameters.tags.-1",
    "requestParameters.tags.length",
    "requestParameters.blank.length",
    "requestParameters.nothing.x",
    "requestParameters.zero.toFixed",
    "requestParameters.byNumber[1]",
    "eventName.x",
  ])("%s is absent", (name) => {
    expect(fact(record, name)).toBeUndefined();
    expect(readerOf(parseFactPath(name))(recordOf(record))).toBeUndefined();
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"])(
    "is absent where only JavaScript's prototypes have %s",
    (key) => {
      for (const name of [key, `requestParameters.${key}`, `requestParameters.tags.${key}`, `${key}.name`]) {
        expect(fact(record, name)).toBeUndefined();
        expect(readerOf(parseFactPath(name))(recordOf(record))).toBeUndefined();
      }
    },
  );

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "length"])(
    "is found where the record itself has the key %s",
    (key) => {
      const root = JSON.parse(`{"requestParameters":{"${key}":{"x":1}}}`) as Record<string, unknown>;
      expect(fact(root, `requestParameters.${key}.x`)).toBe(1);
      expect(fact(root, `requestParameters[*].${key}.x`)).toEqual([1]);
      expect(readerOf(parseFactPath(`requestParameters.${key}.x`))(recordOf(root))).toBe(1);
    },
  );
});

describe("[*]", () => {
  it.each([
    ["a list", { a: [{ x: 1 }, { x: 2 }] }, [1, 2]],
    [
      "elements without the key, or that are no objects",
      { a: [{ x: 1 }, { y: 2 }, 3, null, { x: null }] },
      [1, null],
    ],
    ["a list that CloudTrail collapsed to its only element", { a: { x: 1 } }, [1]],
    ["an empty list", { a: [] }, []],
    ["{}, which is an empty list as well", { a: {} }, []],
    ["null", { a: null }, []],
    ["nothing", {}, []],
    ["a text", { a: "x" }, []],
  ])("reads %s", (_, root, values) => {
    expect(fact(root, "a[*].x")).toEqual(values);
  });

  it("reads plain elements, and a plain value as a collapsed list", () => {
    expect(fact({ a: ["x", 5, null] }, "a[*]")).toEqual(["x", 5, null]);
    expect(fact({ a: "x" }, "a[*]")).toEqual(["x"]);
    expect(fact({ a: 0 }, "a[*]")).toEqual([0]);
  });

  it("makes one list of lists in lists, collapsed ones included", () => {
    const root = { a: [{ b: [1, 2] }, { b: 3 }, { b: {} }, {}, { b: [{ c: 4 }] }] };
    expect(fact(root, "a[*].b[*]")).toEqual([1, 2, 3, { c: 4 }]);
    expect(fact(root, "a[*].b[*].c")).toEqual([4]);
  });

  it("has as many elements as 10,000 lists of one element and one list of 10,000 have", () => {
    const wide = Array.from({ length: 10_000 }, (_, x) => ({ x }));
    expect(fact({ a: wide }, "a[*].x")).toHaveLength(10_000);
    expect(fact({ a: wide.map((one) => ({ b: [one] })) }, "a[*].b[*].x")).toHaveLength(10_000);
    expect(fact({ a: [{ b: wide }] }, "a[*].b[*].x")).toHaveLength(10_000);
  });
});

describe("[0]", () => {
  it("reads a collapsed list, [1] does not", () => {
    expect(fact({ a: { x: 1 } }, "a[0].x")).toBe(1);
    expect(fact({ a: "x" }, "a[0]")).toBe("x");
    expect(fact({ a: { x: 1 } }, "a[1].x")).toBeUndefined();
  });

  it("finds nothing in {}, null and an absent list", () => {
    for (const root of [{ a: {} }, { a: null }, {}, { a: [] }]) expect(fact(root, "a[0]")).toBeUndefined();
  });
});

describe("keys with dots", () => {
  it("are the same fact as nested keys", () => {
    expect(fact({ "a.b.c": 1 }, "a.b.c")).toBe(1);
    expect(fact({ a: { "b.c": 1 } }, "a.b.c")).toBe(1);
    expect(fact({ "a.b": { c: 1 } }, "a.b.c")).toBe(1);
    expect(fact({ "a.b": [{ c: 1 }] }, "a.b[*].c")).toEqual([1]);
  });

  it("that collide give all values, the nested one first", () => {
    const root = { a: { b: { c: 1 }, "b.c": 2 }, "a.b": { c: 3 }, "a.b.c": 4 };
    expect(fact(root, "a.b.c")).toEqual(new Alternatives([1, 2, 3, 4]));
    expect(lookupFact(root, parseFactPath("a.b.c"))).toBe(1);
    expect(readerOf(parseFactPath("a.b.c"))(recordOf(root))).toEqual(new Alternatives([1, 2, 3, 4]));
  });

  it("that collide give all lists, empty ones included", () => {
    expect(fact({ a: { b: [1] }, "a.b": [2] }, "a.b[*]")).toEqual(new Alternatives([[1], [2]]));
    expect(fact({ a: { b: [] }, "a.b": [2] }, "a.b[*]")).toEqual(new Alternatives([[], [2]]));
    expect(fact({ a: { b: null }, "a.b": [2] }, "a.b[*]")).toEqual(new Alternatives([[], [2]]));
  });

  it("that collide inside the elements of a list keep them apart from the other elements", () => {
    const root = { a: [{ b: { c: [1] }, "b.c": [2] }, { b: { c: [3] } }] };
    expect(fact(root, "a[*].b.c[*]")).toEqual([new AlternativeLists([[1], [2]]), 3]);
    expect(fact(root, "a[*].b.c")).toEqual([new Alternatives([[1], [2]]), [3]]);
  });

  it("are found in a record of 256 KB that holds as many of them as fit", () => {
    const root: Record<string, unknown> = { a: { b: 1 } };
    for (let at = 0; at < 20_000; at++) root[`a.x${at}`] = at;
    root["a.b"] = 2;
    expect(fact(root, "a.b")).toEqual(new Alternatives([1, 2]));
  });
});

/** JSON without empty objects and lists, which flat keeps as values, and without dots in keys, which collide. */
const key = fc.oneof(fc.constantFrom("a", "b", "items", "x-y", "é"), fc.stringMatching(/^[A-Za-z_-]{1,8}$/));
const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec<{ tree: unknown; object: Record<string, unknown> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    scalar,
    tie("object"),
    fc.array(tie("tree"), { minLength: 1, maxLength: 4 }),
  ),
  object: fc.dictionary(key, tie("tree"), { minKeys: 1, maxKeys: 4 }),
}));
const tree1 = fc.dictionary(key, tree, { minKeys: 1, maxKeys: 5 });

describe("facts and the keys of flat", () => {
  it("are the same for every key of a flattened record", () => {
    fc.assert(
      fc.property(tree1, (root) => {
        const flat = flatten<Record<string, unknown>, Record<string, unknown>>(root);
        for (const [name, value] of Object.entries(flat)) {
          expect(fact(root, name)).toEqual(value);
          expect(readerOf(parseFactPath(name))(recordOf({ ...root, eventName: "x" }))).toEqual(
            name.startsWith("eventName") ? "x" : value,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it("are the same for a record that is itself written with dotted keys throughout", () => {
    fc.assert(
      fc.property(tree1, (root) => {
        const flat = flatten<Record<string, unknown>, Record<string, unknown>>(root);
        for (const [name, value] of Object.entries(flat)) expect(fact(flat, name)).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });
});
