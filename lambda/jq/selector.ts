/**
 * The selector of a jq rule: what a record must have for its expression to match, as far as that can be told for sure.
 * It is told as a condition of rules, from which the event patterns and the index are derived as from any other; what
 * is not understood demands nothing, so that the expression is asked once too often and never too seldom.
 *
 *     deriveJqCondition('select(.eventName | test("^(Get|List)") | not) | .userAgent')
 *     // all: not:startsWith Get, not:startsWith List
 *
 * Each part of the expression is told four things about its results: what the record needs for there to be one at all,
 * for one that is true (neither null nor false: 0 and "" are true), for one that is not, and where in the record it lies.
 *
 * "Is not" is only told of fields at the top that hold plain values. Further down a key with a dot in its name may stand
 * in the way (`{"a.b": …}` is the fact a.b, and not jq's .a.b).
 */
import type { Condition } from "../engine/rule.ts";
import { type Jq, parseJq } from "./parse.ts";
import { all, any, type Formula, is, NO, toCondition, YES } from "./selector-formula.ts";
import {
  equality,
  equalTo,
  factOf,
  isCertain,
  type Origin,
  type PathOrigin,
  plainFact,
} from "./selector-origin.ts";
import { anchoredPrefixes } from "./selector-regex.ts";

/** What is known of a value. */
type Value = {
  /** What the record needs for it to be neither null nor false. */
  readonly yes: Formula;
  /** For it to be null or false. */
  readonly no: Formula;
  readonly origin: Origin;
};

/** What is known of the results of an expression, and what the record needs for there to be one. */
type Known = Value & { readonly some: Formula };

type Scope = ReadonlyMap<string, Value>;

const UNKNOWN: Origin = { kind: "unknown" };
const ANYTHING: Known = { some: YES, yes: YES, no: YES, origin: UNKNOWN };
const MAX_KEYS = 8;

/** The condition that holds for every record that the expression matches; undefined when nothing is known. */
export function deriveJqCondition(expression: string): Condition | undefined {
  const parsed = parseJq(expression);
  if (parsed === undefined) return undefined;
  return toCondition(tell(parsed, valueAt({ kind: "path", keys: [] }), new Map()).yes);
}

function tell(jq: Jq, input: Value, scope: Scope): Known {
  switch (jq.kind) {
    case "here":
      return { ...input, some: YES };
    case "key":
      return after(tell(jq.of, input, scope), ({ origin }) => valueAt(keyOf(origin, jq.key)));
    case "quiet":
      return tell(jq.of, input, scope);
    case "literal":
      return valueAt({ kind: "constants", values: [jq.value] });
    case "variable":
      return { ...(scope.get(jq.name) ?? ANYTHING), some: YES };
    case "truthy":
      return { some: YES, yes: YES, no: NO, origin: UNKNOWN };
    case "pipe":
      return after(tell(jq.left, input, scope), (value) => tell(jq.right, value, scope));
    case "bind":
      return after(tell(jq.value, input, scope), (value) =>
        tell(jq.body, input, new Map([...scope, [jq.name, value]])),
      );
    case "comma":
      return sideBySide(tell(jq.left, input, scope), tell(jq.right, input, scope));
    case "else": {
      const [left, right] = [tell(jq.left, input, scope), tell(jq.right, input, scope)];
      const yes = any([left.yes, right.yes]);
      return { some: any([left.yes, right.some]), yes, no: right.no, origin: UNKNOWN };
    }
    case "and":
    case "or":
      return connected(jq.kind, tell(jq.left, input, scope), tell(jq.right, input, scope));
    case "compare":
      return compared(jq.equal, tell(jq.left, input, scope), tell(jq.right, input, scope));
    case "if":
      return chosen(
        tell(jq.test, input, scope),
        tell(jq.met, input, scope),
        tell(jq.otherwise, input, scope),
      );
    case "call":
      return called(jq.name, jq.parts, input, scope);
    default:
      return ANYTHING;
  }
}

/** What a value needs to be true or not, by where it lies. */
function valueAt(origin: Origin): Known {
  if (origin.kind === "constants") {
    const truthy = origin.values.some((value) => value !== null && value !== false);
    const falsy = origin.values.some((value) => value === null || value === false);
    return { some: YES, yes: truthy ? YES : NO, no: falsy ? YES : NO, origin };
  }
  if (origin.kind === "path" && origin.keys.length === 0) return { some: YES, yes: YES, no: NO, origin };
  const fact = plainFact(origin);
  if (fact === undefined) return { ...ANYTHING, origin };
  return {
    some: YES,
    yes: is(fact, "exists", true),
    no: any([is(fact, "exists", false), is(fact, "equal", false)]),
    origin,
  };
}

function keyOf(origin: Origin, key: string): Origin {
  if (origin.kind !== "path" || origin.lowered === true || origin.keys.length >= MAX_KEYS) return UNKNOWN;
  return { kind: "path", keys: [...origin.keys, key] };
}

function after(first: Known, then: (value: Value) => Known): Known {
  const second = then(first);
  return {
    some: all([first.some, second.some]),
    yes: all([first.some, second.yes]),
    no: all([first.some, second.no]),
    origin: second.origin,
  };
}

