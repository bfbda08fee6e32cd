import { describe, expect, it } from "vitest";
import { alertSchema } from "../../../lambda/alerts/alert-schema.ts";
import { derivedSelector } from "../../../lambda/engine/derived-atoms.ts";
import { DOMAINS } from "../../../lambda/engine/derived-evidence.ts";
import { DECORATORS } from "../../../lambda/engine/operator-name.ts";
import { OPERATORS } from "../../../lambda/engine/operators.ts";
import { ResolvedList } from "../../../lambda/engine/resolved-list.ts";
import { ALL_GUARDS, deriveSelector, type Matcher } from "../../../lambda/engine/selector.ts";

type Fields = Readonly<Record<string, readonly Matcher[]>>;

/** What a lone condition lets EventBridge see: fields with their matchers, one object each way it can hold. */
function seen(fact: string, operator: string, value: unknown): readonly Fields[] | undefined {
  const literal = { fact, operator, value };
  if (derivedSelector(literal, ALL_GUARDS) === undefined) return undefined;
  return deriveSelector(literal).map((conjunct) =>
    Object.fromEntries(conjunct.map(({ path, matchers }) => [path, matchers])),
  );
}

const ABSENT = { exists: false };
const THERE = { exists: true };
const INVOKED_BY = "userIdentity.invokedBy";
const ISSUER = "userIdentity.sessionContext.sessionIssuer";
const ROLE = "arn:aws:iam::123456789012:role/deploy";
const NONE: readonly (readonly [string, string, unknown])[] = [
  ["actor.name", "equal", "ada"],
  ["channel.reasons", "contains", "x"],
  ["actor.crossAccount", "equal", true],
  ["actor.mfa", "notEqual", true],
  ["outcome", "equal", "sucess"],
  ["outcome", "in", ["success", "denied", "failed"]],
  ["outcome", "exists", true],
  ["outcome", "someFact:equal", "success"],
  ["outcome", "equal", { fact: "channel.name" }],
  ["outcome", "nothing", "success"],
  ["channel.name", "notEqual", "none of them"],
  ["actor.type", "equal", "Unknown"],
  ["actor.type", "exists", true],
  ["actor.type", "startsWith", "Un"],
  ["actor.accountId", "equal", "(not a text)"],
  ["actor.accountId", "like", "(*"],
  ["actor.accountId", "includes", "1"],
  ["actor.accountId", "not:endsWith", "1"],
  ["actor.accountId", "equal", { fact: "recipientAccountId" }],
  ["actor.principalId", "startsWith", "x".repeat(1_001)],
  ["actor.principalId", "endsWith", "…"],
  ["actor.principalId", "equal", "\ufffd"],
  ["actor.sourceIdentity", "notEqual", "ada"],
  ["actor.sourceIdentity", "exists", true],
  ["actor.arn", "notEqual", ROLE],
  ["actor.arn", "startsWith", "arn:aws:iam::1"],
  ["actor.arn", "endsWith", "/deploy"],
  ["actor.session", "startsWith", "ada"],
  ["actor.role", "notEqual", "deploy"],
  ["eventName", "equal", "StopLogging"],
];

