/**
 * Filters of a search, as Lacework's Python client documents them: a field, an operator, a value or several, all of which
 * must hold. A filter that is left out because it is not understood would show more than was asked for, so it is refused.
 *
 *     compileFilters([{ field: "status", expression: "eq", value: "Open" }])(row)   // true for an open alert
 *
 * Patterns of `like` have SQL's wildcards, % and _. Those of `rlike` are RE2's: searched for, in linear time.
 */
import { RE2JS } from "re2js";
import { isObject, valueAt } from "../record/untrusted.ts";
import type { LaceworkAlert } from "../formats/lacework.ts";
import { ProblemError } from "../api/problem.ts";
import { quoted } from "./problem.ts";
import { readTime } from "./time-range.ts";

/** Whether a row of the list is asked for. */
export type RowTest = (row: LaceworkAlert) => boolean;

/** How the values of a field are compared, other than as texts. */
const FIELDS: ReadonlyMap<string, "number" | "time" | "rank" | "word" | "text"> = new Map([
  ["alertId", "number"],
  ["startTime", "time"],
  ["endTime", "time"],
  ["lastUserUpdatedTime", "time"],
  ["severity", "rank"],
  ["status", "word"],
  ...[
    "alertName",
    "alertType",
    "policyId",
    "internetExposure",
    "reachability",
    "evolvingAlert",
    "report",
    "alertSource",
    "derivedFields.category",
    "derivedFields.sub_category",
    "derivedFields.source",
    "alertInfo.subject",
    "alertInfo.description",
    "alertInfo.customerCount",
    "alertInfo.isExpectedLWBehavior",
  ].map((name) => [name, "text"] as const),
]);

/** From the worst down, as their numbers in RelatedAlerts; `gt` of a severity means worse than. */
const RANKS = ["info", "low", "medium", "high", "critical"];
const MAX_FILTERS = 50;
const MAX_VALUES = 1_000;
const MAX_PATTERN = 500;
/**
 * Steps of all the patterns of a search together, about. A counted repetition is compiled as often as it counts, so a short
 * pattern such as `(?:abc){1000}` can take megabytes; fifty of them, the whole function.
 */
const MAX_STEPS = 10_000;
/** What RE2 itself allows, nested ones multiplied. */
const MAX_REPEATS = 1_000;

type Comparable = string | number;
type Test = (actual: Comparable) => boolean;
type MakeTest = (values: readonly Comparable[], texts: readonly string[]) => Test;

const compared = (holds: (order: number) => boolean): MakeTest => {
  return ([value]) =>
    (actual) =>
      value !== undefined && holds(orderOf(actual, value));
};
const isIn: MakeTest = (values) => {
  const wanted = new Set(values);
  return (actual) => wanted.has(actual);
};
const matching = (toPattern: (text: string) => string, flags: number): MakeTest => {
  return (_values, [text = ""]) => {
    const pattern = compilePattern(toPattern(text), flags);
    return (actual) => pattern.test(String(actual));
  };
};
const not = (make: MakeTest): MakeTest => {
  return (values, texts) => {
    const test = make(values, texts);
    return (actual) => !test(actual);
  };
};
const like = matching(likePattern, RE2JS.DOTALL);
const ilike = matching(likePattern, RE2JS.DOTALL | RE2JS.CASE_INSENSITIVE);
const rlike = matching((text) => text, 0);
const between: MakeTest = ([low = 0, high = 0]) => {
  return (actual) => orderOf(actual, low) >= 0 && orderOf(actual, high) <= 0;
};

/** The operators, and how many values each takes at most; all take one at least. */
const OPERATORS: ReadonlyMap<
  string,
  { readonly make: MakeTest; readonly values?: number; readonly text?: true }
> = new Map([
  ["eq", { make: isIn, values: 1 }],
  ["ne", { make: not(isIn), values: 1 }],
  ["in", { make: isIn }],
  ["not_in", { make: not(isIn) }],
  ["like", { make: like, values: 1, text: true }],
  ["not_like", { make: not(like), values: 1, text: true }],
  ["ilike", { make: ilike, values: 1, text: true }],
  ["not_ilike", { make: not(ilike), values: 1, text: true }],
  ["rlike", { make: rlike, values: 1, text: true }],
  ["not_rlike", { make: not(rlike), values: 1, text: true }],
  ["gt", { make: compared((order) => order > 0), values: 1 }],
  ["ge", { make: compared((order) => order >= 0), values: 1 }],
  ["lt", { make: compared((order) => order < 0), values: 1 }],
  ["le", { make: compared((order) => order <= 0), values: 1 }],
  ["between", { make: between, values: 2 }],
]);

/**
 * The test that all the filters make together.
 * @throws ProblemError
 */
export function compileFilters(filters: unknown): RowTest {
  if (filters === undefined || filters === null) return () => true;
  if (!Array.isArray(filters))
    throw new ProblemError(400, "filters is a list of {field, expression, value}.");
  if (filters.length > MAX_FILTERS)
    throw new ProblemError(400, `A search has at most ${MAX_FILTERS} filters.`);
  let steps = 0;
  const tests = filters.map((filter: unknown, index) => {
    const where = `filters[${index}]`;
    steps += stepsOf(filter);
    if (steps > MAX_STEPS)
      throw new ProblemError(
        400,
        `${where}: the patterns are too much together. Shorten them, or repeat less.`,
      );
    return compileFilter(filter, where);
  });
  return (row) => tests.every((test) => test(row));
}

