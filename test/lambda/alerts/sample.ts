/** A rule, a record and their alert, for tests that need some; each test changes what it is about. */
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { makeAlert } from "../../../lambda/alerts/alert.ts";
import type { Match } from "../../../lambda/engine/engine.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";

export function sampleRule(changes: Partial<Rule> = {}): Rule {
  return {
    id: "ec2.amazonaws.com/security-group-opened",
    eventSource: "ec2.amazonaws.com",
    name: "Security group opened to the internet",
    severity: "high",
    description: "Somebody allowed ingress from any address.",
    conditions: { fact: "eventName", operator: "equal", value: "AuthorizeSecurityGroupIngress" },
    summary: "{{actor.name}} opened {{requestParameters.groupId}} to the internet",
    attack: ["T1686.001"],
    tags: ["cis-4.10"],
    references: ["https://docs.aws.amazon.com/vpc/"],
    runbook: "Ask the person, then revoke the rule.",
    ...changes,
  };
}

export function sampleRecord(changes: Readonly<Record<string, unknown>> = {}): CloudTrailRecord {
  return {
    eventVersion: "1.11",
    userIdentity: {
      type: "AssumedRole",
      principalId: "AROAEXAMPLE:alice@example.com",
      arn: "arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com",
      accountId: "123456789012",
      accessKeyId: "ASIAEXAMPLE",
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: "AROAEXAMPLE",
          arn: "arn:aws:iam::123456789012:role/people/Admin",
          accountId: "123456789012",
          userName: "Admin",
        },
        attributes: { creationDate: "2026-11-20T09:00:00Z", mfaAuthenticated: "true" },
      },
    },
    eventTime: "2026-11-20T10:15:30Z",
    eventSource: "ec2.amazonaws.com",
    eventName: "AuthorizeSecurityGroupIngress",
    awsRegion: "eu-west-1",
    sourceIPAddress: "192.0.2.10",
    userAgent: "AWS Internal",
    requestParameters: {
      groupId: "sg-0a1b2c3d",
      ipPermissions: {
        items: [{ fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: "0.0.0.0/0" }] } }],
      },
    },
    responseElements: { _return: true },
    eventID: "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: "123456789012",
    eventCategory: "Management",
    sessionCredentialFromConsole: "true",
    ...changes,
  };
}

export function sampleAlert(record: Readonly<Record<string, unknown>> = {}, rule: Partial<Rule> = {}): Alert {
  return makeAlert(sampleMatch(rule), sampleRecord(record));
}

/** The match of the sample rule, to be delivered. */
export function sampleMatch(changes: Partial<Rule> = {}): Match {
  return { rule: sampleRule(changes), disposition: "delivered", notes: [] };
}
