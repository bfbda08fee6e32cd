import { describe, expect, it } from "vitest";
import { accountOf, reachOf } from "../../../lambda/engine/policy-conditions.ts";
import { holds, problemOf } from "./operator-calls.ts";
import { ACCOUNT } from "./samples.ts";

const ORG = "o-a1b2c3d4e5";

describe("how far a grant to everybody reaches", () => {
  it.each<[unknown]>([
    [undefined],
    [{}],
    ["StringEquals"],
    [{ StringEquals: "aws:PrincipalOrgID" }],
    [{ StringEquals: {} }],
    [{ StringEquals: { "aws:PrincipalOrgID": [] } }],
    [{ StringEquals: { "aws:PrincipalOrgID": null } }],
    [{ StringEquals: { "aws:PrincipalOrgID": "" } }],
    [{ StringLike: { "aws:PrincipalOrgID": "*" } }],
    [{ StringEquals: { "aws:PrincipalOrgID": "*" } }],
    [{ StringLike: { "aws:PrincipalOrgID": "o-*" } }],
    [{ StringLike: { "aws:PrincipalOrgID": [ORG, "*"] } }],
    [{ StringNotEquals: { "aws:PrincipalOrgID": ORG } }],
    [{ StringEqualsIfExists: { "aws:PrincipalOrgID": ORG } }],
    [{ "ForAllValues:StringEquals": { "aws:PrincipalOrgID": ORG } }],
    [{ Null: { "aws:PrincipalOrgID": "false" } }],
    [{ StringEqualsIfExists: { "aws:PrincipalOrgID": ORG }, Null: { "aws:PrincipalOrgID": "true" } }],
    [{ StringEqualsIfExists: { "aws:PrincipalOrgID": ORG }, Null: { "aws:PrincipalArn": "false" } }],
    [{ StringEquals: { "aws:PrincipalTag/team": "blue" } }],
    [{ StringEquals: { "aws:username": "ada" } }],
    [{ StringEquals: { "sts:ExternalId": "secret" } }],
    [{ Bool: { "aws:SecureTransport": "true" } }],
    [{ Bool: { "aws:PrincipalIsAWSService": "false" } }],
    [{ Bool: { "aws:PrincipalIsAWSService": [true, false] } }],
    [{ StringLike: { "aws:Referer": "https://example.com/*" } }],
    [{ StringEquals: { "aws:PrincipalAccount": "${aws:PrincipalAccount}" } }],
    [{ StringLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/admin" } }],
    [{ ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::*:role/admin" } }],
    [{ StringLike: { "aws:PrincipalArn": "arn:aws:*" } }],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:topic" } }],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:s3:::example-*" } }],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:s3:::*" } }],
    [{ StringLike: { "aws:SourceVpce": "vpce-*" } }],
    [{ IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }],
    [{ IpAddress: { "aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] } }],
    [{ IpAddress: { "aws:SourceIp": "::/0" } }],
    [{ IpAddress: { "aws:VpcSourceIp": "10.0.0.0/16" } }],
    [{ NotIpAddress: { "aws:SourceIp": "192.0.2.0/24" } }],
    [{ StringLike: { "aws:userid": "*:session" } }],
    [{ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-*/*" } }],
  ])("is not lessened by %j", (condition) => {
    expect(reachOf(condition, ACCOUNT)).toBe("anybody");
  });

  it.each<[unknown]>([
    [{ StringEquals: { "aws:PrincipalOrgID": "${aws:ResourceOrgID}" } }],
    [{ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "${aws:ResourceOrgPaths}/*" } }],
    [{ StringEquals: { "aws:PrincipalAccount": ACCOUNT } }],
    [{ stringequals: { "AWS:PRINCIPALACCOUNT": [ACCOUNT] } }],
    [{ "ForAnyValue:StringEquals": { "aws:PrincipalAccount": ACCOUNT } }],
    [{ StringEqualsIfExists: { "aws:SourceAccount": ACCOUNT }, Null: { "aws:SourceAccount": false } }],
    [{ "ForAllValues:StringLike": { "aws:SourceAccount": ACCOUNT }, Null: { "aws:sourceaccount": "false" } }],
    [{ StringEquals: { "aws:PrincipalAccount": Number(ACCOUNT) } }],
    [{ StringEquals: { "AWS:SourceOwner": ACCOUNT } }],
    [{ StringEquals: { "aws:VpceAccount": ACCOUNT } }],
    [{ StringEquals: { "kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.eu-central-1.amazonaws.com" } }],
    [{ ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/*` } }],
    [{ StringLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/*` } }],
    [{ ArnLike: { "aws:SourceArn": `arn:aws:sns:*:${ACCOUNT}:*` } }],
    [{ Bool: { "aws:PrincipalIsAWSService": true } }],
    [{ StringEquals: { "aws:PrincipalServiceName": "delivery.logs.amazonaws.com" } }],
    [{ Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" } }],
    [{ Bool: { "elasticfilesystem:AccessedViaMountTarget": true }, StringEquals: { x: "y" } }],
    [{ StringEquals: { "aws:PrincipalOrgID": ORG, "aws:PrincipalAccount": "${aws:ResourceAccount}" } }],
    [
      {
        StringEquals: { "aws:SourceAccount": "999999999999" },
        ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:*` },
      },
    ],
  ])("ends at one's own door with %j", (condition) => {
    expect(reachOf(condition, ACCOUNT)).toBe("inside");
  });

  it.each<[unknown]>([
    [{ StringEquals: { "aws:PrincipalAccount": "999999999999" } }],
    [{ StringEquals: { "aws:PrincipalAccount": [ACCOUNT, "999999999999"] } }],
    [{ ArnLike: { "aws:PrincipalArn": "arn:aws:iam::999999999999:role/*" } }],
    [{ StringEquals: { "aws:SourceAccount": "999999999999" } }],
    [{ StringEquals: { "aws:SourceOwner": "999999999999" }, Bool: { "aws:SecureTransport": "true" } }],
  ])("takes in another account with %j", (condition) => {
    expect(reachOf(condition, ACCOUNT)).toBe("outside");
  });

  it.each<[unknown]>([
    [{ StringEquals: { "aws:PrincipalOrgID": ORG } }],
    [{ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": `${ORG}/r-ab12/*` } }],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:s3:*:*:example-bucket" } }],
    [{ ArnEquals: { "aws:SourceArn": `arn:aws:s3:::bucket-${ACCOUNT}` } }],
    [{ ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::999999999999:role/${ACCOUNT}` } }],
    [{ StringLike: { "aws:PrincipalArn": `arn:aws:*:*:${ACCOUNT}:*` } }],
    [{ StringEquals: { "aws:SourceVpce": "vpce-1a2b3c4d" } }],
    [{ StringEquals: { "aws:SourceVpc": ["vpc-1a2b3c4d", "vpc-2b3c4d5e"] } }],
    [{ IpAddress: { "aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32", "192.0.2.7"] } }],
    [{ StringLike: { "aws:userid": "AROAEXAMPLEID12345678:*" } }],
  ])("may end at the intruder's with %j", (condition) => {
    expect(reachOf(condition, ACCOUNT)).toBe("outside");
    expect(reachOf(condition, "")).toBe("outside");
  });

  it("goes by a token's claims alone where those are asked for", () => {
    const claims = ["gitlab.com:sub"];
    expect(reachOf({ StringEquals: { "aws:PrincipalOrgID": ORG } }, "", claims)).toBe("anybody");
    expect(reachOf({ StringLike: { "gitlab.com:sub": "project_path:example/*" } }, "", claims)).toBe(
      "outside",
    );
    expect(reachOf({ StringLike: { "gitlab.com:sub": "project_path:*" } }, "", claims)).toBe("anybody");
  });
});

describe("the account of a principal", () => {
  it.each([
    ["999999999999", "999999999999"],
    ["arn:aws:iam::999999999999:root", "999999999999"],
    ["arn:aws:iam::cloudfront:user/x", undefined],
    ["arn:aws:s3:::bucket", undefined],
    ["arn:aws:iam::99999:root", undefined],
    ["AIDAJQABLZS4A3QDU576Q", undefined],
    ["*", undefined],
    ["", undefined],
  ])("%j", (principal, account) => {
    expect(accountOf(principal)).toBe(account);
  });
});

describe("inAccount", () => {
  it.each<[unknown, boolean]>([
    [ACCOUNT, true],
    [`arn:aws:sns:eu-central-1:${ACCOUNT}:orders`, true],
    ["999999999999", false],
    [`arn:aws:iam::999999999999:role/for-${ACCOUNT}`, false],
    [`arn:aws:s3:::logs-${ACCOUNT}`, false],
    [undefined, false],
    [null, false],
    [[ACCOUNT], false],
  ])("of %j", (fact, own) => {
    expect(holds("inAccount", fact, ACCOUNT)).toBe(own);
  });

  it("never holds when there is no account to compare with", () => {
    expect(holds("inAccount", "*", undefined)).toBe(false);
    expect(holds("inAccount", ACCOUNT, undefined)).toBe(false);
    expect(problemOf("inAccount", "12345")).toContain("recipientAccountId");
  });
});
