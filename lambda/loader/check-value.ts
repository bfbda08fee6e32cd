/**
 * Checks a constant against the operator that compares it. A value of the wrong type is no error to json-rules-engine:
 * the condition is just never true (or, with `notEqual`, always), and the rule silently never (or always) matches.
 *
 *   { fact: sessionCredentialFromConsole, operator: equal, value: true }     # CloudTrail writes the text "true"
 *   { fact: eventName, operator: in, value: PutObject }                      # json-rules-engine: a substring test
 */
import { canonicalCidr } from "../engine/cidr.ts";
import type { Decorator } from "../engine/operator-name.ts";
import type { Operator } from "../engine/operators.ts";
import { hasHostBits } from "./check-list.ts";
import type { Path } from "./problem.ts";
import { quote, splitAdvice } from "./problem.ts";
import type { Report } from "./report.ts";
import { kindOf } from "./report.ts";

/** What a fact is known to hold, from its name. */
export type FactType = "text" | "boolean" | "list" | "object" | "unknown";

/** An operator of a condition, taken apart. */
export type ParsedOperator = {
  readonly decorators: readonly Decorator[];
  readonly base: string;
  readonly operator: Operator;
};

/** Reports what is wrong with a constant `value` at `path`, compared by an operator with a fact of a known type. */
export function checkValue(
  report: Report,
  parsed: ParsedOperator,
  factType: FactType,
  value: unknown,
  path: Path,
): void {
  const { decorators, operator } = parsed;
  // swap makes the constant take the fact's place, where any value may stand.
  if (decorators.includes("swap")) return;
  const overValue = decorators.find((decorator) => decorator === "someValue" || decorator === "everyValue");
  const overFact = decorators.includes("someFact") || decorators.includes("everyFact");
  const type = overFact ? "unknown" : factType;
  if (overValue === undefined) {
    checkOne(report, parsed, type, value, path);
  } else if (!Array.isArray(value)) {
    report.add(
      path,
      `${overValue}: goes through a list, this is ${kindOf(value)}.`,
      `Write a list, or take ${overValue}: out.`,
    );
  } else if (value.length === 0) {
    report.add(path, "The list is empty.", "Fill it in, or delete the condition.");
  } else {
    for (const [index, element] of value.entries())
      checkOne(report, { ...parsed, operator }, type, element, [...path, index]);
  }
}

function checkOne(
  report: Report,
  { base, operator }: ParsedOperator,
  type: FactType,
  value: unknown,
  path: Path,
): void {
  if (operator.value === "list") {
    if (!Array.isArray(value)) {
      report.add(
        path,
        `${base} compares with a list, this is ${kindOf(value)}.`,
        `Write [${quote(value)}], or use ${base === "in" ? "equal" : "notEqual"}.`,
      );
    } else if (value.length === 0) {
      report.add(path, "The list is empty.", "Fill it in, or delete the condition.");
    } else {
      for (const [index, element] of value.entries())
        checkScalar(report, base, type, element, [...path, index]);
    }
  } else if (operator.value === "scalar") {
    checkScalar(report, base, type, value, path);
  } else if (operator.value === "boolean") {
    if (typeof value !== "boolean") {
      report.add(
        path,
        `${base} takes true or false, this is ${quote(value)}.`,
        "Write true or false, without quotes.",
      );
    }
  } else if (operator.value === "number") {
    if (!isNumeric(value)) {
      report.add(path, `${base} compares with a number, ${quote(value)} is none.`, "Write a number.");
    }
  } else if (typeof value !== "string") {
    const cure =
      typeof value === "number" || typeof value === "boolean"
        ? `Put it in quotes: "${String(value)}".`
        : "Write one text, or one condition for each under any.";
    report.add(path, `${base} compares with text, ${quote(value)} is ${kindOf(value)}.`, cure);
  } else {
    checkText(report, base, operator, value, path);
  }
}

function checkText(report: Report, base: string, operator: Operator, value: string, path: Path): void {
  if (value === "" && base !== "equalIgnoreCase") {
    report.add(path, `${base} with an empty text holds for any text.`, "Write the text, or use exists.");
    return;
  }
  const reason = operator.check?.(value);
  if (reason !== undefined) {
    const { message, cure } = splitAdvice(reason, "Mend the value.");
    report.add(path, message, cure);
  } else if (base === "inCidr") checkHostBits(report, value, path);
}

/** A range with bits behind its prefix holds all the same, but its author may have meant the one address. */
function checkHostBits(report: Report, value: string, path: Path): void {
  const range = canonicalCidr(value);
  if (range === undefined || !hasHostBits(value, range)) return;
  const [address = ""] = value.split("/");
  const message = `${quote(value)} does not begin a range: its last bits are not zero, and it holds all of ${range}.`;
  const cure = `Write ${range} for the range, or ${address}/${address.includes(":") ? 128 : 32} for the address.`;
  report.add(path, message, cure, { severity: "warning" });
}

function checkScalar(report: Report, base: string, type: FactType, value: unknown, path: Path): void {
  if (typeof value === "object" && value !== null) {
    const cure = Array.isArray(value)
      ? `Use ${LIST_FORMS[base] ?? "one condition for each"}, or name one element of the fact, e.g. items[0].`
      : "Write one condition for each key of the object.";
    report.add(path, `${base} compares with a single value, this is ${kindOf(value)}.`, cure);
  } else if (value === null && (type === "text" || type === "boolean")) {
    const meant = base === "notEqual" || base === "notIn" ? "true" : "false";
    report.add(
      path,
      "CloudTrail never writes null here: it leaves the field out.",
      `Write operator: exists, value: ${meant}.`,
    );
  } else if (type === "text" && (typeof value === "number" || typeof value === "boolean")) {
    const written = asWritten(report, path, value);
    const message = `CloudTrail writes text here, which is never the ${typeof value} ${written}.`;
    report.add(path, message, `Put it in quotes: "${written}".`);
  } else if (type === "object" && value !== null) {
    report.add(
      path,
      `The fact is an object, which is never ${quote(value)}.`,
      "Go on to one of its keys with a dot.",
    );
  } else if (type === "boolean" && value !== null && typeof value !== "boolean") {
    const cure =
      value === "true" || value === "false" ? `Take the quotes off: ${value}.` : "Write true or false.";
    report.add(path, `CloudTrail writes true or false here, never ${quote(value)}.`, cure);
  }
}

/** The value as it stands in the file: 1.10 and not 1.1, for as text they differ. */
function asWritten({ source }: Report, path: Path, value: unknown): string {
  const start = source.offset(path);
  const written =
    start === undefined ? undefined : /^[\w.+-]+/.exec(source.text.slice(start, start + 80))?.[0];
  return written ?? String(value);
}

const LIST_FORMS: Readonly<Record<string, string>> = { equal: "in", notEqual: "notIn" };

function isNumeric(value: unknown): boolean {
  if (typeof value === "number") return true;
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
}
