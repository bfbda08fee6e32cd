/**
 * Checks `dedup` and `threshold` of a rule beyond their shape. A misspelt fact here is as quiet as one in a condition:
 * no record has it, so all records share its absence, and one actor's alert would mute everybody's.
 *
 *   threshold: { count: 5, within: 10m, by: [sourceIp] }   -> No CloudTrail record has a field "sourceIp" at its top.
 */
import { parseSpan } from "../engine/time-span.ts";
import { checkFact } from "./check-fact.ts";
import type { Path } from "./problem.ts";
import { quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject } from "./report.ts";

/** Reports what is wrong with a rule's `dedup` and `threshold`; what has not even their shape is left to the schema. */
export function checkWindows(report: Report, dedup: unknown, threshold: unknown): void {
  if (isObject(dedup)) {
    checkFacts(report, dedup["by"], ["dedup", "by"]);
    if (dedup["window"] !== "off") checkSpan(report, dedup["window"], ["dedup", "window"]);
  }
  if (!isObject(threshold)) return;
  checkFacts(report, threshold["by"], ["threshold", "by"]);
  if (threshold["distinct"] !== undefined)
    checkFacts(report, [threshold["distinct"]], ["threshold"], "distinct");
  checkSpan(report, threshold["within"], ["threshold", "within"]);
  checkTogether(report, dedup, threshold);
}

function checkFacts(report: Report, facts: unknown, at: Path, key?: string): void {
  if (!Array.isArray(facts)) return;
  const seen = new Set<string>();
  for (const [index, name] of (facts as readonly unknown[]).entries()) {
    if (typeof name !== "string" || name === "") continue;
    const path = [...at, key ?? index];
    if (seen.has(name)) report.add(path, `${quote(name)} is there twice.`, "Take one of them out.");
    seen.add(name);
    const fact = checkFact(report, name, path);
    if (fact?.text === "eventID" || fact?.text === "requestID") {
      report.add(
        path,
        `Every record has its own ${fact.text}.`,
        key === undefined ? "Take it out, or no record is ever like another." : "Leave distinct out.",
      );
    }
  }
}

/** What has the form of a span but is too short or too long; other forms are reported by the schema. */
function checkSpan(report: Report, text: unknown, path: Path): void {
  if (typeof text !== "string" || !/^\d+[smh]$/.test(text) || parseSpan(text) !== undefined) return;
  report.add(path, `${quote(text)} is not between 10s and 24h.`, "Write a time from 10s to 24h.");
}

/** A burst is one alert, by the facts of its threshold; `dedup` can only say how long its window is at least. */
function checkTogether(
  report: Report,
  dedup: unknown,
  threshold: Readonly<Record<PropertyKey, unknown>>,
): void {
  if (!isObject(dedup)) return;
  if (dedup["by"] !== undefined) {
    report.add(
      ["dedup", "by"],
      "A rule with a threshold is deduplicated by the threshold's own facts.",
      "Take by out of dedup.",
      { part: "key" },
    );
  }
  const within = typeof threshold["within"] === "string" ? parseSpan(threshold["within"]) : undefined;
  const window = typeof dedup["window"] === "string" ? parseSpan(dedup["window"]) : undefined;
  if (dedup["window"] === "off" || (within !== undefined && window !== undefined && window < within)) {
    report.add(
      ["dedup", "window"],
      "A burst that has alerted lasts at least as long as the threshold's within.",
      "Write a longer window, or take it out.",
    );
  }
}
