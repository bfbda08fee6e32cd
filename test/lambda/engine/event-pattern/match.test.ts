import { describe, expect, it } from "vitest";
import {
  compileEventPattern,
  compileEventPatterns,
} from "../../../../lambda/engine/event-pattern/compile.ts";
import { matchesEventPattern, matchingPatterns } from "../../../../lambda/engine/event-pattern/match.ts";

function matches(pattern: unknown, event: unknown): boolean {
  return matchesEventPattern(compileEventPattern(pattern), event);
}

/** What a field `f` may hold, what matches it and what does not. `MISSING` leaves the field out. */
const MISSING = Symbol("missing");
type Row = { values: unknown[]; yes: unknown[]; no: unknown[] };

const VALUES: Record<string, Row> = {
  "a string": {
    values: ["a"],
    yes: ["a", ["b", "a"], [["a"]]],
    no: ["A", "ab", "", ["b"], [], {}, null, MISSING, { a: "a" }],
  },
  "one of several": {
    values: ["a", 1, null],
    yes: ["a", 1, 1.0, null, [2, null]],
    no: ["1", "null", 0, true, MISSING],
  },
  "a number": { values: [300], yes: [300, 300.0, 3e2, [300]], no: ["300", 300.5, 30, null] },
  zero: { values: [0], yes: [0, -0], no: ["0", false, null, ""] },
  "an account number": { values: [123456789012], yes: [123456789012], no: ["123456789012", 123456789011] },
  "a boolean": { values: [true], yes: [true, [false, true]], no: ["true", 1, false, MISSING] },
  null: { values: [null], yes: [null, [null]], no: ["null", 0, false, "", MISSING, {}, []] },
  "an empty string": { values: [""], yes: ["", [""]], no: [" ", null, MISSING, [], {}] },
  "non-ASCII text": { values: ["Zürich"], yes: ["Zürich"], no: ["Zurich", "zürich", "Zu\u0308rich"] },
  "text with a quote and a backslash": { values: ['a"\\b'], yes: ['a"\\b'], no: ['a"b', "a\\b"] },
  "an address in any spelling": {
    values: ["192.0.2.1", "2001:db8::1"],
    yes: ["192.0.2.1", "192.000.002.001", "2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "::ffff:c000:201"],
    no: ["192.0.2.2", "2001:db8::2", "192.0.2.1/32", "::ffff:192.0.2.1", 192],
  },
  "what only looks like an address": {
    values: ["300.0.0.1", ":::", "1::2::3"],
    yes: ["300.0.0.1", ":::", "1::2::3"],
    no: ["044.0.0.1", "::"],
  },
  exactly: { values: [{ exactly: "a" }], yes: ["a"], no: ["b", MISSING] },

  prefix: {
    values: [{ prefix: "ab" }],
    yes: ["ab", "abc", ["x", "abx"]],
    no: ["a", "xab", "Abc", "", null, MISSING],
  },
  "an empty prefix": { values: [{ prefix: "" }], yes: ["", "a"], no: [1, null, true, MISSING, [], {}] },
  "a prefix, of strings only": { values: [{ prefix: "1" }], yes: ["12"], no: [12, [1]] },
  "a prefix that ends with the closing quote": {
    values: [{ prefix: 'ab"' }],
    yes: ["ab", 'ab"', 'ab"c'],
    no: ["abc", "a"],
  },
  "a prefix but for case": {
    values: [{ prefix: { "equals-ignore-case": "aB" } }],
    yes: ["ab", "ABc", "aBd"],
    no: ["a", "ba", 1],
  },
  suffix: {
    values: [{ suffix: ".png" }],
    yes: [".png", "a.png", ["x", "b.png"]],
    no: ["a.PNG", "png", "a.png2", MISSING],
  },
  "a suffix, of strings only": { values: [{ suffix: "1" }], yes: ["1", "21"], no: [1, 21] },
  "an empty suffix": { values: [{ suffix: "" }], yes: ["", "a"], no: [1, null, MISSING] },
  "a suffix that starts with the opening quote": {
    values: [{ suffix: '"ab' }],
    yes: ["ab", '"ab', 'x"ab'],
    no: ["xab"],
  },
  "a non-ASCII suffix": {
    values: [{ suffix: "統治者" }],
    yes: ["事件統治者", "統治者"],
    no: ["統治", "統治者。"],
  },
  "a suffix but for case": {
    values: [{ suffix: { "equals-ignore-case": ".Png" } }],
    yes: ["a.PNG", ".png"],
    no: ["png", "a.png "],
  },
  "equals-ignore-case": {
    values: [{ "equals-ignore-case": "aBc" }],
    yes: ["abc", "ABC", ["x", "AbC"]],
    no: ["abcd", "ab", "", null, MISSING],
  },
  "equals-ignore-case of what has no case": {
    values: [{ "equals-ignore-case": "a.*+(1)" }],
    yes: ["A.*+(1)"],
    no: ["abbb1", "a.*+1"],
  },
  "equals-ignore-case beyond ASCII": {
    values: [{ "equals-ignore-case": "ÄΣ" }],
    yes: ["äσ", "ÄΣ", "äΣ"],
    no: ["aσ", "äς"],
  },
  "equals-ignore-case with an upper form of two letters": {
    values: [{ "equals-ignore-case": "ß" }],
    yes: ["ß", "SS"],
    no: ["ss", "S"],
  },
  "equals-ignore-case, a Kelvin sign": {
    values: [{ "equals-ignore-case": "k" }],
    yes: ["k", "K"],
    no: ["\u212a"],
  },
  "equals-ignore-case beyond U+FFFF, which the rule engine misreads": {
    values: [{ "equals-ignore-case": "a😀" }],
    yes: ["A??"],
    no: ["a😀"],
  },
  wildcard: {
    values: [{ wildcard: "a*c" }],
    yes: ["ac", "abc", "abcbc", "a*c"],
    no: ["a", "c", "abcd", "xac", "AC", 1],
  },
  "a wildcard at both ends": { values: [{ wildcard: "*b*" }], yes: ["b", "abc", "ab", "bc"], no: ["", "ac"] },
  "a wildcard alone": {
    values: [{ wildcard: "*" }],
    yes: ["", "a", ["x"]],
    no: [1, null, true, MISSING, {}],
  },
  "a wildcard pattern without wildcards": { values: [{ wildcard: "ab" }], yes: ["ab"], no: ["abc", "aab"] },
  "a wildcard whose ends would overlap": {
    values: [{ wildcard: "aba*aba" }],
    yes: ["abaaba", "abaxaba"],
    no: ["aba", "ababa"],
  },
  "a wildcard whose middle and end would overlap": {
    values: [{ wildcard: "a*bc*c" }],
    yes: ["abcc", "axbcxc"],
    no: ["abc", "axbc"],
  },
  "several wildcards, in order": {
    values: [{ wildcard: "*a*b*c" }],
    yes: ["abc", "xaxbxc", "ababc"],
    no: ["acb", "bac", "abcx"],
  },
  "escapes in a wildcard": {
    values: [{ wildcard: "\\**\\\\" }],
    yes: ["*\\", "*x\\"],
    no: ["x\\", "*x", "*"],
  },

  "anything but a string": {
    values: [{ "anything-but": "a" }],
    yes: ["b", "A", 1, null, true, "", ["a", "b"]],
    no: ["a", ["a", "a"], [], {}, MISSING],
  },
  "anything but some strings": {
    values: [{ "anything-but": ["a", "b"] }],
    yes: ["c", 1, ["a", "c"]],
    no: ["a", "b", ["b", "a"], MISSING],
  },
  "anything but a number": {
    values: [{ "anything-but": 5 }],
    yes: [6, "5", null, false],
    no: [5, 5.0, MISSING],
  },
  "anything but some numbers": {
    values: [{ "anything-but": [1, 2] }],
    yes: [3, "1", [1, 3]],
    no: [1, 2, [2, 1]],
  },
  "anything but an empty string": {
    values: [{ "anything-but": "" }],
    yes: ["a", null, 0],
    no: ["", MISSING],
  },
  "anything but a prefix": {
    values: [{ "anything-but": { prefix: "ab" } }],
    yes: ["a", "xab", 1, null, ["abc", "b"]],
    no: ["ab", "abc", ["abc"], MISSING],
  },
  "anything but some prefixes": {
    values: [{ "anything-but": { prefix: ["a", "b"] } }],
    yes: ["c", "", false],
    no: ["ax", "bx", MISSING],
  },
  "anything but a suffix": {
    values: [{ "anything-but": { suffix: "z" } }],
    yes: ["zy", 1, null],
    no: ["z", "yz"],
  },
  "anything but some suffixes": {
    values: [{ "anything-but": { suffix: ["y", "z"] } }],
    yes: ["x"],
    no: ["y", "xz"],
  },
  "anything but a text in any case": {
    values: [{ "anything-but": { "equals-ignore-case": "Ab" } }],
    yes: ["abc", 1, ""],
    no: ["ab", "AB", MISSING],
  },
  "anything but some texts in any case": {
    values: [{ "anything-but": { "equals-ignore-case": ["a", "b"] } }],
    yes: ["c"],
    no: ["A", "b"],
  },
  "anything but a wildcard": {
    values: [{ "anything-but": { wildcard: "a*c" } }],
    yes: ["ab", 5, null],
    no: ["ac", "abc"],
  },
  "anything but some wildcards": {
    values: [{ "anything-but": { wildcard: ["a*", "*z"] } }],
    yes: ["b"],
    no: ["a", "z", "az"],
  },
  "either of two anything-buts, which is anything": {
    values: [{ "anything-but": "a" }, { "anything-but": "b" }],
    yes: ["a", "b", 1],
    no: [MISSING],
  },

  "equal, numerically": { values: [{ numeric: ["=", 3.5] }], yes: [3.5, 35e-1], no: ["3.5", 3, null] },
  less: { values: [{ numeric: ["<", 10] }], yes: [9.999999, -5, 0], no: [10, 11, "9", null, true, MISSING] },
  "less or equal": { values: [{ numeric: ["<=", 10] }], yes: [10, 9], no: [10.000001, "10"] },
  greater: { values: [{ numeric: [">", 0] }], yes: [0.000001, 6e9], no: [0, -1, "1"] },
  "greater or equal": { values: [{ numeric: [">=", 0] }], yes: [0, -0, 1], no: [-1] },
  "a range": { values: [{ numeric: [">", 0, "<=", 5] }], yes: [1, 5, [9, 3]], no: [0, 5.1, [9, 0], "3", {}] },
  "numbers too large to be any": {
    values: [{ numeric: [">", 0] }, { "anything-but": 1 }],
    yes: [Number.POSITIVE_INFINITY, 2],
    no: [MISSING],
  },

  "an IPv4 range": {
    values: [{ cidr: "192.0.2.0/24" }],
    yes: ["192.0.2.0", "192.0.2.255", ["x", "192.0.2.7"]],
    no: ["192.0.3.0", "192.0.1.255", "192.0.2", "AWS Internal", 1, MISSING, "192.0.2.0/24"],
  },
  "a range with host bits": {
    values: [{ cidr: "192.0.2.77/31" }],
    yes: ["192.0.2.76", "192.0.2.77"],
    no: ["192.0.2.75", "192.0.2.78"],
  },
  "all of IPv4": {
    values: [{ cidr: "0.0.0.0/0" }],
    yes: ["192.0.2.1", "255.255.255.255"],
    no: ["::1", "host", "256.0.0.1"],
  },
  "an IPv6 range": {
    values: [{ cidr: "2001:db8::/33" }],
    yes: ["2001:db8::1", "2001:DB8:7fff::"],
    no: ["2001:db8:8000::", "2001:db9::", "192.0.2.1", "2001:db8"],
  },

  "a field that is there": {
    values: [{ exists: true }],
    yes: ["", 0, null, false, ["a"], [null], [[1]], [{}, 1]],
    no: [MISSING, {}, [], [[]], [{}], { a: 1 }],
  },
  "a field that is missing": {
    values: [{ exists: false }],
    yes: [MISSING, {}, [], [[], {}], { a: 1 }, [{ a: 1 }]],
    no: ["", 0, null, ["a"], [[1]]],
  },
  "a field that is missing or right": {
    values: [{ exists: false }, "a"],
    yes: [MISSING, "a", {}, ["a", "b"]],
    no: ["b", null, ["b"]],
  },
  "a field that is missing or there": {
    values: [{ exists: false }, { exists: true }],
    yes: [MISSING, 1, {}],
    no: [],
  },
};

describe("a field's values", () => {
  for (const [name, { values, yes, no }] of Object.entries(VALUES)) {
    const cases = [
      ...yes.map((value) => ({ value, expected: true })),
      ...no.map((value) => ({ value, expected: false })),
    ];
    for (const { value, expected } of cases) {
      const event = value === MISSING ? { other: 1 } : { other: 1, f: value };
      it(`${name}: ${expected ? "matches" : "does not match"} ${value === MISSING ? "no field" : JSON.stringify(value)}`, () => {
        expect(matches({ f: values }, event)).toBe(expected);
        // The same one level down, and beside a field that holds.
        expect(matches({ other: [1], d: { f: values } }, { other: 1, d: event })).toBe(expected);
      });
    }
  }
});

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
