/**
 * Checks a rule file and a shared condition as a whole: the schema for everything about the rule, our own checks for
 * conditions (where a schema could only say "no variant fits") and for the placeholders of the summary.
 */
import { z } from "zod";
import { conditionFileSchema, ruleFileSchema } from "../engine/rule-schema.ts";
import type { Condition, Rule } from "../engine/rule.ts";
import type { ConditionFacts } from "./check-conditions.ts";
import { checkConditions } from "./check-conditions.ts";
import { checkFact } from "./check-fact.ts";
import type { KeyCures } from "./check-schema.ts";
import { checkSchema } from "./check-schema.ts";
import type { Report } from "./report.ts";
import { isObject } from "./report.ts";

/** What people write who know other rule formats. */
const KEY_CURES: KeyCures = {
  id: "Delete it: a rule's id is its path.",
  eventSource: "Delete it: the folder is the rule's eventSource.",
  title: 'Did you mean "name"?',
  level: 'Did you mean "severity"?',
  when: 'Did you mean "conditions"?',
  mitre: 'Did you mean "attack"?',
  event: "Delete it: the engine makes json-rules-engine's event from the rule's id.",
  path: "Delete it: conditions name dotted keys.",
};

/** Conditions are checked by walking them; the schema only has to know that the key belongs there. */
const ruleShape = ruleFileSchema.extend({
  conditions: z.unknown().describe(ruleFileSchema.shape.conditions.description ?? ""),
});
const conditionShape = conditionFileSchema.extend({ conditions: ruleShape.shape.conditions });

/** A rule that was checked, and the shared conditions it refers to. */
export type CheckedRule = { readonly rule: Rule; readonly facts: ConditionFacts };

/** Checks a rule file. Undefined when it has errors, all of which are reported. */
export function checkRule(report: Report, id: string, eventSource: string | null): CheckedRule | undefined {
  const { data } = report.source;
  const parsed = checkSchema(report, ruleShape, data, { what: "A rule", cures: KEY_CURES });
  if (!isObject(data)) return undefined;
  const facts = Object.hasOwn(data, "conditions")
    ? checkConditions(report, data["conditions"], ["conditions"], eventSource)
    : undefined;
  if (typeof data["summary"] === "string") checkSummary(report, data["summary"]);
  if (parsed === undefined || facts === undefined || report.errors() > 0) return undefined;
  return { rule: { ...parsed, id, eventSource, conditions: parsed.conditions as Condition }, facts };
}

/** Checks a file of `_conditions`. Undefined when it has errors, all of which are reported. */
export function checkSharedCondition(
  report: Report,
): { conditions: Condition; facts: ConditionFacts } | undefined {
  const { data } = report.source;
  const parsed = checkSchema(report, conditionShape, data, { what: "A shared condition", cures: KEY_CURES });
  if (!isObject(data) || !Object.hasOwn(data, "conditions")) return undefined;
  const facts = checkConditions(report, data["conditions"], ["conditions"], null);
  if (parsed === undefined || report.errors() > 0) return undefined;
  return { conditions: parsed.conditions as Condition, facts };
}

/** Every `{{fact}}` of a summary is a fact; what only looks like one would stand in the alert as it is. */
function checkSummary(report: Report, summary: string): void {
  const path = ["summary"];
  let at = summary.indexOf("{{");
  while (at !== -1) {
    const end = summary.indexOf("}}", at + 2);
    const next = summary.indexOf("{{", at + 2);
    const offset = offsetInSummary(report, summary, at);
    if (end === -1 || (next !== -1 && next < end)) {
      report.add(path, "A {{ has no }}.", "Write {{fact}}, e.g. {{actor.name}}.", { offset });
    } else {
      const name = summary.slice(at + 2, end).trim();
      if (name === "")
        report.add(path, "{{}} names no fact.", "Write {{fact}}, e.g. {{actor.name}}.", { offset });
      else checkFact(report, name, path, { use: "summary", offset });
    }
    at = next;
  }
}

/** The place of a placeholder, where the text stands in the file as it is in the data (no folding, no escapes). */
function offsetInSummary(report: Report, summary: string, at: number): number | undefined {
  const start = report.source.offset(["summary"]);
  if (start === undefined) return undefined;
  const found = report.source.text.indexOf(summary, start);
  return found !== -1 && found <= start + 1 ? found + at : undefined;
}
