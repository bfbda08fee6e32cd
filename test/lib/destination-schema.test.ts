import { describe, expect, it } from "vitest";
import { DESTINATION_TYPES } from "../../lambda/destinations/registry.ts";
import { readConfig } from "../../lib/config.ts";

const HEX_32 = "0123456789abcdef0123456789abcdef";
const datadog = (change: object): object => ({
  destinations: { dd: { type: "datadog", site: "datadoghq.eu", secret: "prod/datadog", ...change } },
});

it("every kind of destination can be configured by what it declares, with a key for each secret", () => {
  for (const [type, { settings }] of DESTINATION_TYPES) {
    const { problems } = readConfig({ destinations: { one: { type, nonsense: 1 } } });
    const missing = Object.entries(settings).filter(([, { optional }]) => optional !== true);
    expect(problems.filter((problem) => problem.includes("this is missing"))).toHaveLength(missing.length);
    expect(problems).toContainEqual(expect.stringContaining("one.nonsense: there is no such setting"));
    for (const [name, { kind }] of Object.entries(settings)) {
      if (kind !== "secret") continue;
      const key = { [`${name}KeyArn`]: "no key" };
      expect(readConfig({ destinations: { one: { type, ...key } } }).problems).toContainEqual(
        expect.stringContaining(`one.${name}KeyArn: This is no ARN of a KMS key`),
      );
    }
  }
});

describe("a secret", () => {
  it.each([
    ["an API key", HEX_32],
    ["an application key", HEX_32 + "01234567"],
    ["a key in capitals", HEX_32.toUpperCase()],
    ["a prefixed key", "ddapi_abcdefABCDEF0123456789"],
  ])("that is %s itself is refused without being repeated", (_, value) => {
    const { problems } = readConfig(datadog({ secret: value }));
    expect(problems).toEqual([
      expect.stringContaining("If the secret itself stood here, cdk.json is no place for it"),
    ]);
    expect(problems.join("")).not.toContain(value);
  });

  it("under another setting's name is not repeated, and the right place is named", () => {
    const { problems } = readConfig(datadog({ apiKey: HEX_32 }));
    expect(problems).toEqual([
      expect.stringContaining(
        "engine.destinations.dd.apiKey: there is no such setting. Put the key into AWS Secrets Manager",
      ),
    ]);
    expect(problems.join("")).not.toContain(HEX_32);
  });

  it("in text that is no JSON is not repeated", () => {
    expect(readConfig(`{"secret": "${HEX_32}`).problems.join("")).not.toContain(HEX_32);
  });

  it.each(["not a name", "", "arn:aws:s3:::bucket", "arn:aws:secretsmanager:eu-west-1:12:secret:x"])(
    "%j is neither a name nor an ARN",
    (secret) => {
      expect(readConfig(datadog({ secret })).problems).toEqual([
        expect.stringContaining("This is no name or ARN of a secret in AWS Secrets Manager"),
      ]);
    },
  );

  it.each([
    "prod/datadog-api-key",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/datadog-a1B2c3",
    "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:datadog",
    "ssm:/prod/datadog",
  ])("%s is taken", (secret) => {
    expect(readConfig(datadog({ secret })).problems).toEqual([]);
  });
});
