/**
 * A part of a record as lines, "path: value", for the details of a message: as many whole lines as fit, and a last one
 * that says how many did not.
 *
 *     leafLines({ groupId: "sg-0a1b", ports: [22] }, 1000)   // ["groupId: sg-0a1b", "ports.0: 22"]
 */
import { showText } from "../alerts/show-text.ts";
import { fitText } from "./fit-text.ts";
import { leaves } from "./leaves.ts";

/** A line is at most this long, in UTF-16 units once it was escaped. */
const MAX_LINE = 400;

/**
 * The lines, escaped, together at most `room`; `cost` is what a line takes of it, its length and a line break unless
 * given. Empty when there is nothing to show, or no room for a line.
 */
export function leafLines(
  value: unknown,
  room: number,
  escape?: (character: string) => string,
  cost: (line: string) => number = (line) => line.length + 1,
): string[] {
  const lines: string[] = [];
  const costs: number[] = [];
  let used = 0;
  let total = 0;
  let full = false;
  for (const leaf of leaves(value)) {
    total++;
    if (full) continue;
    const line = fitText(showText(`${leaf.path}: ${leaf.value}`, 2 * MAX_LINE), MAX_LINE, escape);
    const next = cost(line);
    full = used + next > room;
    if (full) continue;
    lines.push(line);
    costs.push(next);
    used += next;
  }
  const left = (): string => `… ${total - lines.length} more, which the record in CloudTrail has`;
  while (total > lines.length && lines.length > 0 && used + cost(left()) > room) {
    lines.pop();
    used -= costs.pop() ?? 0;
  }
  return total > lines.length && lines.length > 0 ? [...lines, left()] : lines;
}
