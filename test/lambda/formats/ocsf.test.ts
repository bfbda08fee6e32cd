import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { toOcsf } from "../../../lambda/formats/ocsf.ts";
import { valueAt } from "../../../lambda/record/untrusted.ts";
import { ANSWERS, CLOSED } from "../../contracts/notices.ts";
import { sampleAlert } from "../alerts/sample.ts";

const first = (alert: Alert): Notice => ({ alert, kind: "first" });

function attacks(attack: string[]): unknown {
  return valueAt(toOcsf(first(sampleAlert({}, { attack }))), "finding_info", "attacks");
}

describe("toOcsf", () => {
  it.each([
    ["first", "open", "delivered", { activity_id: 1, type_uid: 200401, status: "New", is_alert: true }],
    ["repeat", "open", "delivered", { activity_id: 2, type_uid: 200402, status: "New", is_alert: true }],
    ["summary", "open", "delivered", { activity_id: 2, status_id: 1 }],
    ["first", "acknowledged", "delivered", { activity_id: 2, status_id: 2, status: "In Progress" }],
    [
      "status",
      "closed",
      "delivered",
      { activity_id: 3, activity_name: "Close", status_id: 4, is_alert: false },
    ],
    ["first", "open", "suppressed", { activity_id: 1, status: "Suppressed", is_alert: false }],
    ["first", "open", "staged", { status: "New", is_alert: false }],
  ] as const)("tells of %s, %s and %s", (kind, status, disposition, expected) => {
    expect(toOcsf({ kind, alert: { ...sampleAlert(), status, disposition } })).toMatchObject(expected);
  });

  it("says who called what, from where, with which session", () => {
    const { evidences } = toOcsf(first(sampleAlert({ requestID: "req-1", errorCode: "AccessDenied" })));
    expect(evidences).toEqual([
      {
        uid: "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        name: "CloudTrail record",
        actor: {
          user: {
            name: "Admin/alice@example.com",
            uid: "arn:aws:iam::123456789012:role/people/Admin",
            uid_alt: "AROAEXAMPLE:alice@example.com",
            type_id: 99,
            type: "AssumedRole",
            account: { uid: "123456789012", type_id: 10, type: "AWS Account" },
          },
          session: {
            uid: "alice@example.com",
            uid_alt: "arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com",
            issuer: "arn:aws:iam::123456789012:role/people/Admin",
            credential_uid: "ASIAEXAMPLE",
            created_time: Date.parse("2026-11-20T09:00:00Z"),
            is_mfa: true,
          },
        },
        api: {
          operation: "AuthorizeSecurityGroupIngress",
          service: { name: "ec2.amazonaws.com" },
          request: { uid: "req-1" },
          response: { error: "AccessDenied" },
        },
        src_endpoint: { ip: "192.0.2.10" },
        http_request: { user_agent: "AWS Internal" },
      },
    ]);
  });

  it("names techniques with their tactics, and is silent about ids that ATT&CK does not have", () => {
    expect(attacks(["T1098.003"])).toEqual(
      ["Persistence", "Privilege Escalation"].map((name) =>
        expect.objectContaining({
          version: "19.2",
          tactic: expect.objectContaining({ name }),
          technique: expect.objectContaining({ uid: "T1098", name: "Account Manipulation" }),
          sub_technique: expect.objectContaining({
            uid: "T1098.003",
            src_url: "https://attack.mitre.org/techniques/T1098/003/",
          }),
        }),
      ),
    );
    expect(attacks(["T9999"])).toEqual([{ version: "19.2", technique: { uid: "T9999" } }]);
    expect(attacks(["<script>"])).toBeUndefined();
  });

  it("carries the record as it is, and under unmapped what OCSF has no place for", () => {
    const alert = { ...sampleAlert(), notes: ["Shortened."] };
    const finding = toOcsf({ alert, kind: "status", answers: ANSWERS, change: CLOSED });
    expect(JSON.parse(String(finding.raw_data))).toEqual(alert.record);
    expect(finding.unmapped).toMatchObject({
      channel: { name: "console" },
      notes: ["Shortened."],
      answers: expect.arrayContaining([expect.objectContaining({ id: ANSWERS[0]?.id })]),
      change: { by: CLOSED.by },
    });
  });
});
