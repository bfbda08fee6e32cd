/**
 * The record as an alert carries it. `JSON.parse` reads a value nested 100,000 deep, `JSON.stringify` and every
 * service behind a destination choke on it. No real record is deeper than about 15 levels, so what lies below level 64
 * is replaced by a text that says so.
 */
import { isObject } from "../record/untrusted.ts";

/** Objects and lists nested deeper than this are cut off. */
export const MAX_DEPTH = 64;
const CUT = "(nested too deep: cut off by CloudTrail Engine)";

/** The record itself, or a copy without what is nested too deep; `cuts` counts the places. */
export function boundRecord(record: Readonly<Record<string, unknown>>): {
  record: Readonly<Record<string, unknown>>;
  cuts: number;
} {
  if (!isDeeper(record, MAX_DEPTH)) return { record, cuts: 0 };
  const cuts = { count: 0 };
  const copy = copyTo(record, MAX_DEPTH, cuts);
  return { record: copy as Readonly<Record<string, unknown>>, cuts: cuts.count };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((child: unknown) => isDeeper(child, levels - 1));
  const node = value as Readonly<Record<string, unknown>>;
  for (const key in node) if (isDeeper(node[key], levels - 1)) return true;
  return false;
}

function copyTo(value: unknown, levels: number, cuts: { count: number }): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) {
    cuts.count++;
    return CUT;
  }
  if (Array.isArray(value)) return value.map((child: unknown) => copyTo(child, levels - 1, cuts));
  if (!isObject(value)) return value;
  // fromEntries defines keys, so that a key "__proto__" stays a key.
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, copyTo(child, levels - 1, cuts)]),
  );
}
