import { fileURLToPath } from "node:url";
import { Match, Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { compileEventRules, type EventRule } from "../../lambda/engine/event-rules.ts";
import type { Rule } from "../../lambda/engine/rule.ts";
import { loadRules } from "../../lambda/loader/load-rules.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { callRule, madeBefore, makeTemplate, ONE_RULE, resourcesOf } from "./synthesise.ts";

const RULES = fileURLToPath(new URL("../../rules", import.meta.url));
const ROLE_NAME = "CloudTrailEngine-DetectorRole-1A2B3C";
const ROLE_ARN = `arn:aws:iam::123456789012:role/${ROLE_NAME}`;

/** The rules of a template as EventBridge would have them, with the role's name and ARN put in. */
function deployedRules(template: Template): (EventRule & { readonly invokes: boolean })[] {
  return resourcesOf(template, "AWS::Events::Rule").map(([, { Properties }]) => {
    const pattern = JSON.stringify(Properties["EventPattern"])
      .replaceAll(/\{"Ref":"DetectorRole\w+"\}/g, JSON.stringify(ROLE_NAME))
      .replaceAll(/\{"Fn::GetAtt":\["DetectorRole\w+","Arn"\]\}/g, JSON.stringify(ROLE_ARN));
    return {
      name: String(Properties["Name"]),
      state: Properties["State"] as EventRule["state"],
      eventPattern: JSON.parse(pattern) as EventRule["eventPattern"],
      rules: [],
      invokes: Properties["Targets"] !== undefined,
    };
  });
}

describe("an EventBridge rule", () => {
  const template = makeTemplate({ rules: ONE_RULE });

  it("has its derived pattern and state, and the detector with retries and the dead-letter queue as its target", () => {
    expect(() =>
      template.hasResourceProperties("AWS::Events::Rule", {
        Name: Match.stringLikeRegexp("^CloudTrailEngine\\.ec2-[0-9a-z]+$"),
        State: "ENABLED",
        EventPattern: Match.objectLike({ source: [{ prefix: "aws." }] }),
        Targets: [
          {
            Id: "detector",
            Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^DetectorFunction"), "Arn"] },
            RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
            DeadLetterConfig: { Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^DeadLetters"), "Arn"] } },
          },
        ],
      }),
    ).not.toThrow();
  });

  it("waits for all that its first record may need, to the alarms and those who hear them", () => {
    const full = makeTemplate({ rules: ONE_RULE, config: { subscribe: ["a@example.com"] } });
    const rules = resourcesOf(full, "AWS::Events::Rule").filter(([id]) => !id.includes("OwnDenials"));
    expect(rules).toHaveLength(1);
    for (const [id] of rules) {
      const before = [...madeBefore(full, id)];
      const others = Object.keys(full.toJSON().Resources as object).filter((other) => other !== id);
      expect(before.toSorted()).toEqual(others.toSorted());
      expect(before).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^RulesPermission/),
          expect.stringMatching(/^DeadLettersQueuePolicy/),
          expect.stringMatching(/^DetectorOnFailure/),
          expect.stringMatching(/^DetectorRole/),
          expect.stringMatching(/^AlarmsErrors/),
          expect.stringMatching(/^OperationsTopicPolicy/),
        ]),
      );
    }
  });
});

/** Logical ids of EventBridge rules by their patterns. */
function idsByPattern(rules: readonly Rule[]): Map<string, string> {
  const found = resourcesOf(makeTemplate({ rules }), "AWS::Events::Rule");
  return new Map(found.map(([id, { Properties }]) => [JSON.stringify(Properties["EventPattern"]), id]));
}

/** So many calls of one source that it has a pattern of its own. */
function many(source: string, last: string): Rule[] {
  const names = Array.from({ length: 40 }, (_, index) => `DeleteTheThing${index}Of${source}`);
  return [...names, last].map((name) => callRule(`${source}.amazonaws.com`, name));
}

describe("the logical id of an EventBridge rule", () => {
  const before = idsByPattern([...many("ec2", "DeleteVpc"), ...many("rds", "DeleteDBInstance")]);
  const after = idsByPattern([...many("ec2", "DeleteVpc"), ...many("rds", "DeleteDBCluster")]);

  it("stays with an unchanged pattern when another rule changes", () => {
    const kept = [...before].filter(([pattern]) => after.has(pattern));
    // That of ec2, and the count of our own failed calls.
    expect(kept).toHaveLength(before.size - 1);
    for (const [pattern, id] of kept) expect(after.get(pattern)).toBe(id);
  });

  it("changes with its pattern, so that the new rule is made before the old one goes", () => {
    const gone = [...before].filter(([pattern]) => !after.has(pattern)).map(([, id]) => id);
    expect(gone).toHaveLength(1);
    expect([...after.values()]).not.toContain(gone[0]);
  });

  it("stays when only a rule's name and severity change", () => {
    const [first, ...rest] = many("ec2", "DeleteVpc");
    if (first === undefined) throw new Error("there is no rule");
    const renamed: Rule = { ...first, name: "Another name", severity: "critical" };
    expect(idsByPattern([renamed, ...rest])).toEqual(idsByPattern([first, ...rest]));
  });
});

