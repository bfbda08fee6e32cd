import { describe, expect, it } from "vitest";
import { normalize } from "../../../lambda/engine/conditions.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { footingOf } from "../../../lambda/loader/caller-chosen.ts";

const SESSION = "arn:aws:sts::123456789012:assumed-role/deploy/ci";
const LISTS = {
  sessions: {
    kind: "wildcard" as const,
    values: ["arn:aws:sts::123456789012:assumed-role/a/*"],
    description: "x",
  },
  loose: { kind: "wildcard" as const, values: [SESSION, "*/ci"], description: "x" },
  buckets: { kind: "exact" as const, values: ["public-site", "downloads"], description: "x" },
  anything: { kind: "wildcard" as const, values: ["public-*"], description: "x" },
  office: { kind: "cidr" as const, values: ["192.0.2.0/24"], description: "x" },
  everywhere: { kind: "cidr" as const, values: ["192.0.2.0/24", "0.0.0.0/0"], description: "x" },
};
const is = (fact: string, value: unknown = "xyz", operator = "equal"): Condition => ({
  fact,
  operator,
  value,
});
const AGENT = is("userAgent", "Terraform/", "startsWith");
const ROLE = is("actor.arn", "arn:aws:iam::123456789012:role/deploy");
const footing = (conditions: Condition) => footingOf(normalize(conditions, {}, LISTS));
const rests = (conditions: Condition): string => footing(conditions).rests;

