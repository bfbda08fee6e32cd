import * as fc from "fast-check";
import { loadJq } from "jq-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { JqPort } from "../../lambda/engine/jq-port.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { makeInput, makeProgram, readAnswers } from "../../lambda/jq/program.ts";
import { deriveJqCondition } from "../../lambda/jq/selector.ts";
import { conditionsWithJq } from "../../lambda/loader/check-jq.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { makeExpression, makeJqRecord, random } from "./jq-expressions.ts";

/**
 * The property that must never fail: a record that jq itself matches is delivered by the event pattern that is derived
 * from the expression, is found by the index, and is judged a match.
 */

const ROUNDS = Number(process.env["JQ_ROUNDS"] ?? 20);
const EXPRESSIONS = 50;
const RECORDS = 20;

let jq: Awaited<ReturnType<typeof loadJq>>;
beforeAll(async () => {
  jq = await loadJq();
});

/** Takes the engine's word for it, so that only the selection is tried. */
const yes: JqPort = {
  ask: (_, questions) =>
    Promise.resolve(questions.map(({ id }) => ({ ruleId: id, matches: true, annotations: [] }))),
};

const setOf = (expression: string): RuleSet => {
  const rule: Rule = {
    id: "x",
    name: "x",
    severity: "low",
    eventSource: null,
    jq: expression,
    conditions: conditionsWithJq(undefined, expression),
  };
  return { rules: [rule], conditions: {}, lists: {}, suppressions: [] };
};

/** Whether each expression matches each record, in jq itself: one line of answers a record. */
function matchesOf(expressions: readonly string[], records: readonly CloudTrailRecord[]): boolean[][] {
  const questions = expressions.map((one, place) => ({ id: String(place), jq: one }));
  return records.map((record) => {
    const { stdout, stderr, exitCode } = jq.raw(makeInput(record), makeProgram(questions), ["-c"]);
    if (exitCode !== 0) throw new Error(`${stderr}\n${expressions.join("\n")}`);
    return readAnswers(stdout, questions).map(({ matches }) => matches);
  });
}

describe("soundness of the selectors of jq rules", () => {
  it(`loses no record that jq matches, over ${ROUNDS * EXPRESSIONS * RECORDS} random cases`, {
    timeout: 300_000,
  }, async () => {
    const tally = { cases: 0, matches: 0, constrained: 0, stopped: 0 };
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const next = random(seed);
        const expressions = Array.from({ length: EXPRESSIONS }, () => makeExpression(next, next(3)));
        const read = Array.from({ length: RECORDS }, () => readEnvelope(makeJqRecord(next)));
        const records = read.flatMap((reading) => (reading.ok ? [reading] : []));
        const verdicts = matchesOf(
          expressions,
          records.map(({ record }) => record),
        );
        for (const [place, expression] of expressions.entries()) {
          const set = setOf(expression);
          const engine = createEngine(set, yes);
          const delivers = compileEventRules(deriveEventRules(set).eventRules);
          if (deriveJqCondition(expression) !== undefined) tally.constrained += 1;
          for (const [which, { record, envelope }] of records.entries()) {
            const delivered = delivers(envelope).length > 0;
            const held = (await engine.evaluate(record, 0)).matches.length > 0;
            tally.cases += 1;
            if (!held) tally.stopped += 1;
            if (verdicts[which]?.[place] !== true) continue;
            tally.matches += 1;
            if (!delivered || !held)
              throw new Error(
                `lost (delivered ${String(delivered)}, held ${String(held)}): ${expression}\n${JSON.stringify(record)}\n${JSON.stringify(set.rules[0]?.conditions)}`,
              );
          }
        }
      }),
      { numRuns: ROUNDS },
    );
    // A generator that never hits, or a derivation that demands nothing, would prove nothing.
    expect(tally.cases).toBeGreaterThan(ROUNDS * EXPRESSIONS * RECORDS * 0.9);
    expect(tally.matches).toBeGreaterThan(tally.cases / 20);
    expect(tally.constrained).toBeGreaterThan((ROUNDS * EXPRESSIONS) / 4);
    expect(tally.stopped).toBeGreaterThan(tally.cases / 10);
  });
});
