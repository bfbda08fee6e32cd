/**
 * The filter of a query over CloudTrail as conditions. In SQL a comparison with nothing is neither true nor false, and
 * neither is its opposite: `not` is carried down to the comparisons, and each says that the field must be there.
 *
 *   ERROR_CODE is null and EVENT:userIdentity."type"::String <> 'Root'
 *   // errorCode exists false, and userIdentity.type exists true and notEqual "Root"
 */
import type { Condition, Literal } from "../../../lambda/engine/rule.ts";
import { typeOfFact } from "../../../lambda/loader/check-fact.ts";
import { quote } from "../../../lambda/loader/problem.ts";
import { FactPathError, parseFactPath } from "../../../lambda/record/fact-path.ts";
import { RECORD_FIELDS } from "../../../lambda/record/record-shape.ts";
import { all, any, literal, oneOf } from "../conditions.ts";
import { Refusal } from "../model.ts";
import type { Filter, Operand, Query, Value } from "./lql.ts";

/** Columns that stand for a field of the record. */
const COLUMNS: Readonly<Record<string, string>> = {
  EVENT_SOURCE: "eventSource",
  EVENT_NAME: "eventName",
  ERROR_CODE: "errorCode",
  ERROR_MESSAGE: "errorMessage",
};

type Field = { readonly fact: string; readonly decorator: "" | "someFact:"; readonly rows?: string };

/**
 * The conditions of a query.
 * @param list the name of the list that `${query_var}` stands for
 * @throws Refusal when they cannot be said exactly.
 */
export function queryConditions({ source, rows, filter }: Query, list: string): Condition {
  if (source.toLowerCase() !== "cloudtrailrawevents")
    throw new Refusal(`Its source is ${quote(source)}: only CloudTrailRawEvents has a counterpart.`);
  const used = new Set<string>();
  const fieldOf = (operand: Operand): Field => {
    const field = readField(operand, rows);
    if (field.rows === undefined) return field;
    if (used.has(field.rows))
      throw new Refusal(
        `Two comparisons look at ${quote(field.rows)}, and must hold for the same row of it: conditions look at each by itself.`,
      );
    used.add(field.rows);
    return field;
  };
  const parts = filter === undefined ? [] : [convert(filter, false, fieldOf, list)];
  // A list without an element gives no row, and no row no match.
  const there = [...rows]
    .filter(([name]) => filter === undefined || !needsRow(filter, name))
    .map(([, operand]) => literal(`${readField(operand, new Map()).fact}[*]`, "exists", true));
  const conditions = [...parts, ...there];
  return conditions.length === 0 ? literal("eventName", "exists", true) : all(conditions);
}

/** Whether a filter holds for no record without a row: a comparison of one is among those that must all hold. */
function needsRow(filter: Filter, name: string): boolean {
  if (filter.kind === "and") return filter.parts.some((part) => needsRow(part, name));
  return "operand" in filter && filter.operand.column === name;
}

function convert(
  filter: Filter,
  negated: boolean,
  fieldOf: (operand: Operand) => Field,
  list: string,
): Condition {
  switch (filter.kind) {
    case "not":
      return convert(filter.part, !negated, fieldOf, list);
    case "and":
    case "or": {
      const parts = filter.parts.map((part) => convert(part, negated, fieldOf, list));
      return (filter.kind === "and") === negated ? any(parts) : all(parts);
    }
    case "null": {
      const field = fieldOf(filter.operand);
      const there = filter.negated !== negated;
      if (field.decorator !== "" && !there)
        throw new Refusal("That a row lacks a field cannot be said of a list's elements.");
      return literal(field.fact, "exists", there);
    }
    case "variable":
      return compared(fieldOf(filter.operand), filter.negated !== negated, (field, opposite) => {
        if (filter.operand.fold !== undefined)
          throw new Refusal(
            `${filter.operand.fold} over a field that is compared with \${query_var} has no counterpart.`,
          );
        return literal(field.fact, `${field.decorator}${opposite ? "notInList" : "inList"}`, list);
      });
    case "like":
      return compared(fieldOf(filter.operand), filter.negated !== negated, (field, opposite) => {
        if (filter.operand.fold !== undefined || /[_\\]/.test(filter.pattern))
          throw new Refusal(
            `like ${quote(filter.pattern)} has no counterpart: only % stands for characters here.`,
          );
        const pattern = filter.pattern.replaceAll("*", String.raw`\*`).replaceAll("%", "*");
        return literal(field.fact, `${field.decorator}${opposite ? "not:" : ""}like`, pattern);
      });
    default:
      return compared(fieldOf(filter.operand), filter.negated !== negated, (field, opposite) =>
        among(field, filter.operand, filter.values, opposite),
      );
  }
}

