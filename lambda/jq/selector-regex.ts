/**
 * The beginnings that a regular expression demands, read only where they are certain: alternatives of plain characters
 * behind `^`, which in jq is the beginning of the text and of no line.
 *
 *     anchoredPrefixes("^(Create|Delete)User$")   // { prefixes: ["CreateUser", "DeleteUser"], exact: false }
 *     anchoredPrefixes("^(?:Get|List)")           // { prefixes: ["Get", "List"], exact: true }: nothing else is asked
 */

/** `exact`: whether a text matches if, and not only if, it begins so. */
export type Prefixes = { readonly prefixes: readonly string[]; readonly exact: boolean };

const MAX_PREFIXES = 100;
const PLAIN = /[A-Za-z0-9_:/@ ,=-]/;

/** Undefined when nothing is certain. */
export function anchoredPrefixes(pattern: string): Prefixes | undefined {
  const reader = { pattern, at: 0 };
  const found = alternatives(reader, true);
  if (found === undefined || reader.at < pattern.length) return undefined;
  if (found.prefixes.length > MAX_PREFIXES || found.prefixes.includes("")) return undefined;
  return found;
}

type Reader = { readonly pattern: string; at: number };

/** Alternatives up to the end or a closing bracket, each of which begins with `^` where `anchored`. */
function alternatives(reader: Reader, anchored: boolean): Prefixes | undefined {
  const prefixes = new Set<string>();
  let exact = true;
  for (;;) {
    const one = sequence(reader, anchored);
    if (one === undefined) return undefined;
    for (const prefix of one.prefixes) prefixes.add(prefix);
    exact &&= one.exact;
    if (reader.pattern[reader.at] !== "|") return { prefixes: [...prefixes], exact };
    reader.at += 1;
  }
}

/** Plain characters and groups of such; from the first thing that is neither, the rest is gone past. */
function sequence(reader: Reader, anchored: boolean): Prefixes | undefined {
  const { pattern } = reader;
  if (anchored) {
    if (pattern[reader.at] !== "^") return undefined;
    reader.at += 1;
  }
  let prefixes = [""];
  let exact = true;
  let certain = true;
  while (reader.at < pattern.length) {
    const character = pattern.charAt(reader.at);
    if (character === "|" || character === ")") break;
    const piece = pieceAt(reader);
    if (piece === undefined) return undefined;
    const quantifier = pattern.charAt(reader.at);
    const repeated = quantifier !== "" && "*+?{".includes(quantifier);
    if (repeated && !goPastQuantifier(reader)) return undefined;
    if (!certain) continue;
    if (piece === "unknown" || (repeated && quantifier !== "+")) {
      certain = exact = false;
      continue;
    }
    prefixes = prefixes.flatMap((prefix) => piece.prefixes.map((next) => prefix + next));
    if (prefixes.length > MAX_PREFIXES) return undefined;
    if (repeated || !piece.exact) {
      certain = false;
      exact = false;
    }
  }
  return { prefixes, exact };
}

/** One character, or one group; "unknown" for what may be anything. Undefined where even its end is not certain. */
function pieceAt(reader: Reader): Prefixes | "unknown" | undefined {
  const { pattern } = reader;
  const character = pattern.charAt(reader.at);
  if (PLAIN.test(character)) {
    reader.at += 1;
    return { prefixes: [character], exact: true };
  }
  if (character === "." || character === "$") {
    reader.at += 1;
    return "unknown";
  }
  if (character === "\\") {
    const next = pattern.charAt(reader.at + 1);
    if (/[dDwWsSbB]/.test(next)) {
      reader.at += 2;
      return "unknown";
    }
    // An escaped punctuation mark is itself; another letter or digit may begin anything.
    if (!/[!-/:-@[-`{-~]/.test(next)) return undefined;
    reader.at += 2;
    return { prefixes: [next], exact: true };
  }
  const set = /^\[\^?[^[\]\\&]+\]/.exec(pattern.slice(reader.at));
  if (set !== null) {
    reader.at += set[0].length;
    return "unknown";
  }
  if (character !== "(") return undefined;
  reader.at += 1;
  if (pattern[reader.at] === "?") {
    if (pattern[reader.at + 1] !== ":") return undefined;
    reader.at += 2;
  }
  const inside = alternatives(reader, false);
  if (inside === undefined || pattern[reader.at] !== ")") return undefined;
  reader.at += 1;
  return inside;
}

/** A quantifier; two in a row are read differently from one, so they are not read. */
function goPastQuantifier(reader: Reader): boolean {
  const found = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(reader.pattern.slice(reader.at));
  if (found === null) return false;
  reader.at += found[0].length;
  const next = reader.pattern.charAt(reader.at);
  return next === "" || !"*+?{".includes(next);
}
