/**
 * One rule of the catalogue: what somebody wants to know who is asked "would we be told of that?", or who was just woken
 * by it. What a rule does not say is left out, so that gaps are seen where they can be filled.
 */
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { techniqueOf } from "../../lambda/attack/attack-techniques.ts";
import { codeOf, linkTo, paragraphOf, plainLink, textOf } from "./markdown.ts";
import { referencesOf } from "./references.ts";
import { watchedCalls } from "./watched-calls.ts";

/** The lines of one rule below its heading. `file` is its path below the rules folder. */
export function ruleEntry(rule: Rule, ruleSet: RuleSet, file: string): string[] {
  const { attack = [], tags = [], references = [], falsePositives, runbook, description } = rule;
  const { conditions, lists } = referencesOf(rule.conditions, ruleSet.conditions);
  const staged = rule.mode === "staged" ? " · **staged**: its alerts go nowhere" : "";
  const facts: readonly (readonly [string, string])[] = [
    ["Watches", watches(rule, ruleSet)],
    ["Technique", attack.map(technique).join(", ")],
    ["Shared conditions", conditions.map(codeOf).join(", ")],
    ["Lists", lists.map(codeOf).join(", ")],
    ["Tags", tags.map(codeOf).join(", ")],
    ["False positives", textOf(falsePositives ?? "")],
    ["What to do", textOf(runbook ?? "")],
    ["References", references.map(plainLink).join(", ")],
  ];
  return [
    `[${codeOf(rule.id)}](${file}) · **${rule.severity}**${staged}`,
    "",
    ...(description === undefined ? [] : [paragraphOf(description), ""]),
    ...facts.flatMap(([what, text]) => (text === "" ? [] : [`- **${what}:** ${text}`])),
  ];
}

function watches(rule: Rule, ruleSet: RuleSet): string {
  const calls = watchedCalls(rule, ruleSet);
  const source = rule.eventSource === null ? "any eventSource" : codeOf(rule.eventSource);
  return `${calls === undefined ? "any call" : calls.map(codeOf).join(", ")} of ${source}`;
}

function technique(id: string): string {
  const found = techniqueOf(id);
  if (found === undefined) return textOf(id);
  const tactics = found.tactics.map(({ name }) => name).join(", ");
  return `${linkTo(found.url, `${id} ${found.fullName}`)} (${tactics})`;
}
