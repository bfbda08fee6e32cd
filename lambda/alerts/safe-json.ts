/**
 * JSON in which nothing is hidden. `JSON.stringify` leaves all but the first 32 control characters as they are: a
 * bidirectional mark in a user agent then reorders the mail that shows the message, U+009B moves a terminal's cursor, U+2028
 * breaks one line of NDJSON into two, U+FFFF makes a service refuse the text. As \u escapes they are the same JSON value.
 *
 *     safeJson({ userAgent: "alice\u202Egpj" })   // the text {"userAgent":"alice\\u202egpj"}
 */
import { UNSEEN } from "./unseen.ts";

/** The value as JSON, on one line or indented by `indent` spaces; reading it gives exactly what `JSON.stringify`'s would. */
export function safeJson(value: object, indent?: number): string {
  // Outside its texts JSON is ASCII, and what JSON.stringify escapes is ASCII too: only characters of texts are met here.
  return JSON.stringify(value, undefined, indent).replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  let codes = "";
  for (let unit = 0; unit < character.length; unit++) {
    codes += `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`;
  }
  return codes;
}
