/**
 * The part of Lacework's query language that carries over, parsed: a source with `array_to_rows`, a filter, and what is
 * returned. Whatever else LQL can say is refused with its place, never passed over.
 *
 *   { source { CloudTrailRawEvents } filter { EVENT_NAME in ('DeleteBucket') } return { EVENT } }
 */
import { quote } from "../../../lambda/loader/problem.ts";
import { Refusal } from "../model.ts";
import { type Token, tokenize } from "./lql-tokens.ts";

/** A column, or what is below one, in upper or lower case if so asked. */
export type Operand = {
  readonly fold?: "UPPER" | "LOWER";
  readonly column: string;
  /** Dotted keys below the column, with `[n]` for elements; empty for the column itself. */
  readonly path: string;
};

/** A value of a comparison. */
export type Value = string | number | boolean;

/** A filter. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter }
  | {
      readonly kind: "in";
      readonly operand: Operand;
      readonly negated: boolean;
      readonly values: readonly Value[];
    }
  | { readonly kind: "variable"; readonly operand: Operand; readonly negated: boolean }
  | { readonly kind: "null"; readonly operand: Operand; readonly negated: boolean }
  | { readonly kind: "like"; readonly operand: Operand; readonly negated: boolean; readonly pattern: string };

/** A query. */
export type Query = {
  readonly source: string;
  /** The lists whose elements are rows, by the name that the filter gives them. */
  readonly rows: ReadonlyMap<string, Operand>;
  readonly filter?: Filter;
  readonly returned: readonly { readonly operand: Operand; readonly as: string }[];
};

const MAX_DEPTH = 100;

/**
 * Parses a query.
 * @throws Refusal where it says what has no counterpart.
 */
export function parseLql(text: string): Query {
  return new Parser(tokenize(text)).query();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Query {
    // Older queries have their id in front.
    if (this.#peek().kind === "word" && !this.#isSign("{")) this.#at++;
    this.#sign("{");
    this.#word("source");
    this.#sign("{");
    const source = this.#name();
    if (this.#peek().kind === "word" && !this.#isWord("with")) this.#at++;
    const rows = new Map<string, Operand>();
    while (this.#takeSign(",")) this.#rows(rows);
    this.#sign("}");
    let filter: Filter | undefined;
    if (this.#takeWord("filter")) {
      this.#sign("{");
      filter = this.#or(0);
      this.#sign("}");
    }
    this.#word("return");
    this.#takeWord("distinct");
    this.#sign("{");
    const returned = [this.#column()];
    while (this.#takeSign(",")) returned.push(this.#column());
    this.#sign("}");
    this.#sign("}");
    if (this.#peek().kind !== "end") this.#refuse("More follows the query");
    return { source, rows, returned, ...(filter === undefined ? {} : { filter }) };
  }

  #rows(rows: Map<string, Operand>): void {
    if (!this.#takeWord("array_to_rows")) this.#refuse("Only array_to_rows may follow the source");
    this.#sign("(");
    const operand = this.#operand();
    this.#sign(")");
    this.#takeWord("as");
    this.#sign("(");
    rows.set(this.#name(), operand);
    this.#sign(")");
  }

  #column(): { operand: Operand; as: string } {
    const operand = this.#operand();
    const as = this.#takeWord("as") ? this.#name() : operand.column;
    return { operand, as };
  }

  #or(depth: number): Filter {
    return this.#several("or", () => this.#several("and", () => this.#not(depth + 1)));
  }

  #several(kind: "and" | "or", next: () => Filter): Filter {
    const first = next();
    const parts = [first];
    while (this.#takeWord(kind)) parts.push(next());
    return parts.length === 1 ? first : { kind, parts };
  }

  #not(depth: number): Filter {
    if (depth > MAX_DEPTH) throw new Refusal("The filter is nested too deep.");
    if (this.#takeWord("not")) return { kind: "not", part: this.#not(depth + 1) };
    if (this.#takeSign("(")) {
      const inner = this.#or(depth + 1);
      this.#sign(")");
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Filter {
    const operand = this.#operand();
    if (this.#takeSign("=")) return { kind: "in", operand, negated: false, values: [this.#value()] };
    if (this.#takeSign("<>") || this.#takeSign("!="))
      return { kind: "in", operand, negated: true, values: [this.#value()] };
    if (this.#takeWord("is")) {
      const negated = this.#takeWord("not");
      this.#word("null");
      return { kind: "null", operand, negated };
    }
    const negated = this.#takeWord("not");
    if (this.#takeWord("like")) {
      const pattern = this.#value();
      if (typeof pattern !== "string") this.#refuse("like takes a text");
      return { kind: "like", operand, negated, pattern };
    }
    if (!this.#takeWord("in")) this.#refuse("This comparison has no counterpart");
    this.#sign("(");
    if (this.#peek().kind === "variable") {
      this.#at++;
      this.#sign(")");
      return { kind: "variable", operand, negated };
    }
    const values = [this.#value()];
    while (this.#takeSign(",")) values.push(this.#value());
    this.#sign(")");
    return { kind: "in", operand, negated, values };
  }

  #operand(): Operand {
    const word = this.#name();
    const fold = word.toUpperCase();
    if ((fold === "UPPER" || fold === "LOWER") && this.#takeSign("(")) {
      const inner = this.#operand();
      this.#sign(")");
      return { ...inner, fold };
    }
    if (this.#isSign("(")) this.#refuse(`The function ${quote(word)} has no counterpart`);
    let path = "";
    if (this.#takeSign(":")) {
      path = this.#name();
      while (this.#isSign(".") || this.#isSign("[")) {
        if (this.#takeSign(".")) path += `.${this.#name()}`;
        else {
          this.#sign("[");
          path += `[${String(this.#value())}]`;
          this.#sign("]");
        }
      }
    }
    // A type that is asked for: texts stay texts.
    if (this.#takeSign("::") && this.#name().toLowerCase() !== "string")
      this.#refuse("Only ::String has a counterpart among types");
    return { column: word, path };
  }

  #value(): Value {
    const token = this.#peek();
    this.#at++;
    if (token.kind === "text") return token.text;
    if (token.kind === "number") return Number(token.text);
    if (token.kind === "word" && /^(?:true|false)$/i.test(token.text))
      return token.text.toLowerCase() === "true";
    this.#at--;
    return this.#refuse("A value is missing");
  }

  #name(): string {
    const token = this.#peek();
    if (token.kind !== "word" && token.kind !== "quoted") this.#refuse("A name is missing");
    this.#at++;
    return token.text;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", line: this.#tokens.at(-1)?.line ?? 1 };
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token.kind === "word" && token.text.toLowerCase() === word;
  }

  #isSign(sign: string): boolean {
    const token = this.#peek();
    return token.kind === "sign" && token.text === sign;
  }

  #takeWord(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at++;
    return true;
  }

  #takeSign(sign: string): boolean {
    if (!this.#isSign(sign)) return false;
    this.#at++;
    return true;
  }

  #word(word: string): void {
    if (!this.#takeWord(word)) this.#refuse(`${quote(word)} is missing`);
  }

  #sign(sign: string): void {
    if (!this.#takeSign(sign)) this.#refuse(`${quote(sign)} is missing`);
  }

  #refuse(what: string): never {
    const { text, line } = this.#peek();
    throw new Refusal(`${what}, at ${text === "" ? "the end" : quote(text)} (line ${line} of the query).`);
  }
}
