import { flatten } from "flat";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFactPath } from "../../../lambda/record/fact-path.ts";
import { AlternativeLists, Alternatives, resolveFact } from "../../../lambda/record/facts.ts";
import { locatedBelow, locateFact } from "../../../lambda/record/locate-fact.ts";

function located(root: unknown, name: string): readonly (readonly [string, unknown])[] {
  return locateFact(root, parseFactPath(name)).map(({ key, value }) => [key, value]);
}

/** A fact's values without the marks of colliding keys, each as JSON. */
function plain(value: unknown): readonly string[] {
  if (value instanceof Alternatives) return value.values.flatMap(plain);
  if (value instanceof AlternativeLists) return value.lists.flatMap((list) => list.flatMap(plain));
  return [JSON.stringify(value)];
}

describe("where a fact stands", () => {
  const record = {
    items: [{ port: 22, tags: ["a"] }, { port: 80 }, {}],
    one: { port: 443 },
    none: {},
    "a.b": 2,
    a: { b: 1 },
  };

  it.each([
    ["items.1.port", [["items.1.port", 80]]],
    ["items[1].port", [["items.1.port", 80]]],
    [
      "items[*].port",
      [
        ["items.0.port", 22],
        ["items.1.port", 80],
      ],
    ],
    ["items[*].tags[*]", [["items.0.tags.0", "a"]]],
    ["one[*].port", [["one.port", 443]]],
    ["one[0].port", [["one.port", 443]]],
    ["none[*].port", []],
    [
      "a.b",
      [
        ["a.b", 1],
        ["a.b", 2],
      ],
    ],
    ["errorCode", []],
    ["one.constructor", []],
  ])("%s", (name, expected) => {
    expect(located(record, name)).toEqual(expected);
  });

  it("below a value is what it holds, below a plain one nothing", () => {
    expect(locatedBelow({ key: "x", value: [1, { y: 2 }] })).toEqual([
      { key: "x.0", value: 1 },
      { key: "x.1", value: { y: 2 } },
    ]);
    expect(locatedBelow({ key: "x", value: "text" })).toEqual([]);
    expect(locatedBelow({ key: "x", value: null })).toEqual([]);
  });

  const name = fc.constantFrom("a", "b", "a.b", "b.a", "0", "1");
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.nat(9), tie("object"), tie("list")),
    object: fc.dictionary(name, tie("value"), { maxKeys: 4 }),
    list: fc.array(tie("value"), { maxLength: 3 }),
  }));
  const step = fc.constantFrom("a", "b", "0", "1", "a[*]", "b[*]", "a[0]", "b[1]", "a[*][*]");
  const path = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join("."));

  it("gives the values that the fact has, whatever the record", () => {
    fc.assert(
      fc.property(json.object, path, (root, text) => {
        const parsed = parseFactPath(text);
        const found = locateFact(root, parsed).map(({ value }) => JSON.stringify(value));
        const fact = resolveFact(root, parsed);
        const values =
          fact === undefined
            ? []
            : parsed.each
              ? (fact instanceof Alternatives ? fact.values : [fact]).flatMap((list) =>
                  (list as readonly unknown[]).flatMap(plain),
                )
              : plain(fact);
        expect(found).toEqual(values);
      }),
      { numRuns: 1_000 },
    );
  });

  it("names the keys that flat gives, or keys above them", () => {
    fc.assert(
      fc.property(json.object, path, (root, text) => {
        const keys = Object.keys(flatten(root));
        for (const { key } of locateFact(root, parseFactPath(text)))
          expect(keys.some((one) => one === key || one.startsWith(`${key}.`))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
