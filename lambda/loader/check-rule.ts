/**
 * Checks a rule file and a shared condition as a whole: the schema for everything about the rule, our own checks for
 * conditions (where a schema could only say "no variant fits") and for the placeholders of the summary.
 */
import { z } from "zod";
import { conditionFileSchema, ruleFileSchema } from "../engine/rule-schema.ts";
import type { Condition, Rule } from "../engine/rule.ts";
import { checkAttack } from "./check-attack.ts";
import type { ConditionFacts } from "./check-conditions.ts";
import { checkConditions } from "./check-conditions.ts";
import { checkFact } from "./check-fact.ts";
import { checkJq, conditionsWithJq } from "./check-jq.ts";
import type { KeyCures } from "./check-schema.ts";
import { checkSchema } from "./check-schema.ts";
import { checkWindows } from "./check-windows.ts";
import type { Report } from "./report.ts";
import { isObject } from "./report.ts";

const ROOTS = ["all", "any", "not", "condition"];
const COMPARISON = ["fact", "operator", "value"];

/** What people write who know other rule formats. */
const KEY_CURES: KeyCures = {
  id: "Delete it: a rule's id is its path.",
  eventSource: "Delete it: the folder is the rule's eventSource.",
  title: 'Did you mean "name"?',
  level: 'Did you mean "severity"?',
  when: 'Did you mean "conditions"?',
  jq_match: 'Did you mean "jq"?',
  mitre: 'Did you mean "attack"?',
  event: "Delete it: the engine makes json-rules-engine's event from the rule's id.",
  path: "Delete it: conditions name dotted keys.",
  ...Object.fromEntries([...ROOTS, ...COMPARISON].map((key) => [key, 'Put it below "conditions".'])),
};

/** Conditions are checked by walking them; the schema only has to know that the key belongs there. */
const ruleShape = ruleFileSchema.extend({
  conditions: z.unknown().describe(ruleFileSchema.shape.conditions.description ?? ""),
});
/** A jq expression may stand instead of conditions. */
const jqShape = ruleShape.extend({ conditions: ruleShape.shape.conditions.optional() });
const conditionShape = conditionFileSchema.extend({
  conditions: z.unknown().describe(conditionFileSchema.shape.conditions.description ?? ""),
});

/**
 * What checking a file gave: the good thing in it, if it is good, and what its conditions refer to, which is checked
 * later even where the file has errors already.
 */
export type Checked<T> = { readonly good?: T; readonly facts?: ConditionFacts };

/** Checks a rule file. Nothing is good when it has errors, all of which are reported. */
export function checkRule(report: Report, id: string, eventSource: string | null): Checked<Rule> {
  const { data } = report.source;
  const jq = isObject(data) && typeof data["jq"] === "string" ? data["jq"] : undefined;
  const parsed = checkSchema(report, jq === undefined ? ruleShape : jqShape, data, {
    what: "A rule",
    cures: KEY_CURES,
  });
  if (!isObject(data)) return {};
  const written = Object.hasOwn(data, "conditions");
  const facts = written
    ? checkConditions(report, data["conditions"], ["conditions"], eventSource)
    : jq === undefined
      ? undefined
      : { place: report.source.at(["jq"], "key"), references: [], lists: [], literals: 1 };
  if (jq !== undefined) checkJq(report, jq);
  checkRoot(report, data["conditions"], "a rule");
  checkAttack(report, data["attack"]);
  checkWindows(report, data["dedup"], data["threshold"]);
  if (typeof data["summary"] === "string") checkSummary(report, data["summary"]);
  if (facts === undefined) return {};
  if (parsed === undefined || report.errors() > 0) return { facts };
  const own = written ? (parsed.conditions as Condition) : undefined;
  const conditions = jq === undefined ? (parsed.conditions as Condition) : conditionsWithJq(own, jq);
  return { good: { ...parsed, id, eventSource, conditions }, facts };
}

/** json-rules-engine throws for a rule whose conditions begin with a comparison. Shared conditions may be one. */
export function checkRoot(report: Report, conditions: unknown, what: string): void {
  if (!isObject(conditions) || ROOTS.some((key) => Object.hasOwn(conditions, key))) return;
  if (!COMPARISON.some((key) => Object.hasOwn(conditions, key))) return;
  report.add(
    ["conditions"],
    `json-rules-engine needs all, any, not or condition at the top of ${what}, not a comparison.`,
    "Write conditions: { all: [ { fact: …, operator: …, value: … } ] }.",
    { part: "key" },
  );
}

/** Checks a file of `_conditions`. Nothing is good when it has errors, all of which are reported. */
export function checkSharedCondition(report: Report): Checked<Condition> {
  const { data } = report.source;
  const parsed = checkSchema(report, conditionShape, data, { what: "A shared condition", cures: KEY_CURES });
  if (!isObject(data) || !Object.hasOwn(data, "conditions")) return {};
  const facts = checkConditions(report, data["conditions"], ["conditions"], null);
  if (parsed === undefined || report.errors() > 0) return { facts };
  return { good: parsed.conditions as Condition, facts };
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
      for (const name of summary
        .slice(at + 2, end)
        .split("|")
        .map((part) => part.trim())) {
        if (name === "")
          report.add(
            path,
            "A {{…}} names no fact.",
            "Write {{fact}}, e.g. {{actor.name}}, or {{fact | otherFact}}.",
            { offset },
          );
        else checkFact(report, name, path, { offset });
      }
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
