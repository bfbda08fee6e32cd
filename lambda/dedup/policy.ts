/**
 * What a rule asks for, in milliseconds, and how late records may come. CloudTrail delivers most records within five
 * minutes and nearly all within fifteen (FACTS § 3), in no order.
 *
 *     policyOf({ dedup: { window: "1h" }, … })                                   // { width: 3600000, … }
 *     policyOf({ threshold: { count: 5, within: "20m", by: […] }, … }).width     // 1200000: as long as `within` at least
 */
import type { Rule } from "../engine/rule.ts";
import { parseSpan } from "../engine/time-span.ts";

/** How much later than a younger record an older one may arrive and still be counted with it, in milliseconds. */
const LATE_MS = 15 * 60_000;
/** A member that was put so shortly before its window closed may have been missed there, in milliseconds. */
export const NEAR_CLOSE_MS = 60_000;
/** From a window's end to its close, in milliseconds: what is late in time is counted for sure. */
export const CLOSE_AFTER_MS = LATE_MS + NEAR_CLOSE_MS;
const DEFAULT_WINDOW_MS = 10 * 60_000;

/** A threshold in milliseconds. */
export type Threshold = { readonly count: number; readonly within: number; readonly distinct?: string };

/** How a rule's records are counted. */
export type Policy = {
  /** How long a window lasts, and how far in front of its first record others still belong to it. */
  readonly width: number;
  readonly slack: number;
  readonly threshold?: Threshold;
};

/** How a rule counts; undefined when each of its matches is an alert. */
export function policyOf({ dedup, threshold }: Pick<Rule, "dedup" | "threshold">): Policy | undefined {
  const asked = dedup?.window === undefined ? undefined : parseSpan(dedup.window);
  const window = asked ?? DEFAULT_WINDOW_MS;
  if (threshold === undefined) {
    return dedup?.window === "off" ? undefined : { width: window, slack: LATE_MS };
  }
  const within = parseSpan(threshold.within) ?? DEFAULT_WINDOW_MS;
  const { count, distinct } = threshold;
  return {
    width: Math.max(window, within),
    slack: Math.min(LATE_MS, within),
    threshold: { count, within, ...(distinct === undefined ? {} : { distinct }) },
  };
}
