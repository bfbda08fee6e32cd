/**
 * CloudTrail's history of the last 90 days, by LookupEvents. Two requests a second are allowed an account and Region,
 * shared with everybody who works there, so it is asked only when that is configured, within a budget a minute and once
 * a second at most, whichever invocations ask; and an answer is kept for a quarter of an hour.
 *
 *     pk LOOKUPS#eu-west-1   sk MINUTE#29919…   used 7                     the budget
 *                            sk SECOND#17951…                              somebody's turn
 *     pk LOOKUP#<hash>       sk eu-west-1      document …   askedAt …      an answer
 *
 * It never rejects. What could not be had makes an answer incomplete, with the reason: complete are only answers in which
 * every page was read and every record understood.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { showText } from "../alerts/show-text.ts";
import type { Clock } from "../delivery/ports.ts";
import { AWS_CALL_LIMITS, awsBudget, once } from "../destinations/aws-client.ts";
import { isObject, textAt } from "../record/untrusted.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { Table } from "../state/table.ts";
import { type Deed, deedOfRecord } from "./deed.ts";
import type { LookedUp, Lookup, Query } from "./past.ts";

/** One page of the history: the records as CloudTrail gives them, as JSON. */
export type HistoryPage = { readonly records: readonly (string | undefined)[]; readonly next?: string };
/** Asks for one page; times in milliseconds since 1970. Rejects with the SDK's error. */
export type AskPage = (
  query: Query,
  region: string,
  span: { readonly from: number; readonly to: number; readonly next?: string },
  deadline: number,
) => Promise<HistoryPage>;

/** Pages of 50 records that one question may take. */
export const MAX_PAGES = 5;
/** How long an answer serves, in milliseconds. */
export const KEPT_MS = 15 * 60_000;
/** One request a second: half of the quota at most. */
const TURN_MS = 1_000;
const MINUTE_MS = 60_000;
const HISTORY_MS = 90 * 86_400_000;
/** An item may have 400 KB. */
const MAX_DOCUMENT_BYTES = 300_000;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/** What looking up works with. */
export type LookupPorts = {
  readonly table: Table;
  readonly clock: Clock;
  readonly askPage: AskPage;
  /** Requests that all invocations together may make in a minute, in each Region. */
  readonly requestsPerMinute: number;
};

/** Makes the lookup. */
export function makeLookup(ports: LookupPorts): Lookup {
  return async (query, region, from, deadline) => {
    if (!REGION.test(region)) return gap([], `${showText(region, 40)} is no Region that can be asked`);
    try {
      const key = keyOf(query, region);
      const known = answerIn(await ports.table.get(key, deadline), ports.clock.now());
      if (known !== undefined && (!known.complete || known.from <= from)) return known;
      const { keep, ...answer } = await readPages(query, region, from, ports, deadline);
      if (keep) await keepAnswer(key, answer, ports, deadline);
      return answer;
    } catch (error) {
      return gap([], `CloudTrail's history could not be asked (${nameOf(error)})`);
    }
  };
}

type Read = LookedUp & { readonly keep: boolean };

async function readPages(
  query: Query,
  region: string,
  from: number,
  { clock, askPage, ...ports }: LookupPorts,
  deadline: number,
): Promise<Read> {
  const askedAt = clock.now();
  // What is older than its history it answers with an error.
  const start = Math.max(from, askedAt - HISTORY_MS + MINUTE_MS);
  const deeds: Deed[] = [];
  let unread = 0;
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    if (!(await takeTurn(region, { clock, ...ports }, deadline)))
      return { ...gap(deeds, "there was no time to ask CloudTrail's history to its end"), keep: false };
    if (!(await takeRequest(region, clock.now(), ports, deadline)))
      return {
        ...gap(
          deeds,
          `the budget of ${ports.requestsPerMinute} requests a minute to CloudTrail's history was used up`,
        ),
        keep: false,
      };
    let found: HistoryPage;
    try {
      const span = { from: start, to: askedAt, ...(next === undefined ? {} : { next }) };
      found = await askPage(query, region, span, deadline);
    } catch (error) {
      return { ...gap(deeds, `CloudTrail's history did not answer (${nameOf(error)})`), keep: false };
    }
    for (const text of found.records) {
      const deed = readRecord(text);
      if (deed === undefined) unread += 1;
      else deeds.push(deed);
    }
    next = found.next;
    if (next === undefined) {
      if (unread > 0)
        return { ...gap(deeds, `${unread} records of CloudTrail's history could not be read`), keep: true };
      return { deeds, askedAt, from: start, complete: true, keep: true };
    }
  }
  return {
    ...gap(
      deeds,
      `CloudTrail's history shows more than the ${MAX_PAGES * 50} latest records that are read of it`,
    ),
    keep: true,
  };
}

