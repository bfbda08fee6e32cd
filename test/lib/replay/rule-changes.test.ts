import { describe, expect, it } from "vitest";
import type { Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import { ruleChanges } from "../../../lib/replay/rule-changes.ts";

const rule = (id: string, eventName: string, more: Partial<Rule> = {}): Rule => ({
  id: `ec2.amazonaws.com/${id}`,
  name: eventName,
  severity: "low",
  eventSource: "ec2.amazonaws.com",
  conditions: { all: [{ fact: "eventName", operator: "equal", value: eventName }] },
  ...more,
});
const set = (...rules: Rule[]): RuleSet => ({ rules, conditions: {}, lists: {}, suppressions: [] });
const NOTHING = { added: [], removed: [], renamed: [], edited: [], shared: [] };

describe("changes of rules", () => {
  it("are none between rule sets that are alike", () => {
    expect(ruleChanges(set(rule("a", "A")), set(rule("a", "A")))).toEqual(NOTHING);
  });

  it("tell added, removed and edited rules", () => {
    const before = set(rule("a", "A"), rule("b", "B"));
    const after = set(rule("b", "B", { severity: "high" }), rule("c", "C"));
    expect(ruleChanges(before, after)).toEqual({
      ...NOTHING,
      added: ["ec2.amazonaws.com/c"],
      removed: ["ec2.amazonaws.com/a"],
      edited: ["ec2.amazonaws.com/b"],
    });
  });

  it("see a rename, also into another folder", () => {
    const after = set(rule("a", "A", { id: "_global/new", eventSource: null }));
    expect(ruleChanges(set(rule("a", "A")), after)).toEqual({
      ...NOTHING,
      renamed: [{ from: "ec2.amazonaws.com/a", to: "_global/new" }],
    });
  });

  it("see a rename with an edit by the rule's name, and a rename without one first", () => {
    const before = set(rule("a", "A"), rule("b", "B"));
    const after = set(rule("c", "B"), rule("d", "A", { severity: "high" }));
    expect(ruleChanges(before, after)).toEqual({
      ...NOTHING,
      renamed: [
        { from: "ec2.amazonaws.com/b", to: "ec2.amazonaws.com/c" },
        { from: "ec2.amazonaws.com/a", to: "ec2.amazonaws.com/d" },
      ],
      edited: ["ec2.amazonaws.com/d"],
    });
  });

  it("guess no rename where two rules are alike, or where the old one could not be read", () => {
    const twins = ruleChanges(set(rule("a", "A"), rule("b", "A")), set(rule("c", "A")));
    expect(twins).toMatchObject({ renamed: [], added: ["ec2.amazonaws.com/c"] });
    const unread = ruleChanges(set(rule("a", "A")), set(rule("c", "A")), ["ec2.amazonaws.com/c"]);
    expect(unread).toEqual({ ...NOTHING, removed: ["ec2.amazonaws.com/a"] });
  });

  it("name shared files that differ", () => {
    const list = { description: "People.", kind: "exact", values: ["a"] } as const;
    const before: RuleSet = {
      ...set(),
      lists: { admins: { ...list, values: ["a"] } },
      conditions: { gone: { all: [] } },
    };
    const after: RuleSet = {
      ...set(),
      lists: { admins: { ...list, values: ["b"] }, come: { ...list, values: ["c"] } },
    };
    expect(ruleChanges(before, after).shared).toEqual(["_conditions/gone", "_lists/admins", "_lists/come"]);
  });
});
