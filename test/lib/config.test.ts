import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DESTINATION_TYPES } from "../../lambda/destinations/registry.ts";
import { readConfig } from "../../lib/config.ts";

const datadog = (change: object): object => ({
  destinations: { dd: { type: "datadog", site: "datadoghq.eu", secret: "prod/datadog", ...change } },
});

describe("a configuration", () => {
  it("that is absent gives the defaults", () => {
    expect(readConfig(undefined)).toEqual({
      problems: [],
      config: {
        rules: "rules",
        destinations: {},
        routes: [],
        routeMatch: "first",
        keepDays: 90,
        dashboard: false,
        subscribe: [],
        operations: {},
        eventRules: { budget: 100 },
        detector: { memoryMb: 512, timeoutSeconds: 60 },
        logRetentionDays: 30,
      },
    });
  });

  it("keeps what is given and fills in the rest", () => {
    const { config, problems } = readConfig({
      ...datadog({ secretKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/abc" }),
      subscribe: ["me@example.com"],
      eventRules: { budget: 20 },
      logRetentionDays: 365,
    });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      destinations: { dd: { type: "datadog", site: "datadoghq.eu", secret: "prod/datadog" } },
      subscribe: ["me@example.com"],
      eventRules: { budget: 20 },
      detector: { memoryMb: 512 },
      logRetentionDays: 365,
    });
  });

  it("may come as JSON text, as the command line hands it over", () => {
    expect(readConfig('{"subscribe":["me@example.com"]}').config.subscribe).toEqual(["me@example.com"]);
  });

  it("as shipped in cdk.json has no problem", () => {
    const shipped = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")) as {
      context: { engine: unknown };
    };
    expect(readConfig(shipped.context.engine).problems).toEqual([]);
  });
});

