/**
 * Fitting text into a medium's limit after it was escaped: `&` is one character to read and five to send, and an entity
 * that is cut in two shows as rubbish. A cut text ends at a word where one is near, and always with "…".
 *
 *     fitText("opened by R&D on Friday", 16, (c) => (c === "&" ? "&amp;" : c))   // "opened by…"
 */

/** How far back from the limit a cut looks for the end of a word, in characters. */
const LONGEST_WORD = 40;

/** The text escaped, at most `limit` UTF-16 units long; `escape` gets one character at a time. */
export function fitText(
  text: string,
  limit: number,
  escape: (character: string) => string = (character) => character,
): string {
  let kept = "";
  let wordEnd = 0;
  // As much as fits with the mark that it was cut: needed only if the rest does not fit.
  let cut: string | undefined;
  for (const character of text.toWellFormed()) {
    const next = escape(character);
    if (cut === undefined && kept.length + next.length > limit - 1) {
      cut = `${kept.length - wordEnd <= LONGEST_WORD && wordEnd > 0 ? kept.slice(0, wordEnd) : kept}…`;
    }
    if (kept.length + next.length > limit) return cut ?? "…";
    if (character === " ") wordEnd = kept.length;
    kept += next;
  }
  return kept;
}

/** The same of a text with an ending that must not be cut off: "Root account us… (96 times)". */
export function fitBeforeEnding(
  text: string,
  ending: string,
  limit: number,
  escape?: (character: string) => string,
): string {
  return fitText(text.slice(0, text.length - ending.length), limit - ending.length, escape) + ending;
}
