/**
 * A question about cases as the table is asked it: which index, which of its partitions, between which times, and what
 * the index cannot tell as a filter over the rows.
 *
 *     questionFor({ actor: "arn:aws:iam::123456789012:user/eve", severities: ["high"] })
 *     // byActor, partitions told#arn:…, filter "#row.#severity IN (:f0)"
 */
import type { IndexName, IndexRange } from "../state/table.ts";
import { boundKey, isActorKey } from "./actor-key.ts";
import type { Shelf } from "./case-items.ts";
import type { CaseFilter } from "./case-store.ts";

/** Where to look. */
export type Search = {
  /** The index and its key; without them each day has a partition. */
  readonly by?: { readonly index: Exclude<IndexName, "byTime">; readonly key: string };
  readonly shelves: readonly Shelf[];
  readonly filterOf: (shelf: Shelf) => IndexRange["filter"];
  /** ISO 8601 with milliseconds; `to` is not included. */
  readonly from?: string;
  readonly to?: string;
};

/** DynamoDB compares with a hundred values at once. */
const MOST_OPTIONS = 100;

/** Where the answer to a question is; undefined when nothing can be one. */
export function searchFor(filter: CaseFilter): Search | undefined {
  const { severities, statuses, channels, accountIds, actor, ruleId } = filter;
  const dispositions = filter.dispositions ?? ["delivered"];
  if ([severities, statuses, channels, accountIds, dispositions].some((list) => list?.length === 0))
    return undefined;
  const byActor = actor !== undefined && isActorKey(actor);
  const byRule = !byActor && ruleId !== undefined;
  const kept = dispositions.filter((one) => one !== "delivered");
  const shelves: Shelf[] = [
    ...(dispositions.includes("delivered") ? (["told"] as const) : []),
    ...(kept.length > 0 ? (["kept"] as const) : []),
  ];
  const filterOf = (shelf: Shelf): IndexRange["filter"] => {
    const words = makeWords();
    words.isOneOf("severity", severities);
    words.isOneOf("status", statuses);
    words.isOneOf("channel", channels);
    words.isOneOf("accountId", accountIds);
    if (shelf === "kept") words.isOneOf("disposition", kept);
    if (!byRule) words.isOneOf("ruleId", ruleId === undefined ? undefined : [ruleId]);
    if (!byActor && actor !== undefined) words.isActor(actor);
    if (filter.numbered === false) words.isAbsent("number");
    return words.filter();
  };
  return {
    ...(byActor
      ? { by: { index: "byActor", key: boundKey(actor) } as const }
      : byRule
        ? { by: { index: "byRule", key: boundKey(ruleId) } as const }
        : {}),
    shelves,
    filterOf,
    ...(filter.from === undefined ? {} : { from: timeOf(filter.from, "from") }),
    ...(filter.to === undefined ? {} : { to: timeOf(filter.to, "to") }),
  };
}

function timeOf(text: string, name: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new RangeError(`${name} must be a time in ISO 8601, for example 2026-11-20T10:00:00Z.`);
  return new Date(time).toISOString();
}

/** A filter expression, condition by condition. */
function makeWords() {
  const conditions: string[] = [];
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const field = (name: string): string => {
    names["#row"] = "row";
    names[`#${name}`] = name;
    return `#row.#${name}`;
  };
  const value = (one: unknown): string => {
    const name = `:f${Object.keys(values).length}`;
    values[name] = one;
    return name;
  };
  return {
    isOneOf(name: string, options: readonly string[] | undefined): void {
      if (options === undefined) return;
      const parts: string[] = [];
      for (let at = 0; at < options.length; at += MOST_OPTIONS) {
        const some = options.slice(at, at + MOST_OPTIONS).map((one) => value(one));
        parts.push(`${field(name)} IN (${some.join(", ")})`);
      }
      conditions.push(`(${parts.join(" OR ")})`);
    },
    isAbsent: (name: string): void => void conditions.push(`attribute_not_exists(${field(name)})`),
    isActor(name: string): void {
      const actor = field("actor");
      names["#name"] = "name";
      names["#arn"] = "arn";
      const wanted = value(name);
      conditions.push(`(${actor}.#name = ${wanted} OR ${actor}.#arn = ${wanted})`);
    },
    filter: (): IndexRange["filter"] =>
      conditions.length === 0 ? undefined : { filter: conditions.join(" AND "), names, values },
  };
}
