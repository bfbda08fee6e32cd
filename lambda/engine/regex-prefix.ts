/**
 * What a regular expression demands of the beginning of a text, so that EventBridge can look for it: `^(Put|Delete)`
 * demands one of two prefixes, `^Run$` the whole text. Only the plainest forms are read; for all others nothing is
 * demanded, which is sound.
 */
import type { Matcher } from "./selector.ts";

const PLAIN = String.raw`[A-Za-z0-9 _/:@=,<>%&;~'"!#-]|\\[.\\/*+?()[\]{}^$|-]`;
const FORM = new RegExp(String.raw`^\^(?:\((?:\?:)?((?:${PLAIN}|\|)+)\)|((?:${PLAIN})+))(\$?)(.*)$`, "s");
/** A quantifier, which may stand behind flags: of `^a(?s){0}`, RE2 repeats the a. */
const QUANTIFIER = /^(?:\(\?[A-Za-z-]*\))*[*+?{]/;

/** Prefixes (or whole texts) of which one is at the beginning of every text that matches; undefined when none is known. */
export function regexAlternatives(pattern: string): readonly Matcher[] | undefined {
  const form = FORM.exec(pattern);
  if (form === null) return undefined;
  const [, group, plain, end, rest = ""] = form;
  // Flags and quotes can be empty to the left of a quantifier, which then belongs to what stands before them.
  if (/\(\?|\\(?![dDwWsSbB])\w/.test(rest)) return undefined;
  if (rest.includes("|") || QUANTIFIER.test(rest)) return trimmed(group, plain, rest);
  const whole = end === "$" && rest === "";
  if (end === "$" && rest !== "") return undefined;
  const alternatives = (group === undefined ? [plain ?? ""] : group.split("|")).map(unescape);
  if (alternatives.some((one) => one === "") || group?.includes("\\|")) return undefined;
  return alternatives.map((one) => (whole ? one : { prefix: one }));
}

/** A quantifier makes the last character, or the group, optional: without the character the prefix still stands. */
function trimmed(
  group: string | undefined,
  plain: string | undefined,
  rest: string,
): readonly Matcher[] | undefined {
  if (group !== undefined || plain === undefined || rest.includes("|")) return undefined;
  const shorter = unescape(plain.replace(/(?:\\.|[^\\])$/s, ""));
  return shorter === "" ? undefined : [{ prefix: shorter }];
}

function unescape(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}
