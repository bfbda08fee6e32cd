/**
 * One line of a Sigma selection, `field|modifiers: values`, as a condition.
 *
 *   userAgent|contains: [S3 Browser, Kali]
 *   // any: [userAgent matches (?i)S3 Browser, userAgent matches (?i)Kali]
 *
 * What Sigma leaves open is settled like this, and written down in docs/import.md: a number or switch is equal to its
 * spelling as text; of a list one element suffices; parts of texts are only looked for in texts; a field that holds
 * null, `{}` or `[]` is not there; `fieldref` compares exactly.
 */
import { OPERATORS } from "../../../lambda/engine/operators.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { parseFactPath } from "../../../lambda/record/fact-path.ts";
import { typeOfFact } from "../../../lambda/loader/check-fact.ts";
import { quote } from "../../../lambda/loader/problem.ts";
import { all, any, literal, oneOf } from "../conditions.ts";
import { type FactForm, factForm } from "../fact-form.ts";
import { Refusal } from "../model.ts";
import { exactSpelling } from "./exact-spelling.ts";
import {
  ANY,
  escapeRegex,
  hasCase,
  ONE,
  parseSigmaText,
  regexOf,
  type SigmaText,
  widened,
} from "./sigma-text.ts";

const SIZES: Readonly<Record<string, string>> = {
  lt: "lessThan",
  lte: "lessThanInclusive",
  gt: "greaterThan",
  gte: "greaterThanInclusive",
};
const PLACES = ["contains", "startswith", "endswith"];
const KNOWN: ReadonlySet<string> = new Set([
  ...PLACES,
  ...Object.keys(SIZES),
  "all",
  "cased",
  "re",
  "i",
  "m",
  "s",
  "cidr",
  "exists",
  "fieldref",
  "neq",
]);

/** Why modifiers that Sigma has, and our conditions do not, are refused. */
const REFUSED: Readonly<Record<string, string>> = {
  base64: "it looks for encoded text",
  base64offset: "it looks for encoded text",
  utf16: "it looks for encoded text",
  utf16le: "it looks for encoded text",
  utf16be: "it looks for encoded text",
  wide: "it looks for encoded text",
  windash: "it is about command lines of Windows",
  expand: "its values stand outside the rule: write them into it, or make a list of rules/_lists",
};

/**
 * The condition of one field.
 * @throws Refusal when it cannot be said exactly.
 */
export function itemCondition(key: string, value: unknown): Condition {
  const [field = "", ...modifiers] = key.split("|");
  if (field === "") throw new Refusal("It looks for keywords in the whole record: name the field.");
  for (const modifier of modifiers) {
    if (Object.hasOwn(REFUSED, modifier))
      throw new Refusal(`The modifier ${modifier} has no counterpart: ${REFUSED[modifier] ?? ""}.`);
    if (!KNOWN.has(modifier)) throw new Refusal(`The modifier ${quote(modifier)} is not known.`);
  }
  const form = factForm(field);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new Refusal(`${quote(field)} is compared with an empty list.`);
  const negated = modifiers.includes("neq");
  const conditions = joined(
    values.map((one) => valueCondition(form, new Set(modifiers), one)),
    modifiers.includes("all"),
  );
  return negated ? { not: conditions } : conditions;
}

/** Several values: one must hold, or all. Equal ones of one fact become `in`. */
function joined(parts: readonly Condition[], every: boolean): Condition {
  if (every) return all(parts);
  const flat = parts.flatMap((part) => ("any" in part ? part.any : [part]));
  const result: Condition[] = [];
  const equal = new Map<string, unknown[]>();
  for (const part of flat) {
    const match = "fact" in part ? /^(someFact:)?equal$/.exec(part.operator) : null;
    if (!("fact" in part) || match === null || typeof part.value === "object") {
      result.push(part);
      continue;
    }
    const known = equal.get(`${match[1] ?? ""} ${part.fact}`);
    if (known === undefined) {
      const values = [part.value];
      equal.set(`${match[1] ?? ""} ${part.fact}`, values);
      result.push({ fact: part.fact, operator: part.operator, value: values });
    } else if (!known.includes(part.value)) known.push(part.value);
  }
  return any(
    result.map((part) => {
      if (!("fact" in part) || !Array.isArray(part.value)) return part;
      return oneOf(part.fact, part.value, part.operator.startsWith("someFact:") ? "someFact:" : "");
    }),
  );
}

function valueCondition(form: FactForm, modifiers: ReadonlySet<string>, value: unknown): Condition {
  if (modifiers.has("exists")) {
    if (typeof value !== "boolean") throw new Refusal(`exists takes true or false, not ${quote(value)}.`);
    return literal(form.fact, "exists", value);
  }
  if (modifiers.has("fieldref")) return fieldCondition(form, modifiers, value);
  if (value === null) return literal(form.fact, "exists", false);
  const size = Object.keys(SIZES).find((name) => modifiers.has(name));
  if (form.kind === "object")
    throw new Refusal(
      `${quote(form.field)} is an object in CloudTrail, and Sigma would search its text: name the field below it.`,
    );
  if (size !== undefined) {
    if (typeof value !== "number") throw new Refusal(`${size} takes a number, not ${quote(value)}.`);
    return literal(form.fact, `${form.decorator}${SIZES[size] ?? ""}`, value);
  }
  if (modifiers.has("re")) return regexCondition(form, modifiers, value);
  if (modifiers.has("cidr")) {
    const problem = OPERATORS["inCidr"]?.check?.(value);
    if (typeof value !== "string" || problem !== undefined)
      throw new Refusal(`${quote(value)} is no address range in a form that we read.`);
    return literal(form.fact, `${form.decorator}inCidr`, value);
  }
  return textCondition(form, modifiers, value);
}

