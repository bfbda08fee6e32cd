import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../lambda/config.ts";

const topic = { id: "topic", type: "sns", topicArn: "arn:aws:sns:eu-west-1:123456789012:alerts" };
const datadog = { id: "datadog", type: "datadog", site: "datadoghq.eu", apiKeySecret: "prod/datadog" };

function problemsOf(text: string | undefined): readonly string[] {
  try {
    readConfig({ ENGINE_DESTINATIONS: text });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("readConfig", () => {
  it("reads the destinations that the stack writes", () => {
    expect(readConfig({ ENGINE_DESTINATIONS: JSON.stringify([topic, datadog]) })).toEqual({
      destinations: [topic, datadog],
    });
  });

  it("reports every problem at once, with its place", () => {
    const text = JSON.stringify([
      { ...topic, topicArn: "nonsense" },
      { ...datadog, site: "datadog.com", apiKeySecret: "" },
      { ...datadog, id: "topic" },
      { id: "x", type: "pigeon" },
      { id: "y", type: "constructor" },
      { id: "z" },
      "text",
    ]);
    const problems = problemsOf(text);
    expect(problems.map((problem) => problem.slice(0, 50))).toEqual([
      expect.stringContaining("ENGINE_DESTINATIONS[0] (topic): topicArn"),
      expect.stringContaining("ENGINE_DESTINATIONS[1] (datadog): site"),
      expect.stringContaining("ENGINE_DESTINATIONS[1] (datadog): apiKeySecret"),
      expect.stringContaining("ENGINE_DESTINATIONS[2]: the id"),
      expect.stringContaining("ENGINE_DESTINATIONS[3] (x): there is no"),
      expect.stringContaining("ENGINE_DESTINATIONS[4] (y): there is no"),
      expect.stringContaining("ENGINE_DESTINATIONS[5] needs the texts"),
      expect.stringContaining("ENGINE_DESTINATIONS[6] must be an object"),
    ]);
    expect(() => readConfig({ ENGINE_DESTINATIONS: text })).toThrow(/8 problem\(s\):\n- .*\n- /);
  });

  it.each([
    [undefined, "not set"],
    ["", "not set"],
    ["{broken SECRET", "no JSON list"],
    ['{"id":"SECRET"}', "no JSON list"],
    ["null", "no JSON list"],
    ["[]", "no alert would reach anybody"],
  ])("refuses %j without repeating it", (text, problem) => {
    expect(problemsOf(text)).toHaveLength(1);
    expect(problemsOf(text)[0]).toContain(problem);
    expect(problemsOf(text)[0]).not.toContain("SECRET");
  });

  it("reads the environment of the process by default", () => {
    const before = process.env.ENGINE_DESTINATIONS;
    process.env.ENGINE_DESTINATIONS = JSON.stringify([topic]);
    try {
      expect(readConfig().destinations).toEqual([topic]);
    } finally {
      if (before === undefined) delete process.env.ENGINE_DESTINATIONS;
      else process.env.ENGINE_DESTINATIONS = before;
    }
  });
});
