import { describe, expect, it } from "vitest";
import { grantsAction, grantsOutside, grantsPublic } from "../../../lambda/engine/policy-grants.ts";
import { holds, problemOf } from "./operator-calls.ts";
import { ACCOUNT } from "./samples.ts";

type Statement = Readonly<Record<string, unknown>>;

const OTHER = "arn:aws:iam::999999999999:root";
const OWN = `arn:aws:iam::${ACCOUNT}:root`;
const GITHUB = { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` };
const SUB = "token.actions.githubusercontent.com:sub";
const AUD = { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" };

function allow(statement: Statement): object {
  return { Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*", ...statement }] };
}

describe("grantsPublic and grantsOutside", () => {
  it.each<[string, Statement, boolean, boolean]>([
    ["everybody", { Principal: "*" }, true, true],
    ["everybody, as an AWS principal", { Principal: { AWS: "*" } }, true, true],
    ["everybody among others", { Principal: { AWS: [OWN, "*"] } }, true, true],
    ["everybody in a bare list", { Principal: ["*"] }, true, true],
    ["everybody of any kind", { Principal: { Federated: "*" } }, true, true],
    ["everybody, with two stars", { Principal: { AWS: "**" } }, true, true],
    ["the root of any account", { Principal: { AWS: "arn:aws:iam::*:root" } }, true, true],
    ["all but one", { NotPrincipal: { AWS: OWN } }, true, true],
    ["another account", { Principal: { AWS: OTHER } }, false, true],
    ["another account by its number", { Principal: { AWS: "999999999999" } }, false, true],
    [
      "a session of another account",
      { Principal: { AWS: "arn:aws:sts::999999999999:assumed-role/a/b" } },
      false,
      true,
    ],
    [
      "another account of China's partition",
      { Principal: { AWS: "arn:aws-cn:iam::999999999999:root" } },
      false,
      true,
    ],
    ["another account among own ones", { Principal: { AWS: [OWN, OTHER] } }, false, true],
    [
      "a canonical user, whose account is not told",
      { Principal: { CanonicalUser: "79a59df900b9" } },
      false,
      true,
    ],
    ["this account", { Principal: { AWS: OWN } }, false, false],
    ["this account by its number", { Principal: { AWS: ACCOUNT } }, false, false],
    ["a role of this account", { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/app` } }, false, false],
    ["a deleted user", { Principal: { AWS: "AIDAJQABLZS4A3QDU576Q" } }, false, false],
    [
      "CloudFront's origin access identity",
      { Principal: { AWS: "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1A2B3C4D5E6F7" } },
      false,
      false,
    ],
    ["a service", { Principal: { Service: "cloudtrail.amazonaws.com" } }, false, false],
    ["nobody: a policy of an identity has no principal", {}, false, false],
    ["everybody, denied", { Effect: "Deny", Principal: "*" }, false, false],
    ["all but one, denied", { Effect: "Deny", NotPrincipal: { AWS: OWN } }, false, false],
    [
      "a SAML provider",
      { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` } },
      false,
      false,
    ],
    [
      "another account's SAML provider",
      { Principal: { Federated: "arn:aws:iam::999999999999:saml-provider/okta" } },
      false,
      true,
    ],
    [
      "everybody of the organization",
      { Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } },
      false,
      false,
    ],
    [
      "another account, written as everybody with a condition",
      { Principal: "*", Condition: { StringEquals: { "aws:PrincipalAccount": "999999999999" } } },
      false,
      true,
    ],
    [
      "another account, though its calls must come from a certain address",
      { Principal: { AWS: OTHER }, Condition: { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } } },
      false,
      true,
    ],
  ])("of a policy that lets in %s", (_who, statement, everybody, outside) => {
    expect([grantsPublic(allow(statement)), grantsOutside(allow(statement), ACCOUNT)]).toEqual([
      everybody,
      outside,
    ]);
  });

  it("looks at every statement, and does not take a denial for a lock", () => {
    const policy = {
      Statement: [
        { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" },
        { Effect: "Allow", Principal: { AWS: OWN }, Action: "s3:*", Resource: "*" },
        { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" },
      ],
    };
    expect(grantsPublic(policy)).toBe(true);
  });

  it.each<[string, unknown, boolean]>([
    ["no condition", undefined, true],
    ["the audience, which the caller chooses", { StringEquals: AUD }, true],
    ["any subject", { StringEquals: AUD, StringLike: { [SUB]: "*" } }, true],
    ["any repository", { StringLike: { [SUB]: "repo:*" } }, true],
    ["a repository of any owner", { StringLike: { [SUB]: "repo:*/deploy:*" } }, true],
    ["owners with a common beginning", { StringLike: { [SUB]: "repo:example*" } }, true],
    ["one of two open", { StringLike: { [SUB]: ["repo:example/app:*", "repo:*"] } }, true],
    [
      "a condition of AWS that GitHub's tokens do not meet",
      { StringLike: { "aws:SourceIp": "192.0.2.1" } },
      true,
    ],
    ["one owner", { StringLike: { [SUB]: "repo:example/*" } }, false],
    ["one branch", { StringEquals: { ...AUD, [SUB]: "repo:example/app:ref:refs/heads/main" } }, false],
    [
      "one owner by its claim",
      { StringEquals: { "token.actions.githubusercontent.com:repository_owner_id": "42" } },
      false,
    ],
    [
      "one branch, required of any value",
      { "ForAnyValue:StringLike": { [SUB]: "repo:example/app:*" } },
      false,
    ],
    ["one branch, if there is a subject", { StringLikeIfExists: { [SUB]: "repo:example/app:*" } }, true],
  ])("of a role for GitHub's tokens with %s", (_what, condition, everybody) => {
    const policy = allow({
      Principal: GITHUB,
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: condition,
    });
    expect(grantsPublic(policy)).toBe(everybody);
    expect(grantsOutside(policy, ACCOUNT)).toBe(everybody);
  });

  it.each<[string, unknown, boolean]>([
    [
      "cognito-identity.amazonaws.com",
      { StringEquals: { "cognito-identity.amazonaws.com:aud": "eu-west-1:1" } },
      false,
    ],
    [
      "cognito-identity.amazonaws.com",
      { "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" } },
      true,
    ],
    ["accounts.google.com", { StringEquals: { "accounts.google.com:aud": "66677788899900pro0" } }, false],
    ["accounts.google.com", undefined, true],
    [
      `arn:aws:iam::${ACCOUNT}:oidc-provider/app.terraform.io`,
      { StringLike: { "app.terraform.io:sub": "organization:example:project:*" } },
      false,
    ],
    [
      `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE`,
      undefined,
      false,
    ],
  ])("of a role for the tokens of %s", (provider, condition, everybody) => {
    expect(grantsPublic(allow({ Principal: { Federated: provider }, Condition: condition }))).toBe(everybody);
  });

  it("holds for any account that is named when there is no account to compare with", () => {
    expect(holds("grantsOutside", allow({ Principal: { AWS: OWN } }), undefined)).toBe(true);
    expect(holds("grantsOutside", allow({ Principal: { Service: "sns.amazonaws.com" } }), undefined)).toBe(
      false,
    );
  });

  it("can be asked for the opposite", () => {
    expect(holds("grantsPublic", allow({ Principal: OWN }), false)).toBe(true);
    expect(holds("grantsPublic", allow({ Principal: "*" }), false)).toBe(false);
    expect(holds("grantsPublic", undefined, false)).toBe(true);
  });
});

describe("grantsAction", () => {
  it.each<[string, Statement, string, boolean]>([
    ["the action itself", { Action: "iam:PassRole" }, "iam:PassRole", true],
    ["the action in other letters", { Action: "IAM:passrole" }, "iam:PassRole", true],
    ["the action among others", { Action: ["s3:GetObject", "iam:PassRole"] }, "iam:PassRole", true],
    ["all of the service", { Action: "iam:*" }, "iam:PassRole", true],
    ["a part of the name", { Action: "iam:Pa*Role" }, "iam:PassRole", true],
    ["stars between all", { Action: "*p*a*s*e*" }, "iam:PassRole", true],
    ["one letter left open", { Action: "iam:PassRol?" }, "iam:PassRole", true],
    ["one letter too many", { Action: "iam:PassRole?" }, "iam:PassRole", false],
    ["everything", { Action: "*" }, "iam:PassRole", true],
    ["everything, written long", { Action: "*:*" }, "iam:PassRole", true],
    ["another action", { Action: "iam:GetRole" }, "iam:PassRole", false],
    ["the beginning of it", { Action: "iam:Pass" }, "iam:PassRole", false],
    ["an action that begins so", { Action: "iam:PassRoleX*" }, "iam:PassRole", false],
    ["all but another", { NotAction: "s3:*" }, "iam:PassRole", true],
    ["all but this", { NotAction: ["s3:*", "iam:*"] }, "iam:PassRole", false],
    ["all of a service, asked for all of it", { Action: "iam:*" }, "iam:*", true],
    ["some of a service, asked for all of it", { Action: "iam:Put*" }, "iam:*", false],
    ["everything, asked for all of a service", { Action: "*" }, "iam:*", true],
    ["everything, asked for everything", { Action: ["*"] }, "*", true],
    ["everything, written long, asked for everything", { Action: "*:*" }, "*", true],
    ["all of one service, asked for everything", { Action: "iam:*" }, "*", false],
    ["any one letter, asked for everything", { Action: "?" }, "*", false],
    ["all but something harmless, asked for everything", { NotAction: "aws-portal:*" }, "*", true],
    ["all but some of a service, asked for all of it", { NotAction: ["iam:Put*"] }, "iam:*", false],
    ["all but another service, asked for all of one", { NotAction: ["s3:*"] }, "iam:*", true],
    ["all but IAM, asked for everything", { NotAction: ["iam:*", "organizations:*"] }, "*", false],
  ])("of %s", (_what, statement, action, permits) => {
    expect(grantsAction(allow({ Action: undefined, Resource: "*", ...statement }), action)).toBe(permits);
  });

  it.each<[unknown, boolean, boolean]>([
    ["*", true, true],
    ["**", true, true],
    ["arn:aws:*", true, true],
    ["arn:*:*:*:*:*", true, true],
    ["*:*", true, true],
    [["arn:aws:iam::123456789012:role/app", "*"], true, true],
    ["arn:aws:iam::123456789012:role/*", true, false],
    ["arn:aws:iam::*:*", true, false],
    ["arn:*:*:*:123456789012:*", true, false],
    ["arn:aws:s3:::*", false, false],
    ["arn:aws:iam::123456789012:role/app", false, false],
    ["arn:aws:iam::123456789012:role/app-*", false, false],
    ["arn:aws:iam::123456789012:role/team/*", false, false],
    ["arn:aws:", false, false],
    ["", false, false],
    [undefined, false, false],
    [5, false, false],
  ])("on the resources %j", (resource, permits, permitsAll) => {
    const policy = allow({ Action: "*", Resource: resource });
    expect(grantsAction(policy, "iam:PassRole")).toBe(permits);
    expect(grantsAction(policy, "*")).toBe(permitsAll);
  });

  it.each([
    ["arn:aws:s3:::logs/*", true],
    ["*", false],
  ])("on all resources but %s", (resource, permits) => {
    const policy = { Statement: { Effect: "Allow", Action: "*", NotResource: resource } };
    expect(grantsAction(policy, "*")).toBe(permits);
  });

  it("does not weigh conditions and denials", () => {
    const policy = {
      Statement: [
        {
          Effect: "Allow",
          Action: "*",
          Resource: "*",
          Condition: { Bool: { "aws:MultiFactorAuthPresent": true } },
        },
        { Effect: "Deny", Action: "iam:*", Resource: "*" },
      ],
    };
    expect(grantsAction(policy, "*")).toBe(true);
  });

  it("is refused at validation where there is no such action, with the cure", () => {
    for (const value of ["iam", "iam:", "s3:GetObject Resource", "iam:Pass Role", ""])
      expect(problemOf("grantsAction", value)).toContain("write e.g. iam:PassRole");
    for (const value of ["*", "iam:*", "iam:PassRole", "access-analyzer:Get*"])
      expect(problemOf("grantsAction", value)).toBeUndefined();
    expect(problemOf("grantsOutside", "12345")).toContain("recipientAccountId");
    expect(problemOf("grantsOutside", ACCOUNT)).toBeUndefined();
  });
});
