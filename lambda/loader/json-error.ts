/**
 * Where and why a text is no JSON. V8 tells the place of most faults and keeps that of a wrong token to itself; whoever
 * has to mend a file of one long line needs it all the same.
 *
 *   explainJsonError('{"a":1 "b":2}', error)   // { offset: 7, reason: "Expected ',' or '}' after property value" }
 *   explainJsonError('{"a":tru}', error)       // { offset: 8, reason: "Unexpected token '}'" }
 */

/** Finding a place that V8 does not tell means parsing about 20 beginnings of the text: not for texts beyond this. */
const MAX_SEARCHED = 100_000;

/** What is wrong, without the snippet of the text that V8 adds: that is a stranger's, and the place says where to look. */
export type JsonError = { readonly reason: string; readonly offset: number | undefined };

/**
 * What JSON.parse found wrong.
 * @param text what was parsed
 * @param error what JSON.parse threw
 * @returns the reason, and the offset in UTF-16 units, undefined when it is not known
 */
export function explainJsonError(text: string, error: unknown): JsonError {
  const message = error instanceof Error ? error.message : String(error);
  // Where a message has a snippet, it has no position: what looks like one stands in the snippet.
  const told = /^([^"]+?)(?: in JSON)? at position (\d+)/.exec(message);
  if (told !== null) return { reason: told[1] ?? message, offset: Number(told[2]) };
  const reason = message.replace(/, (?:\.\.\.)?".*$/s, "").replace(/ is not valid JSON$/, "");
  if (isWrongToken(reason)) return { reason, offset: wrongToken(text) };
  return { reason, offset: reason === "Unexpected end of JSON input" ? text.trimEnd().length : undefined };
}

function isWrongToken(message: string): boolean {
  return message.startsWith("Unexpected token");
}

/** The longest beginning of the text that JSON.parse finds too short rather than wrong ends at the wrong token. */
function wrongToken(text: string): number | undefined {
  if (text.length > MAX_SEARCHED) return undefined;
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isWrong(text.slice(0, middle))) bad = middle;
    else good = middle;
  }
  return good;
}

function isWrong(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return false;
  } catch (error) {
    return error instanceof Error && isWrongToken(error.message);
  }
}
