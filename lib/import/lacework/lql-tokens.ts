/** The words and signs of a query in LQL, each with its line. */
import { quote } from "../../../lambda/loader/problem.ts";
import { Refusal } from "../model.ts";

/** One of them; `quoted` is a name in double quotes, `text` one in single quotes, `variable` is `${query_var}`. */
export type Token = {
  readonly kind: "word" | "quoted" | "text" | "number" | "sign" | "variable" | "end";
  readonly text: string;
  readonly line: number;
};

const TOKEN =
  /(?<space>\s+|\/\/[^\n]*|--[^\n]*)|(?<variable>\$\{query_var\})|'(?<text>(?:[^']|'')*)'|"(?<quoted>[^"]*)"|(?<number>-?\d+(?:\.\d+)?)|(?<word>[A-Za-z_][\w-]*)|(?<sign>::|<>|!=|<=|>=|[{}()[\],:.=<>])/gy;
const KINDS = ["variable", "text", "quoted", "number", "word", "sign"] as const;
const MAX_CHARACTERS = 100_000;

/**
 * Takes a query apart.
 * @throws Refusal for a character that belongs to none of them.
 */
export function tokenize(query: string): Token[] {
  if (query.length > MAX_CHARACTERS) throw new Refusal("The query has more than 100,000 characters.");
  const tokens: Token[] = [];
  let line = 1;
  let end = 0;
  for (const match of query.matchAll(TOKEN)) {
    end = match.index + match[0].length;
    const kind = KINDS.find((one) => match.groups?.[one] !== undefined);
    if (kind !== undefined) {
      const text = match.groups?.[kind] ?? "";
      tokens.push({ kind, line, text: kind === "text" ? text.replaceAll("''", "'") : text });
    }
    line += match[0].split("\n").length - 1;
  }
  if (end < query.length)
    throw new Refusal(
      `The query cannot be read at ${quote(query.slice(end, end + 20))} (line ${line} of it).`,
    );
  return tokens;
}
