/**
 * What of jq a rule may not use: all that reaches past the one record it is tested against (environment, further input,
 * files) or past its own result (stderr, the end of the process). Refused when rules are validated, with the place; and
 * taken away when they run (`program.ts`), for whoever brings rules past validation.
 *
 *     findRefused(readTokens('.env, {env: 1}, "\\(env)"').tokens)   // only the env inside the text: a call
 */
import type { Token } from "./tokens.ts";

/** Names of functions, with what to do instead. */
export const REFUSED_NAMES: Readonly<Record<string, string>> = {
  env: "A rule sees its record and nothing of its surroundings: take it out.",
  input: "A rule is tested against one record: take it out.",
  inputs: "A rule is tested against one record: take it out.",
  debug: "Nobody sees what it prints: take it out, and use `explain` to see what the expression gives.",
  stderr: "Nobody sees what it prints: take it out, and use `explain` to see what the expression gives.",
  input_filename: "A record comes from no file: take it out.",
  input_line_number: "A record comes from no file: take it out.",
  halt: "It would end jq for all rules: use empty for no match.",
  halt_error: "It would end jq for all rules: use error(…) for no match, or empty.",
  get_search_list: "There are no modules: take it out.",
  modulemeta: "There are no modules: take it out.",
  import: "There are no modules: write the function into the expression with def.",
  include: "There are no modules: write the function into the expression with def.",
};
const REFUSED_VARIABLES: Readonly<Record<string, string>> = {
  ENV: "A rule sees its record and nothing of its surroundings: take it out.",
  __loc__: "It tells a place in a program that is put together of many rules: take it out.",
  __prog_args: "A rule has no arguments: take it out.",
};

/** Something refused: `what` as it is written, and the place. */
export type Refused = { readonly what: string; readonly cure: string; readonly at: number };

/** Everything in an expression that a rule may not use. */
export function findRefused(tokens: readonly Token[]): readonly Refused[] {
  const found: Refused[] = [];
  const open: string[] = [];
  for (const [place, token] of tokens.entries()) {
    const { kind, text, at } = token;
    if (token.inside !== undefined) found.push(...findRefused(token.inside));
    if (kind === "mark") {
      if (text === "(" || text === "[" || text === "{") open.push(text);
      else if (text === ")" || text === "]" || text === "}") open.pop();
    }
    const before = tokens[place - 1]?.text;
    const names =
      kind === "variable" || (kind === "name" && before === "$")
        ? REFUSED_VARIABLES
        : kind === "name" && !(open.at(-1) === "{" && (before === "{" || before === ","))
          ? REFUSED_NAMES
          : {};
    const cure = Object.hasOwn(names, text) ? names[text] : undefined;
    if (cure !== undefined) found.push({ what: kind === "variable" ? `$${text}` : text, cure, at });
  }
  return found;
}
