/**
 * The records of one log file, from the packed bytes as they come: unpacked, split and parsed piece by piece, so that a
 * file of any size needs the memory of its largest record. A record that cannot be read costs itself and is counted; what
 * is no whole log file is a BadObjectError, thrown behind every record that could be read.
 *
 *     for await (const batch of readLog(packed, { passOver })) … batch.records … batch.unreadable …
 *
 * Reading can go on where it stopped: `from` is the place of a record, in unpacked bytes, and what is before it is unpacked
 * and forgotten.
 */
import { gunzipSync } from "node:zlib";
import { readEnvelope } from "../record/envelope.ts";
import type { CloudTrailRecord, Envelope } from "../record/record.ts";
import { isObject } from "../record/untrusted.ts";
import { GzipError, gunzip } from "./gunzip.ts";
import { JsonValues, type JsonValuesOptions } from "./json-values.ts";
import type { FoundPiece } from "./piece.ts";

/** A place in the unpacked bytes of a log file where reading can go on. */
export type Position = { readonly offset: number; readonly inList: boolean };

/** A record with the place where it begins. */
export type LogRecord = {
  readonly record: CloudTrailRecord;
  readonly envelope: Envelope;
  readonly at: Position;
};

/** What one chunk of bytes held. */
export type Batch = {
  readonly records: readonly LogRecord[];
  /** Why records could not be read, and where. */
  readonly unreadable: readonly { readonly reason: string; readonly offset: number }[];
  /** How many records were left unparsed because nobody wants them. */
  readonly passed: number;
};

/** An object that is no whole log file: no second try heals it. Its message says what it is. */
export class BadObjectError extends Error {
  override readonly name = "BadObjectError";
}

/** A digest or Insight file under a name that does not tell. */
export class NoRecordsError extends Error {
  override readonly name = "NoRecordsError";
}

/** Files up to this size, packed, are unpacked at once, and then handed on in slices. */
const SMALL_BYTES = 1024 * 1024;
const MOST_UNPACKED_BYTES = 32 * 1024 * 1024;
const SLICE_BYTES = 8 * 1024 * 1024;
/** How much of a large file is unpacked at a time. */
const LARGE_CHUNK_BYTES = 256 * 1024;
/** Bytes in which the closing brackets of a file are looked for. */
const TAIL = 64;
const GZIP = [0x1f, 0x8b] as const;

/**
 * Reads a log file.
 * @throws BadObjectError or NoRecordsError, after everything readable, and whatever `packed` throws
 */
export async function* readLog(
  packed: AsyncIterable<Buffer>,
  { passOver, from }: { readonly passOver?: JsonValuesOptions["passOver"]; readonly from?: Position } = {},
): AsyncGenerator<Batch> {
  const values = new JsonValues({
    ...(passOver === undefined ? {} : { passOver }),
    ...(from === undefined ? {} : { from }),
  });
  let passed = 0;
  const batchOf = (pieces: readonly FoundPiece[], inList: boolean): Batch => {
    const batch = { ...sort(pieces, inList), passed: values.passed - passed };
    passed = values.passed;
    return batch;
  };
  let left = from?.offset ?? 0;
  let cut: string | undefined;
  let tail = "";
  try {
    for await (const chunk of unpack(checked(packed))) {
      const bytes = left === 0 ? chunk : chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - bytes.length;
      if (bytes.length === 0) continue;
      tail = (tail + bytes.toString("latin1", Math.max(0, bytes.length - TAIL))).slice(-TAIL);
      const wasInList = values.inList;
      const pieces = values.push(bytes);
      const batch = batchOf(pieces, wasInList || values.inList);
      if (batch.records.length > 0 || batch.unreadable.length > 0 || batch.passed > 0) yield batch;
    }
  } catch (error) {
    if (!(error instanceof GzipError || error instanceof BadObjectError)) throw error;
    cut = error.message;
  }
  const wasInList = values.inList;
  const rest = values.end(cut);
  // Of a file that has its end, what shows only there is a record that lost its own.
  const isCut = cut !== undefined || !/\]\s*\}\s*$/.test(tail);
  const last = rest.at(-1);
  const lost = isCut && last !== undefined && !last.ok ? last : undefined;
  yield batchOf(
    rest.filter((piece) => piece !== lost),
    wasInList,
  );
  if (cut !== undefined) throw new BadObjectError(cut);
  if (lost !== undefined && !lost.ok) throw new BadObjectError(lost.reason);
}

