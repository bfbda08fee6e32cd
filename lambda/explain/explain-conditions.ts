/**
 * Why a rule matches a record or does not: its conditions as they were written, each with its verdict, and for
 * comparisons the value that the record has there. It compares with the same operators that json-rules-engine is given,
 * so it cannot tell another story than the engine; a property test holds the two together.
 *
 *   explainConditions(rule.conditions, ruleSet, record)
 *   // { kind: "all", holds: false, conditions: [ { kind: "comparison", fact: "errorCode", saw: "\"AccessDenied\"", … } ] }
 *
 * Where keys of a record collide, a comparison and its opposite can both hold. Then a comparison below a `not` is said
 * to hold when its opposite does not, which is what the engine goes by.
 */
import { type NormalCondition, normalize } from "../engine/conditions.ts";
import { compileOperator } from "../engine/operator-name.ts";
import { factOfValue } from "../engine/predicate.ts";
import type { Condition, Literal, RuleSet } from "../engine/rule.ts";
import { DERIVED_ROOTS } from "../record/derived-facts.ts";
import { parseFactPath } from "../record/fact-path.ts";
import { readerOf } from "../record/fact-reader.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { ExplainedComparison, ExplainedCondition } from "./condition-schema.ts";
import { listOf } from "./matched-value.ts";
import { nearKey } from "./near-key.ts";
import { showValue } from "./show-value.ts";
import { toDiffer } from "./to-differ.ts";

type Shared = Pick<RuleSet, "conditions" | "lists">;
type Work = {
  readonly shared: Shared;
  readonly record: CloudTrailRecord;
  /** For how many more comparisons a misspelt key is looked for: a rule of thousands has no thousands of typos. */
  suspects: number;
};

const MOST_SUSPECTS = 100;

/** A condition with its verdict, before it is known whether the verdict on the rule rests on it. */
type Judged =
  | { readonly kind: "literal"; readonly literal: Literal; readonly holds: boolean }
  | {
      readonly kind: "all" | "any" | "not" | "shared";
      readonly name: string | undefined;
      readonly condition?: string;
      readonly holds: boolean;
      readonly parts: readonly Judged[];
    };

/**
 * Explains conditions; the root's verdict is that of the conditions as a whole.
 * @param shared a validated rule set, or as much of it as the conditions refer to
 * @throws Error when the conditions were not validated (an unknown operator, list or shared condition).
 */
export function explainConditions(
  conditions: Condition,
  shared: Shared,
  record: CloudTrailRecord,
): ExplainedCondition {
  const work = { shared, record, suspects: MOST_SUSPECTS };
  return tell(work, judge(work, conditions, false), true);
}

function judge(work: Work, condition: Condition, negated: boolean): Judged {
  const { name } = condition;
  if ("condition" in condition) {
    const shared = condition.condition;
    const target = Object.hasOwn(work.shared.conditions, shared) ? work.shared.conditions[shared] : undefined;
    if (target === undefined) throw new Error(`there is no shared condition "${shared}"`);
    const part = judge(work, target, negated);
    return { kind: "shared", name, condition: shared, holds: part.holds, parts: [part] };
  }
  if ("not" in condition) {
    const part = judge(work, condition.not, !negated);
    return { kind: "not", name, holds: !part.holds, parts: [part] };
  }
  if ("all" in condition) {
    const parts = condition.all.map((one) => judge(work, one, negated));
    return { kind: "all", name, holds: parts.every(({ holds }) => holds), parts };
  }
  if ("any" in condition) {
    const parts = condition.any.map((one) => judge(work, one, negated));
    return { kind: "any", name, holds: parts.some(({ holds }) => holds), parts };
  }
  const normal = normalize(negated ? { not: condition } : condition, {}, work.shared.lists);
  return { kind: "literal", literal: condition, holds: isMet(normal, work.record) !== negated };
}

function isMet(condition: NormalCondition, record: CloudTrailRecord): boolean {
  if ("all" in condition) return condition.all.every((part) => isMet(part, record));
  if ("any" in condition) return condition.any.some((part) => isMet(part, record));
  const { fact, operator, value } = condition;
  const other = factOfValue(value);
  return compileOperator(operator)(
    valueOf(record, fact),
    other === undefined ? value : valueOf(record, other),
  );
}

function valueOf(record: CloudTrailRecord, fact: string): unknown {
  return readerOf(parseFactPath(fact))(record);
}

function tell(work: Work, judged: Judged, decisive: boolean): ExplainedCondition {
  if (judged.kind === "literal") return tellLiteral(work, judged.literal, judged.holds, decisive);
  const { kind, name, holds, condition, parts } = judged;
  // A failing all rests on its failing conditions, one that holds on all of them; any the other way round.
  const restsOn = (part: Judged): boolean => kind === "not" || part.holds === holds;
  const conditions = parts.map((part) => tell(work, part, decisive && restsOn(part)));
  const verdict = { ...(name === undefined ? {} : { name }), holds, decisive, conditions };
  return kind === "shared" ? { kind, condition: condition ?? "", ...verdict } : { kind, ...verdict };
}

function tellLiteral(
  work: Work,
  { name, fact, operator, value }: Literal,
  holds: boolean,
  decisive: boolean,
): ExplainedComparison {
  const { shared, record } = work;
  const saw = valueOf(record, fact);
  const otherFact = factOfValue(value);
  const other = otherFact === undefined ? undefined : { fact: otherFact, saw: valueOf(record, otherFact) };
  const list = listOf(shared.lists, operator, value, saw);
  const compared = { fact, operator, value, holds, saw, near: decisive ? near(work, fact, saw) : undefined };
  return {
    kind: "comparison",
    ...(name === undefined ? {} : { name }),
    holds,
    decisive,
    fact,
    operator,
    value,
    saw: showValue(saw),
    ...(other === undefined ? {} : { expected: { fact: other.fact, saw: showValue(other.saw) } }),
    ...(list === undefined ? {} : { list }),
    ...(decisive ? { toDiffer: toDiffer(other === undefined ? compared : { ...compared, other }) } : {}),
  };
}

function near(work: Work, fact: string, saw: unknown): string | undefined {
  const path = parseFactPath(fact);
  const absent = saw === undefined || (path.each && Array.isArray(saw) && saw.length === 0);
  if (!absent || DERIVED_ROOTS.includes(path.root) || work.suspects === 0) return undefined;
  work.suspects -= 1;
  return nearKey(work.record, path);
}
