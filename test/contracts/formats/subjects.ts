/** The alerts that every format is tried on: ordinary ones, hostile ones, and those of records that are any JSON at all. */
import * as fc from "fast-check";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { makeAlert } from "../../../lambda/alerts/alert.ts";
import { summarise } from "../../../lambda/dedup/aggregate.ts";
import { makeMember } from "../../../lambda/dedup/members.ts";
import { createEngine } from "../../../lambda/engine/engine.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { readBatches } from "../../../lib/replay/records.ts";
import { replay } from "../../../lib/replay/replay.ts";
import { HOSTILE_ALERTS } from "../../browser/hostile.ts";
import { sampleAlert, sampleMatch, sampleRecord } from "../../lambda/alerts/sample.ts";
import { ANSWERS, CLOSED, HOSTILE, hostileAlert } from "../notices.ts";

const NOTHING = Object.fromEntries(Object.keys(sampleRecord()).map((key) => [key, null]));

/** Alerts by hand, by what is special about them. */
export const ALERTS: readonly (readonly [string, Alert])[] = [
  ["the sample", sampleAlert()],
  ["nothing known", sampleAlert({ ...NOTHING, eventSource: "ec2.amazonaws.com" })],
  ["a service", sampleAlert({ userIdentity: { type: "AWSService", invokedBy: "rds.amazonaws.com" } })],
  ["the root user", sampleAlert({ userIdentity: { type: "Root", accountId: "123456789012" } })],
  ["an address with a zone", sampleAlert({ sourceIPAddress: "fe80::1%eth0" })],
  ["IPv6", sampleAlert({ sourceIPAddress: "2001:db8::1" })],
  ["no Region of ours", sampleAlert({ awsRegion: "us-gov-west-1" })],
  ["the end of time", sampleAlert({ eventTime: 8.64e15 })],
  ["before all time", sampleAlert({ eventTime: "0000-01-01T00:00:00Z" })],
  ["refused", sampleAlert({ errorCode: "AccessDenied", errorMessage: "no".repeat(5_000) })],
  ["a sign-in", sampleAlert({ eventSource: "signin.amazonaws.com", eventName: "ConsoleLogin" })],
  [
    "a user made",
    sampleAlert({
      eventSource: "iam.amazonaws.com",
      eventName: "CreateUser",
      requestParameters: { userName: "bob" },
      responseElements: { user: { userId: "AIDAEXAMPLE", userName: "bob" } },
    }),
  ],
  ["no technique", sampleAlert({}, { attack: [] })],
  ["techniques of other versions", sampleAlert({}, { attack: ["T1562.008", "T9999", "T1098", "T1098.001"] })],
  [
    "a long description",
    sampleAlert({}, { description: "why ".repeat(2_000), runbook: "do ".repeat(2_000) }),
  ],
  ["a rule of Lacework's", sampleAlert({}, { lacework: { alertType: "SecurityGroupChange" } })],
  [
    "more resources than any format takes",
    sampleAlert({
      resources: Array.from({ length: 60 }, (_, i) => ({
        ARN: `arn:aws:s3:::bucket-${i}`,
        accountId: "123456789012",
      })),
    }),
  ],
  [
    "a window that has closed",
    summarise(sampleAlert(), [makeMember(sampleAlert(), 0), makeMember(sampleAlert({ eventID: "2" }), 1)]),
  ],
  ["every field hostile", hostileAlert()],
  ["a hostile source", sampleAlert({ eventSource: HOSTILE, eventName: HOSTILE, requestID: HOSTILE })],
  ...HOSTILE_ALERTS.map(({ text, alert }) => [`hostile: ${text}`, alert] as const),
];

