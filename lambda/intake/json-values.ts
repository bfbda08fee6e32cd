/**
 * Takes bytes as they come and gives the JSON values in them one by one, in whatever form they stand: one after
 * another, one a line, in an array, or in CloudTrail's `{"Records":[…]}` (`{"Events":[…]}` from lookup-events). It holds one value at a time, so a file
 * of one endless line needs no more memory than its largest record. What is broken becomes a piece with the reason
 * and the place, and reading goes on at the next record.
 *
 *   push('{"Records":[{"a":1},{"b":')        // value {"a":1} at 1:13
 *   push('x},{"eventVersion":"1.11"}]}')     // "not valid JSON" at 1:21, value {"eventVersion":"1.11"} at 1:29
 */
import { brokenPiece, type FoundPiece, parsePiece } from "./piece.ts";
import { findRestart, nextLine, START_OVERLAP } from "./restart.ts";
import { isSpace, passLines, type Scan, scanValue } from "./scan.ts";
import { Shortcut } from "./shortcut.ts";

/** CloudTrail's records are 256 KB, or 1 MB in event data stores: what is longer than this is no record. */
export const MAX_VALUE_BYTES = 4 * 1024 * 1024;

const TOO_LONG = `longer than ${MAX_VALUE_BYTES / 1024 / 1024} MB: no CloudTrail record is`;

/** Going back over bytes already seen may cost this, and as much again as was read: hostile input must not hang us. */
const FREE_RESCAN_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const QUOTE = 0x22;
/** Between values: a comma, the separator of RFC 7464, the bytes of a byte order mark. */
const PADDING = new Set([0x2c, 0x1e, 0xef, 0xbb, 0xbf]);

/**
 * `value` and `text` (a scalar or no JSON at all) keep their bytes; `skip` passes over a value too long or over what
 * follows the list of records; `lost` looks for the next record after something broken.
 */
type Mode = "between" | "value" | "text" | "skip" | "lost";

/** What may be told about a stream beforehand. */
export type JsonValuesOptions = {
  /**
   * Looks at the object that begins at an index, inside a list, and gives the index behind it when nobody wants it: it is
   * then neither parsed nor given. It must be whole, and hold no line break.
   */
  readonly passOver?: (bytes: Buffer, start: number) => number | undefined;
  /** The stream begins in the middle of another: so many bytes in, at a value or between two, inside its list or not. */
  readonly from?: { readonly offset: number; readonly inList: boolean };
};

/** Splits one stream: `push` every chunk, then `end`. */
export class JsonValues {
  #bytes: Buffer = Buffer.alloc(0);
  #mode: Mode = "between";
  #list: "none" | "array" | "records" = "none";
  /** Inside `{"Records":[…]}`, behind its list. */
  #inTail = false;
  /** After something broken, closing brackets that belong to it are no news. */
  #afterBreak = false;
  #final = false;
  #scan: Scan = { pos: 0, depth: 0, inString: false, line: 1, lineStart: 0 };
  /** The scan as it was where the present value begins. */
  #start: Scan = { ...this.#scan };
  /** Index behind the last value of the list, -1 when it is not in the buffer. */
  #lastEnd = -1;
  readonly #shortcut = new Shortcut(MAX_VALUE_BYTES);
  #read = 0;
  #rescanned = 0;
  #anything = false;
  #pieces: FoundPiece[] = [];
  readonly #passOver: JsonValuesOptions["passOver"];
  /** How many bytes of the stream are not in the buffer any more. */
  #before = 0;
  #passed = 0;

  constructor({ passOver, from }: JsonValuesOptions = {}) {
    this.#passOver = passOver;
    if (from === undefined || from.offset === 0) return;
    this.#before = from.offset;
    this.#list = from.inList ? "records" : "none";
    this.#afterBreak = !from.inList;
    this.#anything = true;
  }

  /** How many values were passed over. */
  get passed(): number {
    return this.#passed;
  }

  /** Whether the next value stands in a list. */
  get inList(): boolean {
    return this.#list !== "none";
  }

  /** The pieces that this chunk completes. */
  push(chunk: Buffer): FoundPiece[] {
    this.#read += chunk.length;
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#shortcut.newBytes();
    this.#run();
    this.#letGo();
    return this.#take();
  }

