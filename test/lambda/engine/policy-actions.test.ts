import { describe, expect, it } from "vitest";
import { grantsAction } from "../../../lambda/engine/policy-grants.ts";
import { problemOf } from "./operator-calls.ts";
import { ACCOUNT } from "./samples.ts";

type Statement = Readonly<Record<string, unknown>>;

function allow(statement: Statement): object {
  return { Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*", ...statement }] };
}

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
    ["all but some of a service, asked for all of it", { NotAction: ["s3:Put*"] }, "s3:*", false],
    [
      "all but one way to raise rights, asked for all of IAM",
      { NotAction: "iam:PutRolePolicy" },
      "iam:*",
      true,
    ],
    ["all but one way to raise rights, asked for everything", { NotAction: "iam:PutRolePolicy" }, "*", true],
    [
      "all but every way to raise rights, asked for everything",
      { NotAction: ["iam:Put*", "iam:Attach*", "iam:CreatePolicyVersion"] },
      "*",
      false,
    ],
    ["all of IAM but reading and the service in other letters", { NotAction: ["IAM:?*"] }, "*", false],
    ["all of a service in another spelling", { Action: "i?m:?*" }, "iam:*", true],
    ["everything in another spelling", { Action: "?*" }, "*", true],
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
    ["arn:aws:*:*:*:?*", true, true],
    ["?*", true, true],
    ["a*", true, true],
    ["arn:a?s:*", true, true],
    ["arn:aws:iam::123456789012:role/?*", true, false],
    ["arn:aws:iam::????????????:role/*", true, false],
    ["arn:aws:i?m::123456789012:ro*", true, false],
    ["arn:aws:iam::*", true, false],
    ["arn:aws:s3:::?*", false, false],
    ["arn:aws:iam::123456789012:role/????", false, false],
    ["arn:aws:iam::123456789012:role/?pp*", false, false],
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
