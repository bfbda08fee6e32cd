import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig as readLambdaConfig } from "../../lambda/config.ts";
import { readConfig } from "../../lib/config.ts";
import { configFile } from "../../lib/destinations.ts";
import { makeTemplate, statementsOfRole } from "./synthesise.ts";

function secretStatements(secret: string, more: object = {}): unknown[] {
  const destinations = { datadog: { type: "datadog", site: "datadoghq.eu", secret, ...more } };
  const statements = statementsOfRole(makeTemplate({ config: { destinations } }));
  return ["ReadSecrets", "DecryptSecrets"].flatMap((sid) => {
    const statement = statements.get(sid);
    return statement === undefined
      ? []
      : [{ Action: statement["Action"], Resource: statement["Resource"], Condition: statement["Condition"] }];
  });
}

describe("secrets", () => {
  const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dd";

  it.each([
    ["a name", "prod/datadog", "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/datadog-??????"],
    ["a name that ends like an ARN", "dd-apikey", `${arn}-apikey-??????`],
    ["an ARN without its suffix", arn, `${arn}-??????`],
    ["an ARN that may be whole", `${arn}-a1B2c3`, [`${arn}-a1B2c3`, `${arn}-a1B2c3-??????`]],
  ])("given as %s are read, exactly these", (_, secret, resource) => {
    expect(secretStatements(secret)).toEqual([
      { Action: "secretsmanager:GetSecretValue", Resource: resource, Condition: undefined },
    ]);
  });

  it("under a key of their own are decrypted through Secrets Manager only", () => {
    const key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    expect(secretStatements(`${arn}-a1B2c3`, { secretKeyArn: key })[1]).toEqual({
      Action: "kms:Decrypt",
      Resource: key,
      Condition: {
        StringLike: {
          "kms:ViaService": { "Fn::Join": ["", ["secretsmanager.*.", { Ref: "AWS::URLSuffix" }]] },
          "kms:EncryptionContext:SecretARN": [`${arn}-a1B2c3`, `${arn}-a1B2c3-??????`],
        },
      },
    });
  });

  it.each(["prod/datadog", "datadog-apikey", `${arn}-apikey`, "ssm:/prod/datadog"])(
    "reach the detector and the doctor as they are written: %s",
    (secret) => {
      const destinations = { datadog: { type: "datadog", site: "datadoghq.eu", secret } };
      const { config } = readConfig({ destinations });
      expect(configFile(config).destinations).toContainEqual({
        id: "datadog",
        type: "datadog",
        site: "datadoghq.eu",
        secret,
      });
      const template = makeTemplate({ config: { destinations } });
      expect(() =>
        template.hasOutput("Secrets", { Value: JSON.stringify({ [secret]: "the API key" }) }),
      ).not.toThrow();
    },
  );

  it.each([
    ["with a slash", "ssm:/prod/hook", "arn:aws:ssm:us-east-1:123456789012:parameter/prod/hook"],
    ["without one", "ssm:hook", "arn:aws:ssm:us-east-1:123456789012:parameter/hook"],
  ])("that are parameters are read by their own ARN: %s", (_, secret, resource) => {
    const destinations = { hook: { type: "webhook", secret } };
    expect(statementsOfRole(makeTemplate({ config: { destinations } })).get("ReadParameters")).toMatchObject({
      Action: "ssm:GetParameter",
      Resource: resource,
    });
  });
});

describe("what the detector reads", () => {
  const ENVIRONMENT = {
    ENGINE_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alerts",
    ENGINE_TABLE: "state",
    ENGINE_REDELIVERY_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/redelivery",
    ENGINE_DEAD_DELIVERIES_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/dead",
    ENGINE_TIMER_ROLE_ARN: "arn:aws:iam::123456789012:role/timers",
    ENGINE_TIMER_GROUP: "timers",
    ENGINE_DEAD_LETTERS_ARN: "arn:aws:sqs:us-east-1:123456789012:dead-letters",
  };
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "engine-config-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function read(engine: object) {
    const { config, problems } = readConfig(engine);
    expect(problems).toEqual([]);
    const file = join(directory, "config.json");
    writeFileSync(file, JSON.stringify(configFile(config)));
    return readLambdaConfig(pathToFileURL(file), ENVIRONMENT);
  }

  it("is taken by it: nothing configured means the topic alone, for everything", () => {
    expect(read({})).toMatchObject({
      destinations: [{ id: "topic", type: "sns", topicArn: ENVIRONMENT.ENGINE_TOPIC_ARN }],
      routing: { match: "first", routes: [], otherwise: ["topic"] },
      keepDays: 90,
    });
  });

  it("is taken by it with destinations, routes and all, and without what only the stack needs", () => {
    const key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    const config = read({
      destinations: {
        hook: {
          type: "webhook",
          secret: "prod/hook",
          secretKeyArn: key,
          signingSecret: "ssm:/hook",
          signingSecretKeyArn: key,
        },
      },
      routes: [{ when: { severity: ["high"], rules: ["iam.amazonaws.com/*"] }, to: ["hook"] }],
      routeMatch: "all",
      keepDays: 30,
      caseUrl: "https://security.example.com/alerts/{id}",
    });
    expect(config.caseUrl).toBe("https://security.example.com/alerts/{id}");
    expect(config.destinations[1]).toEqual({
      id: "hook",
      type: "webhook",
      secret: "prod/hook",
      signingSecret: "ssm:/hook",
    });
    expect(config.routing).toEqual({
      match: "all",
      routes: [{ when: { severity: ["high"], rules: ["iam.amazonaws.com/*"] }, to: ["hook"] }],
      otherwise: ["topic", "hook"],
    });
    expect(config.keepDays).toBe(30);
  });
});
