/** Cases as a list for people: a line each, with as much of the id as tells them apart. */
import { showText } from "../../lambda/alerts/show-text.ts";
import type { CaseRow } from "../../lambda/cases/case-schema.ts";
import { counted } from "../words.ts";

const SHORT_ID = 8;
const MAX_TITLE = 120;
const MAX_NAME = 60;

/**
 * The list in lines, with a line break at the end.
 * @param what what is listed, e.g. "open case"
 * @param more whether there are more than these
 */
export function formatList(
  rows: readonly CaseRow[],
  { what, stack, more }: { readonly what: string; readonly stack: string; readonly more: boolean },
): string {
  if (rows.length === 0) return `${stack} has no ${what}s.\n`;
  return [
    `${counted(rows.length, what)} of ${stack}, the newest first${more ? ", and there are more: --limit N" : ""}:`,
    "",
    ...rows.map(lineOf),
    "",
    "Show one whole: npm run engine -- case ID. Close it: case ID --close REASON --comment TEXT.",
    "",
  ].join("\n");
}

function lineOf({ id, startTime, severity, status, title, actor, count }: CaseRow): string {
  const times = count === 1 ? "" : ` (${counted(count, "time")})`;
  return `${id.slice(0, SHORT_ID)}  ${startTime}  ${severity.toUpperCase().padEnd(8)}  ${status.padEnd(12)}  ${showText(title, MAX_TITLE)}${times}, by ${showText(actor.name, MAX_NAME)}`;
}
