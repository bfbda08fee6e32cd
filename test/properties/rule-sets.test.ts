/**
 * Soundness of whole rule sets: conditions of many rules are joined, divided by letters of eventSource and eventName,
 * cut by outcome, and freed of the engine's own calls. None of that may stop a record that a rule matches, and where no
 * overlap is reported none may deliver a record twice.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { Condition, Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { makeRecord } from "./record-generator.ts";
import { LISTS, ruleSetArbitrary } from "./rule-arbitrary.ts";

const SOURCES = ["ec2", "ecr", "iam", "kms", "s3", "sns", "secretsmanager"].map(
  (name) => `${name}.amazonaws.com`,
);
const ROLE = "engine-detector";

/** Conditions on eventName that a division by its first letters cannot cut exactly, and one that it can. */
const OPEN: readonly Condition[] = [
  { fact: "eventName", operator: "endsWith", value: "Rule1" },
  { fact: "eventName", operator: "notIn", value: ["RunInstances", "D3CallOfRule1"] },
  { fact: "eventName", operator: "startsWith", value: "D1" },
].map((name) => ({ all: [name, { fact: "userIdentity.type", operator: "equal", value: "Root" }] }));

type Choice = {
  readonly ruleSet: RuleSet;
  readonly source: number;
  readonly names: number;
  readonly open: number;
};

/** Rules with lists of names long enough that sources have to be divided. */
function combine(choices: readonly Choice[]): RuleSet {
  const rules = choices.map(({ ruleSet, source, names, open }, at): Rule => {
    const [rule] = ruleSet.rules;
    if (rule === undefined) throw new Error("the generator made a rule set without a rule");
    // A random condition often lets everything through; were it global, there would be nothing left to divide.
    const eventSource =
      rule.eventSource === null && at % 4 === 0 ? null : (SOURCES[source % SOURCES.length] ?? null);
    const own = inline(rule, ruleSet);
    const conditions =
      eventSource === null ? { all: [own, { fact: "errorCode", operator: "startsWith", value: "A" }] } : own;
    const more: Condition[] = OPEN.slice(open, open + 1);
    if (names > 0) more.push({ fact: "eventName", operator: "in", value: manyNames(at, names) });
    return {
      ...rule,
      id: `${eventSource ?? "_global"}/r${at}`,
      eventSource,
      conditions: more.length === 0 ? conditions : { any: [conditions, ...more] },
    };
  });
  return { rules, conditions: {}, lists: LISTS, suppressions: [] };
}

/** Each rule brings shared conditions of its own, under the same names. */
function inline({ conditions }: Rule, ruleSet: RuleSet): Rule["conditions"] {
  const text = JSON.stringify(conditions);
  if (!text.includes('"condition"')) return conditions;
  const [shared] = Object.values(ruleSet.conditions);
  return shared === undefined ? conditions : { all: [shared] };
}

function manyNames(at: number, count: number): string[] {
  return Array.from(
    { length: count * 16 },
    (_, index) => `${"ACDGPRU"[index % 7] ?? "A"}${index}CallOfRule${at}`,
  );
}

describe("a set of rules", () => {
  it.each([undefined, ROLE])(
    "delivers what one of them matches, and nothing twice without saying so (own role: %s)",
    { timeout: 240_000 },
    async (ownRole) => {
      const tally = { matches: 0, divided: 0 };
      const choice = fc.record({
        ruleSet: ruleSetArbitrary,
        source: fc.nat(20),
        names: fc.constantFrom(0, 0, 1, 3, 9),
        open: fc.nat(6),
      });
      const seeds = fc.array(fc.nat(), { minLength: 20, maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(choice, { minLength: 3, maxLength: 12 }),
          seeds,
          async (choices, records) => {
            const ruleSet = combine(choices);
            const { eventRules, overlaps } = deriveEventRules(
              ruleSet,
              ownRole === undefined ? {} : { excludeOwnRole: ownRole },
            );
            const deliver = compileEventRules(eventRules);
            const engine = createEngine(ruleSet);
            if (eventRules.length > 2) tally.divided++;
            for (const rule of eventRules)
              expect(JSON.stringify(rule.eventPattern).length).toBeLessThanOrEqual(2_048);
            for (const [at, seed] of records.entries()) {
              const one = {
                ...ruleSet,
                rules: [ruleSet.rules[at % ruleSet.rules.length]].filter((rule) => rule !== undefined),
              };
              const made = { ...makeRecord(one, seed), eventSource: SOURCES[seed % SOURCES.length] ?? "" };
              const named =
                seed % 5 === 0
                  ? {
                      ...made,
                      eventName: manyNames(seed % 9, 3)[seed % 48] ?? "RunInstances",
                      readOnly: false,
                    }
                  : made;
              const reading = readEnvelope(JSON.parse(JSON.stringify(named)));
              if (!reading.ok)
                throw new Error(`the generator made a record that is refused: ${reading.reason}`);
              const { matches } = await engine.evaluate(reading.record, 0);
              const delivering = deliver(reading.envelope).map(({ name }) => name);
              const context = { delivering, ruleSet, record: reading.record, eventRules };
              if (matches.length > 0) tally.matches++;
              if (matches.length > 0 && delivering.length === 0)
                throw new Error(`lost: ${JSON.stringify(context)}`);
              if (overlaps.length === 0 && delivering.length > 1)
                throw new Error(`twice: ${JSON.stringify(context)}`);
            }
          },
        ),
        { numRuns: 600 },
      );
      expect(tally.matches).toBeGreaterThan(2_000);
      expect(tally.divided).toBeGreaterThan(100);
    },
  );
});
