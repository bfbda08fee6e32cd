/**
 * The bytes of a file or of stdin, unpacked when they are gzip, whatever the name says. What is plainly something
 * else (a zip archive, UTF-16) is refused by name, which tells more than a JSON error would.
 */
import { createReadStream } from "node:fs";
import { gunzip } from "../../lambda/intake/gunzip.ts";

const CHUNK_BYTES = 1024 * 1024;

/** How the files begin that people have beside CloudTrail's, in hex, and what to do with them. */
const OTHERS: readonly (readonly [magic: string, advice: string])[] = [
  ["504b0304", "a zip archive: unpack it first"],
  ["28b52ffd", "packed with zstd: unpack it first"],
  ["425a68", "packed with bzip2: unpack it first"],
  ["fd377a585a00", "packed with xz: unpack it first"],
  ["50415231", "a Parquet file: CloudTrail is read as JSON"],
  ["fffe", "UTF-16 text: save it as UTF-8"],
  ["feff", "UTF-16 text: save it as UTF-8"],
];
const LONGEST_MAGIC = 6;

/** Reads a file in chunks; `seen` is told how many bytes of it were read. */
export async function* fileBytes(path: string, seen: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const bytes = chunk as Buffer;
    seen(bytes.length);
    yield bytes;
  }
}

/** Reads a stream that may give text or bytes. */
export async function* streamBytes(
  stream: NodeJS.ReadableStream,
  seen: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    seen(bytes.length);
    yield bytes;
  }
}

/** Unpacks what is gzip. Throws an Error with the reason for what cannot be read, after everything before it. */
export async function* unpacked(raw: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = raw[Symbol.asyncIterator]();
  try {
    let head: Buffer = Buffer.alloc(0);
    while (head.length < LONGEST_MAGIC) {
      const next = await chunks.next();
      if (next.done === true) break;
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    if (head[0] === 0x1f && head[1] === 0x8b) {
      yield* gunzip(remaining(head, chunks));
      return;
    }
    const hex = head.toString("hex", 0, LONGEST_MAGIC);
    const other = OTHERS.find(([magic]) => hex.startsWith(magic));
    if (other !== undefined) throw new Error(other[1]);
    yield* remaining(head, chunks);
  } finally {
    await chunks.return?.();
  }
}

/** What was looked at, then the rest. */
async function* remaining(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
