/** What the values of an event pattern match: every operator against every kind of value. */
import { describe, expect, it } from "vitest";
import { compileEventPattern } from "../../../../lambda/engine/event-pattern/compile.ts";
import { matchesEventPattern } from "../../../../lambda/engine/event-pattern/match.ts";

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
