import { describe, expect, it } from "vitest";
import type { AwsSecurityFinding } from "@aws-sdk/client-securityhub";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { toAsff } from "../../../lambda/formats/asff.ts";
import { findingTypes } from "../../../lambda/formats/asff-types.ts";
import { firstOf, HOSTILE, hostileAlert, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { checkFinding, PRODUCT, sizeOf } from "./asff-limits.ts";

function findingOf(alert: Alert): AwsSecurityFinding {
  const finding = toAsff(firstOf(alert), PRODUCT);
  checkFinding(finding);
  return finding;
}

const wide = (length: number): string => "€".repeat(length);

describe("an alert as a finding", () => {
  it("has everything that Security Hub demands and shows", () => {
    expect(findingOf(sampleAlert())).toMatchObject({
      SchemaVersion: "2018-10-08",
      Id: `cloudtrail-engine/${sampleAlert().id}`,
      GeneratorId: "cloudtrail-engine/ec2.amazonaws.com/security-group-opened",
      AwsAccountId: "123456789012",
      CreatedAt: "2026-11-20T10:15:30.000Z",
      UpdatedAt: "2026-11-20T10:15:30.000Z",
      Title: "ec2.amazonaws.com: Security group opened to the internet",
      Description:
        "Admin/alice@example.com opened sg-0a1b2c3d to the internet. Somebody allowed ingress from any address.",
      FindingProviderFields: {
        Severity: { Label: "HIGH", Original: "high" },
        Types: ["TTPs/Defense Evasion/T1686.001"],
      },
      RecordState: "ACTIVE",
      SourceUrl: sampleAlert().links.record,
      Remediation: { Recommendation: { Text: "Ask the person, then revoke the rule." } },
      Action: {
        ActionType: "AWS_API_CALL",
        AwsApiCallAction: {
          Api: "AuthorizeSecurityGroupIngress",
          ServiceName: "ec2.amazonaws.com",
          CallerType: "remoteIp",
          RemoteIpDetails: { IpAddressV4: "192.0.2.10" },
        },
      },
    });
  });

  it("says who and how, and shows the record's fields, the request's first", () => {
    const { ProductFields = {} } = findingOf(sampleAlert());
    expect(ProductFields).toMatchObject({
      "cloudtrail-engine/actor": "alice@example.com as role Admin (AssumedRole, with MFA)",
      "cloudtrail-engine/channel": "console (high confidence)",
      "cloudtrail-engine/count": "1",
      "record/requestParameters.groupId": "sg-0a1b2c3d",
    });
    expect(Object.keys(ProductFields).find((key) => key.startsWith("record/"))).toBe(
      "record/requestParameters.groupId",
    );
  });

  it("is the same finding when it happens again, updated later, and once more when its window closes", () => {
    const { alert } = summaryOf();
    const first = toAsff(firstOf(), PRODUCT);
    const repeats = [2, 3].map((count) => toAsff({ alert: { ...alert, count }, kind: "repeat" }, PRODUCT));
    const last = toAsff({ alert: { ...alert, count: 3 }, kind: "summary" }, PRODUCT);
    const findings = [first, ...repeats, last];
    expect(new Set(findings.map(({ Id }) => Id)).size).toBe(1);
    const times = findings.map(({ UpdatedAt }) => UpdatedAt ?? "");
    expect(times.toSorted()).toEqual(times);
    expect(new Set(times).size).toBe(4);
    expect(new Set(findings.map(({ CreatedAt }) => CreatedAt)).size).toBe(1);
    expect(last.LastObservedAt).toBe("2026-11-20T11:15:30.000Z");
    expect(last.Description).toContain("(3 times from 2026-11-20T10:15:30.000Z to 2026-11-20T11:15:30.000Z)");
  });

  it("never gives a first notice that comes late a later time than what overtook it", () => {
    const summary = toAsff(summaryOf(), PRODUCT).UpdatedAt ?? "";
    expect((toAsff(firstOf(), PRODUCT).UpdatedAt ?? "") < summary).toBe(true);
    const many = { ...summaryOf().alert, count: 5_000_000 };
    const time = Date.parse(toAsff({ alert: many, kind: "summary" }, PRODUCT).UpdatedAt ?? "");
    expect(time - Date.parse(many.endTime)).toBeLessThan(1000);
  });

  it("names what was touched, who touched it, and the alert's account, not the importer's", () => {
    const resources = [
      { ARN: "arn:aws:s3:::data", type: "AWS::S3::Bucket" },
      { ARN: "arn:aws:s3:::data", type: "AWS::S3::Bucket" },
      { ARN: "arn:aws:x:::y", type: "constructor" },
    ];
    const alert = sampleAlert({ recipientAccountId: "210987654321", resources });
    const place = { Partition: "aws", Region: "eu-west-1" };
    expect(findingOf(alert).Resources).toEqual([
      { Type: "AwsS3Bucket", Id: "arn:aws:s3:::data", ...place, ResourceRole: "target" },
      { Type: "Other", Id: "arn:aws:x:::y", ...place, ResourceRole: "target" },
      {
        Type: "AwsIamRole",
        Id: "arn:aws:iam::123456789012:role/people/Admin",
        ...place,
        ResourceRole: "actor",
      },
      { Type: "AwsAccount", Id: "AWS::::Account:210987654321", ...place },
    ]);
  });

  it("gives an actor that was touched as well once, as the target", () => {
    const resources = [{ ARN: "arn:aws:iam::123456789012:role/people/Admin", type: "AWS::IAM::Role" }];
    const { Resources = [] } = findingOf(sampleAlert({ resources }));
    expect(Resources.map(({ Type, ResourceRole }) => [Type, ResourceRole])).toEqual([
      ["AwsIamRole", "target"],
      ["AwsAccount", undefined],
    ]);
  });

  it("falls back to the importing account where the record names none", () => {
    const { Resources = [] } = findingOf(sampleAlert({ recipientAccountId: null, userIdentity: {} }));
    expect(Resources).toEqual([
      { Type: "AwsAccount", Id: "AWS::::Account:123456789012", Partition: "aws", Region: "eu-west-1" },
    ]);
  });

  it.each([
    [
      "cloudformation.amazonaws.com",
      { CallerType: "domain", DomainDetails: { Domain: "cloudformation.amazonaws.com" } },
    ],
    ["2001:db8::1", {}],
    ["AWS Internal", {}],
    [HOSTILE, {}],
  ])("tells the caller %j only in a form that the format has", (sourceIPAddress, expected) => {
    const call = findingOf(sampleAlert({ sourceIPAddress })).Action?.AwsApiCallAction ?? {};
    const { CallerType, DomainDetails, RemoteIpDetails } = call;
    expect(JSON.parse(JSON.stringify({ CallerType, DomainDetails, RemoteIpDetails }))).toEqual(expected);
  });

  it("archives the finding of an alert that was closed", () => {
    expect(findingOf({ ...sampleAlert(), status: "closed" }).RecordState).toBe("ARCHIVED");
  });

  it("links to a runbook that is an address, and leaves out advice that there is none of", () => {
    const linked = findingOf(sampleAlert({}, { runbook: "https://wiki.example.com/sg" }));
    expect(linked.Remediation?.Recommendation?.Url).toBe("https://wiki.example.com/sg");
    const { runbook: _, ...rule } = sampleAlert().rule;
    expect(findingOf({ ...sampleAlert(), rule })).not.toHaveProperty("Remediation");
  });

  it("takes hostile text for nothing but text", () => {
    const finding = findingOf(hostileAlert());
    expect(finding.SourceUrl).toBeUndefined();
    expect(finding.FindingProviderFields?.Types).toEqual(["TTPs"]);
    expect(JSON.stringify(finding)).toContain("\\\\u202e");
  });

  it("shows fields with one key when it is cut as one, and counts the other as left out", () => {
    const long = "k".repeat(200);
    const { ProductFields = {} } = findingOf(
      sampleAlert({ requestParameters: { [`${long}a`]: "1", [`${long}b`]: "2" } }),
    );
    expect(Object.keys(ProductFields)).toContain("cloudtrail-engine/recordFieldsLeftOut");
  });

  it("stays below 240,000 bytes, whatever is in it, by leaving out fields of the record", () => {
    const alert = hostileAlert();
    const huge: Alert = {
      ...alert,
      rule: { ...alert.rule, tags: [wide(3000)], falsePositives: wide(3000), description: wide(3000) },
      notes: [wide(3000)],
      resources: Array.from({ length: 50 }, (_, at) => ({ arn: `${at}${wide(600)}` })),
      record: Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${at}${wide(200)}`, wide(3000)])),
    };
    const finding = findingOf(huge);
    expect(sizeOf(finding)).toBeGreaterThan(230_000);
    expect(finding.ProductFields?.["cloudtrail-engine/recordFieldsLeftOut"]).toMatch(/^\d+: CloudTrail has/);
    expect(finding.ProductFields?.["cloudtrail-engine/resourcesLeftOut"]).toBe("19: the record has them");
  });
});

describe("the types of a finding", () => {
  it.each([
    [[], ["Unusual Behaviors"]],
    [["T1098.003"], ["TTPs/Persistence/T1098.003"]],
    [["T1078.004", "T1078.004"], ["TTPs/Initial Access/T1078.004"]],
    [
      ["T1485.001", "T1537", "T1490"],
      ["Effects/Data Destruction/T1485.001", "Effects/Data Exfiltration/T1537", "Effects"],
    ],
    [
      ["T1685.002", "T1562.008"],
      ["TTPs/Defense Evasion/T1685.002", "TTPs/Defense Evasion/T1562.008"],
    ],
    [["T9999"], ["TTPs"]],
    [["constructor", "T1098/x"], ["TTPs"]],
  ])("of the techniques %j are %j", (attack, types) => {
    expect(findingTypes(attack)).toEqual(types);
  });

  it("are at most 50", () => {
    const attack = Array.from({ length: 60 }, (_, at) => `T1098.${String(at).padStart(3, "0")}`);
    expect(findingTypes(attack)).toHaveLength(50);
  });
});
