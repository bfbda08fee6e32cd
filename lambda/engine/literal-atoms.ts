/**
 * What EventBridge can see of one literal. Each case that is left out (undefined: "cannot tell") is a trap:
 *
 * - `notEqual` and its like hold for an absent fact, `anything-but` does not: absence is added. A fact that
 *   can be a list (`["x"]` is not `"x"`) cannot be negated at all; the plain fields of `record-shape.ts` can.
 * - json-rules-engine compares numbers in texts, EventBridge's `numeric` does not.
 * - EventBridge has no list positions: `items[0]` widens to any element, and `items.0` may also be a key.
 * - No pattern says null: CloudFormation refuses a template with null in it ("Matching events on null values and empty
 *   strings", EventBridge user guide), and `readEnvelope` takes null out of the plain fields, where CloudTrail writes none.
 * - `exists` of EventBridge is about leaves: an object is not there to it.
 * - Exact numbers are compared as `numeric =`, because EventBridge compares exact ones by their spelling.
 * - Fields named like operators (`requestParameters.prefix`) cannot stand inside `$or`.
 * - Half a surrogate pair is a text to JavaScript and none to EventBridge.
 * - A bus has 30 rules with wildcards at most, for the whole account: `like` becomes a prefix or suffix.
 * - A list has more values than a pattern has room for: a long one only says that the fact is there. Never a part of it.
 */
import { BOOLEAN_FACTS, PLAIN_VALUE_FACTS } from "../record/record-shape.ts";
import { DERIVED_ROOTS } from "../record/derived-facts.ts";
import { type FactPath, parseFactPath } from "../record/fact-path.ts";
import { parseCidr } from "./cidr.ts";
import { type Decorator, parseOperator } from "./operator-name.ts";
import { OR, RESERVED_IN_OR } from "./event-pattern/reserved-fields.ts";
import { likeParts } from "./like.ts";
import { regexAlternatives } from "./regex-prefix.ts";
import { ResolvedList } from "./resolved-list.ts";
import type { Literal } from "./rule.ts";
import type { Atom, Guards, Matcher } from "./selector.ts";

/** Numbers beyond this are outside what EventBridge documents for `numeric`. */
const MAX_NUMBER = 5_000_000_000;
/**
 * Characters that the values of a list may take of a pattern, which has 2,048 for all the rules that share it. Fewer
 * where not being in it is wanted: a `_global` rule that excludes 26 account ids made 49 event rules of the shipped 25,
 * because hardly anything is left out of the patterns that it is folded into; one that names them needed none.
 */
const MAX_LISTED = 400;
const MAX_EXCLUDED = 200;
const ALWAYS_THERE = new Set(["eventName", "eventSource"]);

type Matchers = readonly Matcher[] | undefined;
type Subject = { readonly fact: string; readonly plain: boolean; readonly guards: Guards };

/** The atoms of which one holds whenever the literal does; undefined when EventBridge can tell nothing. */
export function literalAtoms(literal: Literal, guards: Guards): readonly Atom[] | undefined {
  const parsed = parseOperator(literal.operator);
  if ("unknown" in parsed) return undefined;
  const path = parseFactPath(literal.fact);
  if (guards.has("derived-fact") && DERIVED_ROOTS.includes(path.root)) return undefined;
  const quantified = parsed.decorators.includes("someFact") || parsed.operator.list === true;
  if (path.each && !quantified) return undefined;
  const subject = { fact: literal.fact, plain: PLAIN_VALUE_FACTS.has(literal.fact), guards };
  const matchers = decorated(parsed.decorators, 0, parsed.base, literal.value, true, subject);
  if (matchers === undefined || matchers.length === 0) return undefined;
  return eventPaths(path, guards)?.map(({ fields, lists }) => {
    const leaf = fields.join(".");
    return {
      path: leaf,
      matchers,
      lists: quantified && !lists.includes(leaf) && !path.each ? [...lists, leaf] : lists,
    };
  });
}

