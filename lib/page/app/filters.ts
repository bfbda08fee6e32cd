/**
 * Which rows are shown, as it stands in the address' hash: a view of the list can be sent to a colleague or kept as a
 * bookmark. Pure, so that it is tested without a browser.
 *
 *     readRoute("#/case/5f0c…/timeline?severity=high,critical&text=alice")
 *     // { view: "case", id: "5f0c…", tab: "timeline", filter: { severities: ["high", "critical"], text: "alice", … } }
 */
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";

/** What filters the list; empty lists and texts do not. */
export type Filter = {
  readonly text: string;
  readonly severities: readonly string[];
  readonly status: string;
  readonly disposition: string;
  readonly rule: string;
  readonly actor: string;
  readonly channel: string;
  readonly account: string;
};

/** What is shown. */
export type Route = {
  readonly view: "list" | "case" | "why" | "activity";
  readonly id: string;
  readonly tab: string;
  readonly filter: Filter;
};

/** Nothing is filtered but what nobody was told of. */
export const NO_FILTER: Filter = {
  text: "",
  severities: [],
  status: "",
  disposition: "delivered",
  rule: "",
  actor: "",
  channel: "",
  account: "",
};

const KEYS = ["text", "status", "disposition", "rule", "actor", "channel", "account"] as const;
const VIEWS = ["why", "activity"] as const;
const SEVERITIES: ReadonlySet<string> = new Set(["critical", "high", "medium", "low", "info"]);
/** Longer than any text that people type; an address may be anybody's. */
const MAX_VALUE = 2048;

/** Reads a hash; what it does not know of it is as if it were not there. */
export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const parts = path.split("/").filter((part) => part !== "");
  const filter = readFilter(new URLSearchParams(query));
  const none = { id: "", tab: "", filter };
  const [first, id = "", tab = ""] = parts;
  if (first === "case" && /^[0-9a-f]{32}$/.test(id))
    return { view: "case", id, tab: /^[a-z-]{1,30}$/.test(tab) ? tab : "", filter };
  const view = VIEWS.find((one) => one === first) ?? "list";
  return { view, ...none };
}

/** The hash of what is shown. */
export function writeRoute({ view, id, tab, filter }: Route): string {
  const path =
    view === "list" ? "/" : view === "case" ? `/case/${id}${tab === "" ? "" : `/${tab}`}` : `/${view}`;
  const query = new URLSearchParams();
  if (filter.severities.length > 0) query.set("severity", filter.severities.join(","));
  for (const key of KEYS) if (filter[key] !== NO_FILTER[key]) query.set(key, filter[key]);
  const text = query.toString();
  return `#${path}${text === "" ? "" : `?${text}`}`;
}

function readFilter(query: URLSearchParams): Filter {
  const texts = Object.fromEntries(
    KEYS.map((key) => [key, (query.get(key) ?? NO_FILTER[key]).slice(0, MAX_VALUE)]),
  ) as Record<(typeof KEYS)[number], string>;
  const severities = (query.get("severity") ?? "").split(",").filter((one) => SEVERITIES.has(one));
  return { ...texts, severities: [...new Set(severities)] };
}

/** How many filters are set. */
export function filtersSet(filter: Filter): number {
  return KEYS.filter((key) => filter[key] !== NO_FILTER[key]).length + (filter.severities.length > 0 ? 1 : 0);
}

/** What a row says, in small letters, for the search; made once a row. */
export function wordsOf(row: CaseRow): string {
  return [
    row.id,
    row.number,
    row.title,
    row.summary,
    row.ruleId,
    row.actor.name,
    row.actor.arn,
    row.session,
    row.ip,
    row.accountId,
    row.region,
    row.service,
    row.eventName,
    row.channel,
    ...row.resources,
  ]
    .filter((word) => word !== undefined)
    .join("\n")
    .toLowerCase();
}

/** A row with its words. */
export type FoundRow = { readonly row: CaseRow; readonly words: string };

/** The rows that pass, in their order. Of several words in the search all must be there. */
export function filterRows(rows: readonly FoundRow[], filter: Filter): CaseRow[] {
  const wanted = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const severities = new Set<string>(filter.severities);
  return rows
    .filter(
      ({ row, words }) =>
        (severities.size === 0 || severities.has(row.severity)) &&
        (filter.status === "" || row.status === filter.status) &&
        (filter.disposition === "all" || row.disposition === filter.disposition) &&
        (filter.rule === "" || row.ruleId === filter.rule) &&
        (filter.actor === "" || row.actor.key === filter.actor) &&
        (filter.channel === "" || row.channel === filter.channel) &&
        (filter.account === "" || row.accountId === filter.account) &&
        wanted.every((word) => words.includes(word)),
    )
    .map(({ row }) => row);
}

/** The newest first; of one time, what came later. */
export function compareRows(a: CaseRow, b: CaseRow): number {
  if (a.startTime !== b.startTime) return a.startTime < b.startTime ? 1 : -1;
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** A value that a filter can take, with how many rows have it. */
export type Choice = { readonly value: string; readonly label: string; readonly count: number };

/** The most frequent values among rows, the most frequent first. */
export function choicesOf(
  rows: readonly FoundRow[],
  valueOf: (row: CaseRow) => readonly [value: string, label: string] | undefined,
  limit: number,
): Choice[] {
  const counts = new Map<string, { label: string; count: number }>();
  for (const { row } of rows) {
    const found = valueOf(row);
    if (found === undefined) continue;
    const [value, label] = found;
    const choice = counts.get(value);
    if (choice === undefined) counts.set(value, { label, count: 1 });
    else choice.count += 1;
  }
  return [...counts]
    .map(([value, { label, count }]) => ({ value, label, count }))
    .toSorted((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1))
    .slice(0, limit);
}
