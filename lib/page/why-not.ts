/**
 * *Why did it not fire?*: a pasted record, in any form that CloudTrail gives it, explained for one rule, or for those
 * that come nearest to it. Nothing is decided here: it is what `engine explain` says.
 *
 *     await whyNot({ text: '{"Records":[…]}' }, ruleSet, Date.now())   // { explanations: […], tried: 42, … }
 */
import { z } from "zod";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { explainConditions } from "../../lambda/explain/explain-conditions.ts";
import type { ExplainedCondition } from "../../lambda/explain/condition-schema.ts";
import { textAt } from "../../lambda/record/untrusted.ts";
import { explainRule } from "../explain/explain-rule.ts";
import type { Explanation } from "../explain/explanation-schema.ts";
import type { FoundRecord } from "../explain/one-record.ts";
import type { WhyAnswer } from "./exchange.ts";
import { JsonValues } from "../../lambda/intake/json-values.ts";
import { formatPlace, type Item, toItems } from "../replay/records.ts";

/** Largest text that may be pasted, in bytes: what CloudTrail itself allows for a record. */
export const MAX_PASTED = 262_144;
/** Rules that are explained at once: those that come nearest. */
const MAX_EXPLAINED = 8;
const MAX_NAMED = 50;

/** What is asked. */
export const whyRequestSchema = z.strictObject({
  text: z.string().min(1, "Paste a CloudTrail record."),
  ruleId: z.string().max(300).optional(),
  /** Which of several records; the first unless given. */
  index: z.int().nonnegative().optional(),
});
type WhyRequest = z.infer<typeof whyRequestSchema>;

/** Explains. Never throws for what was pasted. */
export async function whyNot(
  { text, ruleId, index = 0 }: WhyRequest,
  ruleSet: RuleSet,
  at: number,
): Promise<WhyAnswer> {
  const values = new JsonValues();
  const items = [
    ...toItems(values.push(Buffer.from(text)), "pasted"),
    ...toItems(values.end(undefined), "pasted"),
  ];
  const good = items.filter((item): item is Extract<Item, { ok: true }> => item.ok);
  const found = good[index];
  if (found === undefined) return { ok: false, message: whyNone(items, good.length, index) };
  const { reading, place } = found;
  const record: FoundRecord = { reading, place, bare: !text.includes('"detail-type"') };
  const rules = rulesFor(reading.record.eventSource, ruleId, ruleSet);
  if (rules.length === 0)
    return {
      ok: false,
      message:
        ruleId === undefined
          ? `No rule is tried on records of ${reading.record.eventSource}.`
          : `There is no rule called ${ruleId}.`,
    };
  const nearest = rules
    .map((rule) => ({
      rule,
      distance: distance(explainConditions(rule.conditions, ruleSet, reading.record)),
    }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MAX_EXPLAINED);
  const explanations: Explanation[] = [];
  const { eventRules } = deriveEventRules(ruleSet);
  for (const { rule } of nearest)
    explanations.push(await explainRule(rule, ruleSet, record, { at, eventRules }));
  const records = good.length > 1 ? good.slice(0, MAX_NAMED).map(nameOf) : [];
  return { ok: true, explanations, tried: rules.length, records };
}

function rulesFor(eventSource: string, ruleId: string | undefined, { rules }: RuleSet): readonly Rule[] {
  if (ruleId !== undefined) return rules.filter(({ id }) => id === ruleId);
  return rules.filter((rule) => rule.eventSource === null || rule.eventSource === eventSource);
}

/** The part of a tree that would have to differ: 0 where it holds; a rule with one wrong value is nearer than one with three. */
function distance(condition: ExplainedCondition): number {
  if (condition.holds) return 0;
  if (condition.kind === "comparison") return condition.fact === "eventName" ? 3 : 1;
  const parts = condition.conditions.map(distance).filter((part) => part > 0);
  if (condition.kind === "any") return Math.min(...parts, 9);
  return Math.max(
    1,
    parts.reduce((total, part) => total + part, 0),
  );
}

function nameOf({ reading: { record } }: Extract<Item, { ok: true }>): string {
  return `${textAt(record, "eventTime") ?? ""}  ${record.eventSource}  ${record.eventName}`;
}

function whyNone(items: readonly Item[], good: number, index: number): string {
  if (good > 0) return `There are ${good} records in the text, and none of number ${index + 1}.`;
  const broken = items.find((item) => !item.ok);
  if (broken === undefined || broken.ok)
    return "There is no CloudTrail record in the text. Paste the record itself, or the EventBridge event around it.";
  return `This is no CloudTrail record: ${broken.reason} (${formatPlace(broken.place)}).`;
}
