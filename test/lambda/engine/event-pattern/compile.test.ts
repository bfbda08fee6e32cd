import { describe, expect, it } from "vitest";
import { compileEventPattern, MAX_PATTERN_LENGTH } from "../../../../lambda/engine/event-pattern/compile.ts";
import { InvalidEventPatternError } from "../../../../lambda/engine/event-pattern/invalid-event-pattern.ts";

function refusal(pattern: unknown): InvalidEventPatternError {
  try {
    compileEventPattern(pattern);
  } catch (error) {
    if (error instanceof InvalidEventPatternError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(pattern)}`);
}

/** What is wrong with the values of field `f`: the path after `f`, and a word of the reason. */
const VALUES: [values: unknown[], path: string, reason: RegExp][] = [
  [[], "", /empty array/],
  [[["a"]], "[0]", /\["a"\] is no value/],
  [["a", []], "[1]", /no value/],
  [[{}], "[0]", /one key/],
  [[{ prefix: "a", suffix: "b" }], "[0]", /one key.*prefix/],
  [[{ contains: "a" }], "[0]", /unknown operator "contains"/],
  [[{ Prefix: "a" }], "[0]", /unknown operator/],
  [[{ constructor: "a" }], "[0]", /unknown operator/],
  [[{ not: { prefix: "a" } }], "[0]", /unknown operator/],
  [[{ $or: [{ prefix: "a" }, { prefix: "b" }] }], "[0]", /unknown operator/],
  [[{ exactly: 1 }], "[0].exactly", /1 is no string/],
  [[{ prefix: 1 }], "[0].prefix", /no string/],
  [[{ prefix: null }], "[0].prefix", /null is no string/],
  [[{ prefix: ["a"] }], "[0].prefix", /no string/],
  [[{ prefix: {} }], "[0].prefix", /one key/],
  [[{ prefix: { suffix: "a" } }], "[0].prefix", /"suffix" cannot be used inside/],
  [[{ prefix: { "equals-ignore-case": ["a"] } }], "[0].prefix.equals-ignore-case", /no string/],
  [[{ suffix: true }], "[0].suffix", /no string/],
  [[{ suffix: { wildcard: "*" } }], "[0].suffix", /cannot be used inside/],
  [[{ "equals-ignore-case": ["a"] }], "[0].equals-ignore-case", /no string/],
  [[{ "equals-ignore-case": 5 }], "[0].equals-ignore-case", /no string/],
  [[{ wildcard: 5 }], "[0].wildcard", /no string/],
  [[{ wildcard: ["a*"] }], "[0].wildcard", /no string/],
  [[{ wildcard: "a**b" }], "[0].wildcard", /two wildcards in a row at position 1/],
  [[{ wildcard: "a\\b" }], "[0].wildcard", /backslash that escapes neither/],
  [[{ wildcard: "a\\" }], "[0].wildcard", /backslash/],
  [[{ "anything-but": [] }], "[0].anything-but", /empty list/],
  [[{ "anything-but": null }], "[0].anything-but", /cannot exclude null/],
  [[{ "anything-but": true }], "[0].anything-but", /cannot exclude true/],
  [[{ "anything-but": ["a", 1] }], "[0].anything-but", /not both/],
  [[{ "anything-but": [1, "a"] }], "[0].anything-but", /not both/],
  [[{ "anything-but": ["a", null] }], "[0].anything-but", /cannot exclude null/],
  [[{ "anything-but": [["a"]] }], "[0].anything-but", /cannot exclude \["a"\]/],
  [[{ "anything-but": [{ prefix: "a" }] }], "[0].anything-but", /cannot exclude/],
  [[{ "anything-but": {} }], "[0].anything-but", /one key/],
  [[{ "anything-but": { numeric: ["=", 1] } }], "[0].anything-but", /cannot negate "numeric"/],
  [[{ "anything-but": { cidr: "192.0.2.0/24" } }], "[0].anything-but", /cannot negate "cidr"/],
  [[{ "anything-but": { exists: true } }], "[0].anything-but", /cannot negate/],
  [[{ "anything-but": { prefix: "" } }], "[0].anything-but.prefix", /empty string/],
  [[{ "anything-but": { prefix: ["a", ""] } }], "[0].anything-but.prefix", /empty string/],
  [[{ "anything-but": { suffix: "" } }], "[0].anything-but.suffix", /empty string/],
  [[{ "anything-but": { prefix: 1 } }], "[0].anything-but.prefix", /no string/],
  [[{ "anything-but": { prefix: [] } }], "[0].anything-but.prefix", /empty list/],
  [[{ "anything-but": { prefix: { "equals-ignore-case": "a" } } }], "[0].anything-but.prefix", /no string/],
  [[{ "anything-but": { "equals-ignore-case": [1] } }], "[0].anything-but.equals-ignore-case", /no string/],
  [[{ "anything-but": { wildcard: ["a*", "b**"] } }], "[0].anything-but.wildcard", /two wildcards/],
  [[{ "anything-but": { prefix: "a", suffix: "b" } }], "[0].anything-but", /one key/],
  [[{ numeric: 5 }], "[0].numeric", /no comparison/],
  [[{ numeric: [] }], "[0].numeric", /no comparison/],
  [[{ numeric: [5] }], "[0].numeric", /no comparison/],
  [[{ numeric: ["!=", 5] }], "[0].numeric", /no comparison/],
  [[{ numeric: ["="] }], "[0].numeric", /no number/],
  [[{ numeric: ["=", "5"] }], "[0].numeric", /"5", which is no number/],
  [[{ numeric: ["<", null] }], "[0].numeric", /no number/],
  [[{ numeric: [">", 1, "<"] }], "[0].numeric", /3 terms/],
  [[{ numeric: [">", 1, "<", "2"] }], "[0].numeric", /no number/],
  [[{ numeric: [">", 1, ">", 2] }], "[0].numeric", /lower bound followed by an upper/],
  [[{ numeric: ["<", 5, ">", 1] }], "[0].numeric", /lower bound followed by an upper/],
  [[{ numeric: ["=", 5, "<", 9] }], "[0].numeric", /lower bound followed by an upper/],
  [[{ numeric: [">", 5, "<", 5] }], "[0].numeric", /empty/],
  [[{ numeric: [">=", 5, "<=", 4] }], "[0].numeric", /empty/],
  [[{ numeric: [">", 1, "<", 5, "=", 3] }], "[0].numeric", /6 terms/],
  [[{ numeric: { ">": 1 } }], "[0].numeric", /no comparison/],
  [[{ cidr: 5 }], "[0].cidr", /no string/],
  [[{ cidr: ["192.0.2.0/24"] }], "[0].cidr", /no string/],
  [[{ cidr: "192.0.2.1" }], "[0].cidr", /one slash/],
  [[{ cidr: "192.0.2.0/24/1" }], "[0].cidr", /one slash/],
  [[{ cidr: "192.0.2.0/32" }], "[0].cidr", /IPv4 range is 0 to 31/],
  [[{ cidr: "192.0.2.0/-1" }], "[0].cidr", /prefix length/],
  [[{ cidr: "192.0.2.0/x" }], "[0].cidr", /prefix length/],
  [[{ cidr: "192.0.2.0/" }], "[0].cidr", /prefix length/],
  [[{ cidr: "192.0.2/24" }], "[0].cidr", /no IPv4 or IPv6 address/],
  [[{ cidr: "192.0.2.256/24" }], "[0].cidr", /no IPv4 or IPv6 address/],
  [[{ cidr: "example.com/24" }], "[0].cidr", /no IPv4 or IPv6 address/],
  [[{ cidr: "2001:db8::/128" }], "[0].cidr", /IPv6 range is 0 to 127/],
  [[{ cidr: "2001:db8::1::/64" }], "[0].cidr", /no IPv4 or IPv6 address/],
  [[{ cidr: "2001:db8:0:0:0:0:0:0:0/64" }], "[0].cidr", /no IPv4 or IPv6 address/],
  [[{ cidr: "12345::/64" }], "[0].cidr", /no IPv4 or IPv6 address/],
  [[{ exists: "true" }], "[0].exists", /true or false, not "true"/],
  [[{ exists: null }], "[0].exists", /true or false/],
  [[{ exists: [true] }], "[0].exists", /true or false/],
];

describe("values that EventBridge refuses", () => {
  it.each(VALUES)("%j", (values, path, reason) => {
    const error = refusal({ d: { f: values } });
    expect(error.path).toBe(`d.f${path}`);
    expect(error.reason).toMatch(reason);
    // Says what, where and how to mend it.
    expect(error.message).toMatch(/^Event pattern is not valid\. Reason: .+ at d\.f.*\. .+\.$/);
  });
});

const STRUCTURE: [name: string, pattern: unknown, path: string, reason: RegExp][] = [
  ["no object", "x", "", /JSON object, not "x"/],
  ["null", null, "", /JSON object/],
  ["nothing", undefined, "", /JSON object/],
  ["an array", [{ a: [1] }], "", /JSON object/],
  ["an empty pattern", {}, "", /empty object/],
  ["an empty object in it", { a: {} }, "a", /empty object/],
  ["a string instead of an array", { a: "x" }, "a", /"x" is neither/],
  ["null instead of an array", { a: { b: null } }, "a.b", /null is neither/],
  ["an operator instead of an array", { a: { prefix: "x" } }, "a.prefix", /neither/],
  ["$or that is no array", { $or: { a: [1] } }, "$or", /at least two objects/],
  ["$or of one", { $or: [{ a: [1] }] }, "$or", /at least two objects/],
  ["$or of none", { d: { $or: [] } }, "d.$or", /at least two objects/],
  ["$or of values", { $or: ["a", "b"] }, "$or[0]", /"a" is no object/],
  ["$or with an empty object", { $or: [{ a: [1] }, {}] }, "$or[1]", /empty object/],
  [
    "$or with a bad value",
    { $or: [{ a: [1] }, { b: { c: [{ prefix: 1 }] } }] },
    "$or[1].b.c[0].prefix",
    /no string/,
  ],
  [
    "an operator's name as a field in $or",
    { $or: [{ prefix: ["a"] }, { b: [1] }] },
    "$or[0].prefix",
    /cannot be a field inside \$or/,
  ],
  [
    "an operator's name deeper in $or",
    { $or: [{ a: { numeric: [1] } }, { b: [1] }] },
    "$or[0].a.numeric",
    /inside \$or/,
  ],
  ["a reserved name in $or", { $or: [{ "<": [1] }, { b: [1] }] }, '$or[0]."<"', /inside \$or/],
  [
    "a reserved name in $or in $or",
    { $or: [{ a: [1], $or: [{ regex: [1] }, { c: [1] }] }, { b: [1] }] },
    "$or[0].$or[0].regex",
    /inside \$or/,
  ],
];

const ors = (...sizes: number[]) =>
  Object.fromEntries(
    sizes.map((size, index) => [
      `d${index}`,
      { $or: Array.from({ length: size }, (_, value) => ({ a: [value] })) },
    ]),
  );
const fields = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, [1]]));
const long = (length: number) => ({ a: ["x".repeat(length - '{"a":[""]}'.length)] });

describe("a structure that EventBridge refuses", () => {
  it.each(STRUCTURE)("%s", (_, pattern, path, reason) => {
    const error = refusal(pattern);
    expect(error.path).toBe(path);
    expect(error.reason).toMatch(reason);
  });

  it("more than 1,000 combinations of $or, but not 1,000", () => {
    expect(compileEventPattern(ors(10, 10, 10)).branches).toHaveLength(1000);
    expect(refusal(ors(7, 11, 13)).message).toMatch(/more than 1000 combinations at d2\.\$or/);
    expect(refusal(ors(...Array.from({ length: 60 }, () => 3))).reason).toMatch(/combinations/);
  });

  it("more than 256 fields in one branch, but not 256", () => {
    expect(compileEventPattern(fields(256)).common).toHaveLength(256);
    expect(refusal(fields(257)).reason).toMatch(/257 fields/);
  });

  it("more than 4,096 characters, but not 4,096", () => {
    expect(() => compileEventPattern(long(4096))).not.toThrow();
    expect(refusal(long(4097)).reason).toMatch(/4097 characters/);
    expect(MAX_PATTERN_LENGTH).toBe(2048);
  });

  it("what is no JSON: circles, depth without end, big integers", () => {
    const circle: Record<string, unknown> = {};
    circle["a"] = circle;
    let deep: unknown = [1];
    for (let level = 0; level < 100_000; level++) deep = { a: deep };
    for (const pattern of [circle, deep, { a: [1n] }]) expect(refusal(pattern).path).toBe("");
    expect(refusal({ a: [undefined] }).path).toBe("a[0]");
    expect(refusal({ a: [Number.NaN, { "anything-but": Number.POSITIVE_INFINITY }] }).path).toBe(
      "a[1].anything-but",
    );
  });

  it("on one line and within bounds, whatever the names in it", () => {
    const name = `a\nb${"x".repeat(500)}`;
    const { message } = refusal({ [name]: { "ok.": "y".repeat(500) } });
    expect(message).not.toContain("\n");
    expect(message.length).toBeLessThan(400);
  });
});

describe("what EventBridge takes", () => {
  it.each([
    [{ prefix: ["a"] }],
    [{ "<": { exists: [1] } }],
    [{ $or: [{ a: [1] }, { a: [1] }] }],
    [{ a: [{ "anything-but": { wildcard: "*" } }] }],
    [{ a: [{ wildcard: "" }] }],
    [{ a: [{ wildcard: "*" }] }],
    [{ a: [{ cidr: "0.0.0.0/0" }, { cidr: "::/0" }, { cidr: "2001:db8::/127" }, { cidr: "192.0.2.1/31" }] }],
    [{ a: [{ numeric: [">", -1e10, "<", 1e10] }] }],
    [{ a: [{ "anything-but": 123456789012 }] }],
    [{ a: ["x", 1, null, true, { exists: true }, { prefix: "" }] }],
    [{ "": [1], "a..b": [2] }],
  ])("%j", (pattern) => {
    expect(() => compileEventPattern(pattern)).not.toThrow();
  });
});