  /** The pieces that are left when the stream has ended. `cut` says why it ended early; it is always reported. */
  end(cut?: string): FoundPiece[] {
    this.#final = true;
    this.#shortcut.newBytes();
    this.#run();
    const why = cut ?? "the file was cut short";
    let reported = false;
    while (this.#mode === "value") {
      this.#break(`the JSON ends inside this value: ${why}`);
      reported = true;
      this.#run();
    }
    if (!reported) this.#reportEnd(cut, why);
    return this.#take();
  }

  #reportEnd(cut: string | undefined, why: string): void {
    if (cut !== undefined) this.#problem(this.#scan, cut);
    else if (this.#inTail) this.#problem(this.#scan, `the JSON ends before its closing brace: ${why}`);
    else if (this.#list !== "none") this.#problem(this.#scan, `the JSON ends inside its list: ${why}`);
    else if (this.#read === 0) this.#problem(this.#scan, "the file is empty");
    else if (!this.#anything) this.#problem(this.#scan, "there is nothing but white space in the file");
  }

  #take(): FoundPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Goes on until more bytes are needed. */
  #run(): void {
    let going = true;
    while (going) {
      if (this.#mode === "between") going = this.#between();
      else if (this.#mode === "value") going = this.#value();
      else if (this.#mode === "text") going = this.#text();
      else if (this.#mode === "skip") going = this.#skip();
      else going = this.#lost();
    }
  }

  /** Passes over what separates values, to the next value. */
  #between(): boolean {
    const scan = this.#scan;
    for (; scan.pos < this.#bytes.length; scan.pos++) {
      const byte = this.#bytes[scan.pos] ?? 0;
      if (byte === NEWLINE) {
        scan.line++;
        scan.lineStart = scan.pos + 1;
      }
      if (isSpace(byte) || PADDING.has(byte)) continue;
      this.#anything = true;
      if (byte === CLOSE_BRACKET && this.#list !== "none") {
        if (this.#list === "records") return this.#enterTail();
        this.#list = "none";
      } else if (byte === OPEN_BRACKET && this.#list === "none") {
        this.#list = "array";
        this.#lastEnd = -1;
      } else if (!(this.#afterBreak && (byte === CLOSE_BRACKET || byte === CLOSE_BRACE))) {
        return this.#begin(byte);
      }
    }
    return false;
  }

  /** At the first byte of a value. */
  #begin(byte: number): boolean {
    const scan = this.#scan;
    scan.depth = 0;
    scan.inString = false;
    const inList = this.#list !== "none";
    if (byte === OPEN_BRACE) {
      const behind = inList ? this.#passOver?.(this.#bytes, scan.pos) : undefined;
      if (behind !== undefined) {
        this.#passed++;
        scan.pos = behind;
        this.#lastEnd = behind;
        return true;
      }
      if (inList && this.#lastEnd > 0) this.#shortcut.learn(this.#bytes, this.#lastEnd, scan.pos);
      const end = this.#shortcut.guess(this.#bytes, scan.pos, inList, this.#final);
      if (end !== undefined && this.#takeShortcut(end)) return true;
    }
    this.#start = { ...scan };
    const structured = byte === OPEN_BRACE || byte === OPEN_BRACKET || (byte === QUOTE && inList);
    this.#mode = structured ? "value" : "text";
    return true;
  }

  #takeShortcut(end: number): boolean {
    const piece = parsePiece(this.#bytes, this.#scan, end, this.#before);
    if (!piece.ok) {
      this.#shortcut.wrong();
      return false;
    }
    this.#pieces.push(piece);
    passLines(this.#bytes, this.#scan, end);
    this.#lastEnd = -1;
    return true;
  }

  /** Inside a value. */
  #value(): boolean {
    const scan = this.#scan;
    const verdict = scanValue(this.#bytes, scan, this.#list === "none", this.#final);
    if (verdict === "done") return this.#finish();
    if (verdict === "broken") {
      const where = scan.inString
        ? "inside a string"
        : "and the next record begins before this one has ended";
      return this.#break(`not valid JSON: the line ends ${where}`);
    }
    if (verdict === "list") {
      const before = this.#bytes.toString("latin1", Math.max(this.#start.pos, scan.pos - 40), scan.pos);
      if (/"(?:Records|Events)"\s*:\s*$/.test(before) && this.#bytes[this.#start.pos] === OPEN_BRACE) {
        this.#list = "records";
        this.#mode = "between";
        this.#lastEnd = -1;
      } else scan.depth++;
      scan.pos++;
      return true;
    }
    return this.#tooLong() && this.#dropOversized();
  }

  /** A scalar in a list ends at its comma; what is no JSON ends with its line. */
  #text(): boolean {
    const scan = this.#scan;
    const inList = this.#list !== "none";
    for (; scan.pos < this.#bytes.length; scan.pos++) {
      const byte = this.#bytes[scan.pos];
      if (byte === NEWLINE || (inList && (byte === 0x2c || byte === CLOSE_BRACKET))) return this.#finish();
    }
    if (this.#final) return this.#finish();
    return this.#tooLong() && this.#dropOversized();
  }

  /** The value ends before `pos`. */
  #finish(): boolean {
    const end = this.#scan.pos;
    this.#mode = "between";
    this.#lastEnd = end;
    if (end - this.#start.pos > MAX_VALUE_BYTES) {
      this.#problem(this.#start, TOO_LONG);
      return findRestart(this.#bytes, this.#start.pos + 1, end) === undefined || this.#goBack();
    }
    const piece = parsePiece(this.#bytes, this.#start, end, this.#before);
    this.#pieces.push(piece);
    if (piece.ok || findRestart(this.#bytes, this.#start.pos + 1, end) === undefined) return true;
    // A bracket too few makes two records look like one.
    return this.#goBack();
  }

  /** Passes over a value too long, or the rest of the object around the list of records. */
  #skip(): boolean {
    const verdict = scanValue(this.#bytes, this.#scan, false, this.#final);
    if (verdict === "more") return false;
    this.#mode = verdict === "broken" ? "lost" : "between";
    this.#inTail = false;
    return true;
  }

  /** Looks for the next record after something broken. */
  #lost(): boolean {
    const from = this.#scan.pos;
    const found = findRestart(this.#bytes, from, this.#bytes.length);
    passLines(this.#bytes, this.#scan, found ?? Math.max(from, this.#bytes.length - START_OVERLAP));
    if (found !== undefined) this.#mode = "between";
    return found !== undefined;
  }

  #enterTail(): boolean {
    this.#list = "none";
    this.#inTail = true;
    this.#mode = "skip";
    this.#scan.pos++;
    this.#scan.depth = 1;
    this.#scan.inString = false;
    return true;
  }

  #tooLong(): boolean {
    return this.#bytes.length - this.#start.pos > MAX_VALUE_BYTES;
  }

  /** Too long to be a record: either one that never ends, with others behind it, or one to pass over. */
  #dropOversized(): boolean {
    const reason = `longer than ${MAX_VALUE_BYTES / 1024 / 1024} MB: no CloudTrail record is`;
    if (findRestart(this.#bytes, this.#start.pos + 1, this.#bytes.length) !== undefined)
      return this.#break(reason);
    this.#problem(this.#start, reason);
    this.#mode = this.#mode === "text" ? "lost" : "skip";
    return true;
  }

  /** Reports the present value and goes back to the first record behind its beginning. */
  #break(reason: string): boolean {
    this.#problem(this.#start, reason);
    return this.#goBack();
  }

  #goBack(): boolean {
    const seen = this.#scan.pos;
    this.#list = "none";
    this.#afterBreak = true;
    this.#mode = "lost";
    if (this.#rescanned > FREE_RESCAN_BYTES + this.#read) return true;
    this.#scan = { ...this.#start };
    const found =
      nextLine(this.#bytes, this.#start, seen) ??
      findRestart(this.#bytes, this.#start.pos + 1, this.#bytes.length);
    passLines(
      this.#bytes,
      this.#scan,
      found ?? Math.max(this.#start.pos + 1, this.#bytes.length - START_OVERLAP),
    );
    this.#rescanned += Math.max(0, seen - this.#scan.pos);
    if (found !== undefined) this.#mode = "between";
    return found !== undefined;
  }

  #problem(at: Scan, reason: string): void {
    this.#pieces.push(brokenPiece(at, reason, this.#before));
  }

  /** Lets go of the bytes that nothing refers to any more. */
  #letGo(): void {
    const keep = this.#mode === "value" || this.#mode === "text" ? this.#start.pos : this.#scan.pos;
    this.#bytes = this.#bytes.subarray(keep);
    this.#before += keep;
    for (const scan of [this.#scan, this.#start]) {
      scan.pos -= keep;
      scan.lineStart -= keep;
    }
    this.#lastEnd -= keep;
  }
}