function decorated(
  decorators: readonly Decorator[],
  at: number,
  base: string,
  value: unknown,
  wanted: boolean,
  subject: Subject,
): Matchers {
  const decorator = decorators[at];
  const next = (inner: unknown, hold: boolean, about = subject): Matchers =>
    decorated(decorators, at + 1, base, inner, hold, about);
  switch (decorator) {
    case undefined:
      return compared(base, value, wanted, subject);
    case "not":
      return next(value, !wanted);
    case "someFact":
      return wanted ? next(value, true, { ...subject, plain: false }) : undefined;
    case "someValue": {
      if (!wanted || !Array.isArray(value)) return undefined;
      const each = value.map((one) => next(one, true));
      return each.includes(undefined) ? undefined : each.flatMap((matchers) => matchers ?? []);
    }
    case "everyValue":
      return wanted && Array.isArray(value)
        ? value.map((one) => next(one, true)).find((matchers) => matchers !== undefined)
        : undefined;
    default:
      return undefined;
  }
}

function compared(base: string, value: unknown, wanted: boolean, subject: Subject): Matchers {
  if (value instanceof ResolvedList) return listed(value, wanted === (base === "inList"), subject);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return subject.guards.has("fact-value") ? undefined : [{ exists: true }];
  }
  switch (base) {
    case "equal":
      return wanted ? exact([value]) : noneOf([value], subject);
    case "notEqual":
      return wanted ? noneOf([value], subject) : exact([value]);
    case "in":
      return Array.isArray(value) ? (wanted ? exact(value) : noneOf(value, subject)) : undefined;
    case "notIn":
      return Array.isArray(value) ? (wanted ? noneOf(value, subject) : exact(value)) : undefined;
    case "contains":
      return wanted ? exact([value]) : undefined;
    case "exists":
      return existence(wanted === (value === true), subject);
    case "greaterThan":
      return subject.guards.has("numeric-text") || !wanted ? undefined : [{ numeric: [">", Number(value)] }];
    default:
      return typeof value === "string" && value !== "" && value.isWellFormed()
        ? text(base, value, wanted, subject)
        : undefined;
  }
}

/** A list whose values are few, or else that the fact is there; nothing where not being in it is wanted. */
function listed(list: ResolvedList, wanted: boolean, subject: Subject): Matchers {
  // A rule's patterns are made once, and the values of a dynamic list change: only that there is a fact is for certain.
  if (list.dynamic) return wanted && !ALWAYS_THERE.has(subject.fact) ? [{ exists: true }] : undefined;
  const most = wanted ? MAX_LISTED : MAX_EXCLUDED;
  const matchers = list.values.length <= most ? listMatchers(list, wanted, subject) : undefined;
  if (matchers !== undefined && JSON.stringify(matchers).length <= most) return matchers;
  if (!subject.guards.has("list-length") && matchers !== undefined) return matchers.slice(0, 1);
  return wanted && !ALWAYS_THERE.has(subject.fact) ? [{ exists: true }] : undefined;
}

function listMatchers(list: ResolvedList, wanted: boolean, subject: Subject): Matchers {
  const values = [...new Set(list.values)];
  if (list.kind === "exact") return wanted ? exact(values) : noneOf(values, subject);
  if (!wanted) return undefined;
  const base = list.kind === "cidr" ? "inCidr" : "like";
  // Of patterns, only beginnings and ends are left, which many of a list share.
  const distinct = new Map<string, Matcher>();
  for (const value of values) {
    const matchers = text(base, value, true, subject);
    if (matchers === undefined) return undefined;
    for (const matcher of matchers) distinct.set(JSON.stringify(matcher), matcher);
  }
  return [...distinct.values()];
}

