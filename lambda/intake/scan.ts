/**
 * Finds where a JSON value ends, byte by byte, without building it: that is what lets a file of one endless line be
 * read one record at a time. It looks only at what decides the end (strings, escapes, brackets, line breaks); whether
 * the text is JSON is JSON.parse's to say. All of these bytes are ASCII, and UTF-8 never hides an ASCII byte inside
 * another character, so a chunk may end anywhere.
 *
 *   {"a":"}","b":[1]}    the brace inside the string does not count; depth is 0 again at the last byte
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Where a scan stands, kept from chunk to chunk. Indices are into the present buffer. */
export type Scan = {
  /** The next byte to look at. */
  pos: number;
  depth: number;
  inString: boolean;
  /** The line of `pos`, from 1, and the index of its first byte (negative when that byte has been let go). */
  line: number;
  lineStart: number;
};

/**
 * What a scan came to: `more` bytes are needed; the value is `done` (`pos` is behind it); at depth 1 a `list` opens
 * (`pos` is at its bracket); or the value is `broken` (`pos` is where that showed).
 */
export type Verdict = "more" | "done" | "list" | "broken";

/** Goes on scanning a value. With `lists`, stops at every array that is directly inside the outermost object. */
export function scanValue(bytes: Buffer, scan: Scan, lists: boolean, final: boolean): Verdict {
  const end = bytes.length;
  let { pos, depth, inString } = scan;
  let verdict: Verdict = "more";
  while (pos < end) {
    const byte = bytes[pos];
    if (inString) {
      if (byte === BACKSLASH) {
        // Its pair may be in the next chunk. A line break is never part of a pair.
        if (pos + 1 >= end && !final) break;
        pos += bytes[pos + 1] === NEWLINE ? 1 : 2;
      } else if (byte === NEWLINE) {
        // JSON has no line breaks in strings: the line was cut.
        verdict = "broken";
        break;
      } else {
        pos++;
        if (byte === QUOTE) {
          inString = false;
          if (depth === 0) {
            verdict = "done";
            break;
          }
        }
      }
      continue;
    }
    if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE) depth++;
    else if (byte === OPEN_BRACKET) {
      if (lists && depth === 1) {
        verdict = "list";
        break;
      }
      depth++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
      if (depth <= 0) {
        pos++;
        verdict = "done";
        break;
      }
    } else if (byte === NEWLINE) {
      if (pos + 1 >= end && !final) break;
      if (bytes[pos + 1] === OPEN_BRACE && !mayOpenAfter(bytes, pos)) {
        verdict = "broken";
        break;
      }
      scan.line++;
      scan.lineStart = pos + 1;
    }
    pos++;
  }
  scan.pos = Math.min(pos, end);
  scan.depth = depth;
  scan.inString = inString;
  return verdict;
}

/** Whether JSON allows an object to begin here: only behind a colon, a comma or an opening bracket. */
function mayOpenAfter(bytes: Buffer, newline: number): boolean {
  let index = newline - 1;
  while (index >= 0 && isSpace(bytes[index])) index--;
  const byte = bytes[index];
  // The byte before was let go with an earlier chunk: nothing says that it is broken.
  if (byte === undefined) return true;
  return byte === 0x3a || byte === 0x2c || byte === OPEN_BRACKET;
}

/** Moves on to `to`, counting the lines on the way. */
export function passLines(bytes: Buffer, scan: Scan, to: number): void {
  const from = scan.pos;
  const passed = bytes.subarray(from, to);
  for (let at = passed.indexOf(NEWLINE); at !== -1; at = passed.indexOf(NEWLINE, at + 1)) {
    scan.line++;
    scan.lineStart = from + at + 1;
  }
  scan.pos = to;
}

/** JSON's white space. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;
}
