/**
 * Text of a record as people may see it. Control and bidirectional characters can hide or reorder what is read
 * ("gpj.exe" shown as "exe.jpg"), forge a second line in a mail or move a terminal's cursor, so they are shown as
 * their code instead of being obeyed or dropped.
 *
 *     showText("alice\u202Egpj", 100)   // "alice\\u202egpj"
 */
import { cutText } from "../record/cut-text.ts";
import { UNSEEN } from "./unseen.ts";

/** Tabs and line breaks become a space: they are common, harmless as such, and only their effect on lines is not. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** Nearly every text: nothing to show otherwise, and no space around it to take off. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** One line of text with nothing hidden in it, at most `limit` UTF-16 units long; a cut one ends with "…". */
export function showText(text: string, limit: number): string {
  const near = cutText(text, limit);
  if (PLAIN.test(near)) return near;
  const shown = near.replace(BREAKS, " ").replace(UNSEEN, (character) => codeOf(character));
  return cutText(shown.trim(), limit);
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
