import { describe, expect, it } from "vitest";
import { normalize } from "../../../lambda/engine/conditions.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { callerChosenFacts } from "../../../lambda/loader/caller-chosen.ts";

const SESSION = "arn:aws:sts::123456789012:assumed-role/deploy/ci";
const LISTS = {
  sessions: {
    kind: "wildcard" as const,
    values: ["arn:aws:sts::123456789012:assumed-role/a/*"],
    description: "x",
  },
  loose: { kind: "wildcard" as const, values: [SESSION, "*/ci"], description: "x" },
};
const is = (fact: string, value: unknown = "x", operator = "equal"): Condition => ({ fact, operator, value });
const AGENT = is("userAgent");
const ROLE = is("actor.arn");
const found = (conditions: Condition): readonly string[] =>
  callerChosenFacts(normalize(conditions, {}, LISTS));

describe("what conditions rest on", () => {
  it.each([
    "userAgent",
    "requestParameters.groupId",
    "requestParameters.items[*].x",
    "requestParameters[0]",
    "errorMessage",
    "tlsDetails.clientProvidedHostHeader",
    "userIdentity.sessionContext.sourceIdentity",
    "actor.name",
    "actor.session",
    "actor.sourceIdentity",
    "channel.name",
  ])("is the caller's choice: %s", (fact) => {
    expect(found({ all: [is(fact)] })).toEqual([fact]);
    expect(found({ all: [is("eventName"), is(fact), is("awsRegion"), is("errorCode")] })).toEqual([fact]);
    expect(found({ all: [is(fact), ROLE] })).toEqual([]);
    expect(found({ all: [is("recipientAccountId", { fact })] })).toEqual(["recipientAccountId"]);
  });

  it.each([
    "actor.arn",
    "actor.role",
    "userIdentity.accountId",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.invokedBy",
    "sourceIPAddress",
    "recipientAccountId",
    "vpcEndpointId",
    "resources[*].ARN",
    "responseElements.x",
    "userAgentOfOurs",
  ])("is what AWS writes: %s", (fact) => {
    expect(found({ all: [is(fact), AGENT] })).toEqual([]);
  });

  it("is nobody's, when only the call is named", () => {
    expect(found({ all: [is("eventName"), is("outcome")] })).toEqual([]);
    expect(found({ any: [is("eventName"), ROLE] })).toEqual([]);
  });

  it("is weighed for each branch of any, and under all for each way through", () => {
    expect(found({ any: [AGENT, ROLE] })).toEqual(["userAgent"]);
    expect(found({ all: [{ any: [AGENT, ROLE] }, is("sourceIPAddress")] })).toEqual([]);
    expect(found({ all: [{ any: [AGENT, ROLE] }, { any: [is("actor.session"), ROLE] }] })).toEqual([
      "userAgent",
      "actor.session",
    ]);
    expect(found({ all: [{ any: [{ all: [AGENT, ROLE] }, is("actor.session")] }] })).toEqual([
      "actor.session",
    ]);
  });

  it("is weighed under a not with all and any in each other's place", () => {
    expect(found({ not: { any: [AGENT, ROLE] } })).toEqual([]);
    expect(found({ not: { all: [AGENT, ROLE] } })).toEqual(["userAgent"]);
  });

  it.each([
    [is("userIdentity.arn", SESSION), true],
    [is("userIdentity.arn", "arn:aws:sts::123456789012:assumed-role/deploy/", "startsWith"), true],
    [is("userIdentity.arn", "arn:aws:sts::123456789012:assumed-role/deploy/*", "like"), true],
    [is("userIdentity.arn", [SESSION, "arn:aws:iam::123456789012:user/ada"], "in"), true],
    [is("userIdentity.arn", ["arn:aws:iam::123456789012:user/a*"], "someValue:like"), true],
    [is("userIdentity.arn", "sessions", "inList"), true],
    [is("userIdentity.arn", "arn:aws:sts::*:assumed-role/deploy/ci", "like"), false],
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
  ])(
    "of a fact that ends in a session's name, is AWS's where the beginning is fixed: %j %j",
    (condition, aws) => {
      expect(found({ all: [condition] })).toHaveLength(aws ? 0 : 1);
    },
  );

  it("of the channel, is AWS's where its confidence is high", () => {
    expect(found({ all: [is("channel.name", "service"), is("channel.confidence", "high")] })).toEqual([]);
    expect(found({ all: [is("channel.name", "terraform"), is("channel.confidence", "medium")] })).toEqual([
      "channel.name",
      "channel.confidence",
    ]);
  });
});
