/**
 * What the bench measures. It is bundled as the detector is (see `bundle-subjects.ts`) and imported from there, because
 * what runs in the Lambda is minified JavaScript, not TypeScript through a loader.
 */
import { flatten } from "flat";
import { Engine } from "json-rules-engine";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import { literalsOf, normalize } from "../../lambda/engine/conditions.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { compileOperator } from "../../lambda/engine/operator-name.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { factRoot } from "../../lambda/record/derived-facts.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import { resolveFact } from "../../lambda/record/facts.ts";

/** Reads all texts once and gives the number of alerts, which shows that the work was done. */
export type Subject = (texts: readonly string[]) => Promise<number>;

/** The yardstick: `JSON.parse` and nothing else. */
export const parseAlone: Subject = (texts) => {
  let objects = 0;
  for (const text of texts) if (typeof JSON.parse(text) === "object") objects++;
  return Promise.resolve(objects);
};

/** Ours, as `replay` runs it: parse, envelope, candidates, and for records that have some the judge and the alert. */
export function makeOurs(ruleSet: RuleSet): Subject {
  const engine = createEngine(ruleSet);
  return async (texts) => {
    let alerts = 0;
    for (const text of texts) {
      const reading = readEnvelope(JSON.parse(text) as unknown);
      if (!reading.ok || engine.candidates(reading.record).length === 0) continue;
      const { matches } = await engine.evaluate(reading.record, 0);
      for (const match of matches) if (makeAlert(match, reading.record).id !== "") alerts++;
    }
    return alerts;
  };
}

/**
 * What everybody writes first: one json-rules-engine Engine with all rules, given every field that `flat` finds. It
 * knows no folders, so each rule repeats its eventSource; `[*]` is not in flat's words, so those facts are added.
 */
export function makeFlat({ rules, conditions: shared, lists: named }: RuleSet): Subject {
  const engine = new Engine([], { allowUndefinedFacts: true });
  const lists = new Set<string>();
  for (const rule of rules) {
    const condition = normalize(rule.conditions, shared, named);
    for (const { operator, fact } of literalsOf(condition)) {
      engine.addOperator(operator, compileOperator(operator));
      if (fact.includes("[*]")) lists.add(fact);
    }
    const source = { fact: "eventSource", operator: "equal", value: rule.eventSource };
    const all = rule.eventSource === null ? [condition] : [source, condition];
    engine.addRule({ conditions: { all } as never, event: { type: "match" } });
  }
  const paths = [...lists].map(parseFactPath);
  return async (texts) => {
    let matches = 0;
    for (const text of texts) {
      const reading = readEnvelope(JSON.parse(text) as unknown);
      if (!reading.ok) continue;
      const facts = flatten<unknown, Record<string, unknown>>(reading.record);
      for (const path of paths) facts[path.text] = resolveFact(factRoot(reading.record, path), path);
      const { events } = await engine.run(facts);
      matches += events.length;
    }
    return matches;
  };
}
