/**
 * Checks a comparison: a fact, an operator and a value that fit each other. What json-rules-engine would take without
 * a word and then never find true is refused here, with what to write instead.
 */
import { DECORATORS, parseOperator } from "../engine/operator-name.ts";
import { OPERATORS } from "../engine/operators.ts";
import type { FactPath } from "../record/fact-path.ts";
import { checkFact, typeOfFact } from "./check-fact.ts";
import { checkKnownValues } from "./check-known-values.ts";
import { checkListName, type ListUse } from "./check-list-name.ts";
import { checkPlaceholder } from "./check-placeholder.ts";
import type { FactType, ParsedOperator } from "./check-value.ts";
import { checkValue } from "./check-value.ts";
import { didYouMean, nearest } from "../words/nearest.ts";
import type { Path } from "./problem.ts";
import { quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject, kindOf } from "./report.ts";

const LITERAL_KEYS: readonly string[] = ["fact", "operator", "value"];

/** Operators that people know from elsewhere, and what they are called here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "=": "equal",
  "==": "equal",
  "===": "equal",
  eq: "equal",
  is: "equal",
  "!=": "notEqual",
  "!==": "notEqual",
  ne: "notEqual",
  not: "notEqual",
  "<": "lessThan",
  lt: "lessThan",
  "<=": "lessThanInclusive",
  lte: "lessThanInclusive",
  ">": "greaterThan",
  gt: "greaterThan",
  ">=": "greaterThanInclusive",
  gte: "greaterThanInclusive",
  prefix: "startsWith",
  suffix: "endsWith",
  wildcard: "like",
  glob: "like",
  regex: "matches",
  regexp: "matches",
  cidr: "inCidr",
  "equals-ignore-case": "equalIgnoreCase",
  equalsIgnoreCase: "equalIgnoreCase",
  "anything-but": "notIn",
  oneOf: "in",
  isInList: "inList",
  substring: "includes",
};

/**
 * Checks a condition that has a fact, an operator or a value. `eventSource` is the rule's own, null for any.
 * @returns the list that it compares with, if it does
 */
export function checkLiteral(
  report: Report,
  node: Readonly<Record<string, unknown>>,
  path: Path,
  eventSource: string | null,
): ListUse | undefined {
  for (const key of ["fact", "operator"] as const) {
    const value = node[key];
    if (value === undefined && isMisspelt(node, key)) continue;
    if (value === undefined) {
      const example = key === "fact" ? "a field of the record, e.g. fact: eventName" : "e.g. operator: equal";
      report.add(path, `This condition has no ${key}.`, `Add ${example}.`);
    } else if (typeof value !== "string") {
      report.add(
        [...path, key],
        `${key} is ${kindOf(value)}, expected text.`,
        "Write its name, in quotes if need be.",
      );
    }
  }
  if (!Object.hasOwn(node, "value") && !isMisspelt(node, "value")) {
    report.add(
      path,
      "This condition has no value.",
      "Add value: what the fact is compared with; exists takes true or false.",
    );
  }
  const fact =
    typeof node["fact"] === "string" ? checkFact(report, node["fact"], [...path, "fact"]) : undefined;
  const parsed =
    typeof node["operator"] === "string"
      ? checkOperator(report, node["operator"], [...path, "operator"])
      : undefined;
  if (parsed?.operator.value === "list-name") return checkListLiteral(report, parsed, fact, node, path);
  if (isObject(node["value"])) checkFactValue(report, node["value"], [...path, "value"]);
  if (parsed !== undefined) checkCost(report, parsed, node["value"], path);
  if (parsed === undefined || fact === undefined || !Object.hasOwn(node, "value")) return undefined;
  const type = typeOfFact(fact);
  if (!checkFit(report, fact, type, parsed, path) || isObject(node["value"])) return undefined;
  const before = report.errors();
  checkValue(report, parsed, type, node["value"], [...path, "value"]);
  if (fact.text === "eventName") checkPlaceholder(report, node["value"], [...path, "value"]);
  if (report.errors() > before) return undefined;
  checkKnownValues(report, fact, parsed, String(node["operator"]), node["value"], [...path, "value"]);
  checkEventSource(report, fact, parsed, node["value"], path, eventSource);
  return undefined;
}

/** A comparison with a list: whether the list is there, and is one for this fact, is known when all files are read. */
function checkListLiteral(
  report: Report,
  parsed: ParsedOperator,
  fact: FactPath | undefined,
  node: Readonly<Record<string, unknown>>,
  path: Path,
): ListUse | undefined {
  if (fact !== undefined) checkFit(report, fact, typeOfFact(fact), parsed, path);
  return Object.hasOwn(node, "value") ? checkListName(report, parsed, fact, node["value"], path) : undefined;
}

/** Refuses what a hostile record could make slow: patterns taken from it, and its lists compared with each other. */
function checkCost(report: Report, { base, decorators }: ParsedOperator, value: unknown, path: Path): void {
  const fromRecord = isObject(value);
  if (base === "matches" && (fromRecord || decorators.includes("swap"))) {
    report.add(
      [...path, "value"],
      "The regular expression would come from the record, where a caller can write a costly one.",
      "Write the expression into the rule, or compare the two facts with equal, startsWith, endsWith or includes.",
    );
  }
  const overFact = decorators.some((decorator) => decorator === "someFact" || decorator === "everyFact");
  const overValue = decorators.some((decorator) => decorator === "someValue" || decorator === "everyValue");
  if (fromRecord && overFact && overValue) {
    report.add(
      [...path, "operator"],
      "Every element of one list of the record would be compared with every element of another.",
      "Compare one of them with a list that stands in the rule, or with a single element such as items[0].",
    );
  }
}