function text(base: string, value: string, wanted: boolean, subject: Subject): Matchers {
  switch (base) {
    case "startsWith":
      return wanted ? [{ prefix: value }] : negated({ prefix: value }, subject);
    case "endsWith":
      return wanted ? [{ suffix: value }] : negated({ suffix: value }, subject);
    case "equalIgnoreCase":
      if (!isAscii(value)) return undefined;
      return wanted ? [{ "equals-ignore-case": value }] : negated({ "equals-ignore-case": value }, subject);
    case "like":
      return wanted ? like(value, subject) : undefined;
    case "matches":
      return wanted ? regexAlternatives(value) : undefined;
    case "inCidr":
      // Only IPv4: how EventBridge reads the many spellings of an IPv6 address is not documented.
      if (!subject.guards.has("address-spelling")) return wanted ? [value.split("/")[0] ?? ""] : undefined;
      if (!wanted || parseCidr(value)?.version !== 4) return undefined;
      // EventBridge takes IPv4 ranges up to /31; a single address is an exact text.
      return value.endsWith("/32") ? [value.slice(0, -"/32".length)] : [{ cidr: value }];
    default:
      return undefined;
  }
}

function exact(values: readonly unknown[]): Matchers {
  const matchers: Matcher[] = [];
  for (const value of values) {
    if (typeof value === "string" ? value.isWellFormed() : typeof value === "boolean")
      matchers.push(value as Matcher);
    else if (Number.isInteger(value) && Math.abs(Number(value)) <= MAX_NUMBER)
      matchers.push({ numeric: ["=", value] });
    else return undefined;
  }
  return matchers;
}

function noneOf(values: readonly unknown[], subject: Subject): Matchers {
  if (BOOLEAN_FACTS.includes(subject.fact) && values.length === 1 && typeof values[0] === "boolean")
    return [!values[0], ...absence(subject)];
  if (values.length === 0 || !values.every((value) => typeof value === "string" && value.isWellFormed()))
    return undefined;
  return negated(values, subject);
}

function negated(what: unknown, subject: Subject): Matchers {
  if (!subject.plain && subject.guards.has("negation")) return undefined;
  return [{ "anything-but": what }, ...absence(subject)];
}

function absence(subject: Subject): readonly Matcher[] {
  if (ALWAYS_THERE.has(subject.fact) || !subject.guards.has("absent")) return [];
  return [{ exists: false }];
}

function existence(there: boolean, subject: Subject): Matchers {
  if (!subject.guards.has("empty-value")) return [{ exists: there }];
  if (!subject.plain) return undefined;
  return [{ exists: there }];
}

function like(pattern: string, subject: Subject): Matchers {
  if (!subject.guards.has("wildcard-count")) return [{ wildcard: pattern }];
  const parts = likeParts(pattern);
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return exact([first]);
  if (first.length >= last.length) return first === "" ? undefined : [{ prefix: first }];
  return [{ suffix: last }];
}

/** The paths under which EventBridge may see the fact, with the lists on the way. Undefined when it cannot be told. */
function eventPaths(
  path: FactPath,
  guards: Guards,
): readonly { fields: readonly string[]; lists: readonly string[] }[] | undefined {
  if (
    path.segments.some(
      (segment) => segment.kind === "key" && (segment.key === OR || RESERVED_IN_OR.has(segment.key)),
    )
  )
    return undefined;
  let variants: { fields: readonly string[]; lists: readonly string[] }[] = [{ fields: [], lists: [] }];
  for (const segment of path.segments) {
    const throughList = variants.map(({ fields, lists }) => ({
      fields,
      lists: [...lists, fields.join(".")],
    }));
    if (segment.kind === "key") {
      const throughKey = variants.map(({ fields, lists }) => ({ fields: [...fields, segment.key], lists }));
      variants =
        /^\d+$/.test(segment.key) && guards.has("list-position")
          ? [...throughKey, ...throughList]
          : throughKey;
    } else if (segment.kind === "index" && !guards.has("list-position")) {
      variants = variants.map(({ fields, lists }) => ({ fields: [...fields, String(segment.index)], lists }));
    } else {
      variants = throughList;
    }
    if (variants.length > 4) return undefined;
  }
  return variants;
}

function isAscii(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value);
}
