/**
 * The property that must never fail: a record that a rule matches is delivered by an event rule derived from it. The
 * guards of the derivation can be taken away, to see that the generator would find what each of them prevents.
 */
import { createEngine } from "../../lambda/engine/engine.ts";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { ALL_GUARDS, type Guard } from "../../lambda/engine/selector.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { createOracle } from "./oracle.ts";
import { makeRecord } from "./record-generator.ts";

/** What was tried. */
export type Tally = { records: number; matches: number; delivered: number };

/**
 * Tries a rule set of one rule on records of these seeds.
 * @returns a sentence about the first record that is lost or judged wrongly; undefined when there is none.
 */
export async function findLostRecord(
  ruleSet: RuleSet,
  seeds: readonly number[],
  without?: Guard,
  tally?: Tally,
): Promise<string | undefined> {
  const [rule] = ruleSet.rules;
  if (rule === undefined) return undefined;
  const guards = new Set([...ALL_GUARDS].filter((guard) => guard !== without));
  const { eventRules } = deriveEventRules(ruleSet, { guards });
  const deliver = compileEventRules(eventRules);
  const engine = createEngine(ruleSet);
  const oracle = createOracle(rule, ruleSet);
  for (const seed of seeds) {
    const record = JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))) as unknown;
    const reading = readEnvelope(record);
    if (!reading.ok) return `the generator made a record that is refused: ${reading.reason}`;
    const inDomain = rule.eventSource === null || reading.record.eventSource === rule.eventSource;
    const expected = inDomain && (await oracle(reading.record));
    const { matches, problems } = await engine.evaluate(reading.record, 0);
    const delivered = deliver(reading.envelope).length > 0;
    if (tally !== undefined) {
      tally.records++;
      if (expected) tally.matches++;
      if (delivered) tally.delivered++;
    }
    const context = (): string =>
      `\nrule: ${JSON.stringify(ruleSet)}\nrecord: ${JSON.stringify(record)}\npatterns: ${JSON.stringify(eventRules)}`;
    if (problems.length > 0) return `evaluation failed: ${problems[0]?.message}${context()}`;
    if (expected && matches.length === 0) return `the engine misses a match${context()}`;
    if (!inDomain && matches.length > 0) return `a rule matched a record of another eventSource${context()}`;
    if ((expected || matches.length > 0) && !delivered)
      return `a record that matches is not delivered${context()}`;
  }
  return undefined;
}
