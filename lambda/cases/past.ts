/**
 * What is known of an actor's past, and how far that goes. The profile and the alerts know only what alerted: what they
 * show is certain, what they do not show is not. CloudTrail's own history, where it may be asked, is complete within its
 * bounds, and says when it is not.
 *
 * Two spans of time count. "The last 60 days" end with the record. "Earlier" ends half an hour before it: CloudTrail
 * shows a call up to a quarter of an hour late, its answers are kept for another, and what somebody did a minute ago
 * belongs to what is asked about, or every second alert of an intrusion would say that there is nothing new in it.
 *
 *     past.earlier("call", "ec2:RunInstances")   // [{ at, value, evidence: { what: "…", source: "alerts", alertId } }]
 *     await past.ask({ attribute: "Username", value: "alice" })   // { deeds, complete: false, why: "it was not asked: …" }
 */
import { showText } from "../alerts/show-text.ts";
import type { CaseRow, Evidence } from "./case-schema.ts";
import { callOf, type Deed, type Facet, type Facets, networkOf } from "./deed.ts";
import { OCCASION_MS, type Profile } from "./profile.ts";

const DAY_MS = 86_400_000;
/** How far back questions look, in milliseconds: 60 days. */
export const SPAN_MS = 60 * DAY_MS;
/** CloudTrail's history begins so long ago ("Viewing events with CloudTrail event history"). */
const HISTORY_MS = 90 * DAY_MS;
/** It shows a call after at most so long, "typically" (CloudTrail FAQ); all that is younger is taken for not yet there. */
const LATE_MS = 15 * 60_000;

/** What is asked of CloudTrail's history: one attribute, as LookupEvents takes it. */
export type Query = { readonly attribute: "EventName" | "Username"; readonly value: string };

/** What it answered in one Region; `askedAt` and `from` in milliseconds since 1970, `from` being how far back it went. */
export type LookedUp =
  | {
      readonly deeds: readonly Deed[];
      readonly askedAt: number;
      readonly from: number;
      readonly complete: true;
    }
  | { readonly deeds: readonly Deed[]; readonly complete: false; readonly why: string };

/** Asks CloudTrail's history in one Region, back to `from`; rejects never. */
export type Lookup = (query: Query, region: string, from: number, deadline: number) => Promise<LookedUp>;

/** What may be asked: nothing without `lookup`. */
export type History = {
  readonly lookup?: Lookup;
  /** The Regions asked, the stack's own among them. */
  readonly regions: readonly string[];
  /** Whether those are all in which anything can happen. */
  readonly allRegions: boolean;
  /** The account that it is the history of. */
  readonly account: string;
  readonly partition: string;
};

/** What several Regions answered. */
export type Asked = {
  readonly deeds: readonly Deed[];
  /** Absent when everything up to half an hour before the record is among the deeds. */
  readonly why?: string;
};

/** Something that was seen at a time. */
export type Sight = { readonly at: number; readonly value: string; readonly evidence: Evidence };

/** The past of one subject, seen from one record. */
export type Past = {
  readonly earlier: (facet: Facet, value: string) => readonly Sight[];
  readonly lately: (facet: Facet) => readonly Sight[];
  readonly earliest: (facet: Facet, value: string) => readonly Sight[];
};

/**
 * What is known without asking; `at` is the record's time, and `id` the actor's. What was seen when another id had the
 * name still is somebody else's, but for that id itself.
 */
export function makePast(
  at: number,
  profile: Profile | undefined,
  rows: readonly CaseRow[],
  { besides, id }: { readonly besides: string; readonly id: string | undefined },
): Past {
  const from = at - SPAN_MS;
  const others = sightsInProfile(profile, "principal").filter(
    (one) => id !== undefined && one.value !== id && one.at <= at,
  );
  const since = Math.max(-Infinity, ...others.map((one) => one.at));
  const sights = (facet: Facet, value?: string): Sight[] =>
    [
      ...sightsInRows(rows, facet).filter((sight) => sight.evidence.alertId !== besides),
      ...sightsInProfile(profile, facet),
    ].filter(
      (sight) =>
        (value === undefined || sight.value === value) && (facet === "principal" || sight.at > since),
    );
  return {
    earlier: (facet, value) =>
      newestFirst(sights(facet, value).filter((one) => one.at >= from && one.at < at - OCCASION_MS)),
    lately: (facet) => newestFirst(sights(facet).filter((one) => one.at >= from && one.at <= at)),
    earliest: (facet, value) => newestFirst(sights(facet, value).filter((one) => one.at < from)),
  };
}

