/** Rules of which only what coverage reads matters. */
import type { Rule } from "../../../lambda/engine/rule.ts";

/** A rule that names these techniques. */
export function ruleNaming(id: string, attack?: readonly string[], more: Partial<Rule> = {}): Rule {
  return {
    id,
    name: `Rule ${id}`,
    eventSource: id.split("/")[0] ?? null,
    severity: "low",
    conditions: { all: [{ fact: "eventName", operator: "equal", value: "A" }] },
    ...(attack === undefined ? {} : { attack: [...attack] }),
    ...more,
  };
}
