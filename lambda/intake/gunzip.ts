/**
 * Unpacks gzip as it comes and gives every byte before a cut: Node's own stream throws away what it has not handed
 * over yet when the end is missing, and with it the good records before the cut. So the end is only announced when
 * everything before it has been taken.
 */
import { createGunzip, type Gunzip } from "node:zlib";

/** Small, because Node loses the chunk in which it finds damage. */
const CHUNK_BYTES = 64 * 1024;
/** How much is unpacked ahead, so that unpacking (in another thread) and parsing go on side by side. */
const AHEAD_BYTES = 2 * 1024 * 1024;

/** Data that is no gzip, or no whole one: unlike an error of the source, no second try heals it. */
export class GzipError extends Error {
  override readonly name = "GzipError";
}

/** Unpacked bytes. Throws a GzipError that says what is wrong with the gzip data, after everything readable before it. */
export async function* gunzip(
  packed: AsyncIterable<Buffer>,
  chunkSize = CHUNK_BYTES,
): AsyncGenerator<Buffer> {
  // Node hands its stream options on to the stream, which its types do not tell.
  const options = { chunkSize, readableHighWaterMark: AHEAD_BYTES };
  const stream = createGunzip(options);
  const failed = new Promise<void>((resolve) => {
    stream.on("error", () => resolve());
  });
  try {
    for await (const chunk of packed) {
      const written = new Promise<void>((resolve) => {
        stream.write(chunk, () => resolve());
      });
      yield* until(Promise.race([written, failed]), stream);
    }
    const ended = new Promise<void>((resolve) => {
      stream.once("end", resolve);
    });
    stream.end();
    yield* until(Promise.race([ended, failed]), stream);
  } finally {
    stream.destroy();
  }
}

/** Hands on what is unpacked until `done`, and then what is left; throws when the stream has failed. */
async function* until(done: Promise<void>, stream: Gunzip): AsyncGenerator<Buffer> {
  let finished = false;
  const finish = (async () => {
    await done;
    finished = true;
  })();
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) {
      yield chunk;
      continue;
    }
    if (stream.errored !== null) throw explain(stream.errored);
    if (finished) return;
    const more = Promise.withResolvers<void>();
    stream.once("readable", more.resolve);
    await Promise.race([more.promise, finish]);
    stream.off("readable", more.resolve);
  }
}

function explain(error: Error & { code?: string }): Error {
  if (error.code === "Z_BUF_ERROR") return new GzipError("the gzip data was cut short", { cause: error });
  return new GzipError(`the gzip data is damaged here or a little before (${error.message})`, {
    cause: error,
  });
}