/** Every notice of an alert that a destination can be told. */
export function noticesOf(alert: Alert): Notice[] {
  const suppression = { id: "office", reason: "Maintenance.", owner: "platform", expires: "2027-03-31" };
  const many: Alert = { ...alert, count: 12_345, endTime: "2026-11-20T23:59:59.000Z" };
  return [
    { alert, kind: "first" },
    { alert: { ...alert, disposition: "suppressed", suppression }, kind: "first" },
    { alert: { ...alert, disposition: "staged" }, kind: "first" },
    { alert: { ...alert, disposition: "deduplicated" }, kind: "first" },
    { alert: { ...alert, links: { ...alert.links, case: "https://example.com/a/1" } }, kind: "first" },
    { alert: { ...alert, notes: [HOSTILE] }, kind: "first" },
    { alert: many, kind: "repeat" },
    { alert: { ...many, status: "acknowledged" }, kind: "summary", answers: ANSWERS },
    { alert, kind: "answers", answers: ANSWERS, at: "2026-11-20T10:20:00.000Z" },
    { alert: { ...alert, status: "closed" }, kind: "status", change: CLOSED, at: CLOSED.at },
  ];
}

function refuse(): never {
  throw new Error("The shipped day and rules are fine.");
}

/** All alerts of the shipped day, suppressed and staged ones too. */
export async function alertsOfTheDay(): Promise<Alert[]> {
  const { ruleSet } = loadRules("rules");
  const alerts: Alert[] = [];
  await replay(readBatches(["examples/day.ndjson"], {}), {
    engine: createEngine(ruleSet),
    at: Date.parse("2026-11-20T00:00:00Z"),
    onAlert: async (alert) => void alerts.push(alert),
    onUnreadable: refuse,
    onFailedRule: refuse,
  });
  return alerts;
}

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "",
    " ",
    HOSTILE,
    "x".repeat(40_000),
    "192.0.2.1",
    "::1%lo",
    "123456789012",
    "iam.amazonaws.com",
  ),
);
const anything = fc.oneof(texts, fc.jsonValue({ maxDepth: 3 }), fc.constant(undefined));
const identity = fc.record(
  {
    type: fc.oneof(fc.constantFrom("Root", "IAMUser", "AssumedRole", "AWSService", "Unknown"), anything),
    arn: fc.oneof(fc.constant("arn:aws:sts::123456789012:assumed-role/Admin/alice"), anything),
    userName: anything,
    principalId: anything,
    accountId: anything,
    accessKeyId: anything,
    invokedBy: anything,
    sessionContext: fc.oneof(
      fc.record({
        attributes: fc.record({
          creationDate: fc.oneof(fc.constant("2026-11-20T09:00:00Z"), anything),
          mfaAuthenticated: anything,
        }),
        sessionIssuer: fc.record({ arn: anything, userName: anything, type: anything }),
        sourceIdentity: anything,
      }),
      anything,
    ),
    onBehalfOf: anything,
  },
  { requiredKeys: [] },
);
const parameters = fc.oneof(
  fc.record(
    { userName: anything, groupName: anything, newUserName: anything, memberId: anything, groupId: anything },
    { requiredKeys: [] },
  ),
  anything,
);

/** Notices of records in which any field holds anything. */
export const anyNotice: fc.Arbitrary<Notice> = fc
  .record(
    {
      eventSource: fc.oneof(
        fc.constantFrom(
          "iam.amazonaws.com",
          "signin.amazonaws.com",
          "sts.amazonaws.com",
          "sso.amazonaws.com",
        ),
        texts,
      ),
      eventName: fc.oneof(fc.constantFrom("CreateUser", "ConsoleLogin", "AssumeRole", "Logout"), anything),
      eventTime: fc.oneof(fc.constant("2026-11-20T10:15:30Z"), fc.double(), fc.maxSafeInteger(), anything),
      awsRegion: anything,
      sourceIPAddress: anything,
      userAgent: anything,
      errorCode: fc.oneof(fc.constantFrom("AccessDenied", undefined), anything),
      errorMessage: anything,
      requestID: anything,
      eventID: anything,
      apiVersion: anything,
      readOnly: anything,
      recipientAccountId: anything,
      resources: fc.oneof(
        fc.array(fc.record({ ARN: texts, type: anything, accountId: anything }), { maxLength: 40 }),
        anything,
      ),
      requestParameters: parameters,
      responseElements: fc.oneof(fc.record({ user: parameters, assumedRoleUser: anything }), anything),
      userIdentity: fc.oneof(identity, anything),
    },
    { requiredKeys: [] },
  )
  .chain((changes) => fc.constantFrom(...noticesOf(makeAlert(sampleMatch(), sampleRecord(changes)))));
