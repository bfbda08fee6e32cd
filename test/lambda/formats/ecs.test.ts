import { describe, expect, it } from "vitest";
import { toEcs } from "../../../lambda/formats/ecs.ts";
import { sampleAlert } from "../alerts/sample.ts";

describe("toEcs", () => {
  it("hides nothing in the original record, and loses nothing of it", () => {
    const alert = sampleAlert({ userAgent: "a\u202e\u2028b" });
    const { original } = toEcs(alert).event as { original: string };
    expect(original).toContain('"userAgent":"a\\u202e\\u2028b"');
    expect(JSON.parse(original)).toEqual(alert.record);
  });

  it("fills the fields of the Elastic Common Schema", () => {
    const alert = sampleAlert();
    const { event, ...rest } = toEcs(alert);
    expect(event).toEqual({
      kind: "alert",
      category: ["configuration", "api"],
      type: ["change"],
      outcome: "success",
      action: "AuthorizeSecurityGroupIngress",
      provider: "ec2.amazonaws.com",
      module: "aws",
      dataset: "aws.cloudtrail",
      id: alert.id,
      severity: 73,
      risk_score: 73,
      reason: alert.summary,
      start: alert.startTime,
      end: alert.endTime,
      reference: "https://docs.aws.amazon.com/vpc/",
      url: alert.links.record,
      original: JSON.stringify(alert.record),
    });
    expect(rest).toEqual({
      "@timestamp": "2026-11-20T10:15:30.000Z",
      ecs: { version: "9.0.0" },
      message: `${alert.title}\n${alert.summary}`,
      tags: ["cis-4.10"],
      cloud: {
        provider: "aws",
        account: { id: "123456789012" },
        region: "eu-west-1",
        service: { name: "ec2" },
      },
      user: {
        id: "AROAEXAMPLE:alice@example.com",
        name: "Admin/alice@example.com",
        domain: "123456789012",
        roles: ["Admin"],
        effective: { id: "arn:aws:iam::123456789012:role/people/Admin", name: "Admin" },
      },
      source: { address: "192.0.2.10", ip: "192.0.2.10" },
      user_agent: { original: "AWS Internal" },
      rule: {
        id: "ec2.amazonaws.com/security-group-opened",
        name: "Security group opened to the internet",
        description: "Somebody allowed ingress from any address.",
        reference: "https://docs.aws.amazon.com/vpc/",
        ruleset: "ec2.amazonaws.com",
      },
      threat: {
        framework: "MITRE ATT&CK",
        tactic: {
          id: ["TA0112"],
          name: ["Defense Impairment"],
          reference: ["https://attack.mitre.org/tactics/TA0112/"],
        },
        technique: {
          id: ["T1686"],
          name: ["Disable or Modify System Firewall"],
          reference: ["https://attack.mitre.org/techniques/T1686/"],
          subtechnique: {
            id: ["T1686.001"],
            name: ["Cloud Firewall"],
            reference: ["https://attack.mitre.org/techniques/T1686/001/"],
          },
        },
      },
      related: {
        ip: ["192.0.2.10"],
        user: ["Admin/alice@example.com", "arn:aws:iam::123456789012:role/people/Admin", "alice@example.com"],
      },
      labels: {
        channel: "console",
        channel_confidence: "high",
        count: "1",
        cross_account: "false",
        mfa: "true",
        severity: "high",
        status: "open",
        disposition: "delivered",
      },
    });
  });

  it("labels an alert that goes nowhere with the suppression and its owner", () => {
    const suppression = { id: "office", reason: "Maintenance.", owner: "platform", expires: "2027-03-31" };
    expect(toEcs({ ...sampleAlert(), disposition: "suppressed", suppression }).labels).toMatchObject({
      disposition: "suppressed",
      suppression: "office",
      suppression_owner: "platform",
      suppression_expires: "2027-03-31",
    });
  });

  it("names the person by every name, and says who the caller is to this account", () => {
    const userIdentity = {
      type: "AssumedRole",
      arn: "arn:aws:sts::210987654321:assumed-role/app/worker",
      accountId: "210987654321",
      sessionContext: { sourceIdentity: "mira", assumedRoot: "true" },
      onBehalfOf: { userId: "90671c" },
      invokedBy: "athena.amazonaws.com",
    };
    const document = toEcs(sampleAlert({ userIdentity }));
    expect(document.related).toMatchObject({
      user: ["app/worker", "arn:aws:iam::210987654321:role/app", "worker", "mira", "90671c"],
    });
    expect(document.labels).toMatchObject({
      cross_account: "true",
      identity_center_user: "90671c",
      invoked_by: "athena.amazonaws.com",
      root: "true",
    });
    expect(document.labels).not.toHaveProperty("mfa");
  });

  it("keeps what is no address out of the ip fields", () => {
    const document = toEcs(sampleAlert({ sourceIPAddress: "rds.amazonaws.com" }));
    expect(document["source"]).toEqual({ address: "rds.amazonaws.com", domain: "rds.amazonaws.com" });
    expect(document.related).not.toHaveProperty("ip");
  });

  it.each([
    ["signin.amazonaws.com", "ConsoleLogin", {}, ["authentication"], ["start"]],
    [
      "signin.amazonaws.com",
      "ConsoleLogin",
      { errorMessage: "Failed authentication" },
      ["authentication"],
      ["info"],
    ],
    ["sso.amazonaws.com", "Federate", {}, ["authentication"], ["start"]],
    ["sso.amazonaws.com", "CreatePermissionSet", {}, ["iam", "api"], ["creation", "admin"]],
    ["sts.amazonaws.com", "AssumeRole", { readOnly: true }, ["session", "api"], ["start"]],
    [
      "iam.amazonaws.com",
      "CreateUser",
      { requestParameters: { userName: "bob" } },
      ["iam", "api"],
      ["creation", "user"],
    ],
    [
      "iam.amazonaws.com",
      "AddUserToGroup",
      { requestParameters: { userName: "bob", groupName: "admins" }, errorCode: "AccessDenied" },
      ["iam", "api"],
      ["creation", "user", "group", "denied"],
    ],
    [
      "iam.amazonaws.com",
      "GetRole",
      { readOnly: true, requestParameters: { roleName: "Admin" } },
      ["iam", "api"],
      ["info", "access", "admin"],
    ],
    [
      "ec2.amazonaws.com",
      "TerminateInstances",
      { errorCode: "Client.UnauthorizedOperation" },
      ["configuration", "api"],
      ["deletion", "denied"],
    ],
    ["kms.amazonaws.com", "Decrypt", { readOnly: true }, ["configuration", "api"], ["access"]],
  ])("classifies %s %s", (eventSource, eventName, more, category, type) => {
    expect(toEcs(sampleAlert({ eventSource, eventName, ...more })).event).toMatchObject({ category, type });
  });

  it("has no empty objects or undefined fields", () => {
    const document = toEcs(
      sampleAlert(
        {
          userIdentity: null,
          sourceIPAddress: null,
          userAgent: null,
          awsRegion: null,
          recipientAccountId: null,
        },
        { attack: [] },
      ),
    );
    expect(document).not.toHaveProperty("source");
    expect(document).not.toHaveProperty("threat");
    expect(JSON.stringify(document)).not.toContain("{}");
  });
});
