/**
 * Checks what a condition compares with a fact that has a few values only. `channel.name equal consol` is no error to
 * anybody else, and never true; `outcome exists true` always is, and says nothing.
 *
 *   { fact: channel.name, operator: equal, value: consol }   -> Did you mean "console"?
 */
import { DOMAINS } from "../engine/derived-evidence.ts";
import { compileOperator } from "../engine/operator-name.ts";
import type { FactPath } from "../record/fact-path.ts";
import { CALLER_TYPES } from "../record/caller-types.ts";
import type { ParsedOperator } from "./check-value.ts";
import { didYouMean, nearest } from "../words/nearest.ts";
import type { Path } from "./problem.ts";
import { quote } from "./problem.ts";
import type { Report } from "./report.ts";

type Placed = { readonly text: string; readonly at: Path };

const COMPARED_WHOLE: ReadonlySet<string> = new Set(["equal", "notEqual", "in", "notIn"]);

/** Reports a constant `value`, at `path`, that the fact never has, and a comparison that always or never holds. */
export function checkKnownValues(
  report: Report,
  fact: FactPath,
  parsed: ParsedOperator,
  operator: string,
  value: unknown,
  path: Path,
): void {
  if (fact.text === "actor.type" || fact.text === "userIdentity.type") {
    for (const { text, at } of wholeTexts(parsed, value, path)) warnOfType(report, text, at);
    return;
  }
  const domain = DOMAINS.get(fact.text);
  if (domain === undefined || parsed.decorators.includes("swap")) return;
  const known = domain.values.filter((one) => typeof one === "string");
  const wrong = wholeTexts(parsed, value, path).filter(({ text }) => !known.includes(text));
  for (const { text, at } of wrong)
    report.add(at, `${fact.text} is never ${quote(text)}.`, didYouMean(text, known));
  if (wrong.length > 0) return;
  const holds = compileOperator(operator);
  const holding = domain.values.filter((one) => holds(one, value)).length;
  if (holding > 0 && holding < domain.values.length) return;
  const shown = domain.values.map((one) => (one === undefined ? "absent" : String(one))).join(", ");
  const cure =
    holding === 0
      ? `Compare with a value that it can have: ${shown}.`
      : `Delete the condition: it holds for each of ${shown}.`;
  report.add(path, `This is ${holding === 0 ? "never" : "always"} true of ${fact.text}.`, cure, {
    severity: holding === 0 ? "error" : "warning",
  });
}

/** The texts that a fact is compared with as a whole, each with its place. */
function wholeTexts(parsed: ParsedOperator, value: unknown, path: Path): readonly Placed[] {
  if (!COMPARED_WHOLE.has(parsed.base) || parsed.decorators.includes("swap")) return [];
  if (typeof value === "string") return [{ text: value, at: path }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown, index) => wholeTexts(parsed, one, [...path, index]));
}

function warnOfType(report: Report, type: string, at: Path): void {
  const meant = CALLER_TYPES.includes(type) ? undefined : nearest(type, CALLER_TYPES);
  if (meant === undefined) return;
  report.add(at, `CloudTrail documents no caller of type ${quote(type)}.`, `Did you mean "${meant}"?`, {
    severity: "warning",
  });
}
