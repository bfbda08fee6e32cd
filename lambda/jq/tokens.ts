/**
 * jq's tokens, read as jq 1.8 reads them: enough to tell a call of `env` from a field `.env`, a text "env", a comment or
 * a key of an object, which looking for the word could not.
 *
 *     readTokens('.env | "in \\(env)"')
 *     // .env (a field)   | (punctuation)   a text with the name env inside
 *
 * What jq versions have read differently is refused instead of being understood: control characters, and comments that a
 * backslash carries on to the next line.
 */

/** One token; `at` and `end` are places in the expression, in UTF-16 units. */
export type Token = {
  readonly kind: "field" | "name" | "variable" | "number" | "text" | "format" | "mark";
  /** The name of a field, a name or a variable without its dot or dollar; all else as it is written. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  /** Of a text without interpolations: what it says. */
  readonly value?: string;
  /** Of a text: the tokens of its interpolations. */
  readonly inside?: readonly Token[];
};

/** An expression that cannot be read, with the place. */
export class JqTokenError extends Error {
  override readonly name = "JqTokenError";
  readonly at: number;
  readonly cure: string;
  constructor(message: string, cure: string, at: number) {
    super(message);
    this.at = at;
    this.cure = cure;
  }
}

/** Tokens, and the expression without its comments: each of their characters is a space, so places stay the same. */
export type Tokens = { readonly tokens: readonly Token[]; readonly bare: string };

/** The longest expression that is read. */
export const MAX_EXPRESSION = 20_000;
const MAX_DEPTH = 200;

const SPACE = /[ \t\n]+/y;
const COMMENT = /#[^\n]*/y;
const FIELD = /\.[a-zA-Z_][a-zA-Z0-9_]*/y;
const NAME = /(?:[a-zA-Z_][a-zA-Z0-9_]*::)*[a-zA-Z_][a-zA-Z0-9_]*/y;
const VARIABLE = /\$(?:[a-zA-Z_][a-zA-Z0-9_]*::)*[a-zA-Z_][a-zA-Z0-9_]*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const FORMAT = /@[a-zA-Z0-9_]+/y;
const MARK = /\?\/\/=?|\/\/=|\|=|\+=|-=|\*=|\/=|%=|==|!=|<=|>=|\/\/|\.\.|[^\s]/uy;
const CLOSES: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * Reads an expression.
 * @throws JqTokenError when it is too long, holds what is refused, or its texts and brackets do not close.
 */
export function readTokens(expression: string): Tokens {
  if (expression.length > MAX_EXPRESSION)
    throw new JqTokenError(
      `The expression has ${expression.length} characters, more than ${MAX_EXPRESSION}.`,
      "Shorten it.",
      0,
    );
  const strange = /[^\P{Cc}\t\n]|\p{Cs}/u.exec(expression);
  if (strange !== null)
    throw new JqTokenError(
      "The expression holds a control character or half a surrogate pair.",
      'Write it as an escape in a text, e.g. "\\u0000".',
      strange.index,
    );
  const comments: { at: number; end: number }[] = [];
  const { tokens } = readUntil(expression, 0, undefined, comments, 0);
  let bare = expression;
  for (const { at, end } of comments) bare = bare.slice(0, at) + " ".repeat(end - at) + bare.slice(end);
  return { tokens, bare };
}

function readUntil(
  source: string,
  start: number,
  closing: ")" | undefined,
  comments: { at: number; end: number }[],
  depth: number,
): { readonly tokens: readonly Token[]; readonly end: number } {
  if (depth > MAX_DEPTH)
    throw new JqTokenError("Texts are nested too deeply.", "Take the expression apart.", start);
  const tokens: Token[] = [];
  const open: { mark: string; at: number }[] = [];
  let at = start;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const space = take(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const comment = take(COMMENT);
    if (comment !== undefined) {
      refuseContinued(comment, at);
      comments.push({ at, end: at + comment.length });
      at += comment.length;
      continue;
    }
    if (source[at] === '"') {
      const text = readText(source, at, comments, depth);
      tokens.push(text);
      at = text.end;
      continue;
    }
    const token = wordAt(take, at);
    if (token.kind === "mark") {
      const { text } = token;
      const last = open.at(-1);
      if (closing !== undefined && open.length === 0 && text === closing) return { tokens, end: token.end };
      if (CLOSES[text] !== undefined) open.push({ mark: text, at });
      else if (text === ")" || text === "]" || text === "}") {
        if (last === undefined || CLOSES[last.mark] !== text)
          throw new JqTokenError(`A ${text} closes nothing.`, "Take it out, or open what it closes.", at);
        open.pop();
      }
    }
    tokens.push(token);
    at = token.end;
  }
  const left = open.at(-1);
  if (left !== undefined)
    throw new JqTokenError(`A ${left.mark} is never closed.`, `Add its ${CLOSES[left.mark] ?? ""}.`, left.at);
  if (closing !== undefined) throw new JqTokenError("A \\( in a text is never closed.", "Add its ).", start);
  return { tokens, end: at };
}

function refuseContinued(comment: string, at: number): void {
  if (!comment.endsWith("\\")) return;
  throw new JqTokenError(
    "A comment ends with a backslash, which in some versions of jq makes the next line part of it.",
    "Take the backslash out.",
    at + comment.length - 1,
  );
}

function wordAt(take: (pattern: RegExp) => string | undefined, at: number): Token {
  const kinds = [
    ["variable", VARIABLE, 1],
    ["field", FIELD, 1],
    ["number", NUMBER, 0],
    ["name", NAME, 0],
    ["format", FORMAT, 0],
    ["mark", MARK, 0],
  ] as const;
  for (const [kind, pattern, skip] of kinds) {
    const found = take(pattern);
    if (found !== undefined) return { kind, text: found.slice(skip), at, end: at + found.length };
  }
  throw new JqTokenError("A character cannot be read.", "Take it out.", at);
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function readText(
  source: string,
  start: number,
  comments: { at: number; end: number }[],
  depth: number,
): Token {
  const inside: Token[] = [];
  let value = "";
  let plain = true;
  let at = start + 1;
  while (at < source.length) {
    const character = source.charAt(at);
    if (character === '"') {
      const text = source.slice(start, at + 1);
      const token: Token = { kind: "text", text, at: start, end: at + 1, inside };
      return plain ? { ...token, value } : token;
    }
    if (character !== "\\") {
      value += character;
      at += 1;
      continue;
    }
    const next = source.charAt(at + 1);
    if (next === "(") {
      const { tokens, end } = readUntil(source, at + 2, ")", comments, depth + 1);
      inside.push(...tokens);
      plain = false;
      at = end;
    } else if (next === "u") {
      value += String.fromCharCode(Number.parseInt(source.slice(at + 2, at + 6), 16));
      at += 6;
    } else {
      value += ESCAPES[next] ?? next;
      at += 2;
    }
  }
  throw new JqTokenError("A text is never closed.", 'Add its ".', start);
}
