import { describe, expect, it } from "vitest";
import { declareDestination } from "../../../lambda/destinations/destination-type.ts";
import { checkSettings, isSecretReference, type Settings } from "../../../lambda/destinations/settings.ts";

const DECLARED = {
  channel: { kind: "text", description: "a channel's id", pattern: /^C\d+$/, example: "C012" },
  people: { kind: "texts", description: "mail addresses", pattern: /@/, example: "a@b.example", max: 2 },
  mode: { kind: "choice", description: "the mode", values: ["one", "two"], optional: true },
  secret: { kind: "secret", description: "the secret with the token", holds: "the token" },
} as const satisfies Settings;

const FINE = { channel: "C1", people: ["a@b.example"], secret: "prod/token" };

describe("checkSettings", () => {
  it.each([FINE, { ...FINE, mode: "two" }, { ...FINE, people: [] }])("accepts %j", (given) => {
    expect(checkSettings(DECLARED, given)).toEqual([]);
  });

  it.each([
    [{ ...FINE, channel: "general" }, 'channel must be a channel\'s id, e.g. C012, got "general"'],
    [{ ...FINE, channel: 7 }, "channel must be a channel's id, e.g. C012, got 7"],
    [
      { ...FINE, people: "a@b.example" },
      'people must be a list of at most 2: mail addresses, e.g. ["a@b.example"]',
    ],
    [{ ...FINE, people: ["a@b", "b@b", "c@b"] }, "people must be a list of at most 2"],
    [{ ...FINE, people: ["nobody"] }, "people must be a list"],
    [{ ...FINE, mode: "three" }, 'mode must be one of one, two, got "three"'],
    [{ ...FINE, secret: undefined }, "secret is missing: the secret with the token"],
    [{ ...FINE, secret: "xoxb-1234" }, "secret must be the name or ARN of a Secrets Manager secret"],
  ])("refuses %j and says how to mend it", (given, problem) => {
    const problems = checkSettings(DECLARED, given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("reports every problem at once", () => {
    expect(checkSettings(DECLARED, { mode: 1 })).toHaveLength(4);
  });
});

describe("isSecretReference", () => {
  it.each([
    "prod/datadog-api-key",
    "datadog",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf",
    "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a/b",
    "ssm:/prod/datadog",
    "ssm:datadog",
  ])("takes %s for a reference", (value) => {
    expect(isSecretReference(value)).toBe(true);
  });

  it.each([
    undefined,
    7,
    "",
    "two words",
    "0123456789abcdef0123456789abcdef",
    "pub0123456789abcdef0123456789abcdef",
    "R0123456789ABCDEFGHIJKLMNOPQRSTU",
    "ddapi_0123456789abcdefXY",
    "https://hooks.slack.com/services/T0/B0/x",
    "xoxb-123-456-abc",
    "arn:aws:sns:eu-west-1:123456789012:alerts",
    "arn:aws:secretsmanager:eu-west-1:12345:secret:x",
    "ssm:",
    "ssm:/a b",
  ])("does not take %j for one", (value) => {
    expect(isSecretReference(value)).toBe(false);
  });
});

describe("declareDestination", () => {
  const declared = declareDestination({
    description: "A test.",
    settings: DECLARED,
    check: ({ people, mode }) => (people.length === 0 && mode === "two" ? ["mode two needs people"] : []),
    permissions: ({ channel }) => [{ actions: ["x:Send"], resources: [channel] }],
    make: ({ id }) => ({ id, type: "test", updates: false, deliver: async () => undefined }),
  });

  it("checks settings one by one, then together", () => {
    expect(declared.check({ id: "t", type: "test", ...FINE, mode: "two" })).toEqual([]);
    expect(declared.check({ id: "t", type: "test", ...FINE, people: [], mode: "two" })).toEqual([
      "mode two needs people",
    ]);
    expect(declared.check({ id: "t", type: "test", people: [], mode: "two" })).toHaveLength(2);
  });

  it("gives the permissions of checked settings", () => {
    expect(declared.permissions({ id: "t", type: "test", ...FINE })).toEqual([
      { actions: ["x:Send"], resources: ["C1"] },
    ]);
  });

  it.each([
    ["http://127.0.0.1:4566", []],
    ["http://localhost:1", []],
    ["http://[::1]:1", []],
    ["https://stand-in.example", []],
    ["http://192.0.2.1", ["in clear"]],
    ["https://u:p@x.example", ["password"]],
    ["ftp://x.example", ["in clear"]],
    [7, ["endpoint must be an address"]],
  ])("checks the endpoint of a local run: %j", (endpoint, problems) => {
    const found = declared.check({ id: "t", type: "test", ...FINE, endpoint });
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem);
  });
});
