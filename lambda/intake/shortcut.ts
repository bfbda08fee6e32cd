/**
 * Guesses where a value ends without looking at its bytes, because native search is many times faster than our scan:
 * a line of NDJSON ends at the line break, a record in a list ends where what stood between the last two records
 * stands again. A guess is only taken when JSON.parse takes it, and then it is right: no complete JSON object is the
 * beginning of a longer one. After a few wrong guesses a stream is left to the scan.
 *
 *   {"Records":[{"eventVersion":1,…},{"eventVersion":1,…},{"even…     guess: before the next ,{"eventVersion":
 */

const NEWLINE = 0x0a;
const CLOSE_BRACE = 0x7d;
const MAX_WRONG = 8;
/** White space between two records that is longer is nobody's habit. */
const MAX_GAP = 64;

/** `{`, white space, the first key with its colon. */
const FIRST_KEY = /^\{\s{0,64}"[^"\\]{1,64}"\s?:/;
const RECORDS_KEY = /^\{\s*"(?:Records|Events)"/;

/** The guesses for one stream. */
export class Shortcut {
  readonly #longest: number;
  #wrong = 0;
  #separator: Buffer | undefined;
  /** Native searches that found nothing need not be repeated before this index. */
  #noLineBefore = 0;
  #noSeparatorBefore = 0;

  /** No value is guessed to be longer than `longest` bytes. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** To be called when the buffer has changed. */
  newBytes(): void {
    this.#noLineBefore = 0;
    this.#noSeparatorBefore = 0;
  }

  /** A guess turned out wrong. */
  wrong(): void {
    this.#wrong++;
  }

  /** Looks at two neighbours in a list: the end of one and the start of the next. */
  learn(bytes: Buffer, end: number, start: number): void {
    if (end < 1 || start - end > MAX_GAP) return;
    const key = FIRST_KEY.exec(bytes.toString("latin1", start, start + 160))?.[0];
    if (key === undefined) return;
    this.#separator = Buffer.from(bytes.toString("latin1", end - 1, start) + key, "latin1");
  }

  /** Index behind the object that begins at `start`, if it is where it is likely to be; or undefined. */
  guess(bytes: Buffer, start: number, inList: boolean, final: boolean): number | undefined {
    if (this.#wrong >= MAX_WRONG) return undefined;
    const end = inList ? this.#beforeSeparator(bytes, start) : this.#endOfLine(bytes, start, final);
    if (end === undefined || end - start > this.#longest || bytes[end - 1] !== CLOSE_BRACE) return undefined;
    return end;
  }

  #beforeSeparator(bytes: Buffer, start: number): number | undefined {
    if (this.#separator === undefined || start < this.#noSeparatorBefore) return undefined;
    const found = bytes.indexOf(this.#separator, start);
    if (found !== -1) return found + 1;
    this.#noSeparatorBefore = bytes.length;
    return undefined;
  }

  #endOfLine(bytes: Buffer, start: number, final: boolean): number | undefined {
    if (start < this.#noLineBefore) return undefined;
    const found = bytes.indexOf(NEWLINE, start);
    if (found === -1) this.#noLineBefore = bytes.length;
    if (found === -1 && !final) return undefined;
    let end = found === -1 ? bytes.length : found;
    if (bytes[end - 1] === 0x0d) end--;
    // The list of records may be long: it is read one by one.
    return RECORDS_KEY.test(bytes.toString("latin1", start, start + 64)) ? undefined : end;
  }
}