/** What a filter says, and nothing else that came with it: a cursor carries it. It has been compiled before. */
export function plainFilter(filter: unknown): Readonly<Record<string, unknown>> {
  const { field, expression, value, values } = isObject(filter) ? filter : {};
  return { field, expression, ...(Array.isArray(values) ? { values } : { value }) };
}

/** About how many steps the pattern of a filter has, never fewer; other filters have none. */
function stepsOf(filter: unknown): number {
  if (!isObject(filter) || typeof filter["expression"] !== "string") return 0;
  if (OPERATORS.get(filter["expression"].toLowerCase())?.text !== true) return 0;
  const given = Array.isArray(filter["values"]) ? filter["values"] : [filter["value"]].flat();
  const pattern = typeof given[0] === "string" ? given[0].slice(0, MAX_PATTERN) : "";
  // To the others a brace is a brace.
  if (!filter["expression"].toLowerCase().endsWith("rlike")) return pattern.length;
  const counts = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map(([, least, most]) =>
    Number(most || least),
  );
  return (
    pattern.length *
    Math.min(
      MAX_REPEATS,
      counts.reduce((product, count) => product * Math.max(1, count), 1),
    )
  );
}

function compileFilter(filter: unknown, where: string): RowTest {
  if (!isObject(filter)) throw new ProblemError(400, `${where} is an object {field, expression, value}.`);
  const { field, expression } = filter;
  const kind = typeof field === "string" ? FIELDS.get(field) : undefined;
  if (typeof field !== "string" || kind === undefined) {
    throw new ProblemError(
      400,
      `${where}.field ${quoted(field)} is unknown. Fields: ${[...FIELDS.keys()].join(", ")}.`,
    );
  }
  const operator = typeof expression === "string" ? OPERATORS.get(expression.toLowerCase()) : undefined;
  if (operator === undefined) {
    throw new ProblemError(
      400,
      `${where}.expression ${quoted(expression)} is unknown. Expressions: ${[...OPERATORS.keys()].join(", ")}.`,
    );
  }
  const given = valuesOf(filter, operator.values, where);
  const values = given.map((value) => (operator.text ? value : read(kind, value, where)));
  const test = makeTest(operator.make, values, given, where);
  const path = field.split(".");
  return (row) => {
    const actual = valueAt(row, ...path);
    if (kind === "number" && typeof actual === "number" && !operator.text) return test(actual);
    // A field that rows do not always have is empty: `ne` holds of it, as it does in the lists of Lacework.
    const text = typeof actual === "string" ? actual : actual === undefined ? "" : JSON.stringify(actual);
    return test(operator.text ? text : comparable(kind, text));
  };
}

function valuesOf(
  filter: Readonly<Record<string, unknown>>,
  most: number | undefined,
  where: string,
): string[] {
  const { value, values } = filter;
  const all: readonly unknown[] = Array.isArray(values) ? values : Array.isArray(value) ? value : [value];
  const texts = all.flatMap((one) =>
    typeof one === "string" || typeof one === "number" || typeof one === "boolean" ? [String(one)] : [],
  );
  const limit = most ?? MAX_VALUES;
  const exactly = most === 2 ? 2 : undefined;
  if (
    texts.length !== all.length ||
    texts.length === 0 ||
    texts.length > limit ||
    texts.length < (exactly ?? 1)
  ) {
    const number = most === 1 ? `one "value"` : most === 2 ? `two "values"` : `1 to ${MAX_VALUES} "values"`;
    throw new ProblemError(400, `${where} takes ${number}: texts, numbers or true and false.`);
  }
  return texts;
}

function read(kind: string, text: string, where: string): Comparable {
  const value = comparable(kind, text);
  if (kind === "number" && !(typeof value === "number" && Number.isFinite(value)))
    throw new ProblemError(400, `${where}: alertId is a number, not ${quoted(text)}.`);
  if (kind === "time" && text !== "" && value === -1)
    throw new ProblemError(400, `${where}: write a time such as 2026-11-20T10:00:00Z, not ${quoted(text)}.`);
  if (kind === "rank" && value === -1)
    throw new ProblemError(
      400,
      `${where}: severity is Critical, High, Medium, Low or Info, not ${quoted(text)}.`,
    );
  return value;
}

/** Severities are compared by rank, times as times, words in whatever case; what is none of them lies before all. */
function comparable(kind: string, text: string): Comparable {
  if (kind === "number") return text.trim() === "" ? Number.NaN : Number(text);
  if (kind === "time") return readTime(text) ?? -1;
  if (kind === "rank") return RANKS.indexOf(text.toLowerCase());
  return kind === "word" ? text.toLowerCase() : text;
}

function orderOf(a: Comparable, b: Comparable): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function makeTest(
  make: MakeTest,
  values: readonly Comparable[],
  texts: readonly string[],
  where: string,
): Test {
  try {
    return make(values, texts);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProblemError(
      400,
      `${where}: ${quoted(texts[0])} is no pattern (RE2 syntax): ${quoted(reason)}.`,
    );
  }
}

function compilePattern(pattern: string, flags: number): RE2JS {
  if (pattern.length > MAX_PATTERN) throw new Error(`a pattern has at most ${MAX_PATTERN} characters`);
  return RE2JS.compile(pattern, flags);
}

/** SQL's pattern as a regular expression: % is any text, _ one character, and a backslash takes either as itself. */
function likePattern(text: string): string {
  const pieces = text.match(/\\[%_\\]|[\s\S]/gu) ?? [];
  const pattern = pieces.map((piece) => {
    if (piece === "%") return ".*";
    if (piece === "_") return ".";
    return RE2JS.quote(piece.length === 2 && piece.startsWith("\\") ? piece.slice(1) : piece);
  });
  return `^${pattern.join("")}$`;
}