describe("what EventBridge sees of a derived fact", () => {
  it.each<[string, string, unknown, readonly Fields[]]>([
    ["outcome", "equal", "success", [{ errorCode: [ABSENT] }]],
    ["outcome", "notIn", ["denied", "failed"], [{ errorCode: [ABSENT] }]],
    ["outcome", "equal", "denied", [{ errorCode: [THERE] }, { "responseElements.errorCode": [THERE] }]],
    [
      "outcome",
      "not:equal",
      "success",
      [
        { errorCode: [THERE] },
        { "responseElements.errorCode": [THERE] },
        { errorMessage: [THERE] },
        { "responseElements.errorMessage": [THERE] },
        { eventSource: ["signin.amazonaws.com", "sso.amazonaws.com"] },
      ],
    ],
    [
      "actor.root",
      "equal",
      true,
      [{ "userIdentity.type": ["Root"] }, { "userIdentity.sessionContext.assumedRoot": ["true", true] }],
    ],
    ["actor.root", "notEqual", true, [{ "userIdentity.type": [{ "anything-but": ["Root"] }, ABSENT] }]],
    [
      "actor.mfa",
      "equal",
      false,
      [
        { "additionalEventData.MFAUsed": [{ "equals-ignore-case": "no" }] },
        { "userIdentity.sessionContext.attributes.mfaAuthenticated": ["false", false] },
      ],
    ],
    ["channel.name", "equal", "unknown", [{ [INVOKED_BY]: [ABSENT, ""] }]],
    ["channel.name", "equal", "sdk", [{ userAgent: [THERE], [INVOKED_BY]: [ABSENT, ""] }]],
    [
      "channel.name",
      "equal",
      "cdk",
      [
        {
          userAgent: ["aws-sdk-js", "aws-sdk-nodejs", "aws-cdk", "cdk-"].flatMap((prefix) => [
            { prefix },
            { prefix: `[${prefix}` },
          ]),
          [INVOKED_BY]: [ABSENT, ""],
        },
      ],
    ],
    [
      "channel.name",
      "notIn",
      ["service", "cloudformation"],
      [
        { eventType: ["AwsConsoleAction", "AwsConsoleSignIn"] },
        { [INVOKED_BY]: ["signin.amazonaws.com", ABSENT, ""] },
      ],
    ],
    ["channel.confidence", "in", ["low", "medium"], [{ [INVOKED_BY]: [ABSENT, ""] }]],
    ["actor.type", "in", ["Root", "IAMUser"], [{ "userIdentity.type": ["Root", "IAMUser"] }]],
    [
      "actor.type",
      "notEqual",
      "AWSService",
      [{ "userIdentity.type": [{ "anything-but": ["AWSService"] }, ABSENT, ""] }],
    ],
    [
      "actor.type",
      "notEqual",
      "Unknown",
      [{ "userIdentity.type": [{ "anything-but": ["Unknown"] }, ABSENT] }],
    ],
    ["actor.accountId", "equal", "123456789012", [{ "userIdentity.accountId": ["123456789012"] }]],
    [
      "actor.accountId",
      "notEqual",
      "",
      [{ "userIdentity.accountId": [{ "anything-but": [""] }, ABSENT, ""] }],
    ],
    ["actor.invokedBy", "exists", false, [{ [INVOKED_BY]: [ABSENT, ""] }]],
    ["actor.invokedBy", "exists", true, [{ [INVOKED_BY]: [THERE] }]],
    ["actor.accessKeyId", "startsWith", "AKIA", [{ "userIdentity.accessKeyId": [{ prefix: "AKIA" }] }]],
    ["actor.sourceIdentity", "equal", "ada", [{ "userIdentity.sessionContext.sourceIdentity": ["ada"] }]],
    ["actor.sessionIssuer", "equal", ROLE, [{ [`${ISSUER}.arn`]: [ROLE] }]],
    [
      "actor.accountId",
      "inList",
      new ResolvedList("ours", { kind: "exact", values: ["1", "2"], description: "Ours." }),
      [{ "userIdentity.accountId": ["1", "2"] }],
    ],
    [
      "actor.arn",
      "equal",
      ROLE,
      [
        { "userIdentity.arn": [ROLE, { prefix: "arn:aws:sts::123456789012:assumed-role/deploy/" }] },
        { [`${ISSUER}.arn`]: [ROLE] },
      ],
    ],
    [
      "actor.arn",
      "startsWith",
      "arn:aws:iam::123456789012:user/",
      [
        { "userIdentity.arn": [{ prefix: "arn:aws:iam::123456789012:user/" }] },
        { [`${ISSUER}.arn`]: [{ prefix: "arn:aws:iam::123456789012:user/" }] },
      ],
    ],
    [
      "actor.role",
      "in",
      ["deploy", "admin"],
      [
        { [`${ISSUER}.userName`]: ["deploy", "admin"] },
        { [`${ISSUER}.userName`]: [ABSENT], "userIdentity.type": ["AssumedRole", "Role"] },
      ],
    ],
    [
      "actor.session",
      "equal",
      "ada",
      [{ "userIdentity.arn": [{ suffix: "/ada" }] }, { "userIdentity.principalId": [{ suffix: ":ada" }] }],
    ],
  ])("%s %s %j", (fact, operator, value, fields) => {
    expect(seen(fact, operator, value)).toEqual(fields);
  });

  it.each(NONE)("is nothing: %s %s %j", (fact, operator, value) => {
    expect(seen(fact, operator, value)).toBeUndefined();
  });

  it("is short: no condition on a channel takes more than half a pattern", () => {
    for (const value of DOMAINS.get("channel.name")?.values ?? [])
      for (const operator of ["equal", "notEqual"])
        expect(JSON.stringify(seen("channel.name", operator, value) ?? []).length).toBeLessThan(1_000);
  });

  it("knows every value that a fact can have", () => {
    const { channel, outcome } = alertSchema.shape;
    expect(DOMAINS.get("channel.name")?.values).toEqual(channel.shape.name.options);
    expect(DOMAINS.get("channel.confidence")?.values).toEqual(channel.shape.confidence.options);
    expect(DOMAINS.get("outcome")?.values).toEqual(outcome.shape.result.options);
  });

  it("throws for no operator under any two decorators, on any derived fact", () => {
    const decorators = ["", ...Object.keys(DECORATORS).map((name) => `${name}:`)];
    const facts = ["outcome", "actor.type", "actor.arn"];
    for (const fact of facts)
      for (const outer of decorators)
        for (const inner of decorators)
          for (const base of Object.keys(OPERATORS))
            for (const value of ["x", ["x", "Root"], 5, true, null, { fact: "userAgent" }])
              expect(() =>
                derivedSelector({ fact, operator: outer + inner + base, value }, ALL_GUARDS),
              ).not.toThrow();
  });
});