/** A comparison, or its opposite: then the field must be there as well. */
function compared(
  field: Field,
  opposite: boolean,
  comparison: (field: Field, opposite: boolean) => Condition,
): Condition {
  const made = comparison(field, opposite);
  return opposite && field.decorator === "" ? all([literal(field.fact, "exists", true), made]) : made;
}

function among(field: Field, { fold }: Operand, values: readonly Value[], opposite: boolean): Condition {
  if (fold === undefined) {
    const written = values.flatMap((value) => typedValues(field.fact, value));
    const equal = oneOf(field.fact, written, field.decorator);
    return opposite ? negation(equal) : equal;
  }
  const reachable = values
    .map(String)
    .filter((value) => value === (fold === "UPPER" ? value.toUpperCase() : value.toLowerCase()));
  if (reachable.length < values.length)
    throw new Refusal(
      `${fold}(…) is never one of ${values.map(quote).join(", ")}: its letters are of the other case.`,
    );
  if (!reachable.every((value) => /^[ -~]*$/.test(value)))
    throw new Refusal(`${fold}(…) is compared with letters beyond A to Z, whose case has no counterpart.`);
  const each = reachable.map((value) => literal(field.fact, `${field.decorator}equalIgnoreCase`, value));
  if (opposite && field.decorator !== "" && each.length > 1)
    throw new Refusal("That one row is none of several texts in either case cannot be said.");
  return opposite ? all(each.map(negation)) : any(each);
}

/** The opposite, for one element: the decorator stays in front. */
function negation({ fact, operator, value }: Literal): Literal {
  const prefix = operator.startsWith("someFact:") ? "someFact:" : "";
  const base = operator.slice(prefix.length);
  const opposites: Readonly<Record<string, string>> = { equal: "notEqual", in: "notIn" };
  return literal(fact, `${prefix}${opposites[base] ?? `not:${base}`}`, value);
}

/** A number may stand in the record as a number or as text; a text only as text. */
function typedValues(fact: string, value: Value): Value[] {
  if (typeof value === "string") return [value];
  const type = typeOfFact(parseFactPath(fact));
  if (type === "boolean") return [value];
  return type === "text" ? [String(value)] : [value, String(value)];
}

function readField({ column, path }: Operand, rows: ReadonlyMap<string, Operand>): Field {
  const row = rows.get(column);
  if (row !== undefined) {
    const base = readField(row, new Map()).fact;
    return {
      fact: checked(`${base}[*]${path === "" ? "" : `.${path}`}`),
      decorator: "someFact:",
      rows: column,
    };
  }
  if (column.toUpperCase() === "EVENT" && path !== "") return { fact: checked(path), decorator: "" };
  const field = COLUMNS[column.toUpperCase()];
  if (field === undefined || path !== "")
    throw new Refusal(
      `The column ${quote(path === "" ? column : `${column}:${path}`)} has no counterpart: ${Object.keys(COLUMNS).join(", ")} and EVENT:… have.`,
    );
  return { fact: field, decorator: "" };
}

function checked(fact: string): string {
  try {
    const { root } = parseFactPath(fact);
    if (!RECORD_FIELDS.includes(root))
      throw new Refusal(`No CloudTrail record has a field ${quote(root)} at its top.`);
    return fact;
  } catch (error) {
    if (error instanceof FactPathError) throw new Refusal(error.message);
    throw error;
  }
}
