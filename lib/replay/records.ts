/**
 * CloudTrail records from files, folders or stdin, in every form they come in, one after another and in bounded
 * memory. What cannot be read is an item too, with its place and the reason: nothing is dropped in silence, and
 * nothing good is lost beside it.
 *
 *   for await (const item of readRecords(["trail/", "-"], { stdin })) {
 *     if (item.ok) … item.reading.record …
 *     else warn(`${formatPlace(item.place)}: ${item.reason}`);
 *   }
 */
import { explainJsonError } from "../../lambda/loader/json-error.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import type { Reading } from "../../lambda/record/record.ts";
import { fileBytes, streamBytes, unpacked } from "./bytes.ts";
import { JsonValues } from "../../lambda/intake/json-values.ts";
import type { Piece } from "../../lambda/intake/piece.ts";
import { fileReason, findSources, type Source, type Sources } from "./sources.ts";

/** Where an item begins. Line and column count from 1, the column in bytes; both are absent for a whole file. */
export type Place = { readonly file: string; readonly line?: number; readonly column?: number };

/** A record in its envelope, or what could not be read. */
export type Item =
  | { readonly ok: true; readonly reading: Extract<Reading, { ok: true }>; readonly place: Place }
  | { readonly ok: false; readonly reason: string; readonly place: Place };

/** How far the reading has come, for a display. */
export type Progress = { readonly file: string; readonly bytes: number };

/** What reading needs from outside. */
export type ReadOptions = {
  /** Read for the path `-`. */
  readonly stdin?: NodeJS.ReadableStream;
  /** Told which files are meant before the first is read. */
  readonly onSources?: (sources: Sources) => void;
  /** Told how many bytes (packed ones, where they are packed) were read. */
  readonly onProgress?: (progress: Progress) => void;
};

/** A list in a list in a list, or what lookup-events gives in a list, is as deep as anybody ever nested records. */
const MAX_NESTING = 3;

/** Records one by one, in the order of the input. Never throws for bad input. */
export async function* readRecords(
  paths: readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<Item> {
  for await (const batch of readBatches(paths, options)) yield* batch;
}

/** The same records as `readRecords`, as many at a time as a chunk of bytes held: much faster for many. */
export async function* readBatches(
  paths: readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<readonly Item[]> {
  const found = await findSources(paths);
  options.onSources?.(found);
  for (const { file, reason } of found.problems) yield [{ ok: false, reason, place: { file } }];
  for (const source of found.sources) yield* readSource(source, options);
}

async function* readSource(source: Source, options: ReadOptions): AsyncGenerator<readonly Item[]> {
  const file = source.name;
  const seen = (bytes: number): void => options.onProgress?.({ file, bytes });
  const values = new JsonValues();
  let cut: string | undefined;
  try {
    for await (const chunk of unpacked(open(source, options, seen))) {
      const items = toItems(values.push(chunk), file);
      if (items.length > 0) yield items;
    }
  } catch (error) {
    cut = fileReason(error);
  }
  yield toItems(values.end(cut), file);
}

function open(source: Source, options: ReadOptions, seen: (bytes: number) => void): AsyncIterable<Buffer> {
  if (source.kind === "file") return fileBytes(source.name, seen);
  return streamBytes(options.stdin ?? process.stdin, seen);
}

/** The items of one chunk. */
export function toItems(pieces: readonly Piece[], file: string): Item[] {
  const items: Item[] = [];
  for (const piece of pieces) {
    const place = { file, line: piece.line, column: piece.column };
    if (piece.ok) addItems(piece.value, place, items, MAX_NESTING);
    else items.push({ ok: false, reason: piece.reason, place });
  }
  return items;
}

/** Adds the record that a value is, or the records that are in it. */
function addItems(value: unknown, place: Place, items: Item[], nesting: number): void {
  const inside = nesting > 0 ? (recordsIn(value) ?? lookedUp(value)) : undefined;
  if (typeof inside === "string") items.push({ ok: false, reason: inside, place });
  else if (inside !== undefined) {
    for (const element of inside) addItems(element, place, items, nesting - 1);
  } else {
    const reading = readEnvelope(value);
    if (reading.ok) items.push({ ok: true, reading, place });
    else items.push({ ok: false, reason: reading.reason, place });
  }
}

/**
 * The elements of a list, of `{"Records":[…]}` or of `{"Events":[…]}`, which `aws cloudtrail lookup-events` gives; a
 * reason when there is no list; undefined for anything else. An empty list where a record should be is no list of records.
 */
function recordsIn(value: unknown): readonly unknown[] | string | undefined {
  if (Array.isArray(value)) return value.length > 0 ? value : undefined;
  if (!isObject(value) || Object.hasOwn(value, "eventSource") || Object.hasOwn(value, "detail"))
    return undefined;
  const key = ["Records", "Events"].find((name) => Object.hasOwn(value, name));
  if (key === undefined) return undefined;
  const records = value[key];
  if (Array.isArray(records)) return records;
  return `"${key}" must be a list of CloudTrail records, got ${records === null ? "null" : typeof records}`;
}

/** The record in one event of lookup-events, where it is the text of a JSON object; a reason when it cannot be read. */
function lookedUp(value: unknown): readonly unknown[] | string | undefined {
  const text = isObject(value) && !Object.hasOwn(value, "eventSource") ? value["CloudTrailEvent"] : undefined;
  if (typeof text !== "string") return undefined;
  try {
    return [JSON.parse(text)];
  } catch (error) {
    return `"CloudTrailEvent" is not valid JSON: ${explainJsonError(text, error).reason}`;
  }
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A place as people and editors write it: `file:line:column`. */
export function formatPlace(place: Place): string {
  if (place.line === undefined) return place.file;
  return place.column === undefined
    ? `${place.file}:${place.line}`
    : `${place.file}:${place.line}:${place.column}`;
}