/**
 * Small files, as nearly all are, are unpacked at once: handing chunks to another thread and back costs more than unpacking
 * them. Large ones, and what is damaged, whose good part counts, are unpacked as they come.
 */
async function* unpack(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = packed[Symbol.asyncIterator]();
  try {
    const held: Buffer[] = [];
    let size = 0;
    while (size <= SMALL_BYTES) {
      const next = await source.next();
      if (next.done === true) {
        const whole = unpackWhole(held);
        if (whole === undefined) break;
        for (let at = 0; at < whole.length; at += SLICE_BYTES) yield whole.subarray(at, at + SLICE_BYTES);
        return;
      }
      held.push(next.value);
      size += next.value.length;
    }
    yield* gunzip(remaining(held, source), LARGE_CHUNK_BYTES);
  } finally {
    await source.return?.();
  }
}

/** All of it; undefined when it is damaged or unpacks to too much to hold. */
function unpackWhole(held: readonly Buffer[]): Buffer | undefined {
  try {
    return gunzipSync(Buffer.concat(held), { maxOutputLength: MOST_UNPACKED_BYTES });
  } catch {
    return undefined;
  }
}

async function* remaining(held: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* held;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** The bytes, if they begin as gzip does: what is no log file at all is told from a damaged one. */
async function* checked(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const chunk of packed) {
    for (let at = 0; at < chunk.length && seen < GZIP.length; at++, seen++)
      if (chunk[at] !== GZIP[seen])
        throw new BadObjectError("the object is not packed with gzip, as log files are");
    yield chunk;
  }
  if (seen < GZIP.length)
    throw new BadObjectError(seen === 0 ? "the object is empty" : "the gzip data was cut short");
}

/** What pieces are. Insight events stand in files of their own, and no rule can be about them. */
function sort(pieces: readonly FoundPiece[], inList: boolean): Omit<Batch, "passed"> {
  const records: LogRecord[] = [];
  const unreadable: { reason: string; offset: number }[] = [];
  for (const piece of pieces) {
    const { offset } = piece;
    if (!piece.ok) {
      unreadable.push({ reason: piece.reason, offset });
      continue;
    }
    const { value } = piece;
    if (isDigest(value)) throw new NoRecordsError("the object is a digest");
    if (isEmptyList(value)) continue;
    if (isInsight(value)) continue;
    // An EventBridge event in a log file would be somebody else's: only bare records are taken.
    const reading =
      isObject(value) && (Object.hasOwn(value, "detail") || Object.hasOwn(value, "detail-type"))
        ? ({ ok: false, reason: "an EventBridge event where a record should be" } as const)
        : readEnvelope(value);
    if (reading.ok)
      records.push({ record: reading.record, envelope: reading.envelope, at: { offset, inList } });
    else unreadable.push({ reason: reading.reason, offset });
  }
  return { records, unreadable };
}

function isDigest(value: unknown): boolean {
  return isObject(value) && Object.hasOwn(value, "digestStartTime") && Object.hasOwn(value, "logFiles");
}

function isInsight(value: unknown): boolean {
  return (
    isObject(value) && (value["eventType"] === "AwsCloudTrailInsight" || value["eventCategory"] === "Insight")
  );
}

/** `{"Records":[]}` in one chunk is told of as an object of its own. */
function isEmptyList(value: unknown): boolean {
  return isObject(value) && Array.isArray(value["Records"]) && value["Records"].length === 0;
}
