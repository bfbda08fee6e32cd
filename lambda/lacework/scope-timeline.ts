/**
 * The scope Timeline, and what a comment answers with: an entry of it. Ids are integers there and texts in ours, so an id
 * is made of the entry's time and of a hash of its text: the same at every reading, in whatever order others arrive, and
 * rising with time.
 *
 *     entryNumber("comment#2026-11-20T10:15:30.000Z.000002", "2026-11-20T10:15:30.000Z")   // 3764…: below 2^53
 */
import { createHash } from "node:crypto";
import { showText } from "../alerts/show-text.ts";
import type { HistoryEntry, TimelineEntry } from "../cases/case-schema.ts";
import { plainMilliseconds } from "../formats/plain-time.ts";

/** An entry as Lacework's clients read it. */
export type LaceworkEntry = {
  readonly id: number;
  readonly alertId: number;
  readonly entryType: string;
  readonly entryAuthorType: "UserUpdate" | "SystemUpdate";
  readonly message: { readonly value: string };
  /** Milliseconds since 1970, as a text. */
  readonly externalTime: string;
  readonly user: { readonly userGuid: string; readonly username: string };
  readonly updateContext: Readonly<Record<string, never>>;
};

const ENTRY_TYPES: Readonly<Record<TimelineEntry["kind"], string>> = {
  comment: "Comment",
  status: "StatusChange",
  delivery: "Integration",
  alert: "RelatedAlert",
  "this-alert": "Alert",
};
const MAX_MESSAGE = 8_192;
const MAX_NAME = 256;
/** Below a second of 32 bits there is room for 21 more within the integers that JavaScript and JSON readers keep exact. */
const HASHES_A_SECOND = 2 ** 21;
const LAST_SECOND = 2 ** 32 - 1;

/** Rows of the scope, in the order of time. What people wrote is told in their own words, without ours around it. */
export function timelineOf(
  entries: readonly TimelineEntry[],
  history: readonly HistoryEntry[],
  alertId: number,
): LaceworkEntry[] {
  const byId = new Map(history.map((entry) => [commentId(entry), entry]));
  return entries.map((entry) => {
    const own = byId.get(entry.id);
    if (own?.comment !== undefined && entry.kind === "comment") return commentOf(own, alertId);
    return toEntry(entry, ENTRY_TYPES[entry.kind], entry.text, alertId);
  });
}

/** A comment as an entry of the timeline. */
export function commentOf(entry: HistoryEntry, alertId: number): LaceworkEntry {
  return toEntry({ ...entry, id: commentId(entry) }, ENTRY_TYPES.comment, entry.comment ?? "", alertId);
}

/** The id that a comment has in our timeline. */
function commentId({ id }: HistoryEntry): string {
  return `comment#${id}`;
}

/** A stable integer for an entry's id. */
export function entryNumber(id: string, at: string): number {
  const second = Math.min(Math.floor(plainMilliseconds(at) / 1000), LAST_SECOND);
  const hash = createHash("sha256").update(id).digest().readUInt32BE(0) % HASHES_A_SECOND;
  return second * HASHES_A_SECOND + hash;
}

function toEntry(
  { id, at, by }: { readonly id: string; readonly at: string; readonly by?: string | undefined },
  entryType: string,
  text: string,
  alertId: number,
): LaceworkEntry {
  const name = showText(by ?? "", MAX_NAME);
  return {
    id: entryNumber(id, at),
    alertId,
    entryType,
    entryAuthorType: by === undefined ? "SystemUpdate" : "UserUpdate",
    message: { value: showText(text, MAX_MESSAGE) },
    externalTime: String(plainMilliseconds(at)),
    user: { userGuid: name, username: name },
    updateContext: {},
  };
}
