import { describe, expect, it } from "vitest";
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import {
  alertTypeOf,
  rowToLacework,
  toLacework,
  toUnnumberedLacework,
} from "../../../lambda/formats/lacework.ts";
import { sampleAlert } from "../alerts/sample.ts";

const alert = sampleAlert({}, { lacework: { alertType: "SecurityGroupChange" } });
const row: CaseRow = {
  id: alert.id,
  number: 7,
  status: "closed",
  disposition: alert.disposition,
  severity: alert.severity,
  title: alert.title,
  summary: alert.summary,
  startTime: alert.startTime,
  endTime: alert.endTime,
  count: 3,
  ruleId: alert.rule.id,
  ruleName: alert.rule.name,
  alertType: "SecurityGroupChange",
  actor: { key: "k", name: alert.actor.name, type: alert.actor.type, arn: alert.actor.arn },
  session: alert.actor.session,
  channel: "console",
  accountId: "123456789012",
  service: "ec2",
  eventName: "AuthorizeSecurityGroupIngress",
  resources: [],
  createdAt: "2026-11-20T10:16:00.000Z",
  changedAt: "2026-11-20T11:00:00.000Z",
};

describe("toLacework", () => {
  it("makes Lacework's row, its subject with the description verbatim", () => {
    const { alertInfo, ...rest } = toLacework(alert, { number: 7, status: "open" });
    expect(rest).toEqual({
      alertId: 7,
      alertName: "Security group opened to the internet",
      alertType: "SecurityGroupChange",
      severity: "High",
      status: "Open",
      startTime: "2026-11-20T10:15:30.000Z",
      endTime: "2026-11-20T10:15:30.000Z",
      lastUserUpdatedTime: "",
      internetExposure: "UnknownInternetExposure",
      reachability: "UnknownReachability",
      derivedFields: { category: "Policy", sub_category: "Cloud Activity", source: "AWS" },
      policyId: "ec2.amazonaws.com/security-group-opened",
      evolvingAlert: false,
      tagMetadata: [],
    });
    const description =
      " For account: 123456789012  : Admin/alice@example.com opened sg-0a1b2c3d to the internet. Seen 1 times  by user  Admin:alice@example.com    ";
    expect(alertInfo).toEqual({
      subject: `Security group opened to the internet: ${description}`,
      description,
      customerCount: 0,
      isExpectedLWBehavior: false,
    });
  });

  it("makes the same of a row of the store as of the alert", () => {
    const known = { number: 7, status: "closed", lastUserUpdatedTime: row.changedAt } as const;
    expect(rowToLacework(row, 7)).toEqual(toLacework({ ...alert, count: 3 }, known));
    expect(rowToLacework(row, 7)).toMatchObject({
      status: "Closed",
      lastUserUpdatedTime: "2026-11-20T11:00:00.000Z",
    });
  });

  it("knows two statuses only: what somebody looks at is open", () => {
    expect(toLacework(alert, { number: 1, status: "acknowledged" }).status).toBe("Open");
  });

  it.each([
    ["info", "Info"],
    ["low", "Low"],
    ["medium", "Medium"],
    ["high", "High"],
    ["critical", "Critical"],
  ] as const)("calls %s %s", (severity, word) => {
    expect(toLacework({ ...alert, severity }, { number: 1, status: "open" }).severity).toBe(word);
  });

  it("leaves the number out where there is none yet, rather than null", () => {
    expect(toUnnumberedLacework(alert)).not.toHaveProperty("alertId");
  });

  it("keeps every time in a form that strict clients read", () => {
    const { startTime, endTime } = toUnnumberedLacework(sampleAlert({ eventTime: 8.64e15 }));
    expect([startTime, endTime]).toEqual(["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]);
  });
});

describe("alertTypeOf", () => {
  it.each([
    ["ec2.amazonaws.com/security-group-opened", "SecurityGroupOpened"],
    ["_global/root-used", "RootUsed"],
    ["iam.amazonaws.com/mfa2_off", "Mfa2Off"],
    ["s3.amazonaws.com/---", "Alert"],
    ["", "Alert"],
  ])("makes of %s %s", (id, type) => {
    expect(alertTypeOf(id)).toBe(type);
  });

  it("takes the rule's own word as it is", () => {
    expect(alertTypeOf("a/b", "Virtual Private Cloud (VPC) Change")).toBe(
      "Virtual Private Cloud (VPC) Change",
    );
  });

  it("gives two files of one name one type", () => {
    expect(alertTypeOf("rds.amazonaws.com/deleted")).toBe(alertTypeOf("s3.amazonaws.com/deleted"));
  });
});
