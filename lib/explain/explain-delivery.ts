/**
 * Would EventBridge deliver the record, and what stops it if not? Whether it comes is judged by the patterns of all
 * rules, as deployed; what stops it, by the pattern of this rule alone: in a pattern that several rules share, the
 * nearest miss may be another rule's.
 */
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { compileEventPattern } from "../../lambda/engine/event-pattern/compile.ts";
import { explainMiss, type Miss } from "../../lambda/engine/event-pattern/explain-miss.ts";
import { deriveEventRules, type EventRule } from "../../lambda/engine/event-rules.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import type { ExplainedDelivery } from "./explanation-schema.ts";

/**
 * Explains the delivery of an envelope.
 * @param eventRules the event rules derived from the whole rule set
 */
export function explainDelivery(
  rule: Rule,
  ruleSet: RuleSet,
  eventRules: readonly EventRule[],
  envelope: Envelope,
): Omit<ExplainedDelivery, "madeEnvelope"> {
  const by = compileEventRules(eventRules)(envelope);
  const serving = eventRules
    .filter(({ rules }) => rules.includes(rule.id))
    .map((eventRule) => ({ eventRule, missed: missesOf(eventRule, envelope).length }))
    .toSorted((a, b) => a.missed - b.missed)
    .map(({ eventRule }) => eventRule);
  const own = deriveEventRules({ ...ruleSet, rules: [rule] }).eventRules;
  const misses = nearestMiss(own, envelope);
  return {
    delivered: by.length > 0,
    by: by.map(nameAndState),
    serving: serving.map(nameAndState),
    ownSelector: misses.length === 0,
    readHeldBack: by.length === 0 && misses.length === 0,
    misses: misses.map(({ path, wanted, saw, inOtherElement }) => ({
      field: path,
      wanted: [...wanted],
      saw: [...saw],
      inOtherElement,
    })),
  };
}

function nameAndState({ name, state }: EventRule): ExplainedDelivery["by"][number] {
  return { name, state };
}

/** The misses of the pattern that came nearest; none when one matches. */
function nearestMiss(eventRules: readonly EventRule[], envelope: Envelope): readonly Miss[] {
  const [first = [], ...others] = eventRules.map((eventRule) => missesOf(eventRule, envelope));
  return others.reduce((best, misses) => (misses.length < best.length ? misses : best), first);
}

function missesOf({ eventPattern }: EventRule, envelope: Envelope): readonly Miss[] {
  return explainMiss(compileEventPattern(eventPattern), envelope);
}
