import { describe, expect, it } from "vitest";
import { deriveActor } from "../../../lambda/record/actor.ts";

const actorOf = (userIdentity: unknown, record: Readonly<Record<string, unknown>> = {}) =>
  deriveActor({ eventSource: "ec2.amazonaws.com", eventName: "StopInstances", userIdentity, ...record });

const issuer = {
  type: "Role",
  arn: "arn:aws:iam::123456789012:role/people/Admin",
  accountId: "123456789012",
  userName: "Admin",
};
const roleSession = {
  type: "AssumedRole",
  principalId: "AROAEXAMPLE:alice",
  arn: "arn:aws:sts::123456789012:assumed-role/Admin/alice",
  accountId: "123456789012",
  accessKeyId: "ASIAEXAMPLE",
};

describe("deriveActor", () => {
  it("names an IAM user", () => {
    const arn = "arn:aws:iam::123456789012:user/team/alice";
    expect(
      actorOf({ type: "IAMUser", userName: "alice", arn, accountId: "123456789012", principalId: "AIDA" }),
    ).toEqual({
      type: "IAMUser",
      name: "alice",
      arn,
      accountId: "123456789012",
      principalId: "AIDA",
      root: false,
    });
    expect(actorOf({ type: "IAMUser", arn }).name).toBe("alice");
  });

  it("names the role and the session, and gives the role's ARN, never the session's", () => {
    expect(
      actorOf({ ...roleSession, sessionContext: { sessionIssuer: issuer, sourceIdentity: "alice@corp" } }),
    ).toEqual({
      type: "AssumedRole",
      name: "Admin/alice",
      arn: "arn:aws:iam::123456789012:role/people/Admin",
      accountId: "123456789012",
      principalId: "AROAEXAMPLE:alice",
      role: "Admin",
      session: "alice",
      sourceIdentity: "alice@corp",
      accessKeyId: "ASIAEXAMPLE",
      root: false,
    });
  });

  it("makes the role's ARN from the session's where the issuer is missing", () => {
    expect(actorOf({ ...roleSession, sessionContext: { sessionIssuer: {} } })).toMatchObject({
      arn: "arn:aws:iam::123456789012:role/Admin",
      role: "Admin",
      session: "alice",
    });
    expect(actorOf({ type: "AssumedRole", principalId: "AROAEXAMPLE:alice" })).toMatchObject({
      name: "alice",
      session: "alice",
    });
  });

  it.each([
    [{ type: "Root", arn: "arn:aws:iam::123456789012:root", userName: "my-alias" }, "root user", true],
    [{ type: "AssumedRole", sessionContext: { assumedRoot: "true" }, principalId: "x" }, "x", true],
    [{ type: "AWSService", invokedBy: "rds.amazonaws.com" }, "rds.amazonaws.com", false],
    [{ invokedBy: "secretsmanager.amazonaws.com" }, "secretsmanager.amazonaws.com", false],
    [{ type: "AWSAccount", accountId: "123456789012", principalId: "AIDA" }, "AIDA", false],
    [{ type: "AWSAccount", accountId: "123456789012" }, "account 123456789012", false],
    [
      {
        type: "FederatedUser",
        arn: "arn:aws:sts::123456789012:federated-user/bob",
        principalId: "123456789012:bob",
      },
      "bob",
      false,
    ],
    [{ type: "WebIdentityUser", principalId: "accounts.example:aud:sub", userName: "sub" }, "sub", false],
    [{ type: "IdentityCenterUser", onBehalfOf: { userId: "90671c" } }, "90671c", false],
    [
      { type: "IAMUser", userName: "HIDDEN_DUE_TO_SECURITY_REASONS" },
      "(a user name that does not exist, hidden by AWS)",
      false,
    ],
    [undefined, "(unknown)", false],
    [{ type: ["Root"], userName: { a: 1 }, arn: 7, sessionContext: "x" }, "(unknown)", false],
    ["Root", "(unknown)", false],
  ])("names %j", (identity, name, root) => {
    expect(actorOf(identity)).toMatchObject({ name, root });
  });

  it("takes no evidence from prototypes", () => {
    const identity = JSON.parse('{"__proto__":{"type":"Root"}}') as unknown;
    expect(actorOf(identity)).toMatchObject({ type: "Unknown", root: false });
  });

  it("bounds every text", () => {
    const long = "x".repeat(250_000);
    const actor = actorOf({
      type: long,
      userName: long,
      arn: `arn:aws:iam::1:user/${"/a".repeat(100_000)}`,
      principalId: `${long}:${long}`,
    });
    for (const value of Object.values(actor)) expect(String(value).length).toBeLessThanOrEqual(1024);
  });

  const session = (mfaAuthenticated: unknown, more: Readonly<Record<string, unknown>> = {}) => ({
    ...roleSession,
    sessionContext: { sessionIssuer: issuer, attributes: { mfaAuthenticated }, ...more },
  });
  it.each([
    ["a session with MFA", session("true"), {}, true],
    ["a session without", session("false"), {}, false],
    ["a real boolean", session(true), {}, true],
    ["no word of it", session(undefined), {}, undefined],
    [
      "an Identity Center session",
      session("false", { sessionIssuer: { ...issuer, userName: "AWSReservedSSO_Admin_0a1b" } }),
      {},
      undefined,
    ],
    [
      "a web-identity session",
      session("false", { webIdFederationData: { federatedProvider: "oidc.example" } }),
      {},
      undefined,
    ],
    ["an IAM user's sign-in", { type: "IAMUser" }, { additionalEventData: { MFAUsed: "No" } }, false],
    ["a root sign-in", { type: "Root" }, { additionalEventData: { MFAUsed: "YES" } }, true],
    ["a federated sign-in", roleSession, { additionalEventData: { MFAUsed: "No" } }, undefined],
  ])("tells whether a second factor was used: %s", (_, identity, record, mfa) => {
    expect(actorOf(identity, record).mfa).toBe(mfa);
  });
});