describe("a problem of the configuration", () => {
  it.each([
    [
      "an unknown setting with the nearest known one",
      { subscribes: [] },
      'engine.subscribes: there is no such setting. Did you mean "subscribe"?',
    ],
    [
      "an unknown setting further down",
      { eventRules: { bugdet: 3 } },
      'engine.eventRules.bugdet: there is no such setting. Did you mean "budget"?',
    ],
    [
      "a setting like no other with all known ones",
      { detector: { zzz: 1 } },
      "engine.detector.zzz: there is no such setting. Known are: memoryMb, timeoutSeconds.",
    ],
    [
      "an address that is none",
      { subscribe: ["me@example.com", "me"] },
      'engine.subscribe[1]: "me" is no e-mail address. Write it as name@example.com.',
    ],
    [
      "an address given twice",
      { subscribe: ["me@example.com", "ME@example.com"] },
      'engine.subscribe[1]: "ME@example.com" is there twice. Take one out.',
    ],
    [
      "addresses that are no list",
      { subscribe: "me@example.com" },
      'engine.subscribe: This is no list. Write e-mail addresses in brackets: ["name@example.com"].',
    ],
    [
      "a number out of bounds",
      { eventRules: { budget: 300 } },
      "engine.eventRules.budget: 300 is too large. Give a number of EventBridge rules from 1 to 299.",
    ],
    [
      "a number that is none",
      { detector: { memoryMb: "512" } },
      'engine.detector.memoryMb: "512" is no whole number. Give MB from 128 to 10240.',
    ],
    [
      "a time that one slow delivery would use up",
      { detector: { timeoutSeconds: 59 } },
      "engine.detector.timeoutSeconds: 59 is too small. Give seconds from 60 to 900.",
    ],
    [
      "a retention that CloudWatch does not take",
      { logRetentionDays: 31 },
      "engine.logRetentionDays: 31 is no retention that CloudWatch Logs takes.",
    ],
    [
      "an unknown kind of destination",
      { destinations: { dd: { type: "datadg" } } },
      'engine.destinations.dd.type: "datadg" is no type of destination. Did you mean "datadog"?',
    ],
    [
      "a destination without a kind",
      { destinations: { dd: {} } },
      `engine.destinations.dd.type: "type" is missing. Known are: ${[...DESTINATION_TYPES.keys()].join(", ")}.`,
    ],
    [
      "a missing setting of a destination",
      { destinations: { dd: { type: "datadog", site: "datadoghq.eu" } } },
      "engine.destinations.dd.secret: this is missing.",
    ],
    [
      "a site that is none",
      datadog({ site: "datadog.eu" }),
      'engine.destinations.dd.site: "datadog.eu" is none of the choices for the Datadog site of your account. Did you mean "datadoghq.eu"?',
    ],
    [
      "an id that is none",
      { destinations: { "My Datadog": { type: "datadog", site: "datadoghq.eu", secret: "x" } } },
      "engine.destinations.My Datadog: This is no id of a destination.",
    ],
    [
      "the id of the built-in topic",
      { destinations: { topic: { type: "datadog", site: "datadoghq.eu", secret: "x" } } },
      'engine.destinations.topic: The id "topic" belongs to the alerts topic that every stack has.',
    ],
    [
      "what two settings of a destination do not allow together",
      { destinations: { bot: { type: "slack", secret: "prod/slack", api: "bot" } } },
      "engine.destinations.bot: channel is missing: a bot needs the id of the channel",
    ],
    [
      "more values than a setting takes",
      datadog({ tags: Array.from({ length: 21 }, (_, index) => `tag:${index}`) }),
      "engine.destinations.dd.tags: These are more than 20.",
    ],
    [
      "a value of a list that will not do",
      datadog({ tags: ["team:security", "a b"] }),
      'engine.destinations.dd.tags[1]: "a b" will not do here: this is tags of yours',
    ],
    [
      "a value of another kind",
      datadog({ tags: "team:security" }),
      "engine.destinations.dd.tags: This is no list.",
    ],
    [
      "a key that is none",
      datadog({ secretKeyArn: "alias/mine" }),
      "engine.destinations.dd.secretKeyArn: This is no ARN of a KMS key.",
    ],
    [
      "an address of local runs, which nothing deployed may have",
      datadog({ endpoint: "http://127.0.0.1:4566" }),
      "engine.destinations.dd.endpoint: there is no such setting.",
    ],
    [
      "a way to take routes that is none",
      { routeMatch: "any" },
      'engine.routeMatch: "any" is no way to take routes. Write "first"',
    ],
    [
      "an address of cases without a place for the alert",
      { caseUrl: "https://security.example.com/" },
      "engine.caseUrl: This has no {id}, where the alert's id belongs; write https://",
    ],
    [
      "an address of cases that everybody between could read",
      { caseUrl: "http://security.example.com/{id}" },
      "engine.caseUrl: This must be https, or http on 127.0.0.1",
    ],
    ["a time to keep alerts that is none", { keepDays: 0 }, "engine.keepDays: 0 is too small."],
    [
      "a dashboard that is neither wanted nor not",
      { dashboard: "yes" },
      'engine.dashboard: "yes" is neither true nor false.',
    ],
    ["a canary that is no object", { canary: true }, "engine.canary: This is no object."],
    ["a canary that sings too often", { canary: { every: 1 } }, "engine.canary.every: 1 is too small."],
    [
      "a budget of lookups that would take all of the quota",
      { lookupEvents: { requestsPerMinute: 120 } },
      "engine.lookupEvents.requestsPerMinute: 120 is too large. Give requests a minute from 1 to 60.",
    ],
    [
      "lookups without a budget",
      { lookupEvents: true },
      'engine.lookupEvents: This is no object. Write { "requestsPerMinute": 20 }',
    ],
    [
      "a setting of lookups that there is not",
      { lookupEvents: { requestsPerMinute: 20, region: ["eu-west-1"] } },
      'engine.lookupEvents.region: there is no such setting. Did you mean "regions"?',
    ],
    [
      "a Region that is none",
      { lookupEvents: { requestsPerMinute: 20, regions: ["Ireland"] } },
      'engine.lookupEvents.regions[0]: "Ireland" is no Region.',
    ],
    [
      "an account whose zeros are lost",
      { organisation: { accounts: [12_345_678_901] } },
      "engine.organisation.accounts[0]: 12345678901 is no text. Write an account id in quotes",
    ],
    [
      "an account id that is too short",
      { organisation: { accounts: ["12345"] } },
      'engine.organisation.accounts[0]: "12345" is no account id.',
    ],
    [
      "an organisation without accounts",
      { organisation: { accounts: [] } },
      "engine.organisation.accounts: This is empty.",
    ],
    ["text that is no JSON", "{subscribe", "engine: this is text that is no JSON."],
    ["something that is no object", 5, "engine: this must be an object."],
    ["a list in place of an object", [], "engine: this must be an object."],
  ])("names %s", (_, context, expected) => {
    const { problems } = readConfig(context);
    expect(problems).toEqual([expect.stringContaining(`cdk.json ${expected}`)]);
  });

  it("does not hide the others: all come at once, and none of it is deployed", () => {
    const { config, problems } = readConfig({
      subscribe: ["x"],
      rules: 5,
      logRetentionDays: 31,
      ...datadog({ site: "x" }),
    });
    expect(problems).toHaveLength(4);
    expect(config).toEqual(readConfig({}).config);
  });
});

it("what is right is kept beside problems, so that rules and routes can be checked as well", () => {
  expect(readConfig({ rules: "mine", subscribes: [] }).config.rules).toBe("mine");
});
