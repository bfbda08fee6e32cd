/**
 * What two alerts share, and how much that says. The same session is nearly certainly the same story; an address may be
 * an office's, an actor a role that a whole team takes. What two alerts share, they share whichever is asked about.
 *
 *     sharedBy(a, b)   // { score: 50, why: ["same session AROAEXAMPLE:alice@example.com", "same actor Admin/alice@example.com"] }
 *
 * | they share | points |
 * |---|---|
 * | a session | 40 |
 * | a resource | 30, and 5 for each further one, 40 at most |
 * | a source address | 20 |
 * | an actor | 10 |
 * | little time lies between | up to 9, falling to 0 over a day: never as much as the least of the others |
 */
import { isIP } from "node:net";
import { showText } from "../alerts/show-text.ts";
import { AROUND_MS } from "./alerts-around.ts";
import type { CaseRow } from "./case-schema.ts";

/** What was found in common: a sentence each, and the points; none when they share nothing but the time. */
export type Shared = { readonly why: readonly string[]; readonly score: number };

const SESSION = 40;
const RESOURCE = 30;
const FURTHER_RESOURCE = 5;
const MOST_FURTHER = 2;
const ADDRESS = 20;
const ACTOR = 10;
const NEARNESS = 9;
const MAX_SHOWN = 200;

/** What two alerts share; the same for (a, b) and (b, a), but for nothing. */
export function sharedBy(a: CaseRow, b: CaseRow): Shared {
  const why: string[] = [];
  let score = 0;
  if (a.session !== undefined && a.session === b.session) {
    score += SESSION;
    why.push(`same session ${shown(a.session)}`);
  }
  const theirs = new Set(b.resources);
  const [resource, ...further] = [...new Set(a.resources)]
    .filter((arn) => isWhole(arn) && theirs.has(arn))
    .toSorted();
  if (resource !== undefined) {
    score += RESOURCE + FURTHER_RESOURCE * Math.min(MOST_FURTHER, further.length);
    const more = further.length === 0 ? "" : ` and ${further.length} more`;
    why.push(`same resource ${shown(resource)}${more}`);
  }
  if (a.ip !== undefined && a.ip === b.ip && isIP(a.ip) !== 0) {
    score += ADDRESS;
    why.push(`same source address ${a.ip}`);
  }
  if (a.actor.key === b.actor.key && isSomebody(a) && isSomebody(b)) {
    score += ACTOR;
    why.push(`same actor ${shown(a.actor.arn ?? a.actor.key)}`);
  }
  return why.length === 0 ? { why, score: 0 } : { why, score: score + nearness(a, b) };
}

/** Milliseconds between the starts of two alerts. */
export function timeBetween(a: CaseRow, b: CaseRow): number {
  return Math.abs(Date.parse(a.startTime) - Date.parse(b.startTime));
}

function nearness(a: CaseRow, b: CaseRow): number {
  return NEARNESS * Math.max(0, 1 - timeBetween(a, b) / AROUND_MS);
}

/** An AWS service acts for everybody, and of a caller without any identity nothing says that it is the same one. */
function isSomebody({ actor, ip }: CaseRow): boolean {
  if (actor.type === "AWSService") return false;
  return !actor.key.startsWith("name:") || ip !== undefined;
}

/** Of an ARN that was cut, the end is what tells it from others. */
function isWhole(arn: string): boolean {
  return !arn.endsWith("…");
}

function shown(text: string): string {
  return showText(text, MAX_SHOWN);
}
