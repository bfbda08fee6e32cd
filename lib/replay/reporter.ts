/**
 * The words of a replay on stderr: one line for each thing that could not be read, at most a screenful for one file
 * (a binary file would fill the terminal), and on a terminal a line of progress that the others do not tear.
 */
import { printable } from "../../lambda/loader/problem.ts";
import { formatPlace, type Place, type Progress } from "./records.ts";
import type { Tally } from "./replay.ts";
import { progressLine } from "./summary.ts";
import type { Sources } from "./sources.ts";

const MAX_LINES_A_FILE = 20;
const REDRAW_MS = 200;
const CLEAR_LINE = "\r\u001b[K";

/** Tells people what happens. */
export type Reporter = {
  /** A line of its own. */
  readonly say: (line: string) => void;
  /** Something at a place of the input. */
  readonly complain: (place: Place, message: string) => void;
  readonly sources: (sources: Sources) => void;
  readonly progress: (progress: Progress) => void;
  /** Redraws the progress when it is time. */
  readonly tick: (tally: Tally) => void;
  /** Says how many lines were held back, and takes the progress off the screen. */
  readonly finish: () => void;
};

/** A reporter on a stream; `clock` gives milliseconds. */
export function createReporter(
  stream: NodeJS.WritableStream,
  clock: () => number = () => performance.now(),
): Reporter {
  const terminal = "isTTY" in stream && stream.isTTY === true;
  const start = clock();
  const done = { bytes: 0, size: 0 };
  let drawn = start;
  let shown = false;
  let file: string | undefined;
  let lines = 0;

  const write = (line: string): void => {
    stream.write(`${shown ? CLEAR_LINE : ""}${line}\n`);
    shown = false;
  };
  const closeFile = (): void => {
    const hidden = lines - MAX_LINES_A_FILE;
    if (file !== undefined && hidden > 0) {
      write(`${printable(file)}: ${hidden.toLocaleString("en-US")} more that could not be read`);
    }
    lines = 0;
  };
  return {
    say: write,
    complain(place, message) {
      if (place.file !== file) closeFile();
      file = place.file;
      lines++;
      if (lines <= MAX_LINES_A_FILE) write(`${printable(formatPlace(place))}: ${printable(message)}`);
    },
    sources(sources) {
      done.size = sources.sources.every((source) => source.kind === "file")
        ? sources.sources.reduce((sum, source) => sum + source.size, 0)
        : 0;
    },
    progress({ bytes }) {
      done.bytes += bytes;
    },
    tick(tally) {
      const now = clock();
      if (!terminal || now - drawn < REDRAW_MS) return;
      drawn = now;
      shown = true;
      stream.write(`${CLEAR_LINE}${progressLine(tally, { ...done, seconds: (now - start) / 1000 })}`);
    },
    finish() {
      closeFile();
      if (shown) stream.write(CLEAR_LINE);
      shown = false;
    },
  };
}
