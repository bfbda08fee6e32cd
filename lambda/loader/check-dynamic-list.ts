/**
 * Checks a list that a query fills. What the query gives is not known here, so all that can be told before a
 * deployment is told: a span that is too short, an address that no function should fetch, a query that would run
 * anything but a reading.
 *
 *   query: { type: resource-tag, … }      -> "resource-tag" is no type of query. Did you mean "resource-tags"?
 *   refresh: 1m                            -> "1m" is not between 5m and 7d.
 */
import { canonicalCidr } from "../engine/cidr.ts";
import {
  type DynamicListFile,
  dynamicListSchema,
  type ListQuery,
  QUERY_SCHEMAS,
} from "../engine/list-schema.ts";
import type { List } from "../engine/rule.ts";
import { didYouMean } from "../words/nearest.ts";
import type { Checked } from "./check-rule.ts";
import { checkSchema, type KeyCures } from "./check-schema.ts";
import { quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject, kindOf } from "./report.ts";
import { z } from "zod";

const MINUTE = 60_000;
const DAY = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: MINUTE, h: 60 * MINUTE, d: DAY };

/** The shortest and the longest time between two refreshes, in milliseconds. */
const SHORTEST_REFRESH_MS = 5 * MINUTE;
const LONGEST_REFRESH_MS = 7 * DAY;
const DEFAULT_REFRESH = "15m";
const DEFAULT_MAX_VALUES = 10_000;
/** Refreshes that may fail before the values are old, unless the list says when. */
const REFRESHES_UNTIL_OLD = 3;

const KEY_CURES: KeyCures = {
  name: "Delete it: a list is called as its file.",
  id: "Delete it: a list is called as its file.",
  values: "Delete it, or the query: a list has values or a query.",
  column: "Write it into the query.",
  onEmpty: 'Write it as "on-empty".',
  on_empty: 'Write it as "on-empty".',
  type: "Write it into the query; how values are compared is the list's kind.",
  every: 'Did you mean "refresh"?',
  schedule: 'Did you mean "refresh"?',
};

/** The list without its query, which is checked by the schema of its type. */
const shape = dynamicListSchema.extend({ query: z.unknown() });

/** Milliseconds; undefined when the text is no span. */
function parseListSpan(text: string): number | undefined {
  const [, number = "", unit = ""] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  const span = Number(number) * (UNITS[unit] ?? Number.NaN);
  return Number.isNaN(span) || number === "" ? undefined : span;
}

/** Checks a file of `_lists` that has a query. Nothing is good when it has errors, all of which are reported. */
export function checkDynamicList(report: Report, data: Readonly<Record<string, unknown>>): Checked<List> {
  const file = checkSchema(report, shape, data, { what: "A list", cures: KEY_CURES });
  const query = checkQuery(report, data["query"]);
  const refreshMs = checkSpan(report, data["refresh"] ?? DEFAULT_REFRESH, "refresh");
  const maxAgeMs = data["maxAge"] === undefined ? undefined : checkMaxAge(report, data["maxAge"], refreshMs);
  if (query !== undefined) checkMeaning(report, query);
  if (file === undefined || query === undefined || refreshMs === undefined || report.errors() > 0) return {};
  const { description, kind, maxValues }: Omit<DynamicListFile, "query"> = file;
  const dynamic = {
    query,
    refreshMs,
    onEmpty: file["on-empty"] ?? ("keep" as const),
    maxValues: maxValues ?? DEFAULT_MAX_VALUES,
    maxAgeMs: maxAgeMs ?? REFRESHES_UNTIL_OLD * refreshMs,
  };
  return { good: { description, kind, values: [], dynamic } };
}

function checkQuery(report: Report, query: unknown): ListQuery | undefined {
  const at = ["query"];
  if (!isObject(query)) {
    report.add(at, `The query is an object, this is ${kindOf(query)}.`, "Write e.g. query: { type: s3, … }.");
    return undefined;
  }
  const types = Object.keys(QUERY_SCHEMAS);
  const type = query["type"];
  if (type === undefined) {
    report.add(at, '"type" is missing.', `Add it: one of ${types.join(", ")}.`);
    return undefined;
  }
  if (!isType(type)) {
    const advice = `Write one of ${types.join(", ")}.`;
    const cure = typeof type === "string" ? didYouMean(type, types, advice) : advice;
    report.add([...at, "type"], `${quote(type)} is no type of query.`, cure);
    return undefined;
  }
  const what = `A query of type ${type}`;
  return checkSchema(report, QUERY_SCHEMAS[type] as z.ZodType<ListQuery>, query, { what, at });
}

