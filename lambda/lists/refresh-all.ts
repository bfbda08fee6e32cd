/**
 * What invokes the function that refreshes, and what then happens: a schedule or a person names lists; a queue brings
 * changes of tags, of which many come at once and one refresh answers all.
 *
 *     { "engine": "refresh-lists", "lists": ["prod-buckets"] }
 *     { "Records": [{ "eventSource": "aws:sqs", "body": "{\"source\":\"aws.tag\", …}" }] }
 *
 * It throws only when the state table cannot be used, so that Lambda tries again. A list whose query fails is told
 * and counted (`ListsFailed`, which alarms), and asked again by its schedule.
 */
import { safeJson } from "../alerts/safe-json.ts";
import { showText } from "../alerts/show-text.ts";
import type { List } from "../engine/rule.ts";
import { textAt, valueAt } from "../record/untrusted.ts";
import { readHead } from "./list-versions.ts";
import { type DynamicList, type RefreshOutcome, refreshList, type RefreshPorts } from "./refresh.ts";

/** What the function works with. */
export type RefreshAllPorts = RefreshPorts & {
  readonly lists: Readonly<Record<string, List>>;
  /** Writes a line of the log. */
  readonly write: (line: string) => void;
};

/** Milliseconds after a change of a tag until the tagging API tells of it, by experience: the API promises nothing. */
const SETTLE_MS = 30_000;
const NAMESPACE = "CloudTrailEngine";

/** The dynamic ones among lists, by name. */
export function dynamicLists(lists: Readonly<Record<string, List>>): Map<string, DynamicList> {
  return new Map(
    Object.entries(lists).flatMap(([name, list]) =>
      list.dynamic === undefined ? [] : ([[name, { ...list, dynamic: list.dynamic }]] as const),
    ),
  );
}

/** Refreshes what the input asks for, one after the other: the APIs that are asked take few calls a second. */
export async function refreshAsked(
  input: unknown,
  ports: RefreshAllPorts,
  deadline: number,
): Promise<{ readonly outcomes: readonly RefreshOutcome[] }> {
  const known = dynamicLists(ports.lists);
  const changes = changesIn(input);
  const outcomes: RefreshOutcome[] = [];
  for (const name of changes === undefined ? namesIn(input, known) : byTags(known)) {
    const list = known.get(name);
    if (list === undefined) {
      outcomes.push({
        list: showText(name, 100),
        result: "failed",
        reason: "There is no such dynamic list.",
      });
    } else if (changes === undefined || (await isBehind(name, changes, ports, deadline))) {
      outcomes.push(await refreshList(name, list, ports, deadline));
    }
  }
  tell(outcomes, ports);
  return { outcomes };
}

/** The lists that the input names; all when it names none. */
function namesIn(input: unknown, known: ReadonlyMap<string, DynamicList>): readonly string[] {
  const named = valueAt(input, "lists");
  if (!Array.isArray(named)) return [...known.keys()];
  return [...new Set(named.filter((name) => typeof name === "string"))];
}

/** The lists that a change of a tag may change. */
function byTags(known: ReadonlyMap<string, DynamicList>): readonly string[] {
  return [...known].filter(([, { dynamic }]) => dynamic.query.type === "resource-tags").map(([name]) => name);
}

/** When the last of the changes in a batch was made; undefined when the input is no batch. */
function changesIn(input: unknown): number | undefined {
  const records = valueAt(input, "Records");
  if (!Array.isArray(records)) return undefined;
  const times = records.map((record) => {
    const time = Date.parse(timeIn(textAt(record, "body") ?? ""));
    // Of what says nothing, it must be thought that it has just happened.
    return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
  });
  return times.length === 0 ? undefined : Math.max(...times);
}

function timeIn(body: string): string {
  try {
    return textAt(JSON.parse(body), "time") ?? "";
  } catch {
    return "";
  }
}

/** Whether the list was last asked for too early to have seen the change. */
async function isBehind(
  name: string,
  changed: number,
  { table }: RefreshAllPorts,
  deadline: number,
): Promise<boolean> {
  const { startedAt = 0 } = await readHead(table, name, deadline);
  return startedAt < changed + SETTLE_MS;
}

function tell(outcomes: readonly RefreshOutcome[], { write, now }: RefreshAllPorts): void {
  for (const outcome of outcomes) {
    const level = outcome.result === "failed" ? "error" : "info";
    write(safeJson({ level, message: `list ${outcome.result}`, ...outcome }));
  }
  const failed = outcomes.filter(({ result }) => result === "failed").length;
  const counts = { ListsRefreshed: outcomes.length - failed, ListsFailed: failed };
  const Metrics = Object.keys(counts).map((Name) => ({ Name, Unit: "Count" }));
  const CloudWatchMetrics = [{ Namespace: NAMESPACE, Dimensions: [[]], Metrics }];
  if (outcomes.length > 0) write(safeJson({ _aws: { Timestamp: now(), CloudWatchMetrics }, ...counts }));
}
