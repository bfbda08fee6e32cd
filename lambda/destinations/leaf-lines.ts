/**
 * A part of a record as lines, "path: value", for the details of a message: as many whole lines as fit, and a last one
 * that says how many did not.
 *
 *     leafLines({ groupId: "sg-0a1b", ports: [22] }, { total: 1000, lines: 20 })   // ["groupId: sg-0a1b", "ports.0: 22"]
 */
import { showText } from "../alerts/show-text.ts";
import { fitText } from "./fit-text.ts";
import { leaves } from "./leaves.ts";

/** A line is at most this long, in UTF-16 units once it was escaped. */
const MAX_LINE = 400;

/** What a medium has for the lines. */
export type Room = {
  /** For all lines together, as `cost` counts. */
  readonly total: number;
  /** How many lines, the last one that counts the others not included. */
  readonly lines: number;
  /** What a line takes of the total: its length and a line break unless given. */
  readonly cost?: (line: string) => number;
};

/** The lines, escaped; empty when there is nothing to show, or no room for a line. */
export function leafLines(value: unknown, room: Room, escape?: (character: string) => string): string[] {
  const { cost = (line: string) => line.length + 1 } = room;
  const lines: string[] = [];
  const costs: number[] = [];
  let used = 0;
  let total = 0;
  let isFull = false;
  for (const leaf of leaves(value)) {
    total++;
    if (isFull || lines.length === room.lines) continue;
    const line = fitText(showText(`${leaf.path}: ${leaf.value}`, 2 * MAX_LINE), MAX_LINE, escape);
    const next = cost(line);
    isFull = used + next > room.total;
    if (isFull) continue;
    lines.push(line);
    costs.push(next);
    used += next;
  }
  const left = (): string => `… ${total - lines.length} more, which the record in CloudTrail has`;
  while (total > lines.length && lines.length > 0 && used + cost(left()) > room.total) {
    lines.pop();
    used -= costs.pop() ?? 0;
  }
  return total > lines.length && lines.length > 0 ? [...lines, left()] : lines;
}
