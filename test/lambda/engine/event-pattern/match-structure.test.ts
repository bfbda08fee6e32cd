/** How the structure of an event pattern meets the structure of an event: nesting, arrays, `$or`, odd names. */
import { describe, expect, it } from "vitest";
import {
  compileEventPattern,
  compileEventPatterns,
} from "../../../../lambda/engine/event-pattern/compile.ts";
import { matchesEventPattern, matchingPatterns } from "../../../../lambda/engine/event-pattern/match.ts";

function matches(pattern: unknown, event: unknown): boolean {
  return matchesEventPattern(compileEventPattern(pattern), event);
}

type Case = [name: string, pattern: unknown, event: unknown, expected: boolean];

const STRUCTURE: Case[] = [
  ["all fields must match", { a: [1], b: [2] }, { a: 1, b: 2, c: 3 }, true],
  ["one field that fails is enough", { a: [1], b: [2] }, { a: 1, b: 3 }, false],
  ["a field that is missing fails", { a: [1], b: [2] }, { a: 1 }, false],
  ["names are case-sensitive", { Tag: ["x"] }, { tag: "x" }, false],
  ["names that differ in case are two fields", { Tag: ["x"], tag: ["y"] }, { tag: "y", Tag: "x" }, true],
  ["nested fields", { a: { b: { c: [1] } } }, { a: { b: { c: 1, d: 2 }, e: 3 } }, true],
  ["an object where a leaf is wanted", { a: [1] }, { a: { b: 1 } }, false],
  ["a leaf where an object is wanted", { a: { b: [1] } }, { a: 1 }, false],
  ["fields below a missing object, one may be missing", { a: { b: [{ exists: false }] } }, {}, true],

  ["a dotted name in the pattern", { "a.b": [1] }, { a: { b: 1 } }, true],
  ["a dotted name in the event", { a: { b: [1] } }, { "a.b": 1 }, true],
  ["dots in other places of pattern and event", { "a.b": { c: [1] } }, { a: { "b.c": 1 } }, true],
  ["two spellings of a field are both looked at", { a: { b: [1] } }, { "a.b": 2, a: { b: 1 } }, true],
  ["two spellings of a field, either is there", { a: { b: [{ exists: false }] } }, { "a.b": 2 }, false],
  ["a name with a dot at its end", { "a.": [1] }, { "a.": 1 }, true],
  [
    "a later mention of a field replaces an earlier one",
    { a: { b: [1] }, "a.b": [2] },
    { a: { b: 2 } },
    true,
  ],
  ["an earlier mention of a field is gone", { a: { b: [1] }, "a.b": [2] }, { a: { b: 1 } }, false],

  ["an array of objects", { a: { b: [1] } }, { a: [{ b: 2 }, { b: 1 }] }, true],
  ["two fields of one element", { a: { b: [1], c: [2] } }, { a: [{ b: 9 }, { b: 1, c: 2 }] }, true],
  ["two fields of different elements", { a: { b: [1], c: [2] } }, { a: [{ b: 1 }, { c: 2 }] }, false],
  [
    "two fields of different elements, a crossed pair",
    { a: { b: [1], c: [2] } },
    {
      a: [
        { b: 1, c: 3 },
        { b: 4, c: 2 },
      ],
    },
    false,
  ],
  [
    "fields of different arrays need not agree",
    { a: { b: [1] }, c: { d: [2] } },
    { a: [{}, { b: 1 }], c: [{ d: 2 }] },
    true,
  ],
  [
    "arrays within elements",
    { a: { b: { c: [1] }, d: [2] } },
    { a: [{ b: [{ c: 0 }, { c: 1 }], d: 2 }] },
    true,
  ],
  [
    "arrays within different elements",
    { a: { b: { c: [1] }, d: [2] } },
    {
      a: [
        { b: [{ c: 1 }], d: 0 },
        { b: [], d: 2 },
      ],
    },
    false,
  ],
  [
    "different elements of an inner array",
    { a: { b: { c: [1], d: [2] } } },
    { a: [{ b: [{ c: 1 }, { d: 2 }] }] },
    false,
  ],
  [
    "two outer elements, each half right",
    { a: { b: { c: [1], d: [2] } } },
    { a: [{ b: [{ c: 1 }] }, { b: [{ d: 2 }] }] },
    false,
  ],
  ["arrays in arrays", { a: { b: [1], c: [2] } }, { a: [[{ b: 0 }], [{ b: 1, c: 2 }]] }, true],
  [
    "arrays in arrays, different inner elements",
    { a: { b: [1], c: [2] } },
    { a: [[{ b: 1 }, { c: 2 }]] },
    false,
  ],
  [
    "arrays in arrays, different outer elements",
    { a: { b: [1], c: [2] } },
    { a: [[{ b: 1 }], [{ c: 2 }]] },
    false,
  ],
  ["scalars of one array are tied to nothing", { a: [1], b: [2] }, { a: [0, 1], b: [2, 0] }, true],
  ["a scalar beside elements is tied to nothing", { a: [1], "a.b": [2] }, { a: [1, { b: 2 }] }, true],
  [
    "a scalar in an inner array is tied to its element",
    { a: [1], "a.b": [2] },
    { a: [[1], { b: 2 }] },
    false,
  ],
  [
    "three fields, two and two agree but not all",
    { a: { b: [1], c: [1], d: [1] } },
    {
      a: [
        { b: 1, c: 1 },
        { c: 1, d: 1 },
        { b: 1, d: 1 },
      ],
    },
    false,
  ],
  [
    "dotted keys that collide may each give a field",
    { a: { b: [1], c: [2] } },
    { a: [{ b: 1 }], "a.c": 2 },
    true,
  ],
  [
    "dotted keys that collide with arrays stay tied each in its own",
    { "a.b.c": [1], "a.b.d": [2] },
    { a: { b: [{ c: 1 }, { d: 2 }] }, "a.b": [{ c: 0, d: 2 }] },
    true,
  ],

  [
    "a missing field beside one in an element",
    { a: { b: [1], c: [{ exists: false }] } },
    { a: [{ b: 1 }] },
    true,
  ],
  [
    "a field missing in the element that matched",
    { a: { b: [1], c: [{ exists: false }] } },
    { a: [{ b: 1 }, { b: 2, c: 3 }] },
    true,
  ],
  [
    "a field present in the element that matched",
    { a: { b: [1], c: [{ exists: false }] } },
    { a: [{ b: 1, c: 3 }, { b: 2 }] },
    false,
  ],
  [
    "a missing field before the one in an element sees all elements",
    { a: { b: [{ exists: false }], c: [1] } },
    { a: [{ c: 1 }, { b: 2 }] },
    false,
  ],
  [
    "a missing field alone sees all elements",
    { a: { b: [{ exists: false }] } },
    { a: [{ c: 1 }, { b: 2 }] },
    false,
  ],
  [
    "a missing field is not ruled out by another array",
    { a: { b: [1] }, c: { d: [{ exists: false }] } },
    { a: [{ b: 1 }], c: [{}, { d: 1 }] },
    false,
  ],
  [
    "missing or right, in the element that matched",
    { a: { b: [1], c: [{ exists: false }, 2] } },
    {
      a: [
        { b: 1, c: 3 },
        { b: 1, c: 2 },
      ],
    },
    true,
  ],

  ["$or, the first", { $or: [{ a: [1] }, { b: [2] }] }, { a: 1 }, true],
  ["$or, the second", { $or: [{ a: [1] }, { b: [2] }] }, { b: 2 }, true],
  ["$or, neither", { $or: [{ a: [1] }, { b: [2] }] }, { a: 2, b: 1 }, false],
  ["$or and a field beside it", { c: [3], $or: [{ a: [1] }, { b: [2] }] }, { a: 1 }, false],
  ["$or below a field", { d: { $or: [{ a: [1] }, { b: [2] }] } }, { d: { b: 2 } }, true],
  ["$or below a field, not at the top", { d: { $or: [{ a: [1] }, { b: [2] }] } }, { b: 2 }, false],
  ["$or of nested fields", { $or: [{ a: { b: [1] } }, { c: { d: [2] } }] }, { c: { d: 2 } }, true],
  ["$or in $or", { $or: [{ a: [1], $or: [{ b: [2] }, { c: [3] }] }, { d: [4] }] }, { a: 1, c: 3 }, true],
  [
    "$or in $or, the inner one fails",
    { $or: [{ a: [1], $or: [{ b: [2] }, { c: [3] }] }, { d: [4] }] },
    { a: 1 },
    false,
  ],
  [
    "two $or must both hold",
    { $or: [{ a: [1] }, { a: [2] }], d: { $or: [{ b: [1] }, { c: [2] }] } },
    { a: 2, d: { c: 2 } },
    true,
  ],
  [
    "two $or, one fails",
    { $or: [{ a: [1] }, { a: [2] }], d: { $or: [{ b: [1] }, { c: [2] }] } },
    { a: 2, d: { c: 1 } },
    false,
  ],
  [
    "$or does not mix branches over elements",
    { a: { b: [1], $or: [{ c: [2] }, { d: [3] }] } },
    { a: [{ b: 1 }, { c: 2, d: 3 }] },
    false,
  ],
  ["a field in $or replaces the one before it", { a: [1], $or: [{ a: [2] }, { b: [3] }] }, { a: 2 }, true],
  ["a field after $or replaces those in it", { $or: [{ a: [2] }, { b: [3] }], a: [1] }, { a: 2 }, false],
  ["$or with a missing field", { $or: [{ a: [{ exists: false }] }, { a: ["x"] }] }, { a: "y" }, false],

  ["a key that every object inherits", { constructor: [{ exists: true }] }, {}, false],
  ["an own key called constructor", { constructor: { name: ["x"] } }, { constructor: { name: "x" } }, true],
  ["no inherited value below constructor", { constructor: { name: ["Object"] } }, {}, false],
  ["a missing field called toString", { toString: [{ exists: false }] }, {}, true],
  ["length is no field of an array", { a: { length: [2] } }, { a: [1, 2] }, false],
  ["an index is no field of an array", { a: { "0": [1] } }, { a: [1, 2] }, false],
  ["length is no field of a string", { a: { length: [1] } }, { a: "x" }, false],
];

