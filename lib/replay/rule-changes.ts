/**
 * What became of the rules between two rule sets. A renamed rule is one rule, or its alerts would all seem to disappear
 * and as many others to appear: a rule that is only in the one is paired with one that is only in the other when they
 * are alike but for their place, or else when they have the same name and no other has it.
 *
 *   ruleChanges(before, after).renamed   // [{ from: "ec2.amazonaws.com/ssh-open", to: "ec2.amazonaws.com/port-opened" }]
 */
import { canonicalJson } from "../../lambda/alerts/canonical-json.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";

/** Ids, in the order of the rule sets. */
export type RuleChanges = {
  readonly added: string[];
  readonly removed: string[];
  readonly renamed: { readonly from: string; readonly to: string }[];
  /** In both, and not the same; renamed ones under their new id. */
  readonly edited: string[];
  /** Shared conditions, lists and suppressions that were added, removed or edited: `_lists/admins`. */
  readonly shared: string[];
};

/** Compares two rule sets; `unread` are ids of rules that were there before and could not be read. */
export function ruleChanges(before: RuleSet, after: RuleSet, unread: readonly string[] = []): RuleChanges {
  const wasThere = new Map(before.rules.map((rule) => [rule.id, rule]));
  const isThere = new Map(after.rules.map((rule) => [rule.id, rule]));
  const gone = before.rules.filter(({ id }) => !isThere.has(id));
  const come = after.rules.filter(({ id }) => !wasThere.has(id) && !unread.includes(id));
  const from = new Map<string, Rule>();
  for (const key of [contentOf, (rule: Rule) => rule.name]) {
    const left = gone.filter((rule) => ![...from.values()].includes(rule));
    pair(
      left,
      come.filter(({ id }) => !from.has(id)),
      key,
      from,
    );
  }
  const paired = new Set(from.values());
  return {
    added: come.filter(({ id }) => !from.has(id)).map(({ id }) => id),
    removed: gone.filter((rule) => !paired.has(rule)).map(({ id }) => id),
    renamed: [...from].map(([to, rule]) => ({ from: rule.id, to })),
    edited: after.rules.flatMap((rule) => {
      const was = wasThere.get(rule.id) ?? from.get(rule.id);
      return was === undefined || contentOf(was) === contentOf(rule) ? [] : [rule.id];
    }),
    shared: sharedChanges(before, after),
  };
}

/** Pairs rules that have the same key, where it is the key of one alone on each side. */
function pair(
  gone: readonly Rule[],
  come: readonly Rule[],
  key: (rule: Rule) => string,
  from: Map<string, Rule>,
): void {
  const candidates = byKey(gone, key);
  for (const [text, [rule, ...more]] of byKey(come, key)) {
    const [was, ...others] = candidates.get(text) ?? [];
    if (rule === undefined || was === undefined || more.length + others.length > 0) continue;
    from.set(rule.id, was);
  }
}

function byKey(rules: readonly Rule[], key: (rule: Rule) => string): Map<string, Rule[]> {
  return Map.groupBy(rules, key);
}

/** All of a rule but where it lies. */
function contentOf({ id: _id, eventSource: _eventSource, ...content }: Rule): string {
  return canonicalJson(content);
}

function sharedChanges(before: RuleSet, after: RuleSet): string[] {
  const was = sharedFiles(before);
  const is = sharedFiles(after);
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].filter((name) => was.get(name) !== is.get(name)).toSorted();
}

function sharedFiles({ conditions, lists, suppressions }: RuleSet): Map<string, string> {
  return new Map([
    ...Object.entries(conditions).map(([name, one]) => [`_conditions/${name}`, canonicalJson(one)] as const),
    ...Object.entries(lists).map(([name, one]) => [`_lists/${name}`, canonicalJson(one)] as const),
    ...suppressions.map((one) => [`_suppressions/${one.id}`, canonicalJson(one)] as const),
  ]);
}
