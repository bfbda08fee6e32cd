/**
 * Texts of Sigma: `*` stands for any characters, `?` for one, and a backslash takes that meaning away. Case does not
 * matter unless the rule says `cased` (Sigma specification, "String wildcards" and "Escaping").
 *
 *   parseSigmaText("C:\\*").parts      // ["C:*"]: an escaped star
 *   parseSigmaText("a*b?").parts       // ["a", ANY, "b", ONE]
 */

/** Any characters, or none. */
export const ANY = Symbol("*");
/** Exactly one character. */
export const ONE = Symbol("?");

/** What a text of Sigma is made of: no two texts stand side by side, and none is empty. */
export type SigmaText = readonly (string | typeof ANY | typeof ONE)[];

const ESCAPED = new Set(["*", "?", "\\"]);

/** Takes a text apart at its wildcards. */
export function parseSigmaText(text: string): SigmaText {
  const parts: (string | typeof ANY | typeof ONE)[] = [];
  let plain = "";
  const wildcard = (sign: typeof ANY | typeof ONE): void => {
    if (plain !== "") parts.push(plain);
    plain = "";
    if (sign === ONE || parts.at(-1) !== ANY) parts.push(sign);
  };
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === "\\" && ESCAPED.has(next)) {
      plain += next;
      at++;
    } else if (char === "*") wildcard(ANY);
    else if (char === "?") wildcard(ONE);
    else plain += char;
  }
  if (plain !== "") parts.push(plain);
  return parts;
}

/** The same text with any characters allowed in front or behind. */
export function widened(text: SigmaText, front: boolean, behind: boolean): SigmaText {
  return [
    ...(front && text[0] !== ANY ? [ANY] : []),
    ...text,
    ...(behind && text.at(-1) !== ANY ? [ANY] : []),
  ] as SigmaText;
}

/** A text taken literally inside a regular expression. */
export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** A regular expression (RE2) that finds the text as a whole. */
export function regexOf(text: SigmaText, flags: string): string {
  const front = text[0] === ANY;
  const behind = text.at(-1) === ANY && text.length > 1;
  const inner = text.slice(front ? 1 : 0, behind ? -1 : undefined);
  const body = inner.map((part) => (part === ANY ? ".*" : part === ONE ? "." : escapeRegex(part)));
  const dots = inner.some((part) => typeof part !== "string") ? "s" : "";
  const all = flags + dots;
  return `${all === "" ? "" : `(?${all})`}${front ? "" : "^"}${body.join("")}${behind ? "" : "$"}`;
}

/** Whether upper and lower case of the text differ. */
export function hasCase(text: SigmaText): boolean {
  return text.some((part) => typeof part === "string" && part.toLowerCase() !== part.toUpperCase());
}
