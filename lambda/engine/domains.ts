/**
 * Divides what event rules are responsible for, so that no record is delivered twice: a domain is some eventSources,
 * or some eventNames of one, and a conjunct is cut to it. Where the pattern language cannot cut exactly, the conjunct
 * stays wider than its domain and the cut says so; a gap is never left.
 */
import { PLAIN_VALUE_FACTS } from "../record/record-shape.ts";
import type { Atom, Conjunct, Matcher } from "./selector.ts";

/** The fields that domains are told by: every record has both as texts. */
export type DomainField = "eventSource" | "eventName";

/** Cuts a conjunct to the given values of a field that every record has as a text. */
export function cutTo(
  path: "eventSource" | "eventName",
  values: readonly string[],
  conjunct: Conjunct,
): Conjunct | undefined {
  const atom = conjunct.find((one) => one.path === path);
  const accepted = atom === undefined ? values : values.filter((value) => acceptsText(atom.matchers, value));
  return accepted.length === 0 ? undefined : replaceAtom(conjunct, { path, matchers: accepted, lists: [] });
}

/** Cuts a conjunct to values that begin with one of these; a matcher that cannot be cut exactly accepts all of them. */
export function cutToPrefixes(
  path: DomainField,
  prefixes: readonly string[],
  conjunct: Conjunct,
): Conjunct | undefined {
  const matchers = matchersAt(path, conjunct)?.flatMap((matcher): readonly Matcher[] => {
    if (typeof matcher === "string")
      return prefixes.some((prefix) => matcher.startsWith(prefix)) ? [matcher] : [];
    const wanted = prefixOf(matcher);
    if (wanted === undefined) return prefixes.map((prefix) => ({ prefix }));
    if (prefixes.some((prefix) => wanted.startsWith(prefix))) return [matcher];
    return prefixes.filter((prefix) => prefix.startsWith(wanted)).map((prefix) => ({ prefix }));
  });
  return withMatchers(path, matchers ?? prefixes.map((prefix) => ({ prefix })), conjunct);
}

/** Cuts a conjunct to values that begin with none of these. */
export function cutToOtherPrefixes(
  path: DomainField,
  prefixes: readonly string[],
  conjunct: Conjunct,
): Conjunct | undefined {
  if (prefixes.length === 0) return conjunct;
  const others: Matcher = { "anything-but": { prefix: prefixes } };
  const matchers = matchersAt(path, conjunct)?.flatMap((matcher): readonly Matcher[] => {
    const wanted = typeof matcher === "string" ? matcher : prefixOf(matcher);
    if (wanted === undefined) return [others];
    if (prefixes.some((prefix) => wanted.startsWith(prefix))) return [];
    return typeof matcher !== "string" && prefixes.some((prefix) => prefix.startsWith(wanted))
      ? [others]
      : [matcher];
  });
  return withMatchers(path, matchers ?? [others], conjunct);
}

/** Divides a conjunct into what it accepts of calls that went through, and of calls that failed. */
export function cutByOutcome(conjunct: Conjunct): {
  readonly succeeded: Conjunct | undefined;
  readonly failed: Conjunct | undefined;
} {
  const path = "errorCode";
  const matchers = conjunct.find((atom) => atom.path === path)?.matchers ?? [...NO_ERROR, { exists: true }];
  const part = (wanted: boolean): Conjunct | undefined => {
    const kept = matchers.filter((matcher) => isAbsence(matcher) === wanted);
    return kept.length === 0 ? undefined : replaceAtom(conjunct, { path, matchers: kept, lists: [] });
  };
  return { succeeded: part(true), failed: part(false) };
}

/** The matchers of an absent field; CloudTrail leaves errorCode out when a call goes through. */
const NO_ERROR: readonly Matcher[] = [{ exists: false }];

/** Whether a matcher accepts only that the field is absent. */
export function isAbsence(matcher: Matcher): boolean {
  return typeof matcher === "object" && matcher.exists === false;
}