function holdsNull(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === "object" && Object.values(value).some(holdsNull);
}

describe("the shipped rules", () => {
  const { ruleSet } = loadRules(RULES);
  let template: Template;
  beforeAll(() => {
    template = makeTemplate(ruleSet);
  });

  it("make a template without null, which CloudFormation refuses", () => {
    expect(holdsNull(template.toJSON())).toBe(false);
  });

  it("become these event patterns", () => {
    expect(
      deployedRules(template).map(({ name, state, eventPattern }) => ({ name, state, eventPattern })),
    ).toMatchSnapshot();
  });

  it("take at most 20 EventBridge rules with names of at most 64 characters, all of our prefix", () => {
    const names = deployedRules(template).map(({ name }) => name);
    expect(names.length).toBeLessThanOrEqual(20);
    for (const name of names) expect(name).toMatch(/^CloudTrailEngine\.[A-Za-z0-9-]{1,47}$/);
  });

  it("have patterns within 2,048 characters even with the longest name of a role", () => {
    for (const { eventPattern } of deployedRules(template)) {
      const longest = JSON.stringify(eventPattern).replaceAll(
        JSON.stringify(ROLE_NAME),
        JSON.stringify("x".repeat(64)),
      );
      expect(longest.length).toBeLessThanOrEqual(2048);
    }
  });
});

describe("a call of the engine's own role", () => {
  const denied: Rule = {
    id: "_global/denied",
    eventSource: null,
    name: "A call was denied",
    severity: "low",
    conditions: { all: [{ fact: "errorCode", operator: "like", value: "AccessDenied*" }] },
  };
  const anyCall: Rule = {
    ...denied,
    id: "_global/any-write",
    conditions: {
      all: [{ fact: "eventName", operator: "in", value: ["GetSecretValue", "Publish", "CreateUser"] }],
    },
  };
  const rules = deployedRules(makeTemplate({ rules: [denied, anyCall] }));
  const deliver = compileEventRules(rules);

  function invoking(change: {
    role?: string;
    errorCode?: string;
    eventSource?: string;
    eventName?: string;
  }): string[] {
    const role = change.role ?? ROLE_NAME;
    const reading = readEnvelope({
      eventVersion: "1.11",
      eventTime: "2026-11-20T10:00:00Z",
      eventSource: change.eventSource ?? "secretsmanager.amazonaws.com",
      eventName: change.eventName ?? "GetSecretValue",
      awsRegion: "us-east-1",
      sourceIPAddress: "192.0.2.1",
      eventID: "11111111-2222-3333-4444-555555555555",
      eventType: "AwsApiCall",
      readOnly: true,
      managementEvent: true,
      eventCategory: "Management",
      recipientAccountId: "123456789012",
      ...(change.errorCode === undefined ? {} : { errorCode: change.errorCode }),
      userIdentity: {
        type: "AssumedRole",
        principalId: "AROA0123456789ABCDEFG:detector",
        arn: `arn:aws:sts::123456789012:assumed-role/${role}/detector`,
        accountId: "123456789012",
        sessionContext: {
          sessionIssuer: { type: "Role", arn: `arn:aws:iam::123456789012:role/${role}`, userName: role },
        },
      },
    });
    if (!reading.ok) throw new Error(reading.reason);
    return deliver(reading.envelope).map(({ name }) => name);
  }
  const invokes = (names: readonly string[]): boolean =>
    rules.some((rule) => rule.invokes && names.includes(rule.name));

  it.each([
    ["secretsmanager.amazonaws.com", "GetSecretValue"],
    ["sns.amazonaws.com", "Publish"],
    ["kms.amazonaws.com", "Decrypt"],
    ["sqs.amazonaws.com", "SendMessage"],
    ["logs.amazonaws.com", "PutLogEvents"],
  ])("to %s %s that failed never invokes the detector, and is counted", (eventSource, eventName) => {
    const names = invoking({ errorCode: "AccessDeniedException", eventSource, eventName });
    expect(invokes(names)).toBe(false);
    expect(names).toEqual(["CloudTrailEngine.own-denials"]);
  });

  it("that the detector itself makes and that succeeded neither invokes it nor is counted", () => {
    expect(invoking({})).toEqual([]);
  });

  it("that the detector never makes invokes it: somebody else has its role", () => {
    const names = invoking({ eventSource: "iam.amazonaws.com", eventName: "CreateUser" });
    expect(invokes(names)).toBe(true);
    expect(names).not.toContain("CloudTrailEngine.own-denials");
  });

  it("is told from one of another role, which invokes it", () => {
    expect(invokes(invoking({ role: "SomebodyElse", errorCode: "AccessDeniedException" }))).toBe(true);
    expect(invokes(invoking({ role: "SomebodyElse" }))).toBe(true);
  });
});
