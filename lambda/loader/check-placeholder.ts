/**
 * Finds what `engine new` put into a rule for its author to replace. Such a rule is valid and passes its tests, so that
 * work can begin at once; but no call has this name, and a rule that is forgotten in this state would never fire
 * without anybody being told. A warning and not an error: an unfinished rule must not keep the others from deploying.
 *
 *   value: ReplaceMe     # warning: "ReplaceMe" is the placeholder of a new rule: no call has this name, …
 */
import { quote } from "./problem.ts";
import type { Path } from "./problem.ts";
import type { Report } from "./report.ts";

/** The eventName of a new rule whose author named none. */
export const PLACEHOLDER_CALL = "ReplaceMe";

/** Warns of a placeholder among the values of a comparison. */
export function checkPlaceholder(report: Report, value: unknown, path: Path): void {
  for (const [index, one] of (Array.isArray(value) ? value : [value]).entries()) {
    if (one !== PLACEHOLDER_CALL) continue;
    report.add(
      Array.isArray(value) ? [...path, index] : path,
      `${quote(one)} is the placeholder of a new rule: no call has this name, so the rule never fires.`,
      "Write the eventName of the call, as CloudTrail spells it.",
      { severity: "warning" },
    );
  }
}
