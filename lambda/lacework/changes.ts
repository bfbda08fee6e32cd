/**
 * Commenting and closing. The clients try a request again when its answer was lost, POST too (LACEWORK-API § 5), and have
 * no way to say that it is the same one. So the same comment by the same key within a quarter of an hour is one, and closing
 * what was closed for the same reason changes nothing.
 *
 *     POST /Alerts/7/comment {"comment": "ours"}   → an entry of the timeline
 *     POST /Alerts/7/comment {"comment": "ours"}   → the same entry
 */
import { createHash } from "node:crypto";
import type { ApiKey } from "../api/key-store.ts";
import { ask, ProblemError } from "../api/problem.ts";
import { type Case, CLOSE_REASONS, type HistoryEntry } from "../cases/case-schema.ts";
import { isObject } from "../record/untrusted.ts";
import type { LaceworkPorts } from "./ports.ts";
import { notFound, quoted } from "./problem.ts";
import { findAlert } from "./scopes.ts";
import { commentOf, type LaceworkEntry } from "./scope-timeline.ts";

const SAME_WITHIN_MS = 15 * 60_000;
const REASONS =
  "0 other (with a comment), 1 false positive, 2 not enough information, 3 malicious and resolved, 4 routine testing, 5 expected";

/** Adds a comment. @throws ProblemError */
export async function addComment(
  ports: LaceworkPorts,
  key: ApiKey,
  id: string,
  body: unknown,
  deadline: number,
): Promise<LaceworkEntry> {
  const { number, found } = await findAlert(ports, key, id, deadline);
  const comment = commentIn(body);
  if (comment === undefined) throw new ProblemError(400, 'Send a comment: {"comment": "…"}.');
  const said = found.history.findLast((entry) => isComment(entry, key.name, comment));
  const isSame = said !== undefined && ports.now() - Date.parse(said.at) < SAME_WITHIN_MS;
  if (isSame) return commentOf(said, number);
  // Two attempts at once saw the same last one, and so are one change.
  const idempotencyKey = digest("comment", key.id, found.row.id, comment, said?.id ?? "");
  const changed = await change(ports, found, { by: key.name, comment, idempotencyKey }, deadline);
  return commentOf(changed, number);
}

/** Closes an alert. @throws ProblemError */
export async function closeAlert(
  ports: LaceworkPorts,
  key: ApiKey,
  id: string,
  body: unknown,
  deadline: number,
): Promise<void> {
  const { found } = await findAlert(ports, key, id, deadline);
  const number = isObject(body) ? body["reason"] : undefined;
  const reason = typeof number === "number" ? CLOSE_REASONS[number] : undefined;
  if (reason === undefined) {
    throw new ProblemError(400, `reason is one of: ${REASONS}; not ${quoted(number)}.`);
  }
  const comment = commentIn(body);
  if (number === 0 && comment === undefined) {
    throw new ProblemError(
      400,
      'Closing for reason 0 (other) takes a comment: {"reason": 0, "comment": "…"}.',
    );
  }
  const last = found.history.findLast(({ to }) => to !== undefined);
  // Closed before by the same request, as it seems. For another reason it is closed anew.
  const isDone = found.row.status === "closed" && last?.reason === reason && last.comment === comment;
  if (isDone) return;
  const idempotencyKey = digest("close", key.id, found.row.id, reason, comment ?? "", last?.id ?? "");
  const wanted = { by: key.name, status: "closed", reason, idempotencyKey } as const;
  await change(ports, found, comment === undefined ? wanted : { ...wanted, comment }, deadline);
}

async function change(
  ports: LaceworkPorts,
  { row }: Case,
  wanted: Parameters<LaceworkPorts["cases"]["change"]>[1],
  deadline: number,
): Promise<HistoryEntry> {
  const changed = await ask(() => ports.cases.change(row.id, wanted, deadline));
  if (changed.ok) return changed.entry;
  throw changed.why === "not-found" ? notFound() : new ProblemError(400, changed.message);
}

function commentIn(body: unknown): string | undefined {
  const comment = isObject(body) ? (body["comment"] ?? "") : undefined;
  if (typeof comment !== "string")
    throw new ProblemError(400, 'The body is a JSON object: {"comment": "…"}.');
  // As the store keeps it, to be found again there.
  return comment.trim() === "" ? undefined : comment.toWellFormed();
}

function isComment({ by, comment, to }: HistoryEntry, name: string, wanted: string): boolean {
  return by === name && comment === wanted && to === undefined;
}

function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
