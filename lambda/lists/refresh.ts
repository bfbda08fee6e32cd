/**
 * Refreshes a list: asks its query, and where the answer differs from the last one, makes it a new version. Whatever goes
 * wrong, the last good version stays, what went wrong is told, and the next refresh tries again.
 *
 *     const outcome = await refreshList("prod-buckets", list, ports, deadline);
 *     // { list: "prod-buckets", result: "changed", count: 12, added: 1, removed: 0, … }
 *
 * A version holds from the end of its query on: only what was done after that was done to what the query had seen.
 */
import { showText } from "../alerts/show-text.ts";
import type { DynamicSettings } from "../engine/list-schema.ts";
import type { List } from "../engine/rule.ts";
import type { Table } from "../state/table.ts";
import { ListError } from "./list-error.ts";
import {
  hashOf,
  type Head,
  putVersion,
  readHead,
  readVersion,
  retireVersion,
  writeHead,
} from "./list-versions.ts";
import { readValues } from "./read-values.ts";
import type { Fetched, Sources } from "./source.ts";

/** What a refresh works with. */
export type RefreshPorts = {
  readonly table: Table;
  readonly sources: Sources;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Since when the first version holds, where that is not since it was asked for. */
  readonly firstFrom?: number;
};

/** What became of a refresh. */
export type RefreshOutcome = {
  readonly list: string;
  /**
   * changed: there is a new version. same: the last one was confirmed. kept: the query gave nothing, and the last one stays.
   * failed: it stays too, for another reason. overtaken: another refresh was faster.
   */
  readonly result: "changed" | "same" | "kept" | "failed" | "overtaken";
  readonly count?: number;
  readonly added?: number;
  readonly removed?: number;
  readonly refused?: number;
  /** Why it failed. */
  readonly reason?: string;
};

/** How many values of a difference are told. */
const FIRST = 5;
const MAX_SHOWN = 200;
const MAX_REASON = 300;

/** A dynamic list. */
export type DynamicList = List & { readonly dynamic: DynamicSettings };

/**
 * Refreshes one list. Rejects only when the state table cannot be read or written; every other failure is an outcome.
 * @param deadline when all must be done, in milliseconds since 1970
 */
export async function refreshList(
  name: string,
  list: DynamicList,
  { table, sources, now, firstFrom }: RefreshPorts,
  deadline: number,
): Promise<RefreshOutcome> {
  const { dynamic, kind } = list;
  const startedAt = now();
  const known = await readHead(table, name, deadline);
  const query = hashOf([kind, dynamic.query]);
  const write = (head: Head): Promise<boolean> => writeHead(table, name, head, known, deadline);
  const fail = async (reason: string): Promise<RefreshOutcome> => {
    const failures = (known.failures ?? 0) + 1;
    await write({ ...known, failedAt: now(), error: reason, failures });
    return { list: name, result: "failed", reason };
  };
  /** What is known when a refresh has worked: no failure, nothing empty. */
  const confirmed = (head: Partial<Head>): Head => {
    const { failedAt: _at, error: _error, failures: _failures, emptyAt: _empty, ...rest } = known;
    return { ...rest, ...head, query, startedAt, checkedAt: now() };
  };

  let fetched: Fetched;
  try {
    const etag = known.query === query ? known.etag : undefined;
    const maxRows = 4 * dynamic.maxValues + 10_000;
    fetched = await ask(sources, dynamic, { etag, maxRows, deadline });
    if (fetched.kind === "same") {
      if (!(await write(confirmed({})))) return { list: name, result: "overtaken" };
      return { list: name, result: "same" };
    }
    const { values, refused } = readValues(fetched.rows, kind, dynamic.maxValues);
    if (values.length === 0 && dynamic.onEmpty === "fail")
      return await fail("The query gives nothing, which the list has as a failure (on-empty: fail).");
    if (values.length === 0 && dynamic.onEmpty === "keep") {
      await write({ ...known, emptyAt: now() });
      return { list: name, result: "kept" };
    }
    const etagNow = fetched.etag === undefined ? { etag: undefined } : { etag: fetched.etag };
    const before =
      known.version === undefined ? undefined : await readVersion(table, name, known.version, deadline);
    const hash = hashOf([kind, values]);
    if (before !== undefined && before.hash === hash) {
      if (!(await write(dropUndefined(confirmed(etagNow))))) return { list: name, result: "overtaken" };
      return { list: name, result: "same", count: values.length, refused };
    }
    const old = new Set(before?.values);
    const current = new Set(values);
    const added = values.filter((value) => !old.has(value));
    const removed = [...old].filter((value) => !current.has(value));
    const from = known.version === undefined ? (firstFrom ?? now()) : now();
    const shown = (all: readonly string[]) => all.slice(0, FIRST).map((value) => showText(value, MAX_SHOWN));
    const version = {
      from,
      count: values.length,
      hash,
      refused,
      added: added.length,
      removed: removed.length,
      firstAdded: shown(added),
      firstRemoved: shown(removed),
      bytes: 0,
      values,
    };
    const put = await putVersion(table, name, version, deadline);
    if (!put || !(await write(dropUndefined(confirmed({ ...etagNow, version: from }))))) {
      // What it saw is true all the same, but nothing says so: it goes after its time.
      if (put) await retireVersion(table, name, from, from, deadline);
      return { list: name, result: "overtaken" };
    }
    if (known.version !== undefined)
      await retireVersion(table, name, known.version, known.checkedAt ?? from, deadline);
    const told = { count: values.length, added: added.length, removed: removed.length, refused };
    return { list: name, result: "changed", ...told };
  } catch (error) {
    if (isOfTable(error)) throw error;
    return fail(reasonOf(error));
  }
}

/** Asks the source of the query's type. */
async function ask(
  sources: Sources,
  { query }: DynamicSettings,
  asking: Parameters<Sources["s3"]>[1],
): Promise<Fetched> {
  try {
    switch (query.type) {
      case "aws-config":
        return await sources["aws-config"](query, asking);
      case "resource-tags":
        return await sources["resource-tags"](query, asking);
      case "s3":
        return await sources.s3(query, asking);
      case "dynamodb":
        return await sources.dynamodb(query, asking);
      default:
        return await sources.https(query, asking);
    }
  } catch (error) {
    throw error instanceof ListError ? error : new ListError(describe(error), { cause: error });
  }
}

/** What is not of the query is of the state table. */
function isOfTable(error: unknown): boolean {
  return !(error instanceof ListError);
}

/** The SDK's name of an error says what is wrong; its message which permission, bucket or table. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "something that is no error was thrown";
  const cure = /AccessDenied|NotAuthorized|UnauthorizedOperation|Forbidden/u.test(error.name)
    ? " Deploy again; where the other side has a policy of its own, let the function's role in."
    : "";
  return `${error.name}: ${error.message}${cure}`;
}

function reasonOf(error: unknown): string {
  return showText(error instanceof Error ? error.message : "unknown", MAX_REASON);
}

function dropUndefined(head: Partial<Record<keyof Head, unknown>>): Head {
  return Object.fromEntries(Object.entries(head).filter(([, value]) => value !== undefined));
}