function isType(type: unknown): type is keyof typeof QUERY_SCHEMAS {
  return typeof type === "string" && Object.hasOwn(QUERY_SCHEMAS, type);
}

/** A span from 5 minutes to 7 days; what has not even its form is reported by the schema. */
function checkSpan(report: Report, text: unknown, key: string): number | undefined {
  const span = typeof text === "string" ? parseListSpan(text) : undefined;
  if (span === undefined) return undefined;
  if (span >= SHORTEST_REFRESH_MS && span <= LONGEST_REFRESH_MS && span % MINUTE === 0) return span;
  const message =
    span % MINUTE === 0
      ? `${quote(text)} is not between 5m and 7d.`
      : `${quote(text)} is no number of minutes.`;
  report.add([key], message, "Write a time from 5m to 7d, e.g. 15m or 6h.");
  return undefined;
}

function checkMaxAge(report: Report, text: unknown, refreshMs: number | undefined): number | undefined {
  const span = typeof text === "string" ? parseListSpan(text) : undefined;
  if (span === undefined || refreshMs === undefined) return span;
  if (span >= refreshMs && span <= 10 * LONGEST_REFRESH_MS) return span;
  const message =
    span < refreshMs
      ? `The list is older than ${quote(text)} between any two refreshes, so that it would always be stale.`
      : `${quote(text)} is longer than 70 days.`;
  report.add(["maxAge"], message, "Write a time that is longer than refresh, e.g. three times as long.");
  return undefined;
}

/** What the schema cannot know. */
function checkMeaning(report: Report, query: ListQuery): void {
  if (query.type === "aws-config") {
    if (!/^\s*select\s/i.test(query.sql))
      report.add(
        ["query", "sql"],
        "The query does not begin with SELECT.",
        "Write SELECT, the column, and WHERE.",
      );
    else if (!selects(query.sql, query.column))
      report.add(
        ["query", "column"],
        `The query does not select ${quote(query.column)}.`,
        "Name one of the selected fields, or select it.",
      );
  }
  if (query.type === "resource-tags" && Object.keys(query.tags).length === 0)
    report.add(["query", "tags"], "There is no tag.", "Name at least one: { Environment: [Prod] }.");
  if (query.type === "s3" || query.type === "https") checkFile(report, query);
  if (query.type === "https") checkUrl(report, query);
}

/** Whether the text between SELECT and WHERE has the column as a whole word, or a star. */
function selects(sql: string, column: string): boolean {
  const fields = (/^\s*select\s+(.*?)(\swhere\s|$)/is.exec(sql)?.[1] ?? "")
    .split(",")
    .map((one) => one.trim());
  return fields.some((field) => {
    const alias = /\sas\s+([\w.]+)$/i.exec(field)?.[1];
    return field === "*" || field === column || alias === column || column.startsWith(`${field}.`);
  });
}

function checkFile(
  report: Report,
  query: { readonly format: string; readonly column?: string | undefined },
): void {
  if (query.format === "csv" && query.column === undefined)
    report.add(["query"], "A csv file has columns.", "Add column: the name of one in the file's first line.");
  if (query.format === "lines" && query.column !== undefined)
    report.add(["query", "column"], "Plain lines have no columns.", "Delete it, or write another format.");
}

function checkUrl(report: Report, { url, allowPrivate = [] }: Extract<ListQuery, { type: "https" }>): void {
  const { username, password } = new URL(url);
  if (username !== "" || password !== "")
    report.add(
      ["query", "url"],
      "The address has a name or a password in it, which everybody who reads the rules would have.",
      "Take it out; put what needs one into an S3 object.",
    );
  for (const [index, range] of allowPrivate.entries())
    if (canonicalCidr(range) === undefined)
      report.add(
        ["query", "allowPrivate", index],
        `${quote(range)} is no range of addresses.`,
        "Write e.g. 10.1.0.0/16.",
      );
}
