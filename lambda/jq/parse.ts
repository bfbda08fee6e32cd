/**
 * jq's grammar as far as selectors are derived from it, as a tree. What is read is read as jq binds it (`|` before `,`
 * before `//` before `or` before `and` before comparisons); a part that says nothing about the record becomes "other",
 * and a form that would have to be understood to go on (def, reduce, try … catch) makes the whole expression unreadable.
 *
 *     parseJq('.eventName == "A" or .x | not')
 *     // pipe(or(compare(==, path(eventName), literal "A"), path(x)), call not)
 */
import { JqTokenError, readTokens, type Token } from "./tokens.ts";

/** An expression. */
export type Jq =
  | { readonly kind: "here" }
  | { readonly kind: "key"; readonly of: Jq; readonly key: string }
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "pipe" | "comma" | "else" | "and" | "or"; readonly left: Jq; readonly right: Jq }
  | { readonly kind: "compare"; readonly equal: boolean; readonly left: Jq; readonly right: Jq }
  | { readonly kind: "call"; readonly name: string; readonly parts: readonly Jq[] }
  | { readonly kind: "bind"; readonly value: Jq; readonly name: string; readonly body: Jq }
  | { readonly kind: "if"; readonly test: Jq; readonly met: Jq; readonly otherwise: Jq }
  /** `e?`: its errors are no results. */
  | { readonly kind: "quiet"; readonly of: Jq }
  /** Something that is never null or false if it is there: a text, a list, an object. */
  | { readonly kind: "truthy" }
  /** Anything may come of it. */
  | { readonly kind: "other" };

class Unreadable extends Error {}

const HERE: Jq = { kind: "here" };
const OTHER: Jq = { kind: "other" };
/** Forms that bring names or catch errors, and words that only stand inside of such. */
const UNREAD = new Set(["def", "reduce", "foreach", "try", "catch", "label", "import", "include", "__loc__"]);
const ENDS = new Set(["then", "elif", "else", "end", "as", "and", "or"]);
const COMPARISONS = new Set(["==", "!=", "<", ">", "<=", ">="]);
const ASSIGNMENTS = new Set(["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="]);
const MAX_DEPTH = 100;