describe("the structure of pattern and event", () => {
  it.each(STRUCTURE)("%s", (_, pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it("finds an own __proto__ key and no inherited one", () => {
    const pattern: unknown = JSON.parse('{"__proto__":{"a":[1]}}');
    expect(matches(pattern, JSON.parse('{"__proto__":{"a":1}}'))).toBe(true);
    expect(matches(pattern, {})).toBe(false);
    expect(matches(JSON.parse('{"__proto__":[{"exists":false}]}'), {})).toBe(true);
    // Object.prototype is an object, and its own prototype is null, which is a leaf.
    expect(matches(JSON.parse('{"__proto__":{"__proto__":[null]}}'), {})).toBe(false);
  });

  it.each([null, undefined, "x", 1, true, [{ a: 1 }]])(
    "an event that is no object matches nothing: %s",
    (event) => {
      expect(matches({ a: [{ exists: false }] }, event)).toBe(false);
    },
  );

  it("ignores what JSON does not have", () => {
    const event = { a: undefined, b: () => 1, c: 1n };
    expect(matches({ a: [{ exists: false }], b: [{ exists: false }], c: [{ exists: false }] }, event)).toBe(
      true,
    );
  });

  it("matches patterns together as it matches each alone", () => {
    const patterns = [
      { a: [1], b: { c: [2] } },
      { a: [2] },
      { "b.c": [2] },
      { a: [1], d: [{ exists: true }] },
    ];
    const event = { a: 1, b: { c: 2 } };
    expect(matchingPatterns(compileEventPatterns(patterns), event)).toEqual([0, 2]);
    expect(patterns.map((pattern) => matches(pattern, event))).toEqual([true, false, true, false]);
    expect(matchingPatterns(compileEventPatterns(patterns), "no event")).toEqual([]);
  });
});
