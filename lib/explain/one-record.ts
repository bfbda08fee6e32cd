/**
 * The one record that is to be explained, out of whatever CloudTrail comes in. Of a file with several none is guessed
 * at: the reader is shown what is in it and how to name one.
 *
 *   const { found, problem } = await findRecord("trail.json.gz", { stdin, eventId: "1c9e2f3a-…" });
 */
import { didYouMean } from "../../lambda/words/nearest.ts";
import { toEnvelope } from "../../lambda/record/envelope.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { textAt } from "../../lambda/record/untrusted.ts";
import { formatPlace, type Item, readBatches } from "../replay/records.ts";
import { counted } from "../words.ts";

type Good = Extract<Item, { ok: true }>;

/** A record and where it was found. */
export type FoundRecord = Pick<Good, "reading" | "place"> & {
  /** Whether it came without an envelope, so that one was made for it. */
  readonly bare: boolean;
};

/** What looking for it gave. */
export type Search = {
  readonly found?: FoundRecord;
  /** Why there is none, with the cure; beside a record, what else is to be known about the choice. Lines. */
  readonly remarks: readonly string[];
  /** What of the input could not be read: the first of it. Lines. */
  readonly unreadable: readonly string[];
};

/** Records that are named in the advice to choose one. */
const MAX_NAMED = 5;
/** Ids that a wrong one is compared with. */
const MAX_IDS = 10_000;
const MAX_UNREADABLE = 5;

type Seen = { count: number; broken: number; matching: number; found?: Good };

/**
 * Finds the record at a path (`-` for stdin). Never throws for bad input, and holds no more than a few records.
 * @param options.eventId which record, where there are several
 */
export async function findRecord(
  path: string,
  { stdin, eventId }: { readonly stdin: NodeJS.ReadableStream; readonly eventId?: string | undefined },
): Promise<Search> {
  const seen: Seen = { count: 0, broken: 0, matching: 0 };
  const named: string[] = [];
  const ids: string[] = [];
  const unreadable: string[] = [];
  for await (const batch of readBatches([path], { stdin })) {
    for (const item of batch) {
      if (!item.ok) {
        seen.broken += 1;
        if (seen.broken <= MAX_UNREADABLE) unreadable.push(`${formatPlace(item.place)}: ${item.reason}`);
        continue;
      }
      const { record } = item.reading;
      seen.count += 1;
      if (named.length < MAX_NAMED) named.push(nameOf(record));
      const id = textAt(record, "eventID");
      if (id !== undefined && ids.length < MAX_IDS) ids.push(id);
      if (eventId !== undefined && id !== eventId) continue;
      seen.matching += 1;
      seen.found ??= item;
    }
  }
  const more = seen.broken - unreadable.length;
  if (more > 0) unreadable.push(`${counted(more, "more piece")} of the input could not be read`);
  return { ...choose(path === "-" ? "stdin" : path, seen, eventId, { named, ids }), unreadable };
}

function choose(
  path: string,
  { count, matching, found }: Seen,
  eventId: string | undefined,
  { named, ids }: { readonly named: readonly string[]; readonly ids: readonly string[] },
): Pick<Search, "found" | "remarks"> {
  if (count === 0)
    return { remarks: [`There is no CloudTrail record in ${path}. Give a file with one, or - for stdin.`] };
  if (found === undefined) {
    const otherwise = "Take the eventID from the record itself.";
    const cure = didYouMean(eventId ?? "", ids, otherwise);
    return {
      remarks: [`None of the ${counted(count, "record")} in ${path} has the eventID ${eventId}. ${cure}`],
    };
  }
  if (eventId === undefined && count > 1) {
    const rest = count - named.length;
    return {
      remarks: [
        `${path} holds ${counted(count, "record")}, and explain takes one: choose it with --event-id ID.`,
        ...named.map((name) => `  ${name}`),
        ...(rest > 0 ? [`  … and ${counted(rest, "more", "more")}`] : []),
      ],
    };
  }
  const remarks =
    matching > 1 ? [`${counted(matching, "record")} have the eventID ${eventId}; this is the first.`] : [];
  const { reading, place } = found;
  // Nothing but the record itself tells of a made envelope, and one that is the same to the letter serves as well.
  const bare = JSON.stringify(toEnvelope(reading.record)) === JSON.stringify(reading.envelope);
  return { found: { reading, place, bare }, remarks };
}

function nameOf(record: CloudTrailRecord): string {
  const id = textAt(record, "eventID") ?? "(without eventID)";
  return `${id}  ${textAt(record, "eventTime") ?? ""}  ${record.eventSource} ${record.eventName}`;
}