/** Whether a key is there under a misspelt name, which is a problem already told. */
function isMisspelt(node: Readonly<Record<string, unknown>>, key: string): boolean {
  const others = Object.keys(node).filter((other) => !LITERAL_KEYS.includes(other));
  return others.some((other) => nearest(other, LITERAL_KEYS) === key);
}

function checkOperator(report: Report, name: string, path: Path): ParsedOperator | undefined {
  const parsed = parseOperator(name);
  if (!("unknown" in parsed)) return parsed;
  const { unknown, kind } = parsed;
  const known = Object.keys(kind === "operator" ? OPERATORS : DECORATORS);
  if (kind === "operator" && Object.hasOwn(DECORATORS, unknown)) {
    report.add(path, `${quote(name)} has a decorator and no operator.`, `Add one, e.g. ${unknown}:equal.`);
  } else if (kind === "decorator" && Object.hasOwn(OPERATORS, unknown)) {
    report.add(
      path,
      `${quote(unknown)} is an operator and stands in front of another.`,
      "Write decorators first and one operator last, e.g. not:startsWith.",
    );
  } else {
    const other = Object.hasOwn(OTHER_NAMES, unknown) ? OTHER_NAMES[unknown] : undefined;
    const cure = other ?? (kind === "operator" ? negated(unknown, known) : undefined);
    const message =
      kind === "operator"
        ? `${quote(unknown)} is no operator.`
        : `${quote(unknown)} is no decorator of operators.`;
    report.add(path, message, cure === undefined ? didYouMean(unknown, known) : `Did you mean "${cure}"?`);
  }
  return undefined;
}

/** `notStartsWith`, `doesNotMatch` and the like: the decorator says it, unless there is an operator for it. */
function negated(name: string, known: readonly string[]): string | undefined {
  const own = nearest(
    name,
    known.filter((operator) => /^(?:not|doesNot)/.test(operator)),
  );
  if (own !== undefined) return own;
  const rest = /^(?:not|doesNot|isNot|no)(.+)$/i.exec(name)?.[1];
  if (rest === undefined) return undefined;
  const meant = nearest(rest, known) ?? known.find((operator) => operator.startsWith(rest.toLowerCase()));
  return meant === undefined ? undefined : `not:${meant}`;
}

function checkFactValue(report: Report, value: Readonly<Record<string, unknown>>, path: Path): void {
  const { fact, ...others } = value;
  if (typeof fact !== "string") {
    report.add(
      path,
      "A value is text, a number, true, false, null or a list; this is an object.",
      "Write one condition for each of its keys, or { fact: otherFact } to compare with another fact.",
    );
    return;
  }
  for (const key of Object.keys(others)) {
    const cure = key === "path" ? "Take it out and write the dotted key as the fact." : "Take it out.";
    report.add([...path, key], `${quote(key)} means nothing beside the fact of a value.`, cure, {
      part: "key",
    });
  }
  checkFact(report, fact, [...path, "fact"]);
}

/** Whether the operator can look at what this fact holds. */
function checkFit(
  report: Report,
  fact: FactPath,
  type: FactType,
  { decorators, base, operator }: ParsedOperator,
  path: Path,
): boolean {
  if (decorators.includes("swap")) return true;
  const over = decorators.find((decorator) => decorator === "someFact" || decorator === "everyFact");
  const operatorPath = [...path, "operator"];
  const single = type === "text" || type === "boolean" || type === "object";
  if (over !== undefined && single) {
    report.add(
      operatorPath,
      `${over}: goes through a list, and ${fact.text} is none.`,
      `Write ${quote(base)}.`,
    );
    return false;
  }
  if (over !== undefined) return true;
  const looksAtLists = operator.list === true || base === "exists";
  if (type === "list" && !looksAtLists) {
    report.add(
      operatorPath,
      `${fact.text} is a list, and ${base} compares with a single value.`,
      `Write "someFact:${base}" for at least one element, or "everyFact:${base}" for all.`,
    );
    return false;
  }
  if (type === "object" && base !== "exists" && base !== "equal" && base !== "notEqual") {
    report.add(
      [...path, "fact"],
      `${fact.text} is an object, and ${base} compares with a value.`,
      `Go on to one of its keys: ${fact.text}.…`,
    );
    return false;
  }
  if (operator.list === true && single) {
    const meant = base === "contains" ? "includes" : "not:includes";
    report.add(
      operatorPath,
      `${base} looks into lists, and ${fact.text} is a single value.`,
      `Did you mean "${meant}"?`,
    );
    return false;
  }
  return true;
}

/** The folder has settled the eventSource: saying it again is noise, saying another kills the rule. */
function checkEventSource(
  report: Report,
  fact: FactPath,
  parsed: ParsedOperator,
  value: unknown,
  path: Path,
  eventSource: string | null,
): void {
  if (fact.text !== "eventSource" || eventSource === null) return;
  if (parsed.decorators.some((decorator) => decorator !== "not")) return;
  const negations = parsed.decorators.length % 2 === 1;
  const holds = parsed.operator.holds(eventSource, value) !== negations;
  const message = `This is ${holds ? "always" : "never"} true: the folder makes eventSource ${eventSource}.`;
  const cure = holds
    ? "Delete the condition."
    : "Move the rule to the folder of that eventSource, or to _global.";
  report.add(path, message, cure, { severity: holds ? "warning" : "error" });
}