/** Waits for a second that nobody else has taken; false when there is none before the deadline. */
async function takeTurn(
  region: string,
  { table, clock }: Pick<LookupPorts, "table" | "clock">,
  deadline: number,
): Promise<boolean> {
  for (let now = clock.now(); now < deadline; now = clock.now()) {
    const second = Math.floor(now / TURN_MS);
    const turn = {
      pk: `LOOKUPS#${region}`,
      sk: `SECOND#${second}`,
      expiresAt: Math.ceil((now + 10 * MINUTE_MS) / 1000),
    };
    if (await table.put(turn, { condition: "attribute_not_exists(pk)" }, deadline)) return true;
    await clock.sleep((second + 1) * TURN_MS - now);
  }
  return false;
}

/** Takes one request out of the minute's budget; false when it is used up. */
async function takeRequest(
  region: string,
  now: number,
  { table, requestsPerMinute }: Pick<LookupPorts, "table" | "requestsPerMinute">,
  deadline: number,
): Promise<boolean> {
  const minute = Math.floor(now / MINUTE_MS);
  const taken = await table.update(
    { pk: `LOOKUPS#${region}`, sk: `MINUTE#${minute}` },
    {
      update: "SET #used = if_not_exists(#used, :zero) + :one, expiresAt = :expires",
      condition: "attribute_not_exists(#used) OR #used < :most",
      names: { "#used": "used" },
      values: {
        ":zero": 0,
        ":one": 1,
        ":most": requestsPerMinute,
        ":expires": Math.ceil((now + 10 * MINUTE_MS) / 1000),
      },
    },
    deadline,
  );
  return taken !== undefined;
}

async function keepAnswer(
  key: { readonly pk: string; readonly sk: string },
  answer: LookedUp,
  { table, clock }: Pick<LookupPorts, "table" | "clock">,
  deadline: number,
): Promise<void> {
  const document = gzipSync(JSON.stringify(answer));
  if (document.length > MAX_DOCUMENT_BYTES) return;
  const keptAt = clock.now();
  const expiresAt = Math.ceil((keptAt + KEPT_MS) / 1000);
  // An answer that could not be kept is still one.
  await table.put({ ...key, document, keptAt, expiresAt }, undefined, deadline).catch(() => false);
}

/** DynamoDB deletes what expired some time later, so the age is looked at. */
function answerIn(item: Readonly<Record<string, unknown>> | undefined, now: number): LookedUp | undefined {
  const { document, keptAt } = item ?? {};
  if (!(document instanceof Uint8Array) || typeof keptAt !== "number") return undefined;
  const found = JSON.parse(gunzipSync(document).toString("utf8")) as LookedUp;
  // What is complete goes by when it was asked, not by when it was kept.
  const age = now - (found.complete ? found.askedAt : keptAt);
  return age >= 0 && age < KEPT_MS ? found : undefined;
}

function readRecord(text: string | undefined): Deed | undefined {
  if (text === undefined) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    if (
      !isObject(found) ||
      textAt(found, "eventSource") === undefined ||
      textAt(found, "eventName") === undefined
    )
      return undefined;
    return deedOfRecord(found as CloudTrailRecord);
  } catch {
    return undefined;
  }
}

function gap(deeds: readonly Deed[], why: string): LookedUp & { readonly complete: false } {
  return { deeds, complete: false, why };
}

/** Only the name: the SDK's messages quote what was asked. */
function nameOf(error: unknown): string {
  return error instanceof Error ? showText(error.name, 80) : "something that is no error was thrown";
}

function keyOf({ attribute, value }: Query, region: string): { readonly pk: string; readonly sk: string } {
  const digest = createHash("sha256").update(`${attribute}\n${value}`).digest("hex").slice(0, 32);
  return { pk: `LOOKUP#${digest}`, sk: region };
}

/** Asks AWS; the SDK is loaded at the first page. */
export function openHistory(): AskPage {
  const sdk = once(() => import("../aws/cloudtrail.ts"));
  const clients = new Map<
    string,
    Promise<InstanceType<Awaited<ReturnType<typeof sdk>>["CloudTrailClient"]>>
  >();
  return async ({ attribute, value }, region, { from, to, next }, deadline) => {
    const { CloudTrailClient, LookupEventsCommand } = await sdk();
    const client =
      clients.get(region) ??
      // One attempt: whoever is throttled has taken from others already.
      Promise.resolve(new CloudTrailClient({ region, maxAttempts: 1, requestHandler: AWS_CALL_LIMITS }));
    clients.set(region, client);
    const command = new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
      StartTime: new Date(from),
      EndTime: new Date(to),
      MaxResults: 50,
      ...(next === undefined ? {} : { NextToken: next }),
    });
    const limit = { abortSignal: AbortSignal.timeout(awsBudget(deadline)) };
    const { Events: events = [], NextToken } = await (await client).send(command, limit);
    return {
      records: events.map(({ CloudTrailEvent }) => CloudTrailEvent),
      ...(NextToken === undefined ? {} : { next: NextToken }),
    };
  };
}
