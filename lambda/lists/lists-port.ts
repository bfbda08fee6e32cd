/**
 * The values of dynamic lists as the detector asks for them: as they were when the record's call was made. A bucket that
 * was deleted is in no list that was refreshed since; so the version counts that held at `eventTime`, however late the
 * record comes and whatever was refreshed meanwhile.
 *
 *     12:00 refreshed: [acme-prod-data]   12:07 DeleteBucket acme-prod-data   12:15 refreshed: []   12:16 the record comes
 *     asOf(["prod-buckets"], 12:07)       // the version of 12:00, which has it
 *
 * What is known of a list is read once a minute, and again for what was done after it was read: a refresh may have come
 * in between. Values are read once a version.
 */
import { noteOfUnknown } from "../engine/ask-lists.ts";
import type { ListAnswer, ListsPort } from "../engine/list-values.ts";
import { ResolvedList } from "../engine/resolved-list.ts";
import type { List } from "../engine/rule.ts";
import type { Table } from "../state/table.ts";
import { findVersion, type Head, readHead, readVersion } from "./list-versions.ts";

/** For how long what is known of a list is used, in milliseconds. */
const FRESH_MS = 60_000;
/** How long a list may keep a record waiting, in milliseconds. */
const BUDGET_MS = 5_000;
/** Versions that are kept at hand: the current ones, and those of a file of late records. */
const MAX_VERSIONS = 64;

export type ListsPortOptions = {
  readonly table: Table;
  /** All lists of the rule set; those with values of their own are never asked for. */
  readonly lists: Readonly<Record<string, List>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A list that could not be read. */
  readonly failed: (list: string, error: unknown) => void;
};

type Known = { readonly head: Head; readonly readAt: number };
/** A version at hand; undefined when it is gone. */
type AtHand = { readonly list: ResolvedList; readonly confirmed: number | undefined } | undefined;

/** Makes the port. It never rejects: what cannot be read is unknown. */
export function makeListsPort({ table, lists, now, failed }: ListsPortOptions): ListsPort {
  const heads = new Map<string, Promise<Known>>();
  const versions = new Map<string, Promise<AtHand>>();

  async function headOf(name: string, time: number): Promise<Head> {
    const held = heads.get(name);
    const known = await held?.catch(() => undefined);
    if (known !== undefined && now() - known.readAt < FRESH_MS && time <= known.readAt) return known.head;
    // Of several that find it old at once, the first reads it for all.
    const other = heads.get(name);
    if (other !== undefined && other !== held) return (await other).head;
    const readAt = now();
    const reading = readHead(table, name, readAt + BUDGET_MS).then((head) => ({ head, readAt }));
    heads.set(name, reading);
    return (await reading).head;
  }

  function versionOf(name: string, from: number, list: List): Promise<AtHand> {
    const key = `${name}#${from}`;
    const held = versions.get(key);
    if (held !== undefined) return held;
    const reading = readVersion(table, name, from, now() + BUDGET_MS).then((found) => {
      if (found === undefined) return undefined;
      const { values, confirmed } = found;
      const { kind, description } = list;
      return { list: new ResolvedList(name, { kind, description, values: [...values] }), confirmed };
    });
    if (versions.size >= MAX_VERSIONS) {
      const [oldest] = versions.keys();
      if (oldest !== undefined) versions.delete(oldest);
    }
    versions.set(key, reading);
    // Not to be had now does not mean never.
    void reading.then(
      (found) => found === undefined && versions.delete(key),
      () => versions.delete(key),
    );
    return reading;
  }

  async function answer(name: string, time: number): Promise<ListAnswer> {
    const list = lists[name];
    if (list?.dynamic === undefined) return unknown(name, "is not among the lists of this deployment");
    const { maxAgeMs } = list.dynamic;
    const head = await headOf(name, time);
    if (head.version === undefined) return unknown(name, whyNone(head));
    const isCurrent = time >= head.version;
    const from = isCurrent ? head.version : (await findVersion(table, name, time, now() + BUDGET_MS))?.from;
    if (from === undefined) return unknown(name, "is not known as it was before its first refresh");
    const found = await versionOf(name, from, list);
    if (found === undefined) return unknown(name, "has lost the version of that time");
    const note = isCurrent
      ? noteOfCurrent(name, head, time, maxAgeMs)
      : noteOfOlder(name, found.confirmed ?? from, time, maxAgeMs);
    return { list: found.list, ...(note === undefined ? {} : { note }) };
  }

  return {
    async asOf(names, time) {
      const answers = names.map(async (name): Promise<[string, ListAnswer]> => {
        try {
          return [name, await answer(name, time)];
        } catch (error) {
          failed(name, error);
          return [name, unknown(name, "could not be read")];
        }
      });
      return new Map(await Promise.all(answers));
    },
  };
}

function unknown(name: string, why: string): ListAnswer {
  return { list: undefined, note: noteOfUnknown(name, why) };
}

function whyNone({ error, emptyAt }: Head): string {
  if (error !== undefined) return `has no values, since its refreshes fail (${error})`;
  return emptyAt === undefined
    ? "has no values yet"
    : "has never had values (on-empty: clear would make it an empty one)";
}

/** What is to be said of the last version. */
function noteOfCurrent(name: string, head: Head, time: number, maxAgeMs: number): string | undefined {
  const { checkedAt = head.version ?? 0, failedAt, error = "unknown", emptyAt } = head;
  if (time <= checkedAt) return undefined;
  const since = `its values are of ${iso(checkedAt)}`;
  if (failedAt !== undefined)
    return `The list ${name} is stale: its last refresh failed (${error}); ${since}.`;
  if (time - checkedAt <= maxAgeMs) return undefined;
  const why = emptyAt === undefined ? "" : ", and its query has given nothing since";
  return `The list ${name} is stale: ${since}${why}.`;
}

/** What is to be said of a version that another has followed. */
function noteOfOlder(name: string, confirmed: number, time: number, maxAgeMs: number): string | undefined {
  if (time - confirmed <= maxAgeMs) return undefined;
  return `The list ${name} was stale when this happened: its values were of ${iso(confirmed)}.`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
