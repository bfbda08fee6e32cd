/**
 * Whether every value that one matcher of EventBridge's pattern language accepts is accepted by a list of matchers.
 * The answer is "no" wherever it cannot be seen: a rule that is taken for covered and is not would never alert.
 *
 *   implies("DeleteVpc", [{ prefix: "Delete" }])                       // true
 *   implies({ prefix: "Delete" }, [{ prefix: "DeleteV" }])             // false
 *   implies({ "anything-but": ["a", "b"] }, [{ "anything-but": "a" }]) // true
 */
import { parseAddress } from "../../lambda/engine/event-pattern/ip-address.ts";
import { isLeaf, isObject } from "../../lambda/engine/event-pattern/leaf.ts";
import { compileValues } from "../../lambda/engine/event-pattern/value-test.ts";

/** Whether `wanted` accepts every value, or the absence, that `matcher` accepts. */
export function implies(matcher: unknown, wanted: readonly unknown[]): boolean {
  const text = JSON.stringify(matcher);
  if (wanted.some((one) => JSON.stringify(one) === text)) return true;
  if (isAbsence(matcher)) return false;
  if (wanted.some(isPresence)) return true;
  if (isLeaf(matcher)) return acceptsLeaf(matcher, wanted);
  if (!isObject(matcher)) return false;
  const [operator, argument] = Object.entries(matcher)[0] ?? [];
  switch (operator) {
    case "prefix":
    case "suffix":
      return isPlain(argument) && wanted.some((one) => acceptsEnd(operator, argument, one));
    case "wildcard": {
      const beginning = typeof argument === "string" ? (/^[^*\\"]*/.exec(argument)?.[0] ?? "") : "";
      return beginning !== "" && wanted.some((one) => acceptsEnd("prefix", beginning, one));
    }
    case "anything-but":
      return wanted.some((one) => acceptsAllBut(argument, one, wanted));
    default:
      return false;
  }
}

/** The matcher of an absent field. */
export function isAbsence(matcher: unknown): boolean {
  return isObject(matcher) && matcher["exists"] === false;
}

function isPresence(matcher: unknown): boolean {
  return isObject(matcher) && matcher["exists"] === true;
}

/** A text that is an address stands for all spellings of it, of which a matcher may accept only some. */
function acceptsLeaf(leaf: string | number | boolean | null, wanted: readonly unknown[]): boolean {
  if (typeof leaf === "string" && parseAddress(leaf) !== undefined) return false;
  return compileValues(wanted, "").passes?.(leaf) ?? false;
}

/** Quotes at an end are matched against the quotes around the value: such texts are not compared here. */
function isPlain(argument: unknown): argument is string {
  return typeof argument === "string" && !argument.includes('"');
}

/** Whether a matcher accepts every text that begins, or ends, with this one. */
function acceptsEnd(end: "prefix" | "suffix", text: string, matcher: unknown): boolean {
  if (!isObject(matcher)) return false;
  const wide = matcher[end];
  if (isPlain(wide)) return hasEnd(end, text, wide);
  const excluded = excludedBy(matcher);
  if (excluded?.kind === "values")
    return excluded.values.every((value) => typeof value !== "string" || !hasEnd(end, value, text));
  return (
    excluded?.kind === end &&
    excluded.values.every((other) => isPlain(other) && !hasEnd(end, text, other) && !hasEnd(end, other, text))
  );
}

function hasEnd(end: "prefix" | "suffix", text: string, part: string): boolean {
  return end === "prefix" ? text.startsWith(part) : text.endsWith(part);
}

/** Whether a matcher accepts all that `anything-but` with this argument does, the others of `wanted` beside it. */
function acceptsAllBut(argument: unknown, matcher: unknown, wanted: readonly unknown[]): boolean {
  const narrow = excludedBy({ "anything-but": argument });
  const wide = excludedBy(matcher);
  if (narrow === undefined || wide === undefined) return false;
  const { kind, values } = narrow;
  if (wide.kind === "values") {
    return wide.values.every((value) => {
      if (acceptsLeaf(value as string | number, wanted)) return true;
      if (kind === "values") return values.includes(value);
      return typeof value === "string" && values.some((part) => isPlain(part) && hasEnd(kind, value, part));
    });
  }
  if (kind !== wide.kind) return false;
  return wide.values.every(
    (value) => isPlain(value) && values.some((part) => isPlain(part) && hasEnd(kind, value, part)),
  );
}

type Excluded = { readonly kind: "values" | "prefix" | "suffix"; readonly values: readonly unknown[] };

/** What an `anything-but` leaves out; undefined for another matcher, and for one that is not compared here. */
function excludedBy(matcher: unknown): Excluded | undefined {
  const argument = isObject(matcher) ? matcher["anything-but"] : undefined;
  if (argument === undefined) return undefined;
  if (!isObject(argument)) return { kind: "values", values: [argument].flat() };
  for (const kind of ["prefix", "suffix"] as const)
    if (argument[kind] !== undefined) return { kind, values: [argument[kind]].flat() };
  return undefined;
}
