/**
 * The product's matcher against the naive one, over small patterns and events made of the same few keys and values, so
 * that hits, near misses, arrays in arrays and dotted keys that collide all come up often.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEventPattern } from "../../../../lambda/engine/event-pattern/compile.ts";
import { explainMiss } from "../../../../lambda/engine/event-pattern/explain-miss.ts";
import { matchesEventPattern } from "../../../../lambda/engine/event-pattern/match.ts";
import { naiveMatch } from "./naive-matcher.ts";

const RUNS = 300000;
/** More for arrays: only about one such case in eighty is torn between two elements. */
const ARRAY_RUNS = 400000;

const key = fc.constantFrom("a", "a", "b", "b", "a.b", "b.a");
const word = fc.oneof(
  fc.constantFrom("x", "y"),
  fc.constantFrom("", "X", "xy", "yx", 'x"', "*", "x*y", "\\", "1", "true", "null", "ä", "Ä"),
);
const number = fc.constantFrom(0, -0, 1, 1.5, -1, 300, 1e21);
const leaf = fc.oneof({ weight: 3, arbitrary: word }, number, fc.constantFrom(true, false, null));

/** One value on its way into an event: the keys to it, and at each key an element of an array or none. */
const placed = fc.record({
  steps: fc.array(fc.record({ key, elements: fc.array(fc.nat({ max: 2 }), { maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  leaf,
  isListed: fc.boolean(),
});
type Placed = { steps: { key: string; elements: number[] }[]; leaf: unknown; isListed: boolean };

/** An event of a few values, where arrays, arrays of arrays and dotted keys come up by chance, and often. */
const event = eventOf(6);

function eventOf(maxLength: number) {
  return fc.array(placed, { maxLength }).map((values) => {
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

const wildcard = fc
  .array(fc.constantFrom("x", "y", "*", "\\*", "\\\\"), { maxLength: 4 })
  .map((parts) => parts.filter((part, index) => part !== "*" || parts[index - 1] !== "*").join(""));
const operator = fc.oneof(
  { weight: 4, arbitrary: fc.boolean().map((exists) => ({ exists })) },
  word.map((prefix) => ({ prefix })),
  word.map((suffix) => ({ suffix })),
  word.map((text) => ({ prefix: { "equals-ignore-case": text } })),
  word.map((text) => ({ suffix: { "equals-ignore-case": text } })),
  word.map((text) => ({ "equals-ignore-case": text })),
  wildcard.map((text) => ({ wildcard: text })),
  fc
    .oneof(
      word,
      number,
      fc.array(word, { minLength: 1, maxLength: 3 }),
      fc.array(number, { minLength: 1, maxLength: 3 }),
    )
    .map((not) => ({ "anything-but": not })),
  fc.constantFrom("x", ["x", "y"]).map((text) => ({ "anything-but": { prefix: text } })),
  fc.constantFrom("x", ["x", "y"]).map((text) => ({ "anything-but": { suffix: text } })),
  fc.constantFrom("x", ["x", ""]).map((text) => ({ "anything-but": { "equals-ignore-case": text } })),
  wildcard.map((text) => ({ "anything-but": { wildcard: [text] } })),
  fc
    .constantFrom(
      ["<", 1],
      ["<=", 1],
      ["=", 1],
      [">=", 1],
      [">", 1],
      [">", 0, "<=", 1.5],
      [">=", -1, "<", 300],
    )
    .map((numeric) => ({ numeric })),
);
const values = fc.array(fc.oneof({ weight: 2, arbitrary: leaf }, { weight: 3, arbitrary: operator }), {
  minLength: 1,
  maxLength: 3,
});

/** Bounded in depth by hand: EventBridge takes 4,096 characters, and a big pattern matches nothing. */
function patternOf(depth: number): fc.Arbitrary<Record<string, unknown>> {
  if (depth === 0) return fc.dictionary(key, values, { minKeys: 1, maxKeys: 2 });
  const deeper = patternOf(depth - 1);
  const field = fc.oneof({ weight: 2, arbitrary: values }, deeper);
  return fc
    .tuple(
      fc.dictionary(key, field, { minKeys: 1, maxKeys: 2 }),
      fc.option(fc.array(deeper, { minLength: 2, maxLength: 2 }), { freq: 2 }),
    )
    .map(([fields, or]) => (or === null ? fields : { ...fields, $or: or }));
}
const pattern = fc.oneof(patternOf(0), patternOf(1), patternOf(2));

/** Fields of one array at once, some of which must be missing: where a matcher that walks the event goes wrong. */
const tangled = fc.dictionary(
  fc.constantFrom("a", "a.a", "a.b", "a.b.a", "b", "b.a", "a.a.b"),
  fc.array(
    fc.oneof(
      word,
      fc.boolean().map((exists) => ({ exists })),
      fc.constant({ "anything-but": "x" }),
    ),
    { minLength: 1, maxLength: 2 },
  ),
  { minKeys: 2, maxKeys: 4 },
);

describe("the two matchers", () => {
  it("agree on any pattern and event", {timeout: 600000}, () => {
    let matched = 0;
    fc.assert(
      fc.property(fc.oneof(pattern, tangled), event, (wanted, given) => {
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

  it("agree on fields that are tied to one element of an array", {timeout: 600000}, () => {
    let matched = 0;
    let torn = 0;
    fc.assert(
      fc.property(tangled, eventOf(10), (wanted, given) => {
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

  it("explain a miss, and only a miss, by at least one field", {timeout: 600000}, () => {
    fc.assert(
      fc.property(fc.oneof(pattern, tangled), event, (wanted, given) => {
        const misses = explainMiss(compileEventPattern(wanted), given);
        expect(misses.length === 0).toBe(naiveMatch(wanted, given));
      }),
      { numRuns: 2000 },
    );
  });
});
