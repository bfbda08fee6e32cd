/**
 * What a rule means is what json-rules-engine says it means: our normalising, index, predicates and compiled operators
 * may make it faster, and change nothing. Where keys of the record collide json-rules-engine has no say; the law that
 * holds there is in `siblings.test.ts`.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { literalsOf, normalize } from "../../lambda/engine/conditions.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { factOfValue } from "../../lambda/engine/predicate.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { factRoot } from "../../lambda/record/derived-facts.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import { AlternativeLists, Alternatives, resolveFact } from "../../lambda/record/facts.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { recordOf, ruleOf, ruleSetOf } from "../lambda/engine/samples.ts";
import { createOracle } from "./oracle.ts";
import { makeRecord } from "./record-generator.ts";
import { ruleSetArbitrary } from "./rule-arbitrary.ts";

function collides(value: unknown): boolean {
  if (value instanceof Alternatives || value instanceof AlternativeLists) return true;
  return Array.isArray(value) && value.some(collides);
}

function hasCollision(ruleSet: RuleSet, record: CloudTrailRecord): boolean {
  return ruleSet.rules.some((rule) =>
    literalsOf(normalize(rule.conditions, ruleSet.conditions, ruleSet.lists))
      .flatMap(({ fact, value }) => [fact, factOfValue(value) ?? fact])
      .some((name) => {
        const path = parseFactPath(name);
        return collides(resolveFact(factRoot(record, path), path));
      }),
  );
}

const seeds = fc.array(fc.nat(), { minLength: 15, maxLength: 15 });

describe("a rule matches a record", () => {
  it("in which both of the lists that it compares are empty: they are two lists, not one", async () => {
    const rule = ruleOf("r", {
      fact: "requestParameters.a[*]",
      operator: "notEqual",
      value: { fact: "responseElements.b[*]" },
    });
    const ruleSet = ruleSetOf([rule]);
    const { matches } = await createEngine(ruleSet).evaluate(recordOf(), 0);
    expect(matches.map((match) => match.rule)).toEqual([rule]);
    expect(await createOracle(rule, ruleSet)(recordOf())).toBe(true);
  });

  it("exactly when json-rules-engine, as it comes, says so", { timeout: 120_000 }, async () => {
    const tally = { matches: 0, misses: 0 };
    await fc.assert(
      fc.asyncProperty(ruleSetArbitrary, seeds, async (ruleSet, records) => {
        const [rule] = ruleSet.rules;
        if (rule === undefined) throw new Error("the generator made a rule set without a rule");
        const engine = createEngine(ruleSet);
        const oracle = createOracle(rule, ruleSet);
        for (const seed of records) {
          const record = JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))) as CloudTrailRecord;
          if (hasCollision(ruleSet, record)) continue;
          const inDomain = rule.eventSource === null || rule.eventSource === record.eventSource;
          const expected = inDomain && (await oracle(record));
          const { matches, candidates, problems } = await engine.evaluate(record, 0);
          const context = `rule: ${JSON.stringify(ruleSet)}\nrecord: ${JSON.stringify(record)}`;
          const count = expected ? 1 : 0;
          // The predicates say the same: json-rules-engine is asked about matches and about nothing else.
          const wanted = { context, problems: [], matches: count, candidates: count };
          expect({ context, problems, matches: matches.length, candidates }).toEqual(wanted);
          tally[expected ? "matches" : "misses"]++;
        }
      }),
      { numRuns: 2_500 },
    );
    expect(tally.matches).toBeGreaterThan(3_000);
    expect(tally.misses).toBeGreaterThan(3_000);
  });
});
