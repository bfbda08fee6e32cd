import { describe, expect, it } from "vitest";
import { grantsFederated, grantsOutside, grantsPublic } from "../../../lambda/engine/policy-grants.ts";
import { holds } from "./operator-calls.ts";
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
    ["a user by an id", { Principal: { AWS: "AIDAJQABLZS4A3QDU576Q" } }, false, true],
    ["a role by an id, among own ones", { Principal: { AWS: [OWN, "AROAJMD24IEMKTX6BABJI"] } }, false, true],
    ["everybody, in another spelling", { Principal: { AWS: "?*" } }, true, true],
    [
      "the root of any account of twelve digits",
      { Principal: { AWS: "arn:aws:iam::????????????:root" } },
      true,
      true,
    ],
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
      true,
    ],
    [
      "everybody of this account",
      { Principal: "*", Condition: { StringEquals: { "aws:PrincipalAccount": ACCOUNT } } },
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

describe("grantsFederated", () => {
  it.each<[string, Statement, boolean]>([
    ["GitHub", { Principal: GITHUB, Condition: { StringLike: { [SUB]: "repo:example/*" } } }, true],
    ["GitHub without a condition", { Principal: GITHUB }, true],
    ["Cognito", { Principal: { Federated: "cognito-identity.amazonaws.com" } }, true],
    [
      "a build system",
      { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/agent.example.com` } },
      true,
    ],
    ["one of several", { Principal: { AWS: OWN, Federated: ["accounts.google.com"] } }, true],
    ["SAML", { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/staff` } }, false],
    [
      "an EKS cluster",
      {
        Principal: {
          Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EX`,
        },
      },
      false,
    ],
    [
      "a host named like an EKS cluster",
      {
        Principal: {
          Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.eu.amazonaws.com.example.com/id/EX`,
        },
      },
      true,
    ],
    ["GitHub, denied", { Effect: "Deny", Principal: GITHUB }, false],
    ["an account", { Principal: { AWS: OTHER } }, false],
    ["nobody", {}, false],
  ])("of a policy for %s", (_who, statement, federated) => {
    expect(grantsFederated(allow(statement))).toBe(federated);
    expect(holds("grantsFederated", JSON.stringify(allow(statement)), !federated)).toBe(false);
  });
});