/** Whether one of the matchers accepts a text; one that cannot be judged here counts as accepting. */
export function acceptsText(matchers: readonly Matcher[], text: string): boolean {
  return matchers.some((matcher) => {
    if (typeof matcher === "string") return matcher === text;
    if (typeof matcher !== "object") return false;
    if (typeof matcher.prefix === "string") return text.startsWith(matcher.prefix);
    if (typeof matcher.suffix === "string") return text.endsWith(matcher.suffix);
    if (matcher.exists === false) return false;
    const others = matcher["anything-but"];
    if (Array.isArray(others)) return !others.includes(text);
    return !excludedPrefixes(matcher).some((prefix) => text.startsWith(prefix));
  });
}

/** The beginnings that an `anything-but` excludes; none for any other matcher. */
function excludedPrefixes(matcher: Matcher): readonly string[] {
  const others = typeof matcher === "object" ? matcher["anything-but"] : undefined;
  if (typeof others !== "object" || others === null || !("prefix" in others)) return [];
  return [others.prefix].flat().filter((prefix) => typeof prefix === "string");
}

/** The conjunct with this atom in place of the one on the same path. */
export function replaceAtom(conjunct: Conjunct, atom: Atom): Conjunct {
  return [...conjunct.filter((one) => one.path !== atom.path), atom].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** The exact values that a conjunct demands of a field; undefined when it accepts others too. */
export function exactValues(conjunct: Conjunct, path: string): readonly string[] | undefined {
  const matchers = conjunct.find((one) => one.path === path)?.matchers;
  if (matchers === undefined) return undefined;
  const values = matchers.filter((matcher) => typeof matcher === "string");
  return values.length === matchers.length ? values : undefined;
}

/** Whether two conjuncts can accept the same record, as far as their plain fields tell. */
export function mayShare(one: Conjunct, other: Conjunct): boolean {
  return one.every((atom) => {
    const rival = PLAIN_VALUE_FACTS.has(atom.path)
      ? other.find((candidate) => candidate.path === atom.path)
      : undefined;
    return rival === undefined || shareMatchers(atom.matchers, rival.matchers);
  });
}

function shareMatchers(one: readonly Matcher[], other: readonly Matcher[]): boolean {
  if (one.some(isAbsence) && other.some(isAbsence)) return true;
  const present = one.filter((matcher) => !isAbsence(matcher));
  const others = other.filter((matcher) => !isAbsence(matcher));
  if (present.length === 0 || others.length === 0) return false;
  return present.some((matcher) => others.some((rival) => mayAgree(matcher, rival)));
}

/** Whether two matchers can accept the same value; what cannot be judged here counts as able to. */
function mayAgree(one: Matcher, other: Matcher): boolean {
  if (typeof one === "string") return acceptsText([other], one);
  if (typeof other === "string") return acceptsText([one], other);
  const [begins, otherBegins] = [prefixOf(one), prefixOf(other)];
  if (begins !== undefined && otherBegins !== undefined)
    return begins.startsWith(otherBegins) || otherBegins.startsWith(begins);
  return !excludes(other, begins) && !excludes(one, otherBegins);
}

/** Whether a matcher excludes every value that begins so. */
function excludes(matcher: Matcher, beginning: string | undefined): boolean {
  return (
    beginning !== undefined && excludedPrefixes(matcher).some((without) => beginning.startsWith(without))
  );
}

function matchersAt(path: DomainField, conjunct: Conjunct): readonly Matcher[] | undefined {
  return conjunct.find((one) => one.path === path)?.matchers;
}

function prefixOf(matcher: Matcher): string | undefined {
  const prefix = typeof matcher === "object" ? matcher.prefix : undefined;
  return typeof prefix === "string" ? prefix : undefined;
}

function withMatchers(
  path: DomainField,
  matchers: readonly Matcher[],
  conjunct: Conjunct,
): Conjunct | undefined {
  const distinct = [...new Map(matchers.map((matcher) => [JSON.stringify(matcher), matcher])).values()];
  return distinct.length === 0 ? undefined : replaceAtom(conjunct, { path, matchers: distinct, lists: [] });
}

/** The texts that a lone `anything-but` excludes. */
export function excludedTexts(matchers: readonly Matcher[]): readonly string[] | undefined {
  const [matcher, more] = matchers;
  if (more !== undefined || typeof matcher !== "object") return undefined;
  const others = matcher["anything-but"];
  return Array.isArray(others) && others.every((other) => typeof other === "string") ? others : undefined;
}
