/**
 * Looks at a record's bytes for the few fields by which nearly all records are told from those that any rule could want,
 * and for its end, without building the record: most of a trail is reads that no rule is about, and parsing them is most of
 * the work. What it says is what JSON.parse would say, however the record is spelled; where it would have to think (an
 * escape, a key that comes twice, anything that is not quite JSON) it gives up, and the record is parsed.
 *
 *     {"eventName":"ListKeys","userIdentity":{"type":"Root"},"requestParameters":{"eventName":"CreateUser"}}
 *     // eventName ListKeys, userIdentity.type Root: what is nested elsewhere does not count
 */

/** The fields that are looked for. Each is a text, or nothing, but for the flags. */
export const GLANCED: readonly string[] = [
  "eventSource",
  "eventName",
  "errorCode",
  "eventType",
  "eventCategory",
  "sessionCredentialFromConsole",
  "userAgent",
  "sourceIPAddress",
  "awsRegion",
  "recipientAccountId",
  "readOnly",
  "managementEvent",
  "userIdentity.type",
  "userIdentity.invokedBy",
  "userIdentity.arn",
  "userIdentity.userName",
  "userIdentity.sessionContext.sessionIssuer.userName",
];
const FLAGS: ReadonlySet<string> = new Set(["readOnly", "managementEvent"]);

const QUOTE = 0x22;
const COMMA = 0x2c;
const DOT = 0x2e;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/** What of a value's text stands for true, for false, and for a field that is absent or null. */
export const ABSENT = 0;
export const TEXT = 1;
export const TRUE = 2;
export const FALSE = 3;

/** A member that is looked for: a field by its number, or an object with more of them; `bit` marks it as seen. */
type Member = {
  readonly key: Buffer;
  readonly field: number;
  readonly inside: Members | undefined;
  readonly bit: number;
};
/** The members of an object by the lengths of their names. */
type Members = (Member[] | undefined)[];

let bits = 0;
function membersOf(prefix: string): Members {
  const members: Members = [];
  const names = new Set(
    GLANCED.filter((path) => path.startsWith(prefix)).map(
      (path) => path.slice(prefix.length).split(".", 1)[0] ?? "",
    ),
  );
  for (const name of names) {
    const field = GLANCED.indexOf(prefix + name);
    const inside = field === -1 ? membersOf(`${prefix}${name}.`) : undefined;
    const member = { key: Buffer.from(name), field, inside, bit: 1 << bits++ };
    (members[name.length] ??= []).push(member);
  }
  return members;
}
const RECORD = membersOf("");
const IS_FLAG = GLANCED.map((path) => FLAGS.has(path));

/** Beside these the record would be that of an EventBridge event, in `detail`. */
const ENVELOPE_KEYS = [Buffer.from("detail"), Buffer.from("detail-type")];

/** Outside of texts: 1 for what numbers, true, false, null, commas, colons and blanks are made of; 2 for brackets; 0 for what cannot be. */
const OUTSIDE = new Uint8Array(256);
for (const char of " ,:0123456789+-.eEtrufalsn") OUTSIDE[char.charCodeAt(0)] = 1;
for (const char of "{}[]") OUTSIDE[char.charCodeAt(0)] = 2;

const DEEPEST = 30;

/** What was seen of one record; used again for the next. */
export class Glance {
  /** Per field: ABSENT, TEXT, TRUE or FALSE. */
  readonly kinds = new Uint8Array(GLANCED.length);
  /** Where a text begins and ends, without its quotes. */
  readonly starts = new Int32Array(GLANCED.length);
  readonly ends = new Int32Array(GLANCED.length);
  #bytes: Buffer = Buffer.alloc(0);
  #seen = 0;

  /**
   * Looks at the object that begins at `start`.
   * @returns the index behind it; -1 when it is not whole yet or takes more than a glance
   */
  look(bytes: Buffer, start: number): number {
    this.#bytes = bytes;
    this.#seen = 0;
    this.kinds.fill(ABSENT);
    return this.#object(start, RECORD);
  }

  /** The text of a field that has one. */
  textOf(field: number): string {
    return this.#bytes.toString("latin1", this.starts[field], this.ends[field]);
  }

