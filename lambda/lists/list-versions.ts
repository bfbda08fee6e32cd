/**
 * The versions of a list in the state table. A version is the answer of a query that differed from the one before, and
 * it holds from the moment at which the query had ended: what was deleted after that moment was still there when it was
 * asked. `HEAD` says which version is the last one, until when it was confirmed, and what failed since.
 *
 *     LIST#prod-buckets  HEAD                       { version: 1795255200000, checkedAt, failedAt, error, … }
 *                        VERSION#001795255200000    { from, count, hash, added, removed, packed, parts }
 *                        PART#001795255200000#01    { packed }
 *
 * An item may have 400 KB: the values are packed with gzip, and what is longer is split.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Item, Table } from "../state/table.ts";
import { ListError } from "./list-error.ts";

/** What is known of a list. Times are in milliseconds since 1970. */
export type Head = {
  /** The last version; undefined while there is none. */
  readonly version?: number;
  /** When the values were last known to be what the query gives. */
  readonly checkedAt?: number;
  /** When the refresh began that found that. */
  readonly startedAt?: number;
  /** The last refresh that failed, if none has worked since, why, and how many have failed in a row. */
  readonly failedAt?: number;
  readonly error?: string;
  readonly failures?: number;
  /** The last refresh that gave nothing, if none has given anything since. */
  readonly emptyAt?: number;
  /** What the last version is the answer of. */
  readonly query?: string;
  readonly etag?: string | undefined;
};

/** A version without its values. */
export type Version = {
  readonly from: number;
  readonly count: number;
  readonly hash: string;
  /** Rows that had no value. */
  readonly refused: number;
  /** What has come and gone since the version before, and the first few of each. */
  readonly added: number;
  readonly removed: number;
  readonly firstAdded: readonly string[];
  readonly firstRemoved: readonly string[];
  /** Size of the packed values in bytes. */
  readonly bytes: number;
  /** Until when a version that has a successor was confirmed. */
  readonly confirmed?: number;
};

/** A version with its values. */
export type FullVersion = Version & { readonly values: readonly string[] };

/** The bytes of values in one item, of the 400 KB that it may have; and how many items a version may take. */
const PART_BYTES = 350_000;
const MAX_PARTS = 20;
/** For how long a version is kept that has a successor: records come late, and logs are read again. */
const KEEP_DAYS = 90;
const DAY_SECONDS = 86_400;

/** Sort keys are compared as texts. */
const padded = (time: number): string => String(time).padStart(15, "0");
const partition = (name: string): string => `LIST#${name}`;
const versionKey = (name: string, from: number) => ({ pk: partition(name), sk: `VERSION#${padded(from)}` });
const partKey = (name: string, from: number, part: number) => ({
  pk: partition(name),
  sk: `PART#${padded(from)}#${String(part).padStart(2, "0")}`,
});
const headKey = (name: string) => ({ pk: partition(name), sk: "HEAD" });

/** A mark of values: equal for equal ones. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}

/** What is known of a list; empty when it was never refreshed. */
export async function readHead(table: Table, name: string, deadline: number): Promise<Head> {
  const found = await table.get(headKey(name), deadline);
  return (found?.["head"] as Head | undefined) ?? {};
}

/** Writes what is known, unless another refresh has made a version meanwhile. @returns whether it was written */
export async function writeHead(
  table: Table,
  name: string,
  head: Head,
  known: Head,
  deadline: number,
): Promise<boolean> {
  const item = { ...headKey(name), version: head.version ?? 0, head };
  const condition =
    known.version === undefined
      ? { condition: "attribute_not_exists(pk) OR #v = :v", names: { "#v": "version" }, values: { ":v": 0 } }
      : { condition: "#v = :v", names: { "#v": "version" }, values: { ":v": known.version } };
  return table.put(item, condition, deadline);
}

/** Stores a version, which nobody reads before the head names it. Throws a ListError when it is too large. */
export async function putVersion(
  table: Table,
  name: string,
  version: FullVersion,
  deadline: number,
): Promise<boolean> {
  const { values, ...told } = version;
  const packed = gzipSync(JSON.stringify(values));
  const parts = Math.max(1, Math.ceil(packed.length / PART_BYTES));
  if (parts > MAX_PARTS) {
    throw new ListError(
      `The values take ${Math.ceil(packed.length / 1024)} KB packed, more than the ${Math.floor((MAX_PARTS * PART_BYTES) / 1024)} KB that a list may. Narrow the query down.`,
    );
  }
  const slice = (part: number) => packed.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
  for (let part = 1; part < parts; part++)
    await table.put({ ...partKey(name, version.from, part), packed: slice(part) }, undefined, deadline);
  const item = { ...versionKey(name, version.from), ...told, bytes: packed.length, parts, packed: slice(0) };
  return table.put(item, { condition: "attribute_not_exists(pk)" }, deadline);
}

/** Says of a version until when it was confirmed, and lets it go after its time. */
export async function retireVersion(
  table: Table,
  name: string,
  from: number,
  confirmed: number,
  deadline: number,
): Promise<void> {
  const expiresAt = Math.floor(confirmed / 1000) + KEEP_DAYS * DAY_SECONDS;
  const found = await table.update(
    versionKey(name, from),
    {
      update: "SET confirmed = :c, expiresAt = :e",
      condition: "attribute_exists(pk)",
      values: { ":c": confirmed, ":e": expiresAt },
    },
    deadline,
  );
  for (let part = 1; part < Number(found?.["parts"] ?? 0); part++)
    await table.update(
      partKey(name, from, part),
      { update: "SET expiresAt = :e", values: { ":e": expiresAt } },
      deadline,
    );
}

/** The version that held at a time, without its values; undefined when there is none as old as that. */
export async function findVersion(
  table: Table,
  name: string,
  time: number,
  deadline: number,
): Promise<Version | undefined> {
  const range = { from: "VERSION#", to: versionKey(name, Math.max(0, time)).sk, descending: true, limit: 1 };
  const [item] = await table.query(partition(name), range, deadline);
  return item === undefined ? undefined : toldOf(item);
}

/** A version with its values; undefined when it is gone or cannot be read. */
export async function readVersion(
  table: Table,
  name: string,
  from: number,
  deadline: number,
): Promise<FullVersion | undefined> {
  const item = await table.get(versionKey(name, from), deadline);
  if (item === undefined) return undefined;
  const parts = [item["packed"] as Uint8Array];
  for (let part = 1; part < Number(item["parts"]); part++) {
    const found = await table.get(partKey(name, from, part), deadline);
    if (found === undefined) return undefined;
    parts.push(found["packed"] as Uint8Array);
  }
  const values = JSON.parse(gunzipSync(Buffer.concat(parts)).toString("utf8")) as readonly string[];
  return { ...toldOf(item), values };
}

function toldOf({ pk: _pk, sk: _sk, packed: _packed, parts: _parts, ...told }: Item): Version {
  return told as unknown as Version;
}
