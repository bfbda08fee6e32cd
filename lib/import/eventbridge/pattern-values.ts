/**
 * What an event pattern wants of one field, as a condition that holds for the same records.
 *
 *   fieldCondition("detail.errorCode", [{ exists: false }])
 *   // { fact: "errorCode", operator: "exists", value: false }
 *
 * EventBridge looks through lists (one element suffices), at plain values only, and at their type: `5` is not `"5"`. A
 * fact of unknown shape is asked through `[*]` for that. Null is a value to EventBridge and hides behind no `[*]`, so
 * where null would do it is asked for by itself.
 */
import type { Condition } from "../../../lambda/engine/rule.ts";
import { isObject, type Leaf } from "../../../lambda/engine/event-pattern/leaf.ts";
import { quote } from "../../../lambda/loader/problem.ts";
import { all, any, literal, oneOf } from "../conditions.ts";
import { type FactForm, factForm, starred } from "../fact-form.ts";
import { Refusal } from "../model.ts";
import { escapeRegex } from "../sigma/sigma-text.ts";

const NUMERIC: Readonly<Record<string, string>> = {
  "<": "lessThan",
  "<=": "lessThanInclusive",
  ">": "greaterThan",
  ">=": "greaterThanInclusive",
};
/** Holds for every text, and for nothing else. */
const ANY_TEXT = "^";

/**
 * The condition of one field below `detail`, of values as the pattern has them.
 * @throws Refusal when it cannot be said exactly.
 */
export function fieldCondition(field: string, values: readonly unknown[]): Condition {
  const form = factForm(field);
  const leaves = values.filter((value) => !isObject(value)) as Leaf[];
  const parts = [
    ...leafConditions(form, leaves),
    ...values.flatMap((value) => {
      const [entry] = isObject(value) ? Object.entries(value) : [];
      return entry === undefined ? [] : operatorConditions(form, entry[0], entry[1]);
    }),
  ];
  if (parts.length === 0)
    throw new Refusal(
      `${quote(field)} is never one of ${values.map(quote).join(", ")}: CloudTrail writes ${form.kind === "boolean" ? "true or false" : form.kind === "object" ? "an object" : "text"} there.`,
    );
  return any(parts);
}

/** The values that the field may be exactly, less those of a type that it never has. */
function leafConditions(form: FactForm, leaves: readonly Leaf[]): Condition[] {
  const possible = leaves.filter((leaf) => {
    if (form.kind === "unknown") return true;
    return form.kind === "text"
      ? typeof leaf === "string"
      : form.kind === "boolean" && typeof leaf === "boolean";
  });
  const parts: Condition[] = possible.length === 0 ? [] : [oneOf(form.fact, possible, form.decorator)];
  return form.kind === "unknown" && leaves.includes(null) ? [...parts, isNull(form)] : parts;
}

function operatorConditions(form: FactForm, name: string, argument: unknown): Condition[] {
  if (name === "exists") return existence(form, argument === true);
  if (form.kind === "object") return [];
  if (name === "anything-but") return anythingBut(form, argument);
  if (name === "numeric") return form.kind === "unknown" ? [numeric(form, argument)] : [];
  if (form.kind === "boolean") return [];
  const text = (operator: string, value: string): Condition[] => [
    literal(form.fact, `${form.decorator}${operator}`, value),
  ];
  switch (name) {
    case "prefix":
      return edge(form, argument, "startsWith", (body) => `^${body}`);
    case "suffix":
      return edge(form, argument, "endsWith", (body) => `${body}$`);
    case "equals-ignore-case":
      return text("equalIgnoreCase", ascii(argument));
    case "wildcard":
      return argument === "" ? text("equal", "") : text("like", String(argument));
    case "cidr":
      return text("inCidr", String(argument));
    case "exactly":
      return text("equal", String(argument));
    default:
      throw new Refusal(`The operator ${quote(name)} has no counterpart.`);
  }
}

function edge(
  form: FactForm,
  argument: unknown,
  operator: string,
  regex: (body: string) => string,
): Condition[] {
  const folded = isObject(argument);
  const wanted = folded ? ascii(argument["equals-ignore-case"]) : String(argument);
  if (wanted.startsWith('"') || wanted.endsWith('"'))
    throw new Refusal(
      "EventBridge compares a text with its quotes, and a quote in a prefix or suffix has no counterpart.",
    );
  const [name, value] =
    wanted === ""
      ? ["matches", ANY_TEXT]
      : folded
        ? ["matches", regex(eitherCase(wanted))]
        : [operator, wanted];
  return [literal(form.fact, `${form.decorator}${name}`, value)];
}