/** Whether a time is in the 60 days before, up to half an hour before `at`. */
export function isEarlier(time: number, at: number): boolean {
  return time >= at - SPAN_MS && time < at - OCCASION_MS;
}

/** What a deed of CloudTrail's history is as evidence. */
export function sightOf(deed: Deed, facet: Facet): Sight[] {
  const value = deed.facets[facet];
  if (value === undefined) return [];
  const { at, eventID } = deed;
  return [
    { at, value, evidence: evidence(at, value, "cloudtrail", eventID === undefined ? {} : { eventID }) },
  ];
}

/** Asks about the 60 days before `at` in the account `account`, in all Regions or in one. */
export async function askHistory(
  history: History,
  query: Query,
  { at, account, deadline }: { readonly at: number; readonly account: unknown; readonly deadline: number },
  region?: string,
): Promise<Asked> {
  const { lookup } = history;
  if (lookup === undefined)
    return {
      deeds: [],
      why: "only what alerted is remembered here, and CloudTrail's history is not asked unless lookupEvents is configured",
    };
  if (account !== history.account)
    return { deeds: [], why: "CloudTrail's history here is that of another account" };
  const from = at - SPAN_MS;
  const deeds: Deed[] = [];
  let why: string | undefined;
  for (const one of region === undefined ? history.regions : [region]) {
    const found = await lookup(query, one, from, deadline);
    deeds.push(...found.deeds);
    why ??= gapIn(found, at, from, one);
  }
  if (region === undefined && !history.allRegions)
    why ??= `CloudTrail's history was asked in ${history.regions.join(", ")} only: name every Region in use as lookupEvents.regions`;
  return { deeds, ...(why === undefined ? {} : { why }) };
}

/** What of the time between `from` and half an hour before `at` an answer does not cover. */
function gapIn(found: LookedUp, at: number, from: number, region: string): string | undefined {
  if (!found.complete) return found.why;
  if (found.from > from || from < found.askedAt - HISTORY_MS)
    return `CloudTrail's history in ${region} does not go back as far as 60 days before it`;
  if (found.askedAt - LATE_MS < at - OCCASION_MS)
    return `CloudTrail's history in ${region} was asked before it can have shown everything`;
  return undefined;
}

function sightsInRows(rows: readonly CaseRow[], facet: Facet): Sight[] {
  return rows.flatMap((row) => {
    const value = facetsOfRow(row)[facet];
    if (value === undefined) return [];
    const at = Date.parse(row.startTime);
    return [{ at, value, evidence: evidence(at, value, "alerts", { alertId: row.id }) }];
  });
}

function facetsOfRow(row: CaseRow): Facets {
  const facets = {
    call: callOf(row.service, row.eventName),
    network: networkOf(row.ip),
    channel: row.channel === "unknown" ? undefined : row.channel,
    region: row.region,
    root: isRootUse(row) ? "root" : undefined,
  };
  return Object.fromEntries(Object.entries(facets).filter(([, value]) => value !== undefined)) as Facets;
}

/** Sign-ins may have failed, and services act in root's name: of those a row does not tell. */
function isRootUse({ actor, service, channel }: CaseRow): boolean {
  return (
    actor.type === "Root" && service !== "signin" && channel !== "service" && channel !== "cloudformation"
  );
}

function sightsInProfile(profile: Profile | undefined, facet: Facet): Sight[] {
  return Object.entries(profile?.facets[facet] ?? {}).flatMap(([value, { first, lately }]) =>
    [...new Set([...lately, first])].map((seconds) => {
      const at = seconds * 1000;
      return { at, value, evidence: evidence(at, value, "profile", {}) };
    }),
  );
}

function evidence(
  at: number,
  value: string,
  source: Evidence["source"],
  more: Pick<Evidence, "alertId" | "eventID">,
): Evidence {
  const where = { alerts: "An alert", profile: "The actor's profile", cloudtrail: "CloudTrail's history" };
  const says = where[source as keyof typeof where];
  const time = Number.isFinite(at) ? { time: new Date(at).toISOString() } : {};
  return { what: `${says} shows ${showText(value, 200)}.`, source, ...time, ...more };
}

function newestFirst(sights: readonly Sight[]): readonly Sight[] {
  return sights.toSorted((a, b) => b.at - a.at);
}
