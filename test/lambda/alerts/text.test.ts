import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { formatAlertForPeople } from "../../../lambda/alerts/text.ts";
import { sampleAlert } from "./sample.ts";

const told = (alert: Alert): string | undefined =>
  formatAlertForPeople(alert)
    .split("\n")
    .find((line) => line.startsWith("  told"));

describe("formatAlertForPeople", () => {
  it("tells in a few lines what a person asks", () => {
    expect(formatAlertForPeople(sampleAlert())).toMatchInlineSnapshot(`
      "HIGH  ec2.amazonaws.com: Security group opened to the internet
        Admin/alice@example.com opened sg-0a1b2c3d to the internet
        who     alice@example.com as role Admin (AssumedRole, with MFA)
        how     console (high confidence: sessionCredentialFromConsole is true)
        call    ec2.amazonaws.com AuthorizeSecurityGroupIngress: success
        from    192.0.2.10, AWS Internal
        where   account 123456789012, eu-west-1
        when    2026-11-20T10:15:30.000Z
        why     Somebody allowed ingress from any address.
        do      Ask the person, then revoke the rule.
        record  https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-west-1#/events/3f2504e0-4f89-41d3-9a0c-0305e82c3301
        rule    ec2.amazonaws.com/security-group-opened  alert 9aa96f541169ed80a307a93a3dd41f9d"
    `);
  });

  it("tells of an alert that goes nowhere why nobody is told, and who answers for it", () => {
    const suppression = {
      id: "office",
      reason: "Maintenance\nby night.",
      owner: "platform",
      expires: "2027-03-31",
    };
    expect(told({ ...sampleAlert(), disposition: "suppressed", suppression })).toBe(
      "  told    nobody: suppressed by office (owner platform, until 2027-03-31): Maintenance by night.",
    );
    expect(told({ ...sampleAlert(), disposition: "staged" })).toBe("  told    nobody: the rule is staged");
    expect(told(sampleAlert())).toBeUndefined();
  });

  it("cannot be made to forge a line or move a terminal's cursor", () => {
    const hostile = "x\nCRITICAL  forged\u001b[2J\u202e";
    const text = formatAlertForPeople(
      sampleAlert({
        userAgent: hostile,
        sourceIPAddress: hostile,
        awsRegion: hostile,
        errorCode: hostile,
        eventName: hostile,
      }),
    );
    expect(text).not.toMatch(/^CRITICAL/m);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it.each([
    [
      "a session of another account",
      {
        type: "AssumedRole",
        arn: "arn:aws:sts::210987654321:assumed-role/Admin/mallory",
        accountId: "210987654321",
      },
      "mallory as role Admin (AssumedRole, from account 210987654321)",
    ],
    [
      "a role whose session has no name",
      { type: "Role", arn: "arn:aws:iam::123456789012:role/Admin", accountId: "123456789012" },
      "Admin (Role, arn:aws:iam::123456789012:role/Admin)",
    ],
    [
      "a user",
      { type: "IAMUser", userName: "alice", arn: "arn:aws:iam::123456789012:user/alice" },
      "alice (IAMUser, arn:aws:iam::123456789012:user/alice)",
    ],
    [
      "an application that acts for a user of Identity Center",
      {
        type: "AssumedRole",
        arn: "arn:aws:sts::123456789012:assumed-role/app/worker",
        onBehalfOf: { userId: "90671c" },
      },
      "worker as role app (AssumedRole, Identity Center user 90671c)",
    ],
    [
      "a caller of another account through a service",
      {
        type: "AWSAccount",
        principalId: "AIDAEXAMPLE",
        accountId: "210987654321",
        invokedBy: "athena.amazonaws.com",
      },
      "AIDAEXAMPLE (AWSAccount, from account 210987654321, through athena.amazonaws.com)",
    ],
    [
      "a root session for a task",
      { type: "IAMUser", userName: "ada", sessionContext: { assumedRoot: "true" } },
      "ada (IAMUser, root session)",
    ],
    ["a service", { type: "AWSService", invokedBy: "rds.amazonaws.com" }, "rds.amazonaws.com (AWSService)"],
  ])("names %s", (_, userIdentity, who) => {
    expect(formatAlertForPeople(sampleAlert({ userIdentity }))).toContain(`\n  who     ${who}\n`);
  });

  it("tells notes and how often, and leaves out what is not known", () => {
    const alert = {
      ...sampleAlert({ eventTime: "?", userAgent: null }),
      count: 3,
      endTime: "2026-11-20T11:00:00.000Z",
    };
    const text = formatAlertForPeople(alert);
    expect(text).toContain("to 2026-11-20T11:00:00.000Z, 3 times");
    expect(text).toContain("note    The record's eventTime");
    expect(text).toMatch(/from {4}192\.0\.2\.10$/m);
    expect(text).not.toContain("touched");
  });
});
