/**
 * An explanation that tells another story than the engine is worse than none: over random rules and records, whatever
 * their shape, the verdict at the root of the tree is the engine's.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../lambda/engine/engine.ts";
import type { Condition, RuleSet } from "../../lambda/engine/rule.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import type { ExplainedCondition } from "../../lambda/explain/condition-schema.ts";
import { explainedConditionSchema } from "../../lambda/explain/condition-schema.ts";
import { explainConditions } from "../../lambda/explain/explain-conditions.ts";
import { formatTree } from "../../lib/explain/format-tree.ts";
import { makeRecord } from "./record-generator.ts";
import { ruleSetArbitrary } from "./rule-arbitrary.ts";

const seeds = fc.array(fc.nat(), { minLength: 10, maxLength: 10 });

/** The verdicts below a group lead to its own. */
function addsUp(node: ExplainedCondition): boolean {
  if (node.kind === "comparison") return true;
  const holding = node.conditions.filter((part) => part.holds).length;
  const holds =
    node.kind === "any"
      ? holding > 0
      : node.kind === "not"
        ? holding === 0
        : holding === node.conditions.length;
  return holds === node.holds && node.conditions.every(addsUp);
}

/** The verdict on the tree if the verdicts on its decisive comparisons, or on all others, were the opposite. */
function verdictWith(node: ExplainedCondition, flipped: "decisive" | "others"): boolean {
  if (node.kind === "comparison") return node.holds !== (node.decisive === (flipped === "decisive"));
  const verdicts = node.conditions.map((part) => verdictWith(part, flipped));
  if (node.kind === "not") return verdicts[0] === false;
  return node.kind === "any" ? verdicts.includes(true) : !verdicts.includes(false);
}

function decisive(node: ExplainedCondition): ExplainedCondition[] {
  if (!node.decisive) return [];
  return node.kind === "comparison" ? [node] : node.conditions.flatMap(decisive);
}

/** A tree with only the shapes of what was written: nothing is left out, moved or added. */
function shapeOf(condition: Condition, ruleSet: RuleSet): unknown {
  if ("condition" in condition) {
    const shared = ruleSet.conditions[condition.condition];
    return [condition.condition, ...(shared === undefined ? [] : [shapeOf(shared, ruleSet)])];
  }
  if ("not" in condition) return ["not", shapeOf(condition.not, ruleSet)];
  if ("all" in condition) return ["all", ...condition.all.map((one) => shapeOf(one, ruleSet))];
  if ("any" in condition) return ["any", ...condition.any.map((one) => shapeOf(one, ruleSet))];
  return `${condition.fact} ${condition.operator} ${JSON.stringify(condition.value)}`;
}

function shapeOfTree(node: ExplainedCondition): unknown {
  if (node.kind === "comparison") return `${node.fact} ${node.operator} ${JSON.stringify(node.value)}`;
  return [node.kind === "shared" ? node.condition : node.kind, ...node.conditions.map(shapeOfTree)];
}

describe("the explanation of a rule", () => {
  it("comes to the engine's verdict, over random rules and records", { timeout: 120_000 }, async () => {
    const tally = { matches: 0, misses: 0 };
    await fc.assert(
      fc.asyncProperty(ruleSetArbitrary, seeds, async (ruleSet, records) => {
        const [rule] = ruleSet.rules;
        if (rule === undefined) throw new Error("the generator made a rule set without a rule");
        // For every source, so that the engine evaluates what is explained.
        const everywhere = { ...ruleSet, rules: [{ ...rule, eventSource: null }] };
        const engine = createEngine(everywhere);
        for (const seed of records) {
          const record = JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))) as CloudTrailRecord;
          const { matches, problems } = await engine.evaluate(record, 0);
          const tree = explainConditions(rule.conditions, ruleSet, record);
          const context = `rule: ${JSON.stringify(ruleSet)}\nrecord: ${JSON.stringify(record)}`;
          const told = { context, problems: [], matches: tree.holds, addsUp: addsUp(tree) };
          expect(told).toEqual({ context, problems, matches: matches.length === 1, addsUp: true });
          tally[tree.holds ? "matches" : "misses"]++;
        }
      }),
      { numRuns: 2_500 },
    );
    expect(tally.matches).toBeGreaterThan(3_000);
    expect(tally.misses).toBeGreaterThan(3_000);
  });

  it("shows the conditions as they were written, and rests on some of them", () => {
    fc.assert(
      fc.property(ruleSetArbitrary, fc.nat(), (ruleSet, seed) => {
        const record = JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))) as CloudTrailRecord;
        for (const { conditions } of ruleSet.rules) {
          const tree = explainConditions(conditions, ruleSet, record);
          expect(shapeOfTree(tree)).toEqual(shapeOf(conditions, ruleSet));
          expect(decisive(tree).length).toBeGreaterThan(0);
          expect(verdictWith(tree, "decisive")).toBe(!tree.holds);
          expect(verdictWith(tree, "others")).toBe(tree.holds);
          for (const node of decisive(tree))
            expect(node).toMatchObject({
              toDiffer: expect.stringMatching(/^would (?:not )?hold (?:if|with)/),
            });
          expect(explainedConditionSchema.safeParse(tree).error).toBeUndefined();
          expect(formatTree(tree, { most: 12, toDiffer: true }).length).toBeLessThanOrEqual(12);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
