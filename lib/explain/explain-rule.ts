/**
 * One record and one rule, all the way: who did what, would EventBridge deliver it, do the conditions hold, and what
 * becomes of the alert. Nothing is decided here: patterns, conditions and suppressions are asked as when deployed.
 *
 *   const explanation = await explainRule("kms.amazonaws.com/key-deleted", ruleSet, item, { at: Date.now() });
 *   explanation.verdict.alerts   // false
 */
import { createEngine, type Engine } from "../../lambda/engine/engine.ts";
import { deriveEventRules, type EventRule } from "../../lambda/engine/event-rules.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { JQ } from "../../lambda/jq/lazy-jq.ts";
import { deriveActor } from "../../lambda/record/actor.ts";
import { deriveChannel } from "../../lambda/record/channel.ts";
import { deriveOutcome } from "../../lambda/record/outcome.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { textAt } from "../../lambda/record/untrusted.ts";
import { formatPlace } from "../replay/records.ts";
import { explainConditions } from "../../lambda/explain/explain-conditions.ts";
import { explainDelivery } from "./explain-delivery.ts";
import type { Explanation } from "./explanation-schema.ts";
import type { FoundRecord } from "./one-record.ts";

/** What an explanation depends on beside the rule and the record. */
export type ExplainOptions = {
  /** The time in milliseconds since 1970, as of which suppressions hold or have expired. */
  readonly at: number;
  /** How many EventBridge rules may be derived. */
  readonly budget?: number | undefined;
  /** The EventBridge rules derived from the rule set, where they are at hand: deriving them takes a quarter of a second. */
  readonly eventRules?: readonly EventRule[];
};

const BEFORE_EVERY_EXPIRY = 0;

/**
 * Explains what a rule of the set makes of a record.
 * @throws EventRuleBudgetError when the rules do not fit the budget.
 */
export async function explainRule(
  rule: Rule,
  ruleSet: RuleSet,
  found: FoundRecord,
  { at, budget, eventRules = derive(ruleSet, budget) }: ExplainOptions,
): Promise<Explanation> {
  const { record, envelope } = found.reading;
  const delivery = { ...explainDelivery(rule, ruleSet, eventRules, envelope), madeEnvelope: found.bare };
  return {
    rule: {
      id: rule.id,
      name: rule.name,
      severity: rule.severity,
      staged: rule.mode === "staged",
      eventSource: rule.eventSource,
    },
    record: describeRecord(record, found),
    delivery,
    ...(await askJq(rule, record)),
    conditions: explainConditions(rule.conditions, ruleSet, record),
    verdict: await judge(rule, ruleSet, record, delivery.delivered, at),
  };
}

async function askJq(
  { id, jq: expression }: Rule,
  record: CloudTrailRecord,
): Promise<Pick<Explanation, "jq">> {
  if (expression === undefined) return {};
  const [answer] = await JQ.ask(record, [{ id, jq: expression }]);
  if (answer === undefined) return {};
  const { matches, annotations, error, failed } = answer;
  return {
    jq: {
      expression,
      matches,
      annotations: [...annotations],
      ...(error === undefined ? {} : { error }),
      ...(failed === undefined ? {} : { failed }),
    },
  };
}

function derive(ruleSet: RuleSet, budget: number | undefined): readonly EventRule[] {
  return deriveEventRules(ruleSet, budget === undefined ? {} : { budget }).eventRules;
}

async function judge(
  rule: Rule,
  ruleSet: RuleSet,
  record: CloudTrailRecord,
  delivered: boolean,
  at: number,
): Promise<Explanation["verdict"]> {
  const engine = createEngine({ ...ruleSet, rules: [rule] }, JQ);
  const { matches, problems } = await engine.evaluate(record, at);
  const tried = rule.eventSource === null || rule.eventSource === record.eventSource;
  // Of a suppression that failed, the notes of the match tell.
  const failures = problems
    .filter(({ suppressionId }) => suppressionId === undefined)
    .map(({ ruleId, message }) => `${ruleId} could not be evaluated: ${message}`);
  const [match] = matches;
  if (match === undefined) return { alerts: false, matches: false, tried, notes: failures };
  const { disposition, suppression, notes } = match;
  return {
    alerts: delivered && disposition === "delivered",
    matches: true,
    tried,
    disposition,
    ...(suppression === undefined ? {} : { suppression: pick(suppression) }),
    notes: [...notes, ...(disposition === "delivered" ? await expired(engine, record) : [])],
  };
}

/** Who remembers a suppression wonders why it does not hold. */
async function expired(engine: Engine, record: CloudTrailRecord): Promise<string[]> {
  const [match] = (await engine.evaluate(record, BEFORE_EVERY_EXPIRY)).matches;
  if (match?.suppression === undefined) return [];
  const { id, expires, owner } = match.suppression;
  return [`The suppression ${id} of ${owner} would hold, but it ended on ${expires}.`];
}

function pick({ id, reason, owner, expires }: RuleSet["suppressions"][number]): {
  id: string;
  reason: string;
  owner: string;
  expires: string;
} {
  return { id, reason, owner, expires };
}

function describeRecord(record: CloudTrailRecord, { place }: FoundRecord): Explanation["record"] {
  const { name, confidence, reasons } = deriveChannel(record);
  const texts = {
    eventID: textAt(record, "eventID"),
    eventTime: textAt(record, "eventTime"),
    awsRegion: textAt(record, "awsRegion"),
    accountId: textAt(record, "recipientAccountId"),
    sourceIPAddress: textAt(record, "sourceIPAddress"),
  };
  return {
    place: formatPlace(place),
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
    eventSource: record.eventSource,
    eventName: record.eventName,
    actor: deriveActor(record).name,
    channel: { name, confidence, reasons: [...reasons] },
    outcome: deriveOutcome(record).result,
  };
}
