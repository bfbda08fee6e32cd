/**
 * What kind of error jq reported, without what it quotes of the record: the same mistake in an expression meets a
 * thousand records, and is worth one line that holds nothing of them.
 *
 *     errorKind('object ({"userName":"ada"}) cannot be matched, as it is not a string')
 *     // "object (…) cannot be matched, as it is not a string"
 */
import { showText } from "../alerts/show-text.ts";

const MAX_KIND = 150;

/** One line. What `error("…")` of an expression says is its author's, with what it quotes of the record outside brackets. */
export function errorKind(message: string): string {
  return showText(
    message.replaceAll(/\([^]*\)|"[^"]*"?|\d+/g, (part) => (part.startsWith("(") ? "(…)" : "…")),
    MAX_KIND,
  );
}
