/**
 * The parameters of `GET /alerts`, each declared once: what it takes, as a schema for the documentation, and what to say to
 * whoever gets it wrong. A parameter that is not known is refused, because a misspelt filter that is ignored answers
 * another question than was asked.
 *
 *     readParameters(new URLSearchParams("severity=high,critical&from=2026-11-20"))
 *     // { filter: { severities: ["high", "critical"], from: "2026-11-20T00:00:00.000Z" }, limit: 50, cursor: undefined }
 */
import { z } from "zod";
import { alertSchema } from "../alerts/alert-schema.ts";
import { statusSchema } from "../cases/case-schema.ts";
import type { CaseFilter } from "../cases/case-store.ts";
import { didYouMean } from "../words/nearest.ts";
import { ProblemError, shown } from "./problem.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** Unknown parameters that are named: how many there are is the caller's to choose. */
const MAX_NAMED = 3;
/** Values of one parameter: DynamoDB takes an expression of 4 KB, which some 500 fill. */
export const MAX_VALUES = 100;

const { severity, disposition } = alertSchema.shape;
const channel = alertSchema.shape.channel.shape.name;
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/)
  .describe("ISO 8601, such as 2026-11-20T10:00:00Z or 2026-11-20.");
const oneOf = (words: readonly string[]): string => `one of ${words.join(", ")}`;

/** What each takes: `many` ones may be repeated, or take several values with commas between them. */
export const LIST_PARAMETERS = {
  from: {
    many: false,
    schema: time,
    is: "a time such as 2026-11-20T10:00:00Z or 2026-11-20",
    says: "Alerts that started then or later.",
  },
  to: {
    many: false,
    schema: time,
    is: "a time such as 2026-11-20T10:00:00Z or 2026-11-20",
    says: "Alerts that started before.",
  },
  severity: {
    many: true,
    schema: severity,
    is: oneOf(severity.options),
    says: "Alerts of these severities.",
  },
  status: {
    many: true,
    schema: statusSchema,
    is: oneOf(statusSchema.options),
    says: "Alerts with one of these.",
  },
  disposition: {
    many: true,
    schema: disposition,
    is: oneOf(disposition.options),
    says: "Without it, delivered alerts only: those that somebody was told of.",
  },
  rule: {
    many: false,
    schema: z.string().min(1).max(256),
    is: "the id of a rule such as ec2.amazonaws.com/security-group-opened",
    says: "Alerts of this rule.",
  },
  actor: {
    many: false,
    schema: z.string().min(1).max(1024),
    is: "an actor's key, ARN or name of 1 to 1,024 characters",
    says: "Alerts of this actor: its key, ARN or name.",
  },
  channel: {
    many: true,
    schema: channel,
    is: oneOf(channel.options),
    says: "Alerts of calls that were made in one of these ways.",
  },
  account: {
    many: true,
    schema: z.string().regex(/^\d{12}$/),
    is: "an account id of 12 digits",
    says: "Alerts of these accounts, of those that the key may see.",
  },
  limit: {
    many: false,
    schema: z.string().regex(/^\d{1,3}$/),
    documented: z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
    is: `a whole number from 1 to ${MAX_LIMIT}`,
    says: `How many alerts at most; ${DEFAULT_LIMIT} unless given.`,
  },
  cursor: {
    many: false,
    schema: z.string().min(1).max(4096),
    is: "what the page before gave as `next`",
    says: "The next part of the same list: `next` of the part before.",
  },
} as const;
type Name = keyof typeof LIST_PARAMETERS;
const NAMES = Object.keys(LIST_PARAMETERS) as Name[];

/** A list that is asked for. */
export type ListQuestion = { readonly filter: CaseFilter; readonly limit: number; readonly cursor?: string };

/**
 * What a query string asks for.
 * @throws ProblemError 400 that says of everything that is wrong what would be right.
 */
export function readParameters(query: URLSearchParams): ListQuestion {
  const unknown = [...new Set(query.keys())].filter((name) => !NAMES.some((known) => known === name));
  const problems = unknown
    .slice(0, MAX_NAMED)
    .map((name) => `There is no parameter ${shown(name)}. ${didYouMean(name, NAMES)}`);
  const many = <T extends string>(name: Name, schema: z.ZodType<T>): T[] | undefined => {
    const { is, many: takesMany } = LIST_PARAMETERS[name];
    const given = query.getAll(name).flatMap((value) => (takesMany ? value.split(",") : [value]));
    if (given.length === 0) return undefined;
    if (!takesMany && given.length > 1)
      problems.push(`${name} is given ${given.length} times. Give it once.`);
    const different = new Set(given.map((value) => value.trim()));
    if (different.size > MAX_VALUES)
      problems.push(`${name} takes ${MAX_VALUES} values at most, not ${different.size}.`);
    const values: T[] = [];
    for (const one of different) {
      const read = schema.safeParse(one);
      if (read.success) values.push(read.data);
      else problems.push(`${name} is ${is}, not ${shown(one)}.`);
      // One sentence says it; a thousand of them would be the caller's to choose.
      if (!read.success) break;
    }
    return values;
  };
  const one = (name: Name): string | undefined => many(name, LIST_PARAMETERS[name].schema)?.[0];
  const moment = (name: "from" | "to"): string | undefined => {
    // A plus sign that was not encoded arrives as a space.
    const text = many(
      name,
      z
        .string()
        .transform((given) => given.replace(" ", "+"))
        .pipe(time),
    )?.[0];
    const read = text === undefined ? undefined : readTime(text);
    if (text !== undefined && read === undefined)
      problems.push(`${name} is ${LIST_PARAMETERS[name].is}, not ${shown(text)}.`);
    return read;
  };
  const from = moment("from");
  const to = moment("to");
  if (from !== undefined && to !== undefined && from >= to)
    problems.push(`from (${from}) must be before to (${to}). Change one of them.`);
  const limit = Number(one("limit") ?? DEFAULT_LIMIT);
  if (limit < 1 || limit > MAX_LIMIT) problems.push(`limit is ${LIST_PARAMETERS.limit.is}, not ${limit}.`);
  const cursor = one("cursor");
  const filter = present({
    from,
    to,
    severities: many("severity", severity),
    statuses: many("status", statusSchema),
    dispositions: many("disposition", disposition),
    ruleId: one("rule"),
    actor: one("actor"),
    channels: many("channel", channel),
    accountIds: many("account", LIST_PARAMETERS.account.schema),
  });
  if (problems.length > 0) throw new ProblemError(400, problems.join(" "));
  return { filter, limit, ...(cursor === undefined ? {} : { cursor }) };
}

/** The moment in UTC; undefined for a day that the calendar does not have. */
function readTime(text: string): string | undefined {
  const day = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  const moment = Date.parse(text);
  if (Number.isNaN(day) || Number.isNaN(moment)) return undefined;
  if (new Date(day).toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  const year = new Date(moment).getUTCFullYear();
  return year >= 1970 && year <= 9999 ? new Date(moment).toISOString() : undefined;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
