/**
 * What people do to a case. One conditional write decides; the history and the log of numbers follow it. That write
 * carries the new entry itself, so whoever dies right after it has lost nothing: readers find the entry there, and the
 * next change, or the same one tried again, first brings to its place what is missing.
 *
 *     await changeCase(table, "5f…", { by: "alice", status: "closed", reason: "expected" }, times)
 */
import { hash } from "node:crypto";
import { showText } from "../alerts/show-text.ts";
import type { Item, Table } from "../state/table.ts";
import { expiry, logKey, onceKey } from "./case-items.ts";
import type { CaseRow, CloseReason, HistoryEntry, Status } from "./case-schema.ts";
import type { CaseChange, Changed } from "./case-store.ts";
import { entryOf, lastEntry, readCaseItem, rowOfItem } from "./read-case.ts";
import { CaseBusyError, copyToNumbers, MAX_TRIES, revise, revisionOf } from "./revise.ts";

/** Characters of a comment. */
const MAX_COMMENT = 4_000;
const MAX_NAME = 200;
/** Comments of a case. */
const MAX_ENTRIES = 1_000;

type Times = { readonly now: () => number; readonly keepDays: number; readonly deadline: number };
type Refused = Extract<Changed, { readonly ok: false }>;

/** Changes a case. */
export async function changeCase(
  table: Table,
  id: string,
  change: CaseChange,
  times: Times,
): Promise<Changed> {
  const wrong = whatIsWrong(change);
  if (wrong !== undefined) return refused(wrong);
  const once = change.idempotencyKey === undefined ? undefined : hashOf(change.idempotencyKey);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const item = await readCaseItem(table, id, times.deadline);
    if (item === undefined)
      return { ok: false, why: "not-found", message: `There is no alert ${showText(id, 64)}.` };
    const row = rowOfItem(item);
    const known = await settle(table, id, item, once, times);
    if (known !== undefined) return { ok: true, row, entry: known };
    const step = decide(item, row, change);
    if ("ok" in step) return step;
    const entry = makeEntry(item, step, change, times.now());
    const next = { ...row, status: step.to ?? row.status, changedAt: entry.at };
    const written = await revise(table, item, next, attributesOf(item, entry, once), times.deadline);
    if (written === undefined) continue;
    await settle(table, id, written, undefined, times);
    return { ok: true, row: next, entry };
  }
  throw new CaseBusyError(`alert ${id} could not be changed: others keep changing it`);
}

function whatIsWrong({ status, reason, comment }: CaseChange): string | undefined {
  const blank = comment === undefined || comment.trim() === "";
  if (status === undefined && blank) return "Give a status, a comment, or both.";
  if (comment !== undefined && comment.length > MAX_COMMENT)
    return `A comment may have ${MAX_COMMENT} characters, this one has ${comment.length}: shorten it or write several.`;
  if (status !== "closed" && reason !== undefined)
    return "A reason goes with status closed: leave it out, or close the case.";
  if (status === "closed" && reason === undefined)
    return "Closing needs a reason: other, false-positive, not-enough-information, malicious-resolved, expected-testing or expected.";
  if (reason === "other" && blank) return "Closing for the reason other needs a comment that says which.";
  return undefined;
}

/** What the change is to the case as it is: the statuses before and after, or neither of a comment. */
type Step = { readonly from?: Status; readonly to?: Status };

function decide(item: Item, row: CaseRow, { status, reason, comment }: CaseChange): Step | Changed {
  const blank = comment === undefined || comment.trim() === "";
  const same = status === row.status && (status !== "closed" || reason === item["reason"]);
  if (status === undefined || same) {
    if (blank) return { ok: true, row, entry: entryOfStatus(item, row) };
    return Number(item["entries"] ?? 0) < MAX_ENTRIES
      ? {}
      : refused(
          `The case has ${MAX_ENTRIES} entries, which is as many as it may have: no more comments are kept.`,
        );
  }
  if (row.status === "closed" && status === "acknowledged")
    return refused("The case is closed: reopen it first (status open), then acknowledge it.");
  return { from: row.status, to: status };
}

/** Who made the status what it is: a person, or nobody yet. */
function entryOfStatus(item: Item, row: CaseRow): HistoryEntry {
  return (
    entryOf({ pk: "", sk: "", entry: item["statusEntry"] }) ?? {
      id: "0",
      at: row.createdAt,
      by: "CloudTrail Engine",
      to: row.status,
    }
  );
}

function makeEntry(item: Item, step: Step, { by, reason, comment }: CaseChange, now: number): HistoryEntry {
  const time = new Date(now).toISOString();
  const last = lastEntry(item)?.at;
  const at = last !== undefined && last > time ? last : time;
  return {
    id: `${at}.${String(revisionOf(item) + 1).padStart(6, "0")}`,
    at,
    by: showText(by, MAX_NAME),
    ...step,
    ...(step.to === "closed" && reason !== undefined ? { reason } : {}),
    ...(comment === undefined || comment.trim() === "" ? {} : { comment: comment.toWellFormed() }),
  };
}

/** What the item holds of its last entry beside the row. */
function attributesOf(
  item: Item,
  entry: HistoryEntry,
  once: string | undefined,
): Readonly<Record<string, unknown>> {
  const { comment: _, ...short } = entry;
  const closed: { reason: CloseReason | "" } = { reason: entry.reason ?? "" };
  return {
    entry,
    once: once ?? "",
    entries: Number(item["entries"] ?? 0) + 1,
    ...(entry.to === undefined ? {} : { statusEntry: short, ...closed }),
  };
}

/**
 * Brings what the item's last entry asks for to its place: all of it may be there already.
 * @returns the entry of the change that was asked for under `once`, when it was made before
 */
async function settle(
  table: Table,
  id: string,
  item: Item,
  once: string | undefined,
  { now, keepDays, deadline }: Times,
): Promise<HistoryEntry | undefined> {
  const last = lastEntry(item);
  if (last !== undefined) {
    const lasting = { expiresAt: Math.max(Number(item["expiresAt"] ?? 0), expiry(now(), keepDays)) };
    const made = item["once"];
    const absent = { condition: "attribute_not_exists(pk)" };
    await Promise.all([
      table.put({ ...logKey(id, last.id), entry: last, ...lasting }, absent, deadline),
      typeof made === "string" && made !== ""
        ? table.put({ ...onceKey(id, made), entryId: last.id, ...lasting }, absent, deadline)
        : undefined,
      copyToNumbers(table, item, deadline),
    ]);
  }
  if (once === undefined) return undefined;
  const earlier = await table.get(onceKey(id, once), deadline);
  if (earlier === undefined) return undefined;
  return entryOf(await table.get(logKey(id, String(earlier["entryId"])), deadline));
}

function hashOf(idempotencyKey: string): string {
  return hash("sha256", idempotencyKey).slice(0, 40);
}

function refused(message: string): Refused {
  return { ok: false, why: "refused", message };
}
