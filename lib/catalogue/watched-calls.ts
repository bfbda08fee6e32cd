/**
 * Which calls a rule watches, in words. They follow from the rule's selector, the same that becomes the event pattern, so
 * the catalogue cannot say less than what EventBridge delivers: shared conditions are looked into, and a branch without
 * an eventName makes it any call.
 *
 *   conditions: { all: [{ fact: eventName, operator: in, value: [DeleteTrail, StopLogging] }, { condition: succeeded }] }
 *   // ["DeleteTrail", "StopLogging"]
 */
import { normalize } from "../../lambda/engine/conditions.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { deriveSelector, type Matcher } from "../../lambda/engine/selector.ts";

/**
 * The eventNames that a rule watches, in order, `*` standing for any characters; undefined when it is not bound to
 * names. Shared conditions and lists must be those of the rule's own rule set.
 */
export function watchedCalls(
  { conditions }: Pick<Rule, "conditions">,
  shared: Pick<RuleSet, "conditions" | "lists">,
): readonly string[] | undefined {
  const names = new Set<string>();
  for (const conjunct of deriveSelector(normalize(conditions, shared.conditions, shared.lists))) {
    const matchers = conjunct.find(({ path }) => path === "eventName")?.matchers ?? [];
    const written = matchers.map(nameOf);
    if (written.length === 0 || written.includes(undefined)) return undefined;
    for (const name of written) names.add(name ?? "");
  }
  return [...names].toSorted();
}

/** A matcher as people write names; undefined for one that says what the name is not. */
function nameOf(matcher: Matcher): string | undefined {
  if (typeof matcher !== "object") return String(matcher);
  const { prefix, suffix, wildcard, "equals-ignore-case": anyCase } = matcher;
  if (typeof prefix === "string") return `${prefix}*`;
  if (typeof suffix === "string") return `*${suffix}`;
  const exact = wildcard ?? anyCase;
  return typeof exact === "string" ? exact : undefined;
}
