/**
 * The product's matcher against the naive one, over small patterns and events made of the same few keys and values, so
 * that hits, near misses, arrays in arrays and dotted keys that collide all come up often.
 */
import {
  type Arbitrary,
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  nat,
  oneof,
  option,
  property,
  record,
  tuple,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEventPattern } from "../../../../lambda/engine/event-pattern/compile.ts";
import { explainMiss } from "../../../../lambda/engine/event-pattern/explain-miss.ts";
import { matchesEventPattern } from "../../../../lambda/engine/event-pattern/match.ts";
import { naiveMatch } from "./naive-matcher.ts";

const RUNS = 6000;
/** More for arrays: only about one such case in eighty is torn between two elements. */
const ARRAY_RUNS = 20_000;

const key = constantFrom("a", "a", "b", "b", "a.b", "b.a");
const word = oneof(
  constantFrom("x", "y"),
  constantFrom("", "X", "xy", "yx", 'x"', "*", "x*y", "\\", "1", "true", "null", "ä", "Ä"),
);
const number = constantFrom(0, -0, 1, 1.5, -1, 300, 1e21);
const leaf = oneof({ weight: 3, arbitrary: word }, number, constantFrom(true, false, null));

/** One value on its way into an event: the keys to it, and at each key an element of an array or none. */
const placed = record({
  steps: array(record({ key, elements: array(nat({ max: 2 }), { maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  leaf,
  isListed: boolean(),
});
type Placed = { steps: { key: string; elements: number[] }[]; leaf: unknown; isListed: boolean };

/** An event of a few values, where arrays, arrays of arrays and dotted keys come up by chance, and often. */
const event = eventOf(6);

function eventOf(maxLength: number) {
  return array(placed, { maxLength }).map((values) => {
    const root: Record<string, unknown> = {};
    for (const value of values) put(root, value);
    return root;
  });
}

function put(root: Record<string, unknown>, { steps, leaf: value, isListed }: Placed): void {
  let node: Record<string | number, unknown> = root;
  const path = steps.flatMap(({ key: step, elements }) => [step, ...elements]);
  for (const [index, step] of path.entries()) {
    const next = path[index + 1];
    if (next === undefined) {
      const before = node[step];
      node[step] = Array.isArray(before) ? [...before, value] : isListed ? [before ?? null, value] : value;
      return;
    }
    const below = node[step];
    const fits =
      typeof below === "object" && below !== null && Array.isArray(below) === (typeof next === "number");
    node[step] = fits ? below : typeof next === "number" ? [] : {};
    node = node[step] as Record<string | number, unknown>;
    if (Array.isArray(node)) while (node.length < Number(next)) node.push(null);
  }
}

const wildcard = array(constantFrom("x", "y", "*", "\\*", "\\\\"), { maxLength: 4 }).map((parts) =>
  parts.filter((part, index) => part !== "*" || parts[index - 1] !== "*").join(""),
);
const operator = oneof(
  { weight: 4, arbitrary: boolean().map((exists) => ({ exists })) },
  word.map((prefix) => ({ prefix })),
  word.map((suffix) => ({ suffix })),
  word.map((text) => ({ prefix: { "equals-ignore-case": text } })),
  word.map((text) => ({ suffix: { "equals-ignore-case": text } })),
  word.map((text) => ({ "equals-ignore-case": text })),
  wildcard.map((text) => ({ wildcard: text })),
  oneof(
    word,
    number,
    array(word, { minLength: 1, maxLength: 3 }),
    array(number, { minLength: 1, maxLength: 3 }),
  ).map((not) => ({ "anything-but": not })),
  constantFrom("x", ["x", "y"]).map((text) => ({ "anything-but": { prefix: text } })),
  constantFrom("x", ["x", "y"]).map((text) => ({ "anything-but": { suffix: text } })),
  constantFrom("x", ["x", ""]).map((text) => ({ "anything-but": { "equals-ignore-case": text } })),
  wildcard.map((text) => ({ "anything-but": { wildcard: [text] } })),
  constantFrom(
    ["<", 1],
    ["<=", 1],
    ["=", 1],
    [">=", 1],
    [">", 1],
    [">", 0, "<=", 1.5],
    [">=", -1, "<", 300],
  ).map((numeric) => ({ numeric })),
);
const values = array(oneof({ weight: 2, arbitrary: leaf }, { weight: 3, arbitrary: operator }), {
  minLength: 1,
  maxLength: 3,
});

/** Bounded in depth by hand: EventBridge takes 4,096 characters, and a big pattern matches nothing. */
function patternOf(depth: number): Arbitrary<Record<string, unknown>> {
  if (depth === 0) return dictionary(key, values, { minKeys: 1, maxKeys: 2 });
  const deeper = patternOf(depth - 1);
  const field = oneof({ weight: 2, arbitrary: values }, deeper);
  return tuple(
    dictionary(key, field, { minKeys: 1, maxKeys: 2 }),
    option(array(deeper, { minLength: 2, maxLength: 2 }), { freq: 2 }),
  ).map(([fields, or]) => (or === null ? fields : Object.assign(fields, { $or: or })));
}
const pattern = oneof(patternOf(0), patternOf(1), patternOf(2));

/** Fields of one array at once, some of which must be missing: where a matcher that walks the event goes wrong. */
const tangled = dictionary(
  constantFrom("a", "a.a", "a.b", "a.b.a", "b", "b.a", "a.a.b"),
  array(
    oneof(
      word,
      boolean().map((exists) => ({ exists })),
      constant({ "anything-but": "x" }),
    ),
    { minLength: 1, maxLength: 2 },
  ),
  { minKeys: 2, maxKeys: 4 },
);

describe("the two matchers", () => {
  it("agree on any pattern and event", () => {
    let matched = 0;
    assert(
      property(oneof(pattern, tangled), event, (wanted, given) => {
        const expected = naiveMatch(wanted, given);
        if (expected) matched++;
        expect(matchesEventPattern(compileEventPattern(wanted), given)).toBe(expected);
      }),
      { numRuns: RUNS },
    );
    // A generator that hardly ever matches would agree with a matcher that always says no.
    expect(matched).toBeGreaterThan(RUNS / 20);
    expect(matched).toBeLessThan(RUNS - RUNS / 20);
  });

  it("agree on fields that are tied to one element of an array", () => {
    let matched = 0;
    let torn = 0;
    assert(
      property(tangled, eventOf(10), (wanted, given) => {
        const compiled = compileEventPattern(wanted);
        const expected = naiveMatch(wanted, given);
        if (expected) matched++;
        if (explainMiss(compiled, given).some((miss) => miss.inOtherElement)) torn++;
        expect(matchesEventPattern(compiled, given)).toBe(expected);
      }),
      { numRuns: ARRAY_RUNS },
    );
    // Some of both, or the arrays were never put to the test.
    expect(matched).toBeGreaterThan(ARRAY_RUNS / 25);
    expect(torn).toBeGreaterThan(ARRAY_RUNS / 200);
  });

  it("explain a miss, and only a miss, by at least one field", () => {
    assert(
      property(oneof(pattern, tangled), event, (wanted, given) => {
        const misses = explainMiss(compileEventPattern(wanted), given);
        expect(misses.length === 0).toBe(naiveMatch(wanted, given));
      }),
      { numRuns: 2000 },
    );
  });
});
