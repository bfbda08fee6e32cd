/**
 * Where reading goes on after something broken, so that one bad record costs no good one beside it. A line that
 * begins with a brace is the next NDJSON record; `{"eventVersion":`, `{"version":"0"` and `{"EventId":` are how
 * CloudTrail's records, EventBridge's envelopes and what lookup-events gives begin, wherever they stand (inside a string the quotes would be escaped).
 *
 *   {"Records":[{"eventVersion":"1.11",…cut {"eventVersion":"1.11",…}]}    goes on at the second one
 */
import type { Scan } from "./scan.ts";

const START = /\n\{|\{\s*"eventVersion"\s*:|\{\s*"version"\s*:\s*"0"|\{\s*"EventId"\s*:/;

/** No start is longer, so a search that continues in the next chunk repeats this many bytes. */
export const START_OVERLAP = 64;

/** Index of the brace that the next record begins with, at `from` or behind it and before `to`; or undefined. */
export function findRestart(bytes: Buffer, from: number, to: number): number | undefined {
  const found = START.exec(bytes.toString("latin1", from, to));
  if (found === null) return undefined;
  return from + found.index + (found[0].startsWith("\n") ? 1 : 0);
}

/**
 * Index of the line break behind the line that `start` begins, when that line looks like one of NDJSON (it begins
 * with the value and has more than its bracket) and ends before `seen`: then the next line is the next value,
 * whatever it begins with.
 */
export function nextLine(bytes: Buffer, start: Scan, seen: number): number | undefined {
  if (start.pos !== start.lineStart) return undefined;
  const end = bytes.indexOf(0x0a, start.pos);
  if (end === -1 || end > seen) return undefined;
  return bytes.toString("latin1", start.pos, end).trim().length > 1 ? end : undefined;
}
