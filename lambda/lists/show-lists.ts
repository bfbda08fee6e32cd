/**
 * What `engine lists` shows of the lists of a deployed engine: how large and how old each is, what came and went last, and
 * whether it can be relied on. The function that refreshes answers, since it has the lists and may read their versions.
 */
import type { Table } from "../state/table.ts";
import { type Head, readHead, readVersion } from "./list-versions.ts";
import { dynamicLists } from "./refresh-all.ts";
import type { DynamicList } from "./refresh.ts";
import type { List } from "../engine/rule.ts";

/** A list as it is shown; times are ISO 8601. Which values came and went are the first few. */
export type ShownList = {
  readonly name: string;
  readonly description: string;
  readonly kind: string;
  readonly query: string;
  readonly refreshMinutes: number;
  readonly onEmpty: string;
  /** good: can be relied on. stale: has values, and they are old. unknown: has none. */
  readonly state: "good" | "stale" | "unknown";
  readonly values?: number;
  readonly refused?: number;
  readonly bytes?: number;
  readonly version?: string;
  readonly checkedAt?: string;
  readonly ageSeconds?: number;
  readonly failedAt?: string;
  readonly failures?: number;
  readonly error?: string;
  readonly emptyAt?: string;
  readonly lastChange?: {
    readonly added: number;
    readonly removed: number;
    readonly firstAdded: readonly string[];
    readonly firstRemoved: readonly string[];
  };
  /** The values themselves, of one list that was asked for by name. */
  readonly all?: readonly string[];
};

/** The most values that are shown: Lambda's answer may have 6 MB. */
const MAX_SHOWN = 10_000;

/** All dynamic lists, or the one of this name with its values. Rejects when the table cannot be read. */
export async function showLists(
  lists: Readonly<Record<string, List>>,
  name: string | undefined,
  { table, now }: { readonly table: Table; readonly now: () => number },
  deadline: number,
): Promise<readonly ShownList[]> {
  const known = [...dynamicLists(lists)].filter(([one]) => name === undefined || one === name);
  return Promise.all(known.map(([one, list]) => show(one, list)));

  async function show(one: string, list: DynamicList): Promise<ShownList> {
    const head = await readHead(table, one, deadline);
    const { version } = head;
    const found = version === undefined ? undefined : await readVersion(table, one, version, deadline);
    const shown = withHead(one, list, head, now());
    if (found === undefined) return { ...shown, state: "unknown" };
    const { count, refused, bytes, added, removed, firstAdded, firstRemoved, values } = found;
    const lastChange = { added, removed, firstAdded, firstRemoved };
    const all = name === undefined ? {} : { all: values.slice(0, MAX_SHOWN) };
    return { ...shown, values: count, refused, bytes, lastChange, ...all };
  }
}

function withHead(
  name: string,
  { description, kind, dynamic }: DynamicList,
  head: Head,
  now: number,
): ShownList {
  const { version, checkedAt, failedAt, failures, error, emptyAt } = head;
  const age = checkedAt === undefined ? undefined : now - checkedAt;
  const isStale = failedAt !== undefined || age === undefined || age > dynamic.maxAgeMs;
  return {
    name,
    description,
    kind,
    query: dynamic.query.type,
    refreshMinutes: dynamic.refreshMs / 60_000,
    onEmpty: dynamic.onEmpty,
    state: version === undefined ? "unknown" : isStale ? "stale" : "good",
    ...(version === undefined ? {} : { version: iso(version) }),
    ...(checkedAt === undefined ? {} : { checkedAt: iso(checkedAt) }),
    ...(age === undefined ? {} : { ageSeconds: Math.max(0, Math.round(age / 1000)) }),
    ...(failedAt === undefined ? {} : { failedAt: iso(failedAt) }),
    ...(failures === undefined ? {} : { failures }),
    ...(error === undefined ? {} : { error }),
    ...(emptyAt === undefined ? {} : { emptyAt: iso(emptyAt) }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
