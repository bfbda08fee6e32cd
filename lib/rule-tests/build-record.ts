/**
 * Makes the record of a case: the base record, less what the case removes, with what the case gives merged over it.
 * Removing comes first, so that a case can replace an object whole instead of merging into it.
 *
 * The base record is that of the source that the case names, or else of the rule's own.
 *
 *   remove: [userIdentity]
 *   record: { userIdentity: { type: Root } }     # nothing of the base record's identity is left
 */
import type { PlacedCase } from "../../lambda/loader/load-rules.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { textAt } from "../../lambda/record/untrusted.ts";
import { baseRecord } from "./base-record.ts";

type Mutable = Record<string, unknown>;

/** The record of a case, and the keys it removes that the base record does not have (a typo, most likely). */
export function buildRecord(
  eventSource: string | null,
  { record, remove = [] }: Pick<PlacedCase, "record" | "remove">,
): { record: CloudTrailRecord; absent: string[] } {
  const base: unknown = baseRecord(textAt(record, "eventSource") ?? eventSource);
  const absent = remove.filter((key) => !removeKey(base, key));
  return { record: merge(base, record ?? {}) as CloudTrailRecord, absent };
}

/** Takes a dotted key out; false when there is none. */
function removeKey(root: unknown, key: string): boolean {
  const steps = parseFactPath(key).segments.map((step) =>
    step.kind === "index" ? step.index : step.kind === "key" ? step.key : "*",
  );
  const last = steps.pop();
  let node = root;
  for (const step of steps) {
    if (!isContainer(node) || !Object.hasOwn(node, step)) return false;
    node = node[step];
  }
  if (!isContainer(node) || last === undefined || !Object.hasOwn(node, last)) return false;
  delete node[last];
  return true;
}

/** Objects are merged, everything else is replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (!isPlainObject(over)) return over;
  const merged: Mutable = isPlainObject(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(over)) {
    merged[key] = merge(Object.hasOwn(merged, key) ? merged[key] : undefined, value);
  }
  return merged;
}

function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

function isPlainObject(value: unknown): value is Mutable {
  return isContainer(value) && !Array.isArray(value);
}