function anythingBut(form: FactForm, argument: unknown): Condition[] {
  const excluded = exclusion(argument);
  const type = typeof excluded.values[0];
  if (form.kind === "unknown") {
    if (excluded.operator !== "in")
      throw new Refusal(
        "CloudTrail may have a list there: that one element is not like this cannot be said of it.",
      );
    return [literal(form.fact, `${form.decorator}notIn`, excluded.values), isNull(form)];
  }
  const there = literal(form.fact, "exists", true);
  // A field that is always text is never the number that is excluded.
  if (form.kind === "boolean" || type === "number") return [there];
  const none = excluded.values.map((value) => literal(form.fact, `not:${excluded.operator}`, value));
  return [
    all([there, ...(excluded.operator === "in" ? [literal(form.fact, "notIn", excluded.values)] : none)]),
  ];
}

function exclusion(argument: unknown): { operator: string; values: readonly unknown[] } {
  if (!isObject(argument)) return { operator: "in", values: Array.isArray(argument) ? argument : [argument] };
  const [[name, excluded] = ["", ""]] = Object.entries(argument);
  const values = (Array.isArray(excluded) ? excluded : [excluded]).map(String);
  if (values.some((value) => value.startsWith('"') || value.endsWith('"')))
    throw new Refusal(
      "EventBridge compares a text with its quotes, and a quote at its edge has no counterpart.",
    );
  const operators: Readonly<Record<string, string>> = {
    prefix: "startsWith",
    suffix: "endsWith",
    "equals-ignore-case": "equalIgnoreCase",
    wildcard: "like",
  };
  if (name === "equals-ignore-case") values.forEach(ascii);
  return { operator: operators[name] ?? "equal", values };
}

/** A number is no text to EventBridge, and our comparisons also read numbers in texts. */
function numeric(form: FactForm, argument: unknown): Condition {
  const terms: readonly unknown[] = Array.isArray(argument) ? argument : [];
  const [operator, bound, upperOperator, upperBound] = terms;
  if (operator === "=") return oneOf(form.fact, [bound], form.decorator);
  const value = starred(form.field.split("."), false);
  if (value.includes("[*]"))
    throw new Refusal(
      "CloudTrail may have a list on the way to it: that one number is in a range cannot be said of it.",
    );
  const sides = [[operator, bound] as const, [upperOperator, upperBound] as const].filter(
    ([name]) => name !== undefined,
  );
  return all([
    ...sides.map(([name, number]) => literal(value, NUMERIC[String(name)] ?? "", number)),
    literal(value, "not:matches", ANY_TEXT),
  ]);
}

function existence(form: FactForm, there: boolean): Condition[] {
  // Only leaves exist to EventBridge.
  if (form.kind === "object") {
    if (there) return [];
    throw new Refusal(
      `${quote(form.field)} is an object, which never exists to EventBridge: the pattern asks nothing.`,
    );
  }
  if (form.kind !== "unknown") return [literal(form.fact, "exists", there)];
  const parts = [literal(form.fact, "exists", true), isNull(form)];
  return there ? parts : [{ not: any(parts) }];
}

/** Whether null stands there, as the value or as the value in an element. */
function isNull(form: FactForm): Condition {
  const fact = starred(form.field.split("."), false);
  return literal(fact, fact.includes("[*]") ? "someFact:equal" : "equal", null);
}

function ascii(argument: unknown): string {
  const text = String(argument);
  if (!/^[ -~]*$/.test(text))
    throw new Refusal(
      `${quote(text)} has letters whose upper and lower case EventBridge pairs in its own way.`,
    );
  return text;
}

/** Each letter in either case, and no other: RE2's `(?i)` also takes the Kelvin sign for a k. */
function eitherCase(text: string): string {
  return Array.from(text, (char) =>
    /[a-z]/i.test(char) ? `[${char.toLowerCase()}${char.toUpperCase()}]` : escapeRegex(char),
  ).join("");
}
