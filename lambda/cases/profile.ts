/**
 * What is remembered of an actor beyond its alerts: since when it is known, and when it first and last made each call,
 * came from each network, and so on. One small item an actor, however often it alerts; the alerts themselves expire and
 * are many.
 *
 *     pk ACTOR#<hash of the subject>   sk PROFILE   profile '{"seen":[1795169730,1795169730],"facets":{"call":{…}}}'
 *
 * It only knows what alerted: what stands in it happened, and what does not may have happened all the same. Of each value
 * it keeps the first time and the last of three half hours: the third of them is more than half an hour before the first,
 * and so an earlier occasion (`past.ts`), however steadily the actor is at work.
 */
import { createHash } from "node:crypto";
import type { Table } from "../state/table.ts";
import { isObject } from "../record/untrusted.ts";
import { type Deed, type Facet, FACETS } from "./deed.ts";

/** When something was seen, in seconds since 1970: first, lately (newest first), and in how many alerts. */
export type Times = {
  readonly first: number;
  /** The last time in each of the three latest half hours in which it was seen. */
  readonly lately: readonly number[];
  readonly count: number;
};

/** A profile; `counted` are the alerts last counted, newest last. */
export type Profile = {
  readonly seen: Times;
  readonly facets: { readonly [Name in Facet]?: Readonly<Record<string, Times>> };
  readonly counted: readonly string[];
};

/** What is younger than this counts as the same occasion, in milliseconds. */
export const OCCASION_MS = 30 * 60_000;
const SLOT_SECONDS = OCCASION_MS / 1000;
/** Values kept of each facet: those last seen. */
export const MAX_VALUES = 200;
/** Alerts by which a second sight of one is known. */
const MAX_COUNTED = 200;
/** What the item may have, in bytes of JSON. */
const MAX_BYTES = 90_000;
const MAX_TRIES = 5;
const DAY_MS = 86_400_000;
/** For how long a profile is kept after it was last changed, at least. */
const KEEP_DAYS = 90;

/** Profiles of actors. `deadline` is in milliseconds since 1970; both reject with the table's errors. */
export type Profiles = {
  read(subject: string, deadline: number): Promise<Profile | undefined>;
  /** Adds what an alert says, once, however often it is added. */
  add(subject: string, alertId: string, deed: Deed, now: number, deadline: number): Promise<void>;
};

/** Many changed one profile at once, and one of them could not. */
export class ProfileBusyError extends Error {
  override readonly name = "ProfileBusyError";
}

/** The profiles in a table, kept for `keepDays` after their last change. */
export function makeProfiles(table: Table, keepDays: number): Profiles {
  return {
    read: async (subject, deadline) => profileIn(await table.get(keyOf(subject), deadline)),
    async add(subject, alertId, deed, now, deadline) {
      for (let tried = 0; tried < MAX_TRIES; tried++) {
        const item = await table.get(keyOf(subject), deadline);
        const known = profileIn(item);
        if (known?.counted.includes(alertId) === true) return;
        const version = typeof item?.["version"] === "number" ? item["version"] : 0;
        const changed = {
          ...keyOf(subject),
          profile: JSON.stringify(boundProfile(withDeed(known, alertId, deed))),
          version: version + 1,
          expiresAt: Math.ceil((now + Math.max(keepDays, KEEP_DAYS) * DAY_MS) / 1000),
        };
        const unchanged =
          item === undefined
            ? { condition: "attribute_not_exists(pk)" }
            : version === 0
              ? { condition: "attribute_not_exists(#v)", names: { "#v": "version" } }
              : { condition: "#v = :v", names: { "#v": "version" }, values: { ":v": version } };
        if (await table.put(changed, unchanged, deadline)) return;
      }
      throw new ProfileBusyError(
        `the profile of the actor was changed by others ${MAX_TRIES} times in a row`,
      );
    },
  };
}

/** The profile with one more deed in it. */
export function withDeed(known: Profile | undefined, alertId: string, { at, facets }: Deed): Profile {
  const time = Math.floor(at / 1000);
  const noted: Partial<Record<Facet, Record<string, Times>>> = {};
  for (const facet of FACETS) {
    const values = known?.facets[facet];
    const value = facets[facet];
    if (value === undefined && values === undefined) continue;
    const next = Object.assign(Object.create(null) as Record<string, Times>, values);
    if (value !== undefined) next[value] = noteTime(next[value], time);
    noted[facet] = next;
  }
  return {
    seen: noteTime(known?.seen, time),
    facets: noted,
    counted: [...(known?.counted ?? []), alertId].slice(-MAX_COUNTED),
  };
}

/** The times with one more; records come in any order. */
export function noteTime(known: Times | undefined, time: number): Times {
  const lately = new Map<number, number>();
  for (const one of [...(known?.lately ?? []), time]) {
    const slot = Math.floor(one / SLOT_SECONDS);
    lately.set(slot, Math.max(one, lately.get(slot) ?? one));
  }
  return {
    first: Math.min(known?.first ?? time, time),
    lately: [...lately.values()].toSorted((a, b) => b - a).slice(0, 3),
    count: (known?.count ?? 0) + 1,
  };
}

/** The profile with as many of its values, those last seen, as an item holds. */
export function boundProfile(profile: Profile): Profile {
  for (let most = MAX_VALUES; most >= 1; most = Math.floor(most / 2)) {
    const facets = Object.fromEntries(
      Object.entries(profile.facets).map(([facet, values]) => [facet, lastSeen(values, most)]),
    );
    const bounded = { ...profile, facets };
    if (Buffer.byteLength(JSON.stringify(bounded)) <= MAX_BYTES) return bounded;
  }
  return { ...profile, facets: {} };
}

function lastSeen(values: Readonly<Record<string, Times>>, most: number): Readonly<Record<string, Times>> {
  const entries = Object.entries(values);
  if (entries.length <= most) return values;
  return Object.fromEntries(
    entries.toSorted(([, a], [, b]) => (b.lately[0] ?? 0) - (a.lately[0] ?? 0)).slice(0, most),
  );
}

function keyOf(subject: string): { readonly pk: string; readonly sk: string } {
  return { pk: `ACTOR#${createHash("sha256").update(subject).digest("hex").slice(0, 32)}`, sk: "PROFILE" };
}

function profileIn(item: Readonly<Record<string, unknown>> | undefined): Profile | undefined {
  const text = item?.["profile"];
  if (typeof text !== "string") return undefined;
  const found: unknown = JSON.parse(text);
  return isObject(found) && isObject(found["seen"]) && isObject(found["facets"])
    ? (found as Profile)
    : undefined;
}
