import { describe, expect, it } from "vitest";
import { callOf, deedOf, deedOfRecord, networkOf, subjectOf } from "../../../lambda/cases/deed.ts";
import { deriveActor } from "../../../lambda/record/actor.ts";
import { sampleAlert, sampleRecord } from "../alerts/sample.ts";

const account = "123456789012";
const who = (userIdentity: object) => subjectOf({ actor: deriveActor(sampleRecord({ userIdentity })) });

describe("who did it", () => {
  it("is the user, root, the role in whatever session, and an AWS service", () => {
    const user = `arn:aws:iam::${account}:user/people/alice`;
    expect(who({ type: "IAMUser", arn: user, userName: "alice", accountId: account })).toEqual({
      key: user,
      kind: "user",
      username: "alice",
    });
    const root = `arn:aws:iam::${account}:root`;
    expect(who({ type: "Root", arn: root, accountId: account })).toEqual({
      key: root,
      kind: "root",
      username: "root",
    });
    const session = (name: string) => ({
      type: "AssumedRole",
      arn: `arn:aws:sts::${account}:assumed-role/deploy/${name}`,
      accountId: account,
    });
    expect(who(session("ci-1"))).toEqual({ key: `arn:aws:iam::${account}:role/deploy`, kind: "role" });
    expect(who(session("ci-2"))).toEqual(who(session("ci-1")));
    expect(who({ type: "AWSService", invokedBy: "autoscaling.amazonaws.com" })).toEqual({
      key: "service\nautoscaling.amazonaws.com",
      kind: "service",
    });
  });

  it("is the person in a role of Identity Center, which nobody else can name so", () => {
    const role = "AWSReservedSSO_Admin_0123456789abcdef";
    const arn = `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/${role}`;
    const session = (name: string, issuer: string) => ({
      type: "AssumedRole",
      arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
      accountId: account,
      sessionContext: { sessionIssuer: { type: "Role", arn: issuer, userName: role } },
    });
    expect(who(session("carol", arn))).toEqual({ key: `${arn}\ncarol`, kind: "person", username: "carol" });
    // A role that only looks like one of theirs.
    expect(who(session("carol", `arn:aws:iam::${account}:role/${role}`))).toMatchObject({ kind: "role" });
  });

  it.each([
    [{ type: "Unknown" }],
    [{ type: "AWSAccount", principalId: "anonymous", accountId: "anonymous" }],
    [{ type: "IAMUser", userName: "HIDDEN_DUE_TO_SECURITY_REASONS", accountId: account }],
    ["nobody"],
  ])("is nobody in particular for %j", (identity) => {
    expect(who(identity as object)).toBeUndefined();
  });
});

const signIn = (login: string, MFAUsed: string) =>
  deedOfRecord(
    sampleRecord({
      userIdentity: {
        type: "IAMUser",
        arn: `arn:aws:iam::${account}:user/a`,
        userName: "a",
        accountId: account,
      },
      eventSource: "signin.amazonaws.com",
      eventName: "ConsoleLogin",
      responseElements: { ConsoleLogin: login },
      additionalEventData: { MFAUsed },
    }),
  )?.facets;

describe("what was done", () => {
  it("is said in the words that are compared", () => {
    expect(deedOf(sampleAlert())).toEqual({
      at: Date.parse("2026-11-20T10:15:30Z"),
      subject: "arn:aws:iam::123456789012:role/people/Admin",
      eventID: "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
      facets: {
        call: "ec2:AuthorizeSecurityGroupIngress",
        network: "192.0.2.0/24",
        channel: "console",
        region: "eu-west-1",
        principal: "AROAEXAMPLE",
      },
    });
    expect(deedOfRecord(sampleRecord())).toEqual(deedOf(sampleAlert()));
  });

  it("is nothing without a time", () => {
    expect(deedOfRecord(sampleRecord({ eventTime: "soon" }))).toBeUndefined();
    expect(deedOfRecord(sampleRecord({ eventTime: 5 }))).toBeUndefined();
  });

  it.each([
    ["192.0.2.77", "192.0.2.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["cloudformation.amazonaws.com", "cloudformation.amazonaws.com"],
    ["AWS Internal", "AWS Internal"],
    ["999.1.1.1", "999.1.1.1"],
    ["x".repeat(500), `${"x".repeat(199)}…`],
  ])("the network of %s is %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  it("a call is the same however its source is written", () => {
    expect(callOf("ec2.amazonaws.com", "RunInstances")).toBe(callOf("ec2", "RunInstances"));
  });

  it("without a second factor is what let somebody in so, and no failed sign-in", () => {
    expect(signIn("Success", "No")).toMatchObject({ noMfa: "sign-in", signInNoMfa: "sign-in" });
    expect(signIn("Failure", "No")).not.toHaveProperty("noMfa");
    expect(signIn("Success", "Yes")).not.toHaveProperty("noMfa");
  });

  it("root is used by root, not by a service in its name", () => {
    const root = { type: "Root", arn: `arn:aws:iam::${account}:root`, accountId: account };
    expect(deedOfRecord(sampleRecord({ userIdentity: root }))?.facets.root).toBe("root");
    const byService = { ...root, invokedBy: "cloudtrail.amazonaws.com" };
    expect(deedOfRecord(sampleRecord({ userIdentity: byService }))?.facets.root).toBeUndefined();
  });
});
