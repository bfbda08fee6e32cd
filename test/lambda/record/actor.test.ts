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
      sessionIssuer: "arn:aws:iam::123456789012:role/people/Admin",
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
    [{ type: "AWSAccount", principalId: "", accountId: "ANONYMOUS_PRINCIPAL" }, "an anonymous caller", false],
    [{ type: "AWSAccount", principalId: "anonymous", accountId: "anonymous" }, "an anonymous caller", false],
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

  const center = {
    type: "Role",
    arn: "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0a1b",
    userName: "AWSReservedSSO_Admin_0a1b",
  };
  const onBehalfOf = {
    userId: "90671c",
    identityStoreArn: "arn:aws:identitystore::123456789012:identitystore/d-1",
  };
  it("names the user of Identity Center, by name where CloudTrail tells it", () => {
    const sso = { ...roleSession, sessionContext: { sessionIssuer: center }, onBehalfOf };
    expect(actorOf(sso)).toMatchObject({
      name: "AWSReservedSSO_Admin_0a1b/alice",
      role: "AWSReservedSSO_Admin_0a1b",
      identityCenterUser: "alice",
      identityCenterUserId: "90671c",
      identityStoreArn: onBehalfOf.identityStoreArn,
    });
    const byName = { additionalEventData: { UserName: "mira@example.com" } };
    expect(actorOf({ type: "IdentityCenterUser", onBehalfOf }, byName)).toMatchObject({
      name: "mira@example.com",
      identityCenterUser: "mira@example.com",
    });
    expect(actorOf({ type: "IdentityCenterUser", onBehalfOf }).identityCenterUser).toBe("90671c");
    // An application that acts for somebody, in a role of its own.
    const app = { ...roleSession, sessionContext: { sessionIssuer: issuer }, onBehalfOf };
    expect(actorOf(app)).toMatchObject({ name: "Admin/alice", identityCenterUser: "90671c" });
  });

  it("takes nobody for a user of Identity Center who named a role and a session so", () => {
    const sessionIssuer = { ...center, arn: "arn:aws:iam::123456789012:role/AWSReservedSSO_Admin_0a1b" };
    const forged = actorOf({ ...roleSession, sessionContext: { sessionIssuer } });
    expect(forged.identityCenterUser).toBeUndefined();
    expect(forged.session).toBe("alice");
    const attributes = { mfaAuthenticated: "false" };
    expect(actorOf({ ...roleSession, sessionContext: { sessionIssuer, attributes } }).mfa).toBe(false);
  });

  it.each([
    ["of the same account", { type: "IAMUser", accountId: "123456789012" }, "123456789012", false],
    ["of another", { type: "AssumedRole", accountId: "210987654321" }, "123456789012", true],
    ["of another, by its type", { type: "AWSAccount", accountId: "210987654321" }, "123456789012", true],
    ["of an account that is not told", { type: "AWSAccount", principalId: "AIDA" }, "123456789012", true],
    [
      "in the record that its own account gets",
      { type: "AWSAccount", accountId: "210987654321" },
      "210987654321",
      false,
    ],
    ["that gave no name", { type: "AWSAccount", accountId: "ANONYMOUS_PRINCIPAL" }, "123456789012", true],
    ["AWS itself", { type: "AWSService", accountId: "210987654321" }, "123456789012", false],
    ["without an account", { type: "SAMLUser", userName: "bob" }, "123456789012", undefined],
    [
      "in a record that names no account",
      { type: "IAMUser", accountId: "123456789012" },
      undefined,
      undefined,
    ],
    ["without an identity", undefined, "123456789012", undefined],
  ])(
    "tells whether a caller belongs to another account: one %s",
    (_, identity, recipientAccountId, crossAccount) => {
      expect(actorOf(identity, { recipientAccountId }).crossAccount).toBe(crossAccount);
    },
  );

  it("keeps a field that is no text apart from one that is not there", () => {
    expect(actorOf({ type: "IAMUser", accountId: 123456789012, invokedBy: "" })).toEqual({
      type: "IAMUser",
      name: "(unknown)",
      accountId: "(not a text)",
      root: false,
    });
  });

  it("reads keys with dots as conditions do, the nested value first", () => {
    expect(
      actorOf({ type: "IAMUser" }, { "userIdentity.invokedBy": "x", "userIdentity.type": "Root" }),
    ).toMatchObject({
      type: "IAMUser",
      root: false,
      invokedBy: "x",
    });
    expect(actorOf({}, { "userIdentity.type": "Root" }).root).toBe(true);
  });

  const session = (mfaAuthenticated: unknown, more: Readonly<Record<string, unknown>> = {}) => ({
    ...roleSession,
    sessionContext: { sessionIssuer: issuer, attributes: { mfaAuthenticated }, ...more },
  });
  it.each([
    ["a session with MFA", session("true"), {}, true],
    ["a session without", session("false"), {}, false],
    [
      "a user's session without",
      { type: "IAMUser", sessionContext: { attributes: { mfaAuthenticated: "false" } } },
      {},
      false,
    ],
    [
      "root in the console without",
      { type: "Root", sessionContext: { attributes: { mfaAuthenticated: "false" } } },
      {},
      false,
    ],
    ["a long-term access key", { type: "IAMUser", accessKeyId: "AKIAEXAMPLE" }, {}, undefined],
    ["root's access key", { type: "Root", accessKeyId: "AKIAEXAMPLE" }, {}, undefined],
    ["a real boolean", session(true), {}, true],
    ["no word of it", session(undefined), {}, undefined],
    ["an Identity Center session", session("false", { sessionIssuer: center }), {}, undefined],
    [
      "a web-identity session",
      session("false", { webIdFederationData: { federatedProvider: "oidc.example" } }),
      {},
      undefined,
    ],
    ["an instance's role", session("false", { ec2RoleDelivery: "2.0" }), {}, undefined],
    [
      "a function's role",
      { ...session("false"), inScopeOf: { issuerType: "AWS::Lambda::Function" } },
      {},
      undefined,
    ],
    ["a service in a role", { ...session("false"), invokedBy: "rds.amazonaws.com" }, {}, undefined],
    [
      "a service-linked role",
      session("false", {
        sessionIssuer: {
          type: "Role",
          arn: "arn:aws:iam::123456789012:role/aws-service-role/x/AWSServiceRoleForX",
        },
      }),
      {},
      undefined,
    ],
    [
      "a federated user",
      { type: "FederatedUser", sessionContext: { attributes: { mfaAuthenticated: "false" } } },
      {},
      undefined,
    ],
    ["a SAML user who assumes a role", { type: "SAMLUser", userName: "bob" }, {}, undefined],
    ["an IAM user's sign-in", { type: "IAMUser" }, { additionalEventData: { MFAUsed: "No" } }, false],
    ["a root sign-in", { type: "Root" }, { additionalEventData: { MFAUsed: "YES" } }, true],
    ["a root sign-in without", { type: "Root" }, { additionalEventData: { MFAUsed: "No" } }, false],
    ["a federated sign-in", roleSession, { additionalEventData: { MFAUsed: "No" } }, undefined],
    [
      "a SAML sign-in",
      session("false"),
      {
        additionalEventData: {
          MFAUsed: "No",
          SamlProviderArn: "arn:aws:iam::123456789012:saml-provider/okta",
        },
      },
      undefined,
    ],
    [
      "an Identity Center sign-in",
      { type: "IdentityCenterUser" },
      { additionalEventData: { MFAUsed: "No" } },
      undefined,
    ],
    ["AWS itself", { type: "AWSService", invokedBy: "rds.amazonaws.com" }, {}, undefined],
  ])("tells whether a second factor was used: %s", (_, identity, record, mfa) => {
    expect(actorOf(identity, record).mfa).toBe(mfa);
  });
});
