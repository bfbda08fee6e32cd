/**
 * How EventBridge compares text. Its rule engine (aws/event-ruler) compares the JSON form of a value, quotes included,
 * and that shows in three places which our own comparison has to repeat:
 *
 *   { "suffix": ".png" }                    // never matches a number: only strings end with a quote
 *   { "prefix": "ab\"" }                    // matches the string "ab": its closing quote is part of the text
 *   { "equals-ignore-case": "ß" }           // matches "SS": each character has a lower and an upper form, which may be
 *                                           // longer; characters beyond U+FFFF are read as two question marks
 */

export type TextTest = (text: string) => boolean;

/** Starts with the given text. */
export function prefixTest(prefix: string): TextTest {
  return prefix.endsWith('"') ? (text) => `${text}"`.startsWith(prefix) : (text) => text.startsWith(prefix);
}

/** Ends with the given text. */
export function suffixTest(suffix: string): TextTest {
  return suffix.startsWith('"') ? (text) => `"${text}`.endsWith(suffix) : (text) => text.endsWith(suffix);
}

/** Equal but for case. */
export function equalsIgnoreCaseTest(wanted: string): TextTest {
  const { source, longest } = ignoringCase(wanted);
  const expression = new RegExp(`^${source}$`);
  return (text) => text.length <= longest && expression.test(text);
}

/** Starts with the given text but for case. */
export function prefixIgnoreCaseTest(prefix: string): TextTest {
  const expression = new RegExp(`^${ignoringCase(prefix).source}`);
  return prefix.endsWith('"') ? (text) => expression.test(`${text}"`) : (text) => expression.test(text);
}

/** Ends with the given text but for case. */
export function suffixIgnoreCaseTest(suffix: string): TextTest {
  const { source, longest } = ignoringCase(suffix);
  const expression = new RegExp(`${source}$`);
  const ends = (text: string) => longest === 0 || expression.test(text.slice(-longest));
  return suffix.startsWith('"') ? (text) => ends(`"${text}`) : ends;
}

/** An expression with one alternative a case for each character, and the length of the longest text it matches. */
function ignoringCase(wanted: string): { source: string; longest: number } {
  let source = "";
  let longest = 0;
  // By UTF-16 unit, as the rule engine does, not by code point.
  for (let index = 0; index < wanted.length; index++) {
    const unit = wanted.charAt(index);
    const lower = unit.toLowerCase();
    const upper = unit.toUpperCase();
    if (/[\uD800-\uDFFF]/.test(unit)) source += "\\?";
    else source += lower === upper ? escape(lower) : `(?:${escape(lower)}|${escape(upper)})`;
    longest += Math.max(lower.length, upper.length);
  }
  return { source, longest };
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/**
 * Matches the whole text, `*` for any run of characters, `\*` and `\\` for the characters themselves. Takes time linear
 * in the text but for the search for each part. Gives the reason as text when the pattern is none.
 */
export function wildcardTest(pattern: string): TextTest | string {
  const parts = [""];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === "*") {
      if (next === "*") return `two wildcards in a row at position ${index}`;
      parts.push("");
    } else if (character === "\\") {
      if (next !== "*" && next !== "\\")
        return `a backslash that escapes neither * nor \\ at position ${index}`;
      parts[parts.length - 1] += next;
      index++;
    } else {
      parts[parts.length - 1] += character;
    }
  }
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false;
    let from = first.length;
    const end = text.length - last.length;
    for (const part of rest) {
      const found = text.indexOf(part, from);
      if (found === -1 || found + part.length > end) return false;
      from = found + part.length;
    }
    return true;
  };
}
