/**
 * The operators of event patterns but `exists`, each compiled from its argument. All but `anything-but` and `numeric`
 * look only at strings: `{ "prefix": "1" }` never matches the number 12.
 *
 *   compileOperator("anything-but", { prefix: "init" }, "detail.state[0]")   // passes "running", and 5, not "initial"
 */
import { below, InvalidEventPatternError, quote } from "./invalid-event-pattern.ts";
import { parseAddress, parseRange } from "./ip-address.ts";
import { isObject, type LeafTest } from "./leaf.ts";
import { numericTest } from "./numeric-test.ts";
import {
  equalsIgnoreCaseTest,
  prefixIgnoreCaseTest,
  prefixTest,
  suffixIgnoreCaseTest,
  suffixTest,
  type TextTest,
  wildcardTest,
} from "./text-tests.ts";

const OPERATORS: ReadonlyMap<string, (argument: unknown, path: string) => LeafTest> = new Map([
  ["prefix", (argument, path) => onText(foldable(argument, path, prefixTest, prefixIgnoreCaseTest))],
  ["suffix", (argument, path) => onText(foldable(argument, path, suffixTest, suffixIgnoreCaseTest))],
  ["equals-ignore-case", (argument, path) => onText(equalsIgnoreCaseTest(text(argument, path)))],
  ["wildcard", (argument, path) => onText(wildcard(text(argument, path), path))],
  ["anything-but", anythingBut],
  ["numeric", numericTest],
  ["cidr", cidr],
  ["exactly", (argument, path) => onText(equal(text(argument, path)))],
]);

const EXCEPT: ReadonlyMap<string, (argument: string, path: string) => TextTest> = new Map([
  ["prefix", (argument, path) => prefixTest(notEmpty(argument, path))],
  ["suffix", (argument, path) => suffixTest(notEmpty(argument, path))],
  ["equals-ignore-case", equalsIgnoreCaseTest],
  ["wildcard", wildcard],
]);

/** The operators in the order in which a message names them; `exists` is the one that also sees missing fields. */
const OPERATOR_NAMES = "prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr or exists";

/**
 * Compiles the operator at `path`.
 *
 * @throws InvalidEventPatternError when there is no such operator, or EventBridge would refuse its argument
 */
export function compileOperator(name: string, argument: unknown, path: string): LeafTest {
  const compile = OPERATORS.get(name);
  if (compile !== undefined) return compile(argument, below(path, name));
  throw new InvalidEventPatternError(path, `unknown operator ${quote(name)}`, `Use ${OPERATOR_NAMES}.`);
}

/**
 * The one key of an operator and its argument.
 *
 * @throws InvalidEventPatternError when the value is no object with one key
 */
export function operatorOf(value: unknown, path: string): [string, unknown] {
  if (!isObject(value)) {
    throw new InvalidEventPatternError(
      path,
      `${quote(value)} is no value to match`,
      'Write a string, a number, true, false, null or an operator such as { "prefix": "…" }.',
    );
  }
  const [entry, more] = Object.entries(value);
  if (entry === undefined || more !== undefined) {
    throw new InvalidEventPatternError(
      path,
      `an operator is an object with one key, not ${quote(Object.keys(value))}`,
      "Write each operator as an object of its own; the array means any of them.",
    );
  }
  return entry;
}

function onText(test: TextTest): LeafTest {
  return (leaf) => typeof leaf === "string" && test(leaf);
}

function equal(wanted: string): TextTest {
  return (candidate) => candidate === wanted;
}

function text(argument: unknown, path: string): string {
  if (typeof argument === "string") return argument;
  throw new InvalidEventPatternError(path, `${quote(argument)} is no string`, "Write one string here.");
}

function notEmpty(argument: string, path: string): string {
  if (argument !== "") return argument;
  throw new InvalidEventPatternError(
    path,
    "an empty string here would exclude every string",
    "Write at least one character.",
  );
}

/** A prefix or suffix: a string, or `{ "equals-ignore-case": string }`. */
function foldable(
  argument: unknown,
  path: string,
  exact: (wanted: string) => TextTest,
  folded: (wanted: string) => TextTest,
): TextTest {
  if (!isObject(argument)) return exact(text(argument, path));
  const [name, wanted] = operatorOf(argument, path);
  if (name === "equals-ignore-case") return folded(text(wanted, below(path, name)));
  throw new InvalidEventPatternError(
    path,
    `${quote(name)} cannot be used inside a prefix or suffix`,
    "Only equals-ignore-case can.",
  );
}

function wildcard(pattern: string, path: string): TextTest {
  const test = wildcardTest(pattern);
  if (typeof test === "function") return test;
  throw new InvalidEventPatternError(
    path,
    `${quote(pattern)} has ${test}`,
    String.raw`Write * once for any text, \* for an asterisk, \\ for a backslash.`,
  );
}

function cidr(argument: unknown, path: string): LeafTest {
  const wanted = text(argument, path);
  const range = parseRange(wanted);
  if (typeof range === "string") {
    throw new InvalidEventPatternError(
      path,
      `${quote(wanted)} is no range: ${range}`,
      "Write it like 192.0.2.0/24; a single address goes without cidr, as a plain string.",
    );
  }
  return onText((candidate) => {
    const address = parseAddress(candidate);
    return address !== undefined && range.contains(address);
  });
}

/** Passes every leaf but the excluded ones, of whatever type: `anything-but "5"` passes the number 5, and null. */
function anythingBut(argument: unknown, path: string): LeafTest {
  if (isObject(argument)) {
    const [name, excluded] = operatorOf(argument, path);
    const compile = EXCEPT.get(name);
    const at = below(path, name);
    if (compile === undefined) {
      throw new InvalidEventPatternError(
        path,
        `anything-but cannot negate ${quote(name)}`,
        "It takes prefix, suffix, equals-ignore-case or wildcard.",
      );
    }
    const texts = list(excluded, at).map((each) => text(each, at));
    const tests = texts.map((each) => compile(each, at));
    return (leaf) => typeof leaf !== "string" || !tests.some((test) => test(leaf));
  }
  const excluded = list(argument, path);
  const type = typeof excluded[0];
  for (const each of excluded) {
    if (
      (typeof each !== "string" && typeof each !== "number") ||
      (typeof each === "number" && !Number.isFinite(each))
    ) {
      throw new InvalidEventPatternError(
        path,
        `anything-but cannot exclude ${quote(each)}`,
        "It takes strings or numbers.",
      );
    }
    if (typeof each !== type) {
      throw new InvalidEventPatternError(
        path,
        "anything-but takes strings or numbers, not both in one list",
        "Write one list of one type.",
      );
    }
  }
  const set = new Set(excluded);
  return (leaf) => !set.has(leaf);
}

function list(argument: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(argument)) return [argument];
  if (argument.length > 0) return argument;
  throw new InvalidEventPatternError(path, "an empty list excludes nothing", "Give at least one value.");
}
