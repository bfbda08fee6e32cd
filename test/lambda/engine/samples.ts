/**
 * Rules and records for the tests of the engine, as short as a test can be read: a rule is its conditions, a record is
 * what differs from a dull one.
 */
import { compileEventPattern } from "../../../lambda/engine/event-pattern/compile.ts";
import { compileEventRules, type EventRule } from "../../../lambda/engine/event-rules.ts";
import type { Condition, Rule, RuleSet } from "../../../lambda/engine/rule.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import type { CloudTrailRecord, Envelope } from "../../../lambda/record/record.ts";

export const ACCOUNT = "123456789012";

/** A rule of an eventSource (null: of any), named after its id. */
export function ruleOf(
  id: string,
  conditions: Condition,
  eventSource: string | null = "ec2.amazonaws.com",
): Rule {
  return { id, eventSource, name: `Rule ${id}`, severity: "low", conditions };
}

/** A rule set of these rules. */
export function ruleSetOf(rules: readonly Rule[], conditions: RuleSet["conditions"] = {}): RuleSet {
  return { rules, conditions, lists: {}, suppressions: [] };
}

/** A successful write by a user, with these fields in place of its own. */
export function recordOf(fields: Readonly<Record<string, unknown>> = {}): CloudTrailRecord {
  return {
    eventVersion: "1.11",
    userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${ACCOUNT}:user/ada`, userName: "ada" },
    eventTime: "2026-11-20T09:00:00Z",
    eventSource: "ec2.amazonaws.com",
    eventName: "CreateTags",
    awsRegion: "eu-central-1",
    sourceIPAddress: "192.0.2.10",
    userAgent: "aws-cli/2.31.0",
    requestParameters: null,
    responseElements: null,
    eventID: "1c9e2f3a-5b6d-4c7e-8f90-a1b2c3d4e5f6",
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: "Management",
    ...fields,
  };
}

/** The envelope around a record; fails when the record is refused. */
export function envelopeOf(record: unknown): Envelope {
  const reading = readEnvelope(record);
  if (!reading.ok) throw new Error(`the record of this test is refused: ${reading.reason}`);
  return reading.envelope;
}

/** "This fact is exactly this value." */
export function is(fact: string, value: unknown): Condition {
  return { fact, operator: "equal", value };
}

/** "The call has one of these names." */
export function named(...names: readonly string[]): Condition {
  return { fact: "eventName", operator: "in", value: names };
}

/** How many event rules deliver a record. */
export function deliveries(eventRules: readonly EventRule[]): (record: unknown) => number {
  const deliver = compileEventRules(eventRules);
  return (record) => deliver(envelopeOf(record)).length;
}

/** What is wrong with event rules, by their names: no pattern that EventBridge takes, or no name of ours. */
export function invalidAmong(eventRules: readonly EventRule[]): readonly string[] {
  const wrong = eventRules.flatMap(({ name, eventPattern }) => {
    const { length } = JSON.stringify(eventPattern);
    if (length > 2_048) return [`${name} has ${length} characters`];
    if (!/^[A-Za-z0-9-]{1,40}$/.test(name)) return [`${name} is no name`];
    try {
      compileEventPattern(eventPattern);
      return [];
    } catch (error) {
      return [`${name}: ${String(error)}`];
    }
  });
  const names = new Set(eventRules.map(({ name }) => name));
  return names.size === eventRules.length ? wrong : [...wrong, "two have one name"];
}