function sideBySide(left: Known, right: Known): Known {
  return {
    some: any([left.some, right.some]),
    yes: any([left.yes, right.yes]),
    no: any([left.no, right.no]),
    origin: joined(left.origin, right.origin),
  };
}

function joined(left: Origin, right: Origin): Origin {
  if (left.kind === "constants" && right.kind === "constants")
    return { kind: "constants", values: [...left.values, ...right.values] };
  return JSON.stringify(left) === JSON.stringify(right) ? left : UNKNOWN;
}

/** jq asks the right side only where the left does not settle it; an error of a side that is asked is no result. */
function connected(kind: "and" | "or", left: Known, right: Known): Known {
  const [both, one] = kind === "and" ? (["yes", "no"] as const) : (["no", "yes"] as const);
  const met = all([left[both], right[both]]);
  const missed = any([left[one], right[one]]);
  const some = left.some;
  return kind === "and"
    ? { some, yes: met, no: missed, origin: UNKNOWN }
    : { some, yes: missed, no: met, origin: UNKNOWN };
}

function chosen(test: Known, then: Known, otherwise: Known): Known {
  const part = (which: "some" | "yes" | "no"): Formula =>
    any([all([test.yes, then[which]]), all([test.no, otherwise[which]])]);
  return {
    some: part("some"),
    yes: part("yes"),
    no: part("no"),
    origin: joined(then.origin, otherwise.origin),
  };
}

/** A place and constants, either way round; more than one constant gives a result each. */
function compared(equal: boolean, left: Known, right: Known): Known {
  const some = all([left.some, right.some]);
  const [place, constants] =
    right.origin.kind === "constants" ? [left.origin, right.origin] : [right.origin, left.origin];
  const { met, missed } =
    constants.kind === "constants" && place.kind === "path"
      ? equality(place, constants.values)
      : { met: YES, missed: YES };
  return {
    some,
    yes: all([some, equal ? met : missed]),
    no: all([some, equal ? missed : met]),
    origin: UNKNOWN,
  };
}

function called(name: string, parts: readonly Jq[], input: Value, scope: Scope): Known {
  const [first, second] = parts;
  const { origin } = input;
  switch (`${name}/${parts.length}`) {
    case "not/0":
      return { some: YES, yes: input.no, no: input.yes, origin: UNKNOWN };
    case "empty/0":
      return { some: NO, yes: NO, no: NO, origin: UNKNOWN };
    case "select/1": {
      const { yes } = first === undefined ? ANYTHING : tell(first, input, scope);
      return { some: yes, yes: all([yes, input.yes]), no: all([yes, input.no]), origin };
    }
    case "IN/1":
      return first === undefined ? ANYTHING : among(origin, first, tell(first, input, scope));
    case "IN/2": {
      if (first === undefined || second === undefined) return ANYTHING;
      const source = tell(first, input, scope);
      const { yes } = among(source.origin, second, tell(second, input, scope));
      // Of no values none is among them, which is a result too.
      return { ...ANYTHING, yes: all([source.some, yes]) };
    }
    case "ascii_downcase/0":
    case "ascii_upcase/0":
      return origin.kind === "path" && origin.keys.length > 0
        ? { some: YES, yes: YES, no: NO, origin: { ...origin, lowered: true } }
        : ANYTHING;
    default:
      return first === undefined || origin.kind !== "path" || origin.lowered === true || parts.length !== 1
        ? ANYTHING
        : texts(name, origin, tell(first, input, scope).origin);
  }
}

/** `IN`: whether a value is equal to one of several. That it is to none is only told of those that are always there. */
function among(place: Origin, written: Jq, values: Known): Known {
  if (place.kind !== "path" || values.origin.kind !== "constants") return ANYTHING;
  const each = values.origin.values.map((value) => equalTo(place, value));
  return {
    some: YES,
    yes: all([values.some, any(each.map(({ met }) => met))]),
    no: isConstant(written) ? all(each.map(({ missed }) => missed)) : YES,
    origin: UNKNOWN,
  };
}

function isConstant(jq: Jq): boolean {
  return jq.kind === "literal" || (jq.kind === "comma" && isConstant(jq.left) && isConstant(jq.right));
}

/** Functions about a text at `place` and one constant text. On what is no text they are errors, which are no results. */
function texts(name: string, place: PathOrigin, constant: Origin): Known {
  const [value, ...others] = constant.kind === "constants" ? constant.values : [];
  const fact = factOf(place);
  if (
    typeof value !== "string" ||
    others.length > 0 ||
    fact === undefined ||
    value === "" ||
    !isCertain(value)
  )
    return ANYTHING;
  const plain = plainFact(place);
  const told = (operator: string, values: readonly string[], exact: boolean): Known => ({
    some: YES,
    yes: any(values.map((one) => is(fact, operator, one))),
    no: plain === undefined || !exact ? YES : all(values.map((one) => is(plain, `not:${operator}`, one))),
    origin: UNKNOWN,
  });
  if (name === "startswith") return told("startsWith", [value], true);
  if (name === "endswith") return told("endsWith", [value], true);
  if (name === "test") {
    const found = anchoredPrefixes(value);
    return found === undefined ? ANYTHING : told("startsWith", found.prefixes, found.exact);
  }
  return ANYTHING;
}
