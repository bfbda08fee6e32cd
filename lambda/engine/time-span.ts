/**
 * Spans of time as rules write them: a whole number and a unit, because "600" says nothing to whoever reads the rule.
 *
 *     parseSpan("10m")   // 600000
 *     parseSpan("10")    // undefined: seconds? minutes?
 */

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const SPAN = /^([1-9]\d{0,5})([smh])$/;

/** The shortest and the longest span that a rule may ask for, in milliseconds: 10 seconds, 24 hours. */
const SHORTEST_SPAN_MS = 10_000;
const LONGEST_SPAN_MS = 86_400_000;

/** Milliseconds; undefined when the text is no span, or one that is too short or too long. */
export function parseSpan(text: string): number | undefined {
  const [, number = "", unit = ""] = SPAN.exec(text) ?? [];
  const span = Number(number) * (UNITS[unit] ?? Number.NaN);
  return span >= SHORTEST_SPAN_MS && span <= LONGEST_SPAN_MS ? span : undefined;
}
