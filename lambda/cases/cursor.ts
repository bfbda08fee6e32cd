/**
 * Where the next part of a list begins, as a text that clients hand back: a place in time, and which question it belongs
 * to. It is no secret and no permission: whoever forges one moves the place, and sees what the question lets them see.
 *
 *     readCursor(makeCursor("2026-11-20T10:00:00.000Z#3f…", question), question)   // "2026-11-20T10:00:00.000Z#3f…"
 */
import { hash } from "node:crypto";
import { canonicalJson } from "../alerts/canonical-json.ts";
import { textAt } from "../record/untrusted.ts";
import { type CaseFilter, CursorError } from "./case-store.ts";

const MAX_LENGTH = 400;
/** A time, or a day, and the id of an alert. */
const PLACE = /^[+-]?\d{4,6}-\d{2}(?:-\d{2}(?:T[\d:.]{12}Z(?:#[0-9a-f]{32})?)?)?-?$/;
const CURE =
  "take it as it came from the answer before, with the same filters, or leave it out to begin anew";

/** What makes a question the same. */
export function questionOf(filter: CaseFilter): string {
  const parts = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? sorted(value) : value]],
  );
  return hash("sha256", canonicalJson(Object.fromEntries(parts))).slice(0, 16);
}

function sorted(values: readonly string[]): string[] {
  return values.toSorted((a, b) => (a < b ? -1 : 1));
}

/** A cursor: everything before this place is still to come. */
export function makeCursor(before: string, question: string): string {
  return Buffer.from(JSON.stringify({ before, question })).toString("base64url");
}

/** @throws CursorError when it is none, or one of another question */
export function readCursor(cursor: string, question: string): string {
  const read = cursor.length <= MAX_LENGTH ? parse(cursor) : undefined;
  const before = textAt(read, "before");
  if (before === undefined || !PLACE.test(before))
    throw new CursorError(`The cursor is none of ours: ${CURE}.`);
  if (textAt(read, "question") !== question)
    throw new CursorError(`The cursor belongs to a list with other filters: ${CURE}.`);
  return before;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
