/**
 * What EventBridge would deliver: derived event rules, pattern and state, applied to an envelope. Local runs, `replay`
 * and `explain` use it, so that what is seen on a laptop is what a deployed engine would have seen.
 */
import type { CloudTrailRecord, Envelope } from "../record/record.ts";
import { compileEventPattern } from "./event-pattern/compile.ts";
import { matchesEventPattern } from "./event-pattern/match.ts";
import type { EventRule } from "./event-rules.ts";
import { isDeliveredIn } from "./read-calls.ts";

/**
 * Compiles event rules to a function that gives those of them which deliver an envelope.
 * @throws InvalidEventPatternError when EventBridge would refuse a pattern.
 */
export function compileEventRules(
  eventRules: readonly EventRule[],
): (envelope: Envelope) => readonly EventRule[] {
  const compiled = eventRules.map((eventRule) => ({
    eventRule,
    pattern: compileEventPattern(eventRule.eventPattern),
  }));
  return (envelope) => {
    const delivering: EventRule[] = [];
    for (const { eventRule, pattern } of compiled) {
      if (!isDeliveredIn(eventRule.state, envelope.detail as CloudTrailRecord)) continue;
      if (matchesEventPattern(pattern, envelope)) delivering.push(eventRule);
    }
    return delivering;
  };
}
