/**
 * Plays CloudTrail files into the local event bus: each record becomes the envelope that EventBridge would have sent,
 * and goes through the real `PutEvents` call, ten at a time.
 */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { Envelope } from "../../lambda/record/record.ts";
import { formatPlace, readRecords } from "../replay/records.ts";
import { MAX_BYTES, MAX_ENTRIES } from "./put-events.ts";
import { LOCAL_CREDENTIALS } from "./queues.ts";

/** Where and what to play. */
export type PlayOptions = {
  readonly busUrl: string;
  readonly region: string;
  readonly paths: readonly string[];
  /** Asked before each batch; true ends the playing. */
  stopped(): boolean;
  /** Told of each input that cannot be played, with its place. */
  onProblem(line: string): void;
};

/** How many records were played, and how many inputs could not be. */
export type Played = { readonly records: number; readonly problems: number };

type Batch = { entries: PutEventsRequestEntry[]; bytes: number; places: string[] };

/** Plays the files in order. Bad input is reported and passed over. */
export async function play(options: PlayOptions): Promise<Played> {
  const client = new EventBridgeClient({
    endpoint: options.busUrl,
    region: options.region,
    credentials: LOCAL_CREDENTIALS,
  });
  let records = 0;
  let problems = 0;
  const report = (line: string) => {
    problems += 1;
    options.onProblem(line);
  };
  let batch: Batch = { entries: [], bytes: 0, places: [] };
  const flush = async () => {
    if (batch.entries.length === 0) return;
    const { Entries: results = [] } = await client.send(new PutEventsCommand({ Entries: batch.entries }));
    for (const [index, { ErrorCode: code, ErrorMessage: message }] of results.entries()) {
      if (code === undefined) records += 1;
      else report(`${batch.places[index] ?? ""}: the event bus refused it: ${code}: ${message ?? ""}`);
    }
    batch = { entries: [], bytes: 0, places: [] };
  };
  try {
    for await (const item of readRecords(options.paths)) {
      if (options.stopped()) break;
      const place = formatPlace(item.place);
      const entry = item.ok ? toEntry(item.reading.envelope) : item.reason;
      if (typeof entry === "string") {
        report(`${place}: ${entry}`);
        continue;
      }
      const bytes = Buffer.byteLength(entry.Detail ?? "") + 1000;
      if (bytes > MAX_BYTES) {
        report(`${place}: a record of ${bytes} bytes; EventBridge takes at most ${MAX_BYTES}`);
        continue;
      }
      if (batch.entries.length === MAX_ENTRIES || batch.bytes + bytes > MAX_BYTES) await flush();
      batch.entries.push(entry);
      batch.bytes += bytes;
      batch.places.push(place);
    }
    await flush();
  } finally {
    client.destroy();
  }
  return { records, problems };
}

/** The entry of an envelope, or why there can be none. */
function toEntry(envelope: Envelope): PutEventsRequestEntry | string {
  let detail: string;
  try {
    detail = JSON.stringify(envelope.detail);
  } catch (error) {
    return `it cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  const time = new Date(typeof envelope["time"] === "string" ? envelope["time"] : Number.NaN);
  return {
    Source: envelope.source,
    DetailType: envelope["detail-type"],
    Detail: detail,
    ...(Number.isNaN(time.getTime()) ? {} : { Time: time }),
  };
}
