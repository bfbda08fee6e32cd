/**
 * What publishing would change: rules, what they share, routes and destinations, as far down as the field.
 *
 *   changesOf(live, next).edited   // [{ rule: "ec2…/vpc-deleted", changes: [{ field: "severity", before: '"low"', after: '"high"' }] }]
 */
import { canonicalJson } from "../../lambda/alerts/canonical-json.ts";
import { showText } from "../../lambda/alerts/show-text.ts";
import type { Content } from "../../lambda/live-rules/published.ts";
import { ruleChanges } from "../replay/rule-changes.ts";
import type { Change, Changes } from "./publish-schema.ts";

/** Characters of a value that are shown. */
const MAX_SHOWN = 400;

/** Compares what is in force with what would be. */
export function changesOf(before: Omit<Content, "waiting">, after: Omit<Content, "waiting">): Changes {
  const { added, removed, renamed, edited, shared } = ruleChanges(before.ruleSet, after.ruleSet);
  const was = new Map(before.ruleSet.rules.map((rule) => [rule.id, rule]));
  const is = new Map(after.ruleSet.rules.map((rule) => [rule.id, rule]));
  const former = new Map(renamed.map(({ from, to }) => [to, from]));
  const settings = new Map(before.destinations.map((one) => [one.id, one]));
  return {
    added,
    removed,
    renamed,
    edited: edited.map((rule) => ({
      rule,
      changes: fieldsThatDiffer(was.get(former.get(rule) ?? rule), is.get(rule), ["id", "eventSource"]),
    })),
    shared,
    routing: fieldsThatDiffer(before.routing, after.routing),
    destinations: after.destinations
      .map((one) => ({ destination: one.id, changes: fieldsThatDiffer(settings.get(one.id), one) }))
      .filter(({ changes }) => changes.length > 0),
  };
}

/** Whether nothing would change. */
export function isUnchanged({
  added,
  removed,
  renamed,
  edited,
  shared,
  routing,
  destinations,
}: Changes): boolean {
  return [added, removed, renamed, edited, shared, routing, destinations].every((list) => list.length === 0);
}

function fieldsThatDiffer(before: unknown, after: unknown, except: readonly string[] = []): Change[] {
  const [was, is] = [before, after].map((value) => new Map(Object.entries(value ?? {})));
  const fields = new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])]);
  return [...fields].flatMap((field) => {
    if (except.includes(field)) return [];
    const [old, now] = [was?.get(field), is?.get(field)];
    if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
    return [
      {
        field,
        ...(old === undefined ? {} : { before: shown(old) }),
        ...(now === undefined ? {} : { after: shown(now) }),
      },
    ];
  });
}

function shown(value: unknown): string {
  return showText(JSON.stringify(value), MAX_SHOWN);
}
