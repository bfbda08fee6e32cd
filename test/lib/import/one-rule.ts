/** Asks the engine about one imported rule, as the detector would. */
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { Condition, Rule } from "../../../lambda/engine/rule.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import type { RuleDraft } from "../../../lib/import/model.ts";

/** The rule of a draft as the loader would give it. */
export function ruleOf({ folder, stem, rule }: RuleDraft): Rule {
  return {
    ...(rule as Pick<Rule, "name" | "severity">),
    id: `${folder}/${stem}`,
    eventSource: folder === "_global" ? null : folder,
    conditions: rule["conditions"] as Condition,
  };
}

/** Makes the question whether a rule matches records. */
export function matcherOf(rule: Rule): (record: unknown) => Promise<boolean> {
  const engine = createEngine({ rules: [rule], conditions: {}, lists: {}, suppressions: [] });
  return async (record) => {
    const reading = readEnvelope(record);
    if (!reading.ok) throw new Error(reading.reason);
    const { matches, problems } = await engine.evaluate(reading.record, 0);
    if (problems.length > 0) throw new Error(problems[0]?.message ?? "");
    return matches.length > 0;
  };
}
