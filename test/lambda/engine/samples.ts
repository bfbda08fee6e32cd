/**
 * Rules and records for the tests of the engine, as short as a test can be read: a rule is its conditions, a record is
 * what differs from a dull one.
 */
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
  return { rules, conditions };
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
