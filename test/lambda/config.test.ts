import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../lambda/config.ts";
import { lambdaEnvironment } from "./lambda-environment.ts";

const datadog = { id: "datadog", type: "datadog", site: "datadoghq.eu", secret: "prod/datadog" };
const topic = { id: "topic", type: "sns" };
const routing = {
  match: "first",
  routes: [{ when: { severity: ["high"] }, to: ["datadog"] }],
  otherwise: ["topic"],
};
const good = { destinations: [topic, datadog], routing, keepDays: 90 };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(text: string | undefined, environment: Record<string, string | undefined> = lambdaEnvironment) {
  const file = join(folder, "config.json");
  if (text !== undefined) writeFileSync(file, text);
  return readConfig(pathToFileURL(file), environment);
}

function problemsOf(...all: Parameters<typeof read>): readonly string[] {
  try {
    read(...all);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("readConfig", () => {
  it("puts together what the file and the environment say, the topic's ARN among it", () => {
    expect(read(JSON.stringify(good))).toEqual({
      destinations: [{ ...topic, topicArn: lambdaEnvironment.ENGINE_TOPIC_ARN }, datadog],
      routing,
      keepDays: 90,
      table: "State",
      redeliveryUrl: lambdaEnvironment.ENGINE_REDELIVERY_URL,
      deadDeliveriesUrl: lambdaEnvironment.ENGINE_DEAD_DELIVERIES_URL,
      timers: {
        roleArn: lambdaEnvironment.ENGINE_TIMER_ROLE_ARN,
        group: "engine",
        deadLetterArn: lambdaEnvironment.ENGINE_DEAD_LETTERS_ARN,
      },
    });
  });

  it("keeps the ARN of another topic, and takes the canary's role where there is one", () => {
    const topicArn = "arn:aws:sns:eu-west-1:123456789012:other";
    const other = { ...good, destinations: [{ ...topic, id: "other", topicArn }, datadog, topic] };
    const ENGINE_CANARY_ROLE_ARN = "arn:aws:iam::123456789012:role/canary";
    const config = read(JSON.stringify(other), { ...lambdaEnvironment, ENGINE_CANARY_ROLE_ARN });
    expect(config.destinations[0]).toMatchObject({ topicArn });
    expect(config.canaryRoleArn).toBe(ENGINE_CANARY_ROLE_ARN);
  });

  it("takes the address of cases when there is one, and refuses what is none", () => {
    const caseUrl = "https://security.example.com/alerts/{id}";
    expect(read(JSON.stringify({ ...good, caseUrl })).caseUrl).toBe(caseUrl);
    expect(read(JSON.stringify(good))).not.toHaveProperty("caseUrl");
    for (const bad of ["http://security.example.com/{id}", 7, null])
      expect(problemsOf(JSON.stringify({ ...good, caseUrl: bad }))).toEqual([
        expect.stringMatching(/^config\.json caseUrl must be /),
      ]);
  });

  it("takes what the investigation may ask and know, and refuses what is none", () => {
    const investigation = {
      lookupEvents: { requestsPerMinute: 20, regions: ["eu-west-1"] },
      organisation: { accounts: ["123456789012"] },
    };
    expect(read(JSON.stringify({ ...good, ...investigation }))).toMatchObject(investigation);
    for (const lookupEvents of [
      {},
      { requestsPerMinute: 0 },
      { requestsPerMinute: 61 },
      { requestsPerMinute: 9, regions: "all" },
      5,
    ])
      expect(problemsOf(JSON.stringify({ ...good, lookupEvents }))).toEqual([
        expect.stringContaining("config.json lookupEvents must be"),
      ]);
    expect(problemsOf(JSON.stringify({ ...good, organisation: { accounts: [1] } }))).toEqual([
      expect.stringContaining("config.json organisation must be"),
    ]);
  });

  it("takes the stand-ins of a local run from the environment, and nothing that leaves the machine in clear", () => {
    const local = { ...lambdaEnvironment, ENGINE_ENDPOINT_DATADOG: "http://127.0.0.1:8126" };
    expect(read(JSON.stringify(good), local).destinations[1]).toEqual({
      ...datadog,
      endpoint: "http://127.0.0.1:8126",
    });
    const away = { ...lambdaEnvironment, ENGINE_ENDPOINT_DATADOG: "http://example.com" };
    expect(problemsOf(JSON.stringify(good), away)).toEqual([
      expect.stringContaining("endpoint must be https"),
    ]);
  });

  it("reports every problem at once, with its place", () => {
    const text = JSON.stringify({
      destinations: [
        topic,
        { ...datadog, site: "datadog.com" },
        { ...datadog },
        { id: "x", type: "pigeon" },
        { id: "y", type: "constructor" },
        { id: "z" },
        "text",
      ],
      routing: {
        match: "first",
        routes: [
          { when: { severity: "high", colour: ["red"] }, to: ["nobody"] },
          { when: 1, to: 1 },
        ],
        otherwise: ["topic", "pager"],
      },
      keepDays: 0,
    });
    const problems = problemsOf(text, {
      ...lambdaEnvironment,
      ENGINE_TABLE: "",
      ENGINE_TOPIC_ARN: "nonsense",
    });
    expect(problems).toEqual([
      expect.stringContaining("ENGINE_TOPIC_ARN is not what it should be"),
      expect.stringContaining("ENGINE_TABLE is not set"),
      expect.stringContaining("destinations[0] (topic): topicArn"),
      expect.stringContaining("destinations[1] (datadog): site"),
      expect.stringContaining("destinations[2]: the id"),
      expect.stringContaining("destinations[3] (x): there is no"),
      expect.stringContaining("destinations[4] (y): there is no"),
      expect.stringContaining("destinations[5] needs the texts"),
      expect.stringContaining("destinations[6] must be an object"),
      expect.stringContaining('routes[0].to: there is no destination "nobody"; known are topic, datadog'),
      expect.stringContaining("routes[0].when.severity must be a list"),
      expect.stringContaining('routes[0].when: there is no condition "colour"'),
      expect.stringContaining("routes[1].to must be a list"),
      expect.stringContaining("routes[1].when must be an object"),
      expect.stringContaining('otherwise: there is no destination "pager"'),
      expect.stringContaining("keepDays must be a number of days"),
    ]);
    expect(() => read(text)).toThrow(/13 problem\(s\):\n- .*\n- /);
  });

  it.each([
    [undefined, "cannot be read as a JSON object"],
    ["", "cannot be read as a JSON object"],
    ["{broken SECRET", "cannot be read as a JSON object"],
    ['["SECRET"]', "cannot be read as a JSON object"],
    [JSON.stringify({ ...good, destinations: [] }), "no alert would reach anybody"],
    [JSON.stringify({ ...good, destinations: "SECRET" }), "no alert would reach anybody"],
    [JSON.stringify({ ...good, routing: "SECRET" }), "routing must be"],
  ])("refuses the file %j without repeating it", (text, problem) => {
    const problems = problemsOf(text);
    expect(problems.join()).toContain(problem);
    expect(problems.join()).not.toContain("SECRET");
  });

  it("names everything that an empty environment lacks", () => {
    expect(
      problemsOf(JSON.stringify(good), {}).filter((problem) => problem.includes("is not set")),
    ).toHaveLength(Object.keys(lambdaEnvironment).length);
  });
});