describe("what conditions rest on", () => {
  it.each([
    "userAgent",
    "requestParameters.groupSize",
    "requestParameters.items[*].x",
    "requestParameters[0]",
    "requestParameters.roleSessionName",
    "requestParameters.externalId",
    "requestParameters.hostName",
    "errorMessage",
    "tlsDetails.clientProvidedHostHeader",
    "userIdentity.sessionContext.sourceIdentity",
    "actor.name",
    "actor.session",
    "actor.sourceIdentity",
    "channel.name",
    "channel.confidence",
  ])("is the caller's choice: %s", (fact) => {
    expect(footing({ all: [is(fact)] })).toEqual({ rests: "caller", facts: [fact] });
    const beside = [is("eventName"), is(fact), is("awsRegion"), is("errorCode")];
    expect(footing({ all: beside })).toEqual({ rests: "caller", facts: [fact] });
    expect(rests({ all: [is(fact), ROLE] })).toBe("fixed");
    expect(rests({ all: [is("userIdentity.userName", { fact })] })).toBe("caller");
  });

  it.each([
    is("actor.arn"),
    is("actor.arn", "arn:aws:iam::*:role/break-glass-*", "like"),
    is("actor.arn", "role/aws-reserved/sso.amazonaws.com/", "includes"),
    is("actor.role", "ci"),
    is("actor.root", true),
    is("userIdentity.type", "AWSService"),
    is("channel.name", "cloudformation"),
    is("channel.name", ["service", "cloudformation"], "in"),
    is("userIdentity.accountId"),
    is("userIdentity.accountId", ["111122223333", "444455556666"], "in"),
    is("userIdentity.userName", "al"),
    is("userIdentity.sessionContext.sessionIssuer.arn"),
    is("userIdentity.invokedBy"),
    is("sourceIPAddress", "192.0.2.7"),
    is("sourceIPAddress", "192.0.2.0/24", "inCidr"),
    is("sourceIPAddress", "2001:db8::/32", "inCidr"),
    is("sourceIPAddress", "office", "inList"),
    is("sourceIPAddress", ".amazonaws.com", "endsWith"),
    is("vpcEndpointId", "vpce-0a1b2c3d"),
  ])("is who calls or from where, as AWS writes it: %j", (condition) => {
    expect(rests({ all: [condition, AGENT] })).toBe("fixed");
  });

  it.each([
    is("requestParameters.bucketName", "public-site"),
    is("requestParameters.bucketName", "buckets", "inList"),
    is("requestParameters.groupId", ["sg-1", "sg-2"], "in"),
    is("requestParameters.dBInstanceIdentifier", ["orders"], "someValue:equal"),
    is("requestParameters.resourceArn"),
    is("requestParameters.hostedZoneId"),
    is("resources[*].ARN", "arn:aws:s3:::public-site", "someFact:equal"),
  ])("is the one thing that is touched, whoever calls: %j", (condition) => {
    expect(rests({ all: [condition] })).toBe("fixed");
  });

  it.each([
    is("requestParameters.bucketName", "public-", "startsWith"),
    is("requestParameters.bucketName", "public-*", "like"),
    is("requestParameters.bucketName", "anything", "inList"),
    is("requestParameters.bucketName", "private", "notEqual"),
    is("requestParameters.bucketName", " "),
    // The caller could name other alarms beside it.
    is("requestParameters.alarmNames[*].alarmName", "noisy", "someFact:equal"),
  ])("is not the thing that is touched, where its name is not fixed: %j", (condition) => {
    expect(rests({ all: [condition] })).toBe("caller");
  });

  it.each([
    is("recipientAccountId", "123456789012"),
    is("userIdentity.type", true, "exists"),
    is("userIdentity.type", "IAMUser"),
    is("vpcEndpointId", false, "exists"),
    is("actor.arn", "*", "like"),
    is("actor.arn", "arn:aws:iam::*:role/*", "like"),
    is("actor.arn", ".*", "matches"),
    is("actor.arn", ROLE, "notEqual"),
    is("actor.root", false),
    is("actor.mfa", true),
    is("eventSource", true, "exists"),
    is("outcome", "success"),
    is("userIdentity.userName", "evil", "notEqual"),
    is("userIdentity.userName", "evil", "not:equal"),
    is("sourceIPAddress", "0.0.0.0/0", "inCidr"),
    is("sourceIPAddress", "128.0.0.0/1", "inCidr"),
    is("sourceIPAddress", "::/0", "inCidr"),
    is("sourceIPAddress", "everywhere", "inList"),
    is("sourceIPAddress", "office", "notInList"),
    is("responseElements.instance.tag", "ok"),
    is("additionalEventData.SignatureVersion", "SigV4"),
  ])("is nothing that narrows, and no support for what the caller chooses: %j", (condition) => {
    const { fact } = condition as { fact: string };
    expect(footing({ all: [condition] })).toEqual({ rests: "open", facts: [fact] });
    expect(footing({ all: [AGENT, condition] })).toEqual({ rests: "caller", facts: ["userAgent"] });
    expect(rests({ all: [condition, ROLE] })).toBe("fixed");
  });

  it("is weighed for each branch of any, and under all for each way through", () => {
    expect(footing({ any: [AGENT, ROLE] })).toEqual({ rests: "caller", facts: ["userAgent"] });
    expect(footing({ any: [is("eventName"), ROLE] })).toEqual({ rests: "open", facts: ["eventName"] });
    expect(rests({ all: [{ any: [AGENT, ROLE] }, is("sourceIPAddress")] })).toBe("fixed");
    const both = { all: [{ any: [AGENT, ROLE] }, { any: [is("actor.session"), ROLE] }] };
    expect(footing(both)).toEqual({ rests: "caller", facts: ["userAgent", "actor.session"] });
    const inner = { all: [{ any: [{ all: [AGENT, ROLE] }, is("actor.session")] }] };
    expect(footing(inner)).toEqual({ rests: "caller", facts: ["actor.session"] });
  });

  it("is weighed under a not with all and any in each other's place, where nothing is fixed", () => {
    expect(rests({ not: { any: [AGENT, ROLE] } })).toBe("caller");
    expect(rests({ all: [{ not: { any: [AGENT] } }, ROLE] })).toBe("fixed");
    expect(footing({ not: { all: [ROLE] } })).toEqual({ rests: "open", facts: ["actor.arn"] });
  });

  it.each([
    [is("userIdentity.arn", SESSION), true],
    [is("userIdentity.arn", "arn:aws:iam::123456789012:root"), true],
    [is("userIdentity.arn", "arn:aws:sts::123456789012:assumed-role/deploy/", "startsWith"), true],
    [is("userIdentity.arn", "arn:aws:sts::123456789012:assumed-role/deploy/*", "like"), true],
    [is("userIdentity.arn", [SESSION, "arn:aws:iam::123456789012:user/ada"], "in"), true],
    [is("userIdentity.arn", ["arn:aws:iam::123456789012:user/a*"], "someValue:like"), true],
    [is("userIdentity.arn", "sessions", "inList"), true],
    [is("userIdentity.arn", "arn:aws:sts::*:assumed-role/deploy/ci", "like"), false],
    [is("userIdentity.arn", "arn:aws:sts::123456789012:assumed-role/*/ci", "like"), false],
    [is("userIdentity.arn", "arn:aws:sts::123456789012:federated-user/ci"), false],
    [is("userIdentity.arn", "/ci", "endsWith"), false],
    [is("userIdentity.arn", "deploy/ci", "includes"), false],
    [is("userIdentity.arn", "ci$", "matches"), false],
    [is("userIdentity.arn", SESSION, "notEqual"), false],
    [is("userIdentity.arn", SESSION, "not:equal"), false],
    [is("userIdentity.arn", [SESSION, "ci"], "in"), false],
    [is("userIdentity.arn", "loose", "inList"), false],
    [is("userIdentity.arn", "sessions", "notInList"), false],
    [is("userIdentity.principalId", "AROAEXAMPLEEXAMPLEXX:ci"), true],
    [is("userIdentity.principalId", "AROAEXAMPLEEXAMPLEXX:", "startsWith"), true],
    [is("userIdentity.principalId", "*:ci", "like"), false],
    [is("userIdentity.principalId", ":ci", "endsWith"), false],
  ])("of a fact that ends in a session's name, needs its beginning fixed: %j %j", (condition, fixed) => {
    expect(rests({ all: [condition] })).toBe(fixed ? "fixed" : "open");
  });
});