/** Reads an expression; undefined when it holds a form that is not read. */
export function parseJq(expression: string): Jq | undefined {
  try {
    const { tokens } = readTokens(expression);
    if (tokens.some(({ kind, text }) => kind === "name" && UNREAD.has(text))) return undefined;
    const parser = new Parser(tokens);
    const found = parser.pipe();
    return parser.atEnd() ? found : undefined;
  } catch (error) {
    if (error instanceof Unreadable || error instanceof JqTokenError) return undefined;
    throw error;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #place = 0;
  #depth = 0;
  /** Where the stage of a pipe began that is being read. */
  #stage = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  atEnd(): boolean {
    return this.#place === this.#tokens.length;
  }

  pipe(): Jq {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Unreadable();
    this.#stage = this.#place;
    const left = this.#comma();
    const found: Jq = this.#take("|") ? { kind: "pipe", left, right: this.pipe() } : left;
    this.#depth -= 1;
    return found;
  }

  /** `as $x | body`, where its value begins a stage: elsewhere jq versions bind it differently, and it is not read. */
  #binding(value: Jq, beginsStage: boolean): Jq {
    const variable = this.#next();
    if (!beginsStage || variable?.kind !== "variable" || !this.#take("|")) throw new Unreadable();
    return { kind: "bind", value, name: variable.text, body: this.pipe() };
  }

  #comma(): Jq {
    let left = this.#either();
    while (this.#take(",")) left = { kind: "comma", left, right: this.#either() };
    return left;
  }

  #either(): Jq {
    const left = this.#assignment();
    return this.#take("//") ? { kind: "else", left, right: this.#either() } : left;
  }

  #assignment(): Jq {
    const left = this.#or();
    const { kind, text } = this.#peek() ?? {};
    if (kind !== "mark" || text === undefined || !ASSIGNMENTS.has(text)) return left;
    throw new Unreadable();
  }

  #or(): Jq {
    let left = this.#and();
    while (this.#takeName("or")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Jq {
    let left = this.#comparison();
    while (this.#takeName("and")) left = { kind: "and", left, right: this.#comparison() };
    return left;
  }

  #comparison(): Jq {
    const left = this.#sum();
    const { kind, text = "" } = this.#peek() ?? {};
    if (kind !== "mark" || !COMPARISONS.has(text)) return left;
    this.#place += 1;
    const right = this.#sum();
    return text === "==" || text === "!=" ? { kind: "compare", equal: text === "==", left, right } : OTHER;
  }

  /** Arithmetic says nothing; it is read so that what stands beside it is. */
  #sum(): Jq {
    const beginsStage = this.#place === this.#stage;
    const first = this.#postfix();
    if (this.#takeName("as")) return this.#binding(first, beginsStage);
    let single = true;
    while (["+", "-", "*", "/", "%"].some((mark) => this.#take(mark))) {
      single = false;
      this.#postfix();
    }
    return single ? first : OTHER;
  }

  #postfix(): Jq {
    let found = this.#term();
    for (;;) {
      const token = this.#peek();
      if (token?.kind === "field") {
        this.#place += 1;
        found = { kind: "key", of: found, key: token.text };
      } else if (this.#take("?")) found = { kind: "quiet", of: found };
      else if (this.#take("[")) found = this.#index(found);
      else if (token?.kind === "mark" && token.text === "." && found !== HERE) {
        this.#place += 1;
        found = this.#afterDot(found);
      } else return found;
    }
  }

  /** What follows a dot that is no part of a field's name: a key in quotes, or brackets. */
  #afterDot(of: Jq): Jq {
    const token = this.#next();
    if (token?.kind === "text")
      return token.value === undefined ? OTHER : { kind: "key", of, key: token.value };
    if (token?.kind === "mark" && token.text === "[") return this.#index(of);
    throw new Unreadable();
  }

  /** `["key"]`; a list's elements and slices are anything. */
  #index(of: Jq): Jq {
    const [first, second] = [this.#peek(), this.#tokens[this.#place + 1]];
    if (first?.kind === "text" && first.value !== undefined && second?.text === "]") {
      this.#place += 2;
      return { kind: "key", of, key: first.value };
    }
    this.#skip("]");
    return OTHER;
  }

  #term(): Jq {
    const token = this.#next();
    switch (token?.kind) {
      case "field":
        return { kind: "key", of: HERE, key: token.text };
      case "variable":
        return { kind: "variable", name: token.text };
      case "number":
        return { kind: "literal", value: Number(token.text) };
      case "text":
        return token.value === undefined ? { kind: "truthy" } : { kind: "literal", value: token.value };
      case "format":
        if (this.#peek()?.kind !== "text") return OTHER;
        this.#place += 1;
        return { kind: "truthy" };
      case "mark":
        return this.#mark(token.text);
      case "name":
        return this.#name(token.text);
      default:
        throw new Unreadable();
    }
  }

  #mark(text: string): Jq {
    switch (text) {
      case ".": {
        const { kind, text: next } = this.#peek() ?? {};
        return kind === "text" || (kind === "mark" && next === "[") ? this.#afterDot(HERE) : HERE;
      }
      case "..":
        return OTHER;
      case "(": {
        const found = this.pipe();
        if (!this.#take(")")) throw new Unreadable();
        return found;
      }
      case "[":
        this.#skip("]");
        return { kind: "truthy" };
      case "{":
        this.#skip("}");
        return { kind: "truthy" };
      default:
        throw new Unreadable();
    }
  }

  #name(name: string): Jq {
    if (name === "if") return this.#if();
    if (ENDS.has(name)) throw new Unreadable();
    if (!this.#take("(")) {
      if (name === "true" || name === "false") return { kind: "literal", value: name === "true" };
      if (name === "null") return { kind: "literal", value: null };
      return { kind: "call", name, parts: [] };
    }
    const parts: Jq[] = [];
    do parts.push(this.pipe());
    while (this.#take(";"));
    if (!this.#take(")")) throw new Unreadable();
    return { kind: "call", name, parts };
  }

  #if(): Jq {
    const test = this.pipe();
    if (!this.#takeName("then")) throw new Unreadable();
    const met = this.pipe();
    if (this.#takeName("elif")) return { kind: "if", test, met, otherwise: this.#if() };
    const otherwise = this.#takeName("else") ? this.pipe() : HERE;
    if (!this.#takeName("end")) throw new Unreadable();
    return { kind: "if", test, met, otherwise };
  }

  /** Goes past the bracket that closes the one that was just read. */
  #skip(closing: string): void {
    let open = 1;
    while (open > 0) {
      const token = this.#next();
      if (token === undefined) throw new Unreadable();
      if (token.kind !== "mark") continue;
      if ("([{".includes(token.text)) open += 1;
      else if (")]}".includes(token.text)) open -= 1;
      if (open === 0 && token.text !== closing) throw new Unreadable();
    }
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#place];
  }

  #next(): Token | undefined {
    const token = this.#tokens[this.#place];
    this.#place += 1;
    return token;
  }

  #take(mark: string): boolean {
    const token = this.#peek();
    if (token?.kind !== "mark" || token.text !== mark) return false;
    this.#place += 1;
    return true;
  }

  #takeName(name: string): boolean {
    const token = this.#peek();
    if (token?.kind !== "name" || token.text !== name) return false;
    this.#place += 1;
    return true;
  }
}
