/**
 * Patterns with `*` for any characters, as `like` and lists of kind wildcard compare with them. `\*` and `\\` stand for
 * a star and a backslash.
 *
 *     compileLike("arn:aws:iam::*:role/deploy-*")("arn:aws:iam::123456789012:role/deploy-web")   // true
 *
 * A list may hold ten thousand patterns, and every record asks it. Most patterns begin or end with a text of their own,
 * so the patterns of a list are kept under that, and a text is compared with those few that begin or end as it does.
 */

/** Splits a pattern at its stars. */
export function likeParts(pattern: string): readonly string[] {
  if (!pattern.includes("\\")) return pattern.split("*");
  const parts = [""];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (char === "*") parts.push("");
    else if (char === "\\" && (next === "*" || next === "\\")) {
      parts[parts.length - 1] += next;
      at++;
    } else parts[parts.length - 1] += char;
  }
  return parts;
}

/** Compiles a pattern to a test of texts. */
export function compileLike(pattern: string): (text: string) => boolean {
  const parts = likeParts(pattern);
  const first = parts[0] ?? "";
  if (parts.length === 1) return (text) => text === first;
  const last = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1).filter((part) => part !== "");
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** Compiles patterns to a test whether a text has the form of one of them. */
export function compileLikes(patterns: readonly string[]): (text: string) => boolean {
  const whole = new Set<string>();
  const byBeginning = new Map<string, string[]>();
  const byEnd = new Map<string, string[]>();
  for (const pattern of patterns) {
    const parts = likeParts(pattern);
    const [first = "", last = ""] = [parts[0], parts.at(-1)];
    if (parts.length === 1) whole.add(first);
    else if (first.length > 0) addTo(byBeginning, first, pattern);
    else addTo(byEnd, last, pattern);
  }
  const begins = compileEdge(byBeginning, (text, length) => text.slice(0, length));
  const ends = compileEdge(byEnd, (text, length) => text.slice(text.length - length));
  return (text) => whole.has(text) || begins(text) || ends(text);
}

/** Tests a text with the patterns that have the same edge; those are compiled when the first text asks. */
function compileEdge(
  byEdge: ReadonlyMap<string, readonly string[]>,
  edgeOf: (text: string, length: number) => string,
): (text: string) => boolean {
  const compiled = new Map<string, readonly ((text: string) => boolean)[]>();
  const lengths = [...new Set([...byEdge.keys()].map(({ length }) => length))].toSorted((a, b) => a - b);
  return (text) => {
    for (const length of lengths) {
      if (length > text.length) return false;
      const edge = edgeOf(text, length);
      const patterns = byEdge.get(edge);
      if (patterns === undefined) continue;
      const tests = compiled.get(edge) ?? patterns.map(compileLike);
      compiled.set(edge, tests);
      if (tests.some((test) => test(text))) return true;
    }
    return false;
  };
}

function addTo(byEdge: Map<string, string[]>, edge: string, pattern: string): void {
  const known = byEdge.get(edge);
  if (known === undefined) byEdge.set(edge, [pattern]);
  else known.push(pattern);
}
