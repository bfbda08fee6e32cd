/**
 * What a case expected and what happened, rule by rule, each with the condition tree that decided it: of a rule that
 * should alert and does not, of one that does and should not, and of the suppression where that is what differs.
 */
import type { Evaluation, Match } from "../../lambda/engine/engine.ts";
import { compileLikes } from "../../lambda/engine/like.ts";
import type { RuleSet, Suppression } from "../../lambda/engine/rule.ts";
import type { PlacedCase } from "../../lambda/loader/load-rules.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { explainConditions } from "../../lambda/explain/explain-conditions.ts";
import type { CaseFailure } from "./report-schema.ts";

/** Every way in which an evaluation differs from what a case expects. */
export function differences(
  { fires, suppressed }: Pick<PlacedCase, "fires" | "suppressed">,
  { matches, problems, jqErrors = [] }: Evaluation,
  ruleSet: RuleSet,
  record: CloudTrailRecord,
): CaseFailure[] {
  const failed = problems.map(({ ruleId, suppressionId, message }) => ({
    message: `${suppressionId ?? ruleId} could not be evaluated: ${message}`,
    rule: ruleId,
  }));
  const fired = new Map(matches.map((match) => [match.rule.id, match]));
  const silent = fires.filter((id) => !fired.has(id)).map((id) => whySilent(id, ruleSet, record, jqErrors));
  const loud = matches
    .filter(({ rule }) => !fires.includes(rule.id))
    .map(({ rule }): CaseFailure => {
      const explanation = explainConditions(rule.conditions, ruleSet, record);
      return { message: `${rule.id} alerts and should not.`, rule: rule.id, explanation };
    });
  const other = suppressed === undefined ? [] : suppressionDifferences(suppressed, fired, ruleSet, record);
  return [...failed, ...silent, ...loud, ...other];
}

function whySilent(
  id: string,
  ruleSet: RuleSet,
  record: CloudTrailRecord,
  jqErrors: NonNullable<Evaluation["jqErrors"]>,
): CaseFailure {
  const rule = ruleSet.rules.find((one) => one.id === id);
  if (rule === undefined) return { message: `${id} should alert, but its file has errors.`, rule: id };
  if (rule.eventSource !== null && rule.eventSource !== record.eventSource) {
    const message = `${id} should alert, but is only tried on records of ${rule.eventSource}; this one is of ${record.eventSource}.`;
    return { message, rule: id };
  }
  const explanation = explainConditions(rule.conditions, ruleSet, record);
  if (rule.jq !== undefined && explanation.holds) {
    const error = jqErrors.find(({ ruleId }) => ruleId === id)?.message;
    const why = error === undefined ? "gives nothing, null or false" : `ends with an error: ${error}`;
    return { message: `${id} should alert and does not: its jq expression ${why}.`, rule: id, explanation };
  }
  return { message: `${id} should alert and does not.`, rule: id, explanation };
}

function suppressionDifferences(
  expected: readonly string[],
  fired: ReadonlyMap<string, Match>,
  ruleSet: RuleSet,
  record: CloudTrailRecord,
): CaseFailure[] {
  const tell = (rule: string, message: string, { conditions }: Suppression): CaseFailure => {
    return { message, rule, explanation: explainConditions(conditions, ruleSet, record) };
  };
  const missing = expected.flatMap((id): CaseFailure[] => {
    const match = fired.get(id);
    if (match === undefined || match.suppression !== undefined) return [];
    const message = `${id} should be suppressed and is not`;
    if (match.disposition === "staged")
      return [{ message: `${message}: it is staged, and what goes nowhere needs no suppression.`, rule: id }];
    const naming = ruleSet.suppressions.filter(({ rules }) => compileLikes(rules)(id));
    if (naming.length === 0) return [{ message: `${message}: no suppression names it.`, rule: id }];
    return naming.map((one) => tell(id, `${message}: ${one.id} does not hold.`, one));
  });
  const surplus = [...fired.values()].flatMap(({ rule: { id }, suppression }): CaseFailure[] => {
    if (suppression === undefined || expected.includes(id)) return [];
    return [tell(id, `${id} is suppressed by ${suppression.id} and should not be.`, suppression)];
  });
  return [...missing, ...surplus];
}
