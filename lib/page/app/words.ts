/** How times, people and states are put into words, the same everywhere on the page. */
import { showText } from "../../../lambda/alerts/show-text.ts";
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const LINE = 400;

/** Text of a stranger on one line, with nothing hidden in it. */
export function line(text: string | undefined, limit = LINE): string {
  return showText(text ?? "", limit);
}

/** `20 Nov 10:15`; with the year where it is another one. UTC, as in CloudTrail. */
export function shortTime(iso: string, now = Date.now()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return line(iso, 30);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ""}`;
  const year = date.getUTCFullYear();
  return `${day}${year === new Date(now).getUTCFullYear() ? "" : ` ${year}`} ${iso.slice(11, 16)}`;
}

/** `2026-11-20 10:15:30 UTC`. */
export function fullTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? line(iso, 30)
    : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `just now`, `12 min ago`, `3 h ago`, `5 days ago`, or `in 4 min`. */
export function ago(iso: string, now: number): string {
  const seconds = Math.round((now - Date.parse(iso)) / 1000);
  if (Number.isNaN(seconds)) return "";
  const size = Math.abs(seconds);
  const [count, unit] =
    size < 60
      ? [size, "s"]
      : size < 3600
        ? [Math.floor(size / 60), "min"]
        : size < 172_800
          ? [Math.floor(size / 3600), "h"]
          : [Math.floor(size / 86_400), "days"];
  if (seconds >= 0 && size < 10) return "just now";
  return seconds < 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

/** Where it happened: account and Region. */
export function placeOf({ accountId, region }: Pick<CaseRow, "accountId" | "region">): string {
  return [accountId, region]
    .filter((part) => part !== undefined)
    .map((part) => line(part, 60))
    .join(" · ");
}

/** In a narrow place: the name of an Identity Center role without what AWS puts around it. `PlatformAdmin/mira`. */
export function shortRoles(text: string): string {
  return text.replaceAll(/\bAWSReservedSSO_([\w+=,.@-]{1,64}?)_[0-9a-f]{16}\b/g, "$1");
}

/** `1 alert`, `2 alerts`. */
export function counted(count: number, word: string, many = `${word}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? word : many}`;
}

/** The states in words that say what they mean. */
export const DISPOSITIONS: Readonly<Record<string, string>> = {
  delivered: "told",
  suppressed: "suppressed",
  staged: "staged",
  deduplicated: "a repeat",
};
/** Why a case was closed. */
export const REASONS: Readonly<Record<string, string>> = {
  expected: "Expected: somebody meant to do it",
  "expected-testing": "Expected: a test",
  "false-positive": "False positive: the rule is wrong here",
  "malicious-resolved": "Malicious, and dealt with",
  "not-enough-information": "Not enough information",
  other: "Another reason",
};
