import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { ListsPort } from "../../lambda/engine/list-values.ts";
import { ResolvedList } from "../../lambda/engine/resolved-list.ts";
import type { List, RuleSet } from "../../lambda/engine/rule.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { makeRecord } from "./record-generator.ts";
import { ruleSetArbitrary } from "./rule-arbitrary.ts";

/**
 * A dynamic list is a static one whose values come later. Whatever they are, no rule may miss a record that it would
 * match if they stood in the file, and with the values at hand it must say the same.
 */

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

function dynamicOf(ruleSet: RuleSet): RuleSet {
  const lists = Object.entries(ruleSet.lists).map(([name, { kind, description }]): [string, List] => [
    name,
    {
      kind,
      description,
      values: [],
      dynamic: {
        query: { type: "s3", bucket: "acme", key: "a", format: "lines" },
        refreshMs: 900_000,
        onEmpty: "keep",
        maxValues: 10,
        maxAgeMs: 3_600_000,
      },
    },
  ]);
  return { ...ruleSet, lists: Object.fromEntries(lists) };
}

function valuesOf({ lists }: RuleSet): ListsPort {
  return {
    asOf: async (names) =>
      new Map(names.map((name) => [name, { list: new ResolvedList(name, lists[name] as List) }])),
  };
}

describe("rules with dynamic lists", () => {
  it("match the same as with static ones, are delivered whatever the values, and match more when they are unknown", async () => {
    let compared = 0;
    let matched = 0;
    let onlyUnknown = 0;
    const property = fc.asyncProperty(ruleSetArbitrary, fc.nat(100_000), async (ruleSet, start) => {
      if (!JSON.stringify([ruleSet.rules, ruleSet.conditions]).includes("List")) return;
      const dynamic = dynamicOf(ruleSet);
      const [fixed, open] = [createEngine(ruleSet), createEngine(dynamic)];
      const deliver = compileEventRules(deriveEventRules(dynamic).eventRules);
      for (const seed of SEEDS) {
        const reading = readEnvelope(JSON.parse(JSON.stringify(makeRecord(ruleSet, start + seed))));
        if (!reading.ok) throw new Error(reading.reason);
        const [a, b, c] = await Promise.all([
          fixed.evaluate(reading.record, 0),
          open.evaluate(reading.record, 0, valuesOf(ruleSet)),
          open.evaluate(reading.record, 0),
        ]);
        compared += 1;
        expect(b.matches.length).toBe(a.matches.length);
        expect([...b.problems, ...c.problems]).toEqual([]);
        const isDelivered = deliver(reading.envelope).length > 0;
        expect(c.matches.length === 0 || isDelivered).toBe(true);
        if (a.matches.length === 0) {
          onlyUnknown += c.matches.length;
          continue;
        }
        matched += 1;
        expect(c.matches).toHaveLength(1);
        expect(open.candidates(reading.record)).toHaveLength(1);
      }
    });
    await fc.assert(property, { numRuns: 1_500, seed: 7 });
    expect({ enough: compared > 1_000, some: matched > 100, wider: onlyUnknown > 50 }).toEqual({
      enough: true,
      some: true,
      wider: true,
    });
  });

  it("have selectors that do not depend on the values", () => {
    fc.assert(
      fc.property(ruleSetArbitrary, (ruleSet) => {
        const dynamic = dynamicOf(ruleSet);
        const filled = Object.fromEntries(
          Object.entries(dynamic.lists).map(([name, list]) => [name, { ...list, values: ["whatever"] }]),
        );
        const patterns = deriveEventRules(dynamic).eventRules;
        expect(deriveEventRules({ ...dynamic, lists: filled }).eventRules).toEqual(patterns);
      }),
      { numRuns: 300, seed: 8 },
    );
  });
});
