/**
 * Checks data against a zod schema and turns zod's issues into problems with places and cures. zod says what a value
 * is not; the schema's own descriptions, which editors show too, say what it should have been.
 */
import { z } from "zod";
import { didYouMean, nearest } from "../words/nearest.ts";
import type { Path } from "./problem.ts";
import { quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject, kindOf } from "./report.ts";

type Issue = z.core.$ZodIssue;

/** Cures for what was not unknown but is written elsewhere or otherwise; keys are unknown keys. */
export type KeyCures = Readonly<Record<string, string>>;

/**
 * Parses `data`, which must be an object, and reports every way in which it differs from the schema.
 * @returns the parsed data, or undefined when something was wrong.
 */
export function checkSchema<T>(
  report: Report,
  schema: z.ZodType<T>,
  data: unknown,
  options: { readonly what: string; readonly at?: Path; readonly cures?: KeyCures },
): T | undefined {
  const at = options.at ?? [];
  if (!isObject(data)) {
    report.add(
      at,
      `${options.what} is an object, this is ${kindOf(data)}.`,
      "Write its keys and values at the top of the file.",
    );
    return undefined;
  }
  const result = schema.safeParse(at.length === 0 ? withoutSchemaKey(data) : data);
  if (result.success) return result.data;
  const { issues } = result.error;
  for (const issue of issues) {
    if (!isMisspelt(schema, issue, issues)) reportIssue(report, schema, data, issue, at, options.cures ?? {});
  }
  return undefined;
}

/** Whether a key is missing only because it stands there misspelt, which is a problem of its own. */
function isMisspelt(schema: z.ZodType, missing: Issue, issues: readonly Issue[]): boolean {
  const key = missing.path.at(-1);
  if (typeof key !== "string") return false;
  const parent = missing.path.slice(0, -1);
  const told = schemaAt(
    schema,
    parent.map((step) => (typeof step === "symbol" ? String(step) : step)),
  );
  const known = told === undefined ? [] : knownKeys(told);
  return issues.some((issue) => {
    if (issue.code !== "unrecognized_keys" || String(issue.path) !== String(parent)) return false;
    return issue.keys.some((other) => nearest(other, known) === key);
  });
}

/** JSON files name their schema inside the data, for editors; to us it says nothing. */
function withoutSchemaKey(data: Readonly<Record<string, unknown>>): unknown {
  if (typeof data["$schema"] !== "string") return data;
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== "$schema"));
}

function reportIssue(
  report: Report,
  schema: z.ZodType,
  data: unknown,
  issue: Issue,
  at: Path,
  cures: KeyCures,
): void {
  const inner = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  const path = [...at, ...inner];
  const value = valueAt(data, inner);
  const told = schemaAt(schema, inner);
  const description = told?.description === undefined ? "." : `: ${inSentence(told.description)}`;
  if (issue.code === "unrecognized_keys") {
    const known = told === undefined ? [] : knownKeys(told);
    for (const key of issue.keys) {
      const cure = (Object.hasOwn(cures, key) ? cures[key] : undefined) ?? didYouMean(key, known);
      report.add([...path, key], `${quote(key)} is no key here.`, cure, { part: "key" });
    }
  } else if (value === undefined && inner.length > 0) {
    report.add(path, `"${String(inner.at(-1))}" is missing.`, `Add it${description}`);
  } else if (issue.code === "invalid_value") {
    const known = issue.values.map(String);
    const message = `${quote(value)} is none of ${known.join(", ")}.`;
    report.add(
      path,
      message,
      typeof value === "string" ? didYouMean(value, known, "Write one of them.") : "Write one of them.",
    );
  } else if (issue.code === "invalid_type") {
    const cure =
      issue.expected === "string"
        ? "Write text, in quotes if need be."
        : `Write ${expected(issue.expected)}.`;
    report.add(path, `${quote(value)} is ${kindOf(value)}, expected ${expected(issue.expected)}.`, cure);
  } else if (issue.code === "too_small") {
    report.add(
      path,
      `${String(inner.at(-1))} is empty.`,
      `Fill it in${told?.description === undefined ? ", or delete the key." : description}`,
    );
  } else if (issue.code === "too_big") {
    report.add(path, `${String(inner.at(-1))} is longer than ${String(issue.maximum)}.`, "Shorten it.");
  } else {
    report.add(path, `${quote(value)} is not what belongs here.`, `Write it as described${description}`);
  }
}

/** The first sentence of a description, to go on after a colon. */
function inSentence(description: string): string {
  const first = /^.*?(?<!e\.g)\.(?= [A-Z])/s.exec(description)?.[0] ?? description;
  return /^[A-Z][^A-Z]/.test(first) ? first.charAt(0).toLowerCase() + first.slice(1) : first;
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  array: "a list",
  object: "an object",
  record: "an object",
  boolean: "true or false",
  number: "a number",
};

function expected(kind: string): string {
  return KINDS[kind] ?? kind;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let at: unknown = schema;
  for (const step of path) {
    const bare = unwrap(at);
    if (bare instanceof z.ZodObject) at = (bare.shape as Readonly<Record<string, unknown>>)[step];
    else if (bare instanceof z.ZodArray) at = bare.element;
    else return undefined;
  }
  return at instanceof z.ZodType ? at : undefined;
}

function unwrap(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? schema.unwrap() : schema;
}

function knownKeys(schema: z.ZodType): string[] {
  const bare = unwrap(schema);
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
}
