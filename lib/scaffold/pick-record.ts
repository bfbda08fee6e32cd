/**
 * The one record that a new rule is made from, out of whatever CloudTrail was given: a file of one record, a day of
 * them, a folder. Which one is meant must never be guessed: when several could be, they are listed with what tells
 * them apart.
 *
 *   await pickRecord(["day.json.gz"], { eventSource: "iam.amazonaws.com", eventId: "1c9e2f3a-…" })
 */
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { textAt } from "../../lambda/record/untrusted.ts";
import { formatPlace, readRecords } from "../replay/records.ts";
import { counted } from "../words.ts";

/** Which record is meant. */
export type Wanted = {
  /** null: of any. */
  readonly eventSource: string | null;
  readonly eventId?: string | undefined;
  readonly eventName?: string | undefined;
};

/** The record, or why there is none: lines for people. */
export type Picked =
  | { readonly ok: true; readonly record: CloudTrailRecord }
  | { readonly ok: false; readonly lines: readonly string[] };

/** So many are told apart on a screen; who has more must say more. */
const MAX_LISTED = 10;
const MAX_SOURCES = 8;

function nameOf(paths: readonly string[]): string {
  return paths.map((path) => (path === "-" ? "stdin" : path)).join(", ");
}

/** Picks the record. Reads no further than it must, and one record at a time. */
export async function pickRecord(
  paths: readonly string[],
  wanted: Wanted,
  options: { readonly stdin?: NodeJS.ReadableStream } = {},
): Promise<Picked> {
  const found = new Map<string, CloudTrailRecord>();
  const sources = new Set<string>();
  const unreadable: string[] = [];
  let read = 0;
  for await (const item of readRecords(paths, options)) {
    if (!item.ok) {
      if (unreadable.length < MAX_LISTED) unreadable.push(`${formatPlace(item.place)}: ${item.reason}`);
      continue;
    }
    const { record } = item.reading;
    read += 1;
    if (!isWanted(record, wanted)) continue;
    if (sources.size < MAX_SOURCES) sources.add(record.eventSource);
    if (wanted.eventSource !== null && record.eventSource !== wanted.eventSource) continue;
    found.set(textAt(record, "eventID") ?? `no eventID ${read}`, record);
    if (wanted.eventId !== undefined || found.size > MAX_LISTED) break;
  }
  const [record] = found.values();
  if (record !== undefined && found.size === 1) return { ok: true, record };
  if (record !== undefined) return { ok: false, lines: listed(found, paths) };
  return { ok: false, lines: nothing({ read, sources, unreadable }, wanted, paths) };
}

function isWanted(record: CloudTrailRecord, { eventId, eventName }: Wanted): boolean {
  return (
    (eventId === undefined || record.eventID === eventId) &&
    (eventName === undefined || record.eventName === eventName)
  );
}

function listed(found: ReadonlyMap<string, CloudTrailRecord>, paths: readonly string[]): string[] {
  const several = found.size > MAX_LISTED ? `more than ${MAX_LISTED}` : String(found.size);
  const lines = [...found.values()].slice(0, MAX_LISTED).map((record) => {
    const id = textAt(record, "eventID") ?? "(no eventID)";
    const failed = textAt(record, "errorCode");
    return `  --event-id ${id}  ${textAt(record, "eventTime") ?? ""}  ${record.eventName}${failed === undefined ? "" : ` (${failed})`}`;
  });
  return [
    `${nameOf(paths)} holds ${several} records that could be meant. Say which, by --event-id or --event-name:`,
    ...lines,
    ...(found.size > MAX_LISTED ? ["  …"] : []),
  ];
}

function nothing(
  seen: { read: number; sources: ReadonlySet<string>; unreadable: readonly string[] },
  { eventSource, eventId, eventName }: Wanted,
  paths: readonly string[],
): string[] {
  const { read, sources, unreadable } = seen;
  const from = nameOf(paths);
  const [other] = sources;
  if (read === 0) {
    const line = unreadable.length === 0 ? `${from} holds no record.` : `${from} could not be read:`;
    return [line, ...unreadable.map((one) => `  ${one}`)];
  }
  if (other === undefined) {
    const wanted = [
      ...(eventId === undefined ? [] : [`the eventID ${eventId}`]),
      ...(eventName === undefined ? [] : [`the eventName ${eventName}`]),
    ];
    const cure = "Take both as they stand in the record itself.";
    return [`None of the ${counted(read, "record")} in ${from} has ${wanted.join(" and ")}. ${cure}`];
  }
  const such = eventId === undefined && eventName === undefined ? "Its records are" : "What was meant is";
  return [
    `${from} holds no such record of ${eventSource ?? "any eventSource"}. ${such} of ${[...sources].join(", ")}.`,
    `A rule only sees records of its folder's eventSource: write ${other}/…, or _global/… for every source.`,
  ];
}