function fieldCondition(form: FactForm, modifiers: ReadonlySet<string>, value: unknown): Condition {
  if (typeof value !== "string")
    throw new Refusal(`fieldref takes the name of a field, not ${quote(value)}.`);
  const other = factForm(value);
  if (form.kind === "object" || other.kind === "object")
    throw new Refusal(`fieldref compares two values, and one of the fields is an object.`);
  const operator = modifiers.has("contains")
    ? "includes"
    : modifiers.has("startswith")
      ? "startsWith"
      : modifiers.has("endswith")
        ? "endsWith"
        : "equal";
  // An absent field is equal to an absent one; to Sigma neither is anything.
  const there = operator === "equal" ? [literal(form.field, "exists", true)] : [];
  return all([...there, literal(form.field, operator, { fact: other.field })]);
}

function regexCondition(form: FactForm, modifiers: ReadonlySet<string>, value: unknown): Condition {
  if (typeof value !== "string" || value === "")
    throw new Refusal(`re takes a regular expression, not ${quote(value)}.`);
  if (form.kind === "boolean") throw new Refusal(`${form.field} is true or false, and never a text.`);
  const flags = ["i", "m", "s"].filter((flag) => modifiers.has(flag)).join("");
  const regex = flags === "" ? value : `(?${flags})${value}`;
  const problem = OPERATORS["matches"]?.check?.(regex);
  if (problem !== undefined) throw new Refusal(`${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`);
  return literal(form.fact, `${form.decorator}matches`, regex);
}

function textCondition(form: FactForm, modifiers: ReadonlySet<string>, value: unknown): Condition {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    throw new Refusal(`${quote(form.field)} is compared with ${quote(value)}, which is no single value.`);
  const partly = PLACES.filter((place) => modifiers.has(place));
  if (typeof value !== "string" && partly.length === 0)
    return equals(form, String(value), typeof value === "number");
  const text = widened(
    parseSigmaText(String(value)),
    modifiers.has("contains") || modifiers.has("endswith"),
    modifiers.has("contains") || modifiers.has("startswith"),
  );
  const [only = "", second] = text;
  if (only === ANY && second === undefined) return literal(form.fact, "exists", true);
  if (second === undefined && typeof only === "string") return equals(form, only, modifiers.has("cased"));
  if (form.kind === "boolean") throw new Refusal(`${form.field} is true or false, and never a text.`);
  const exact = modifiers.has("cased") || !hasCase(text) || exactSpelling(form.field, text);
  const [operator, wanted] = exact ? exactForm(text) : ["matches", regexOf(text, "i")];
  return literal(form.fact, `${form.decorator}${operator}`, wanted);
}

/** A text with wildcards, case and all: in the plainest operator that says it. */
function exactForm(text: SigmaText): [operator: string, value: string] {
  const [first, second, third, more] = text;
  if (more === undefined && typeof first === "string" && second === ANY && third === undefined)
    return ["startsWith", first];
  if (more === undefined && first === ANY && typeof second === "string")
    return third === undefined
      ? ["endsWith", second]
      : third === ANY
        ? ["includes", second]
        : ["matches", regexOf(text, "")];
  if (text.includes(ONE)) return ["matches", regexOf(text, "")];
  return [
    "like",
    text
      .map((part) => (typeof part === "string" ? part.replaceAll(/[\\*]/g, String.raw`\$&`) : "*"))
      .join(""),
  ];
}

/** A whole value: as text, and where the text spells a number or switch and the record may hold one, as that. */
function equals(form: FactForm, text: string, cased: boolean): Condition {
  const { kind, fact, decorator } = form;
  const lower = text.toLowerCase();
  const isSwitch = cased ? text === "true" || text === "false" : lower === "true" || lower === "false";
  if (kind === "boolean") {
    if (!isSwitch) throw new Refusal(`${form.field} is true or false, and never ${quote(text)}.`);
    return literal(fact, "equal", lower === "true");
  }
  const typed: unknown[] = kind === "text" ? [] : isSwitch ? [lower === "true"] : asNumber(text);
  const exact = cased || !hasCase([text]) || exactSpelling(form.field, [text]);
  if (exact) return oneOf(fact, [text, ...typed], decorator);
  const isAscii = /^[ -~]*$/.test(text);
  const asText = isAscii
    ? literal(fact, `${decorator}equalIgnoreCase`, text)
    : literal(fact, `${decorator}matches`, `(?i)^${escapeRegex(text)}$`);
  return any([asText, ...(typed.length === 0 ? [] : [oneOf(fact, typed, decorator)])]);
}

function asNumber(text: string): unknown[] {
  const number = Number(text);
  return text !== "" && Number.isFinite(number) && String(number) === text ? [number] : [];
}

/** The plain name of a field that always holds one value, for `by` and `distinct`; undefined for any other. */
export function singleField(field: string): string | undefined {
  const form = factForm(field);
  return form.kind === "object" || typeOfFact(parseFactPath(form.field)) === "list" ? undefined : form.field;
}