  /** Reads the members of the record, or of an object in it that is looked into. */
  #object(start: number, members: Members): number {
    const bytes = this.#bytes;
    let pos = skipBlanks(bytes, start + 1);
    if (bytes[pos] === CLOSE_BRACE) return pos + 1;
    for (;;) {
      if (bytes[pos] !== QUOTE) return -1;
      const key = pos + 1;
      pos = endOfKey(bytes, key);
      if (pos < 0) return -1;
      const keyEnd = pos;
      pos = skipBlanks(bytes, pos + 1);
      if (bytes[pos] !== COLON) return -1;
      pos = skipBlanks(bytes, pos + 1);
      pos = this.#member(key, keyEnd, pos, members);
      if (pos < 0) return -1;
      pos = skipBlanks(bytes, pos);
      const next = bytes[pos];
      if (next === CLOSE_BRACE) return pos + 1;
      if (next !== COMMA) return -1;
      pos = skipBlanks(bytes, pos + 1);
    }
  }

  #member(key: number, keyEnd: number, pos: number, members: Members): number {
    const bytes = this.#bytes;
    const wanted = members[keyEnd - key];
    if (wanted !== undefined)
      for (const { key: name, field, inside, bit } of wanted) {
        if (!isKey(bytes, key, keyEnd, name)) continue;
        if (!this.#seeOnce(bit)) return -1;
        if (inside === undefined) return this.#value(field, pos);
        return bytes[pos] === OPEN_BRACE ? this.#object(pos, inside) : literalAt(bytes, pos, "null");
      }
    if (members === RECORD)
      for (const other of ENVELOPE_KEYS) if (isKey(bytes, key, keyEnd, other)) return -1;
    return skipValue(bytes, pos);
  }

  /** Of two members with one name JSON.parse takes the last: that is for JSON.parse to do. */
  #seeOnce(bit: number): boolean {
    if ((this.#seen & bit) !== 0) return false;
    this.#seen |= bit;
    return true;
  }

  #value(field: number, pos: number): number {
    const bytes = this.#bytes;
    if (bytes[pos] === QUOTE) {
      const end = endOfPlainText(bytes, pos + 1);
      if (end < 0 || IS_FLAG[field] === true) return -1;
      this.kinds[field] = TEXT;
      this.starts[field] = pos + 1;
      this.ends[field] = end;
      return end + 1;
    }
    const afterNull = literalAt(bytes, pos, "null");
    if (afterNull > 0 || IS_FLAG[field] !== true) return afterNull;
    const afterTrue = literalAt(bytes, pos, "true");
    this.kinds[field] = afterTrue > 0 ? TRUE : FALSE;
    return afterTrue > 0 ? afterTrue : literalAt(bytes, pos, "false");
  }
}

function isKey(bytes: Buffer, start: number, end: number, key: Uint8Array): boolean {
  const { length } = key;
  if (end - start !== length) return false;
  for (let at = 0; at < length; at++) if (bytes[start + at] !== key[at]) return false;
  return true;
}

function skipBlanks(bytes: Buffer, pos: number): number {
  let at = pos;
  while (bytes[at] === SPACE) at++;
  return at;
}

/** The index of the quote behind a key; -1 for one with an escape or a dot, which may name what another key names. */
function endOfKey(bytes: Buffer, pos: number): number {
  for (let at = pos; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte === DOT || byte < SPACE) return -1;
  }
  return -1;
}

/** The index of the quote behind a text of ASCII without escapes; -1 for any other. */
function endOfPlainText(bytes: Buffer, pos: number): number {
  for (let at = pos; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE || byte > 0x7e) return -1;
  }
  return -1;
}

/** The index behind a literal; -1 when something else stands there. */
function literalAt(bytes: Buffer, pos: number, literal: string): number {
  for (let at = 0; at < literal.length; at++) if (bytes[pos + at] !== literal.charCodeAt(at)) return -1;
  return pos + literal.length;
}

/** The index behind the value that begins at `pos`; -1 when it is not whole or cannot be JSON. */
function skipValue(bytes: Buffer, pos: number): number {
  const first = bytes[pos];
  if (first === QUOTE) return skipText(bytes, pos + 1);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipCompound(bytes, pos);
  let at = pos;
  while (OUTSIDE[bytes[at] ?? 0] === 1 && bytes[at] !== COMMA && bytes[at] !== SPACE) at++;
  return at === pos ? -1 : at;
}

/** The index behind the quote that ends a text. */
function skipText(bytes: Buffer, pos: number): number {
  const { length } = bytes;
  let at = pos;
  while (at < length) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 2;
    else if (byte < SPACE) return -1;
    else at++;
  }
  return -1;
}

/** The index behind an object or a list. Which bracket closes which is kept as bits, one a level. */
function skipCompound(bytes: Buffer, pos: number): number {
  const { length } = bytes;
  let depth = 0;
  let objects = 0;
  let at = pos;
  while (at < length) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at = skipText(bytes, at + 1);
      if (at < 0) return -1;
      continue;
    }
    const kind = OUTSIDE[byte];
    if (kind === 0) return -1;
    if (kind === 2) {
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        // In an object a bracket opens behind a colon only: anything else is a record whose end was lost.
        if (depth > 0 && (objects & 1) === 1 && bytes[at - 1] !== COLON && bytes[at - 1] !== SPACE) return -1;
        if (++depth > DEEPEST) return -1;
        objects = (objects << 1) | (byte === OPEN_BRACE ? 1 : 0);
      } else {
        const closes = (objects & 1) === 1 ? CLOSE_BRACE : CLOSE_BRACKET;
        if (byte !== closes) return -1;
        objects >>>= 1;
        if (--depth === 0) return at + 1;
      }
    }
    at++;
  }
  return -1;
}
