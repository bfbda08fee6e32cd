/**
 * Writes many lines to a stream that may be slow: joins small ones, waits when the stream is full, and so keeps
 * memory bounded when a terminal or a pipe reads slower than records are replayed.
 */

const JOIN_CHARS = 64 * 1024;

/** Writes lines to one stream. */
export type LineWriter = {
  /** Writes a line; the promise is there only when the caller has to wait. */
  write(line: string): Promise<void> | undefined;
  /** Writes what is held back. */
  flush(): Promise<void>;
};

/** A writer for a stream. When the stream fails or is closed, waiting ends: its owner sees the error. */
export function createLineWriter(stream: NodeJS.WritableStream): LineWriter {
  let held = "";
  let gone = false;
  stream.once("close", () => {
    gone = true;
  });
  const flush = async (): Promise<void> => {
    const text = held;
    held = "";
    if (text === "" || gone || stream.write(text)) return;
    await drained(stream);
  };
  return {
    write(line) {
      held += `${line}\n`;
      return held.length < JOIN_CHARS ? undefined : flush();
    },
    flush,
  };
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done).off("error", done);
      resolve();
    };
    stream.on("drain", done).on("close", done).on("error", done);
  });
}
