/**
 * What a list or a search asks for, and the cursor that asks for its next page. Clients fetch `nextPage` with GET and send
 * nothing else (LACEWORK-API § 2), so the cursor carries the whole question. Whoever makes one up asks no more than they
 * may ask anyway: it is read like any other input, and whose alerts are seen is decided by the key.
 *
 *     readCursor(writeCursor({ question, top: 12, before: 8, seen: 5, total: 9 }))   // the same again
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { isObject } from "../record/untrusted.ts";
import { compileFilters, plainFilter } from "./filters.ts";
import { ProblemError } from "../api/problem.ts";
import { quoted } from "./problem.ts";
import { readRange, type TimeRange } from "./time-range.ts";

/** A list that somebody asks for. */
export type Question = TimeRange & {
  /** As they came: compiled where they are used. */
  readonly filters?: readonly unknown[];
  /** Which fields of a row; all of them when left out. */
  readonly returns?: readonly string[];
};

/** Where a list goes on. */
export type Cursor = {
  readonly question: Question;
  /** Numbers up to this one were there when the first page was read: later ones belong to the next question. */
  readonly top: number;
  /** The last number that a page showed: the next one is below. */
  readonly before: number;
  /** How many rows the pages before showed, and how many there are in all. */
  readonly seen: number;
  readonly total: number;
};

/** Fields that a row may have (LACEWORK-API § 3); those that ours do not have are left out of it. */
const RETURNS = new Set(
  (
    "alertId alertName alertType severity status startTime endTime lastUserUpdatedTime derivedFields alertInfo policyId " +
    "internetExposure reachability evolvingAlert tagMetadata report alertSource alertSpec entityMap"
  ).split(" "),
);
/** A function URL takes no longer request line; the rest of the address needs room too. */
const MAX_CURSOR = 6_000;
const MAX_QUESTION_BYTES = 65_536;

/** The question of `GET /Alerts`. @throws ProblemError */
export function questionOfQuery(
  startTime: string | undefined,
  endTime: string | undefined,
  now: number,
): Question {
  return readRange(startTime, endTime, now);
}

/** The question of a search's body. @throws ProblemError */
export function questionOfBody(body: unknown, now: number): Question {
  if (!isObject(body))
    throw new ProblemError(400, "The body is a JSON object: timeFilter, filters, returns.");
  // Lacework's own Python tests write timeFilters.
  const times = body["timeFilter"] ?? body["timeFilters"] ?? {};
  if (!isObject(times)) throw new ProblemError(400, "timeFilter is an object: startTime, endTime.");
  const { filters, returns } = body;
  compileFilters(filters);
  const question = {
    ...readRange(times["startTime"], times["endTime"], now),
    ...(Array.isArray(filters) && filters.length > 0 ? { filters: filters.map(plainFilter) } : {}),
    ...readReturns(returns),
  };
  const cursor = writeCursor({ question, top: 0, before: 0, seen: 0, total: 0 });
  if (cursor.length > MAX_CURSOR - 100)
    throw new ProblemError(400, "The filters are too long: ask for fewer values.");
  return question;
}

function readReturns(returns: unknown): Pick<Question, "returns"> {
  if (returns === undefined || returns === null) return {};
  if (!Array.isArray(returns)) throw new ProblemError(400, "returns is a list of fields.");
  const wrong = returns.find((field) => typeof field !== "string" || !RETURNS.has(field));
  if (wrong !== undefined) {
    throw new ProblemError(400, `returns: ${quoted(wrong)} is unknown. Fields: ${[...RETURNS].join(", ")}.`);
  }
  const fields = [...new Set(returns.map(String))];
  return fields.length === 0 ? {} : { returns: fields };
}

/** The cursor as text: opaque, and never a number, which would be an alert's address. */
export function writeCursor({ question, top, before, seen, total }: Cursor): string {
  const { from, to, filters, returns } = question;
  const json = JSON.stringify({ from, to, filters, returns, top, before, seen, total });
  return `p_${deflateRawSync(json).toString("base64url")}`;
}

/** What a cursor asks for. @throws ProblemError */
export function readCursor(text: string | undefined): Cursor {
  const read = text === undefined || text.length > MAX_CURSOR ? undefined : unpack(text);
  const [from, to, top, before, seen, total] = ["from", "to", "top", "before", "seen", "total"].map((name) =>
    wholeNumber(read?.[name]),
  );
  if (read === undefined || from === undefined || to === undefined || top === undefined) throw foreign();
  if (before === undefined || seen === undefined || total === undefined) throw foreign();
  const { filters, returns } = read;
  compileFilters(filters);
  const question = {
    from,
    to,
    ...(Array.isArray(filters) ? { filters: filters.map(plainFilter) } : {}),
    ...readReturns(returns),
  };
  return { question, top, before, seen, total };
}

function foreign(): ProblemError {
  return new ProblemError(
    400,
    "The cursor is not one of ours: ask again without it, from the first page on.",
  );
}

function unpack(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^p_[\w-]+$/.test(text)) return undefined;
  try {
    const json = inflateRawSync(Buffer.from(text.slice(2), "base64url"), {
      maxOutputLength: MAX_QUESTION_BYTES,
    });
    const value: unknown = JSON.parse(json.toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}
