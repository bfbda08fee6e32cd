import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Bundle,
  bundleDetector,
  MAX_BUNDLE_BYTES,
  MAX_START_BYTES,
  startFiles,
} from "../../lib/bundle.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { ConfigFile } from "../../lambda/config.ts";
import { ONE_RULE } from "./synthesise.ts";

const RULE_SET = { rules: ONE_RULE, conditions: {}, lists: {}, suppressions: [] };
const CONFIG: ConfigFile = {
  destinations: [{ id: "topic", type: "sns" }],
  routing: { match: "first", routes: [], otherwise: ["topic"] },
  keepDays: 90,
};
const { eventRules: EVENT_RULES } = deriveEventRules(RULE_SET);
let directory: string;
let bundle: Bundle;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "engine-bundle-"));
  bundle = bundleDetector(RULE_SET, CONFIG, join(directory, "one"), EVENT_RULES);
});
afterAll(() => rmSync(directory, { recursive: true }));

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .toSorted()
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
}

describe("the detector's bundle", () => {
  it("holds the code, and the rule set, the configuration and the EventBridge rules beside it", () => {
    expect(readdirSync(bundle.directory)).toEqual(
      expect.arrayContaining(["index.mjs", "rules.json", "config.json", "event-rules.json"]),
    );
    expect(JSON.parse(readFileSync(join(bundle.directory, "event-rules.json"), "utf8"))).toEqual(EVENT_RULES);
    expect(JSON.parse(readFileSync(join(bundle.directory, "config.json"), "utf8"))).toEqual(CONFIG);
    expect(JSON.parse(readFileSync(join(bundle.directory, "rules.json"), "utf8"))).toEqual(RULE_SET);
  });

  it("stays within its limits: what a cold start evaluates, and all of it", () => {
    const sizeOf = (name: string): number => readFileSync(join(bundle.directory, name)).length;
    const code = readdirSync(bundle.directory).filter((name) => name.endsWith(".mjs"));
    const bytes = code.reduce((sum, name) => sum + sizeOf(name), 0);
    expect(bundle.codeBytes).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(MAX_BUNDLE_BYTES);
    const atStart = startFiles(bundle.metafile).map((path) => sizeOf(path.slice(path.lastIndexOf("/") + 1)));
    expect(bundle.startBytes).toBe(atStart.reduce((sum, size) => sum + size, 0));
    expect(bundle.startBytes).toBeLessThanOrEqual(MAX_START_BYTES);
    expect(bundle.startBytes).toBeLessThan(bytes / 2);
  });

  it("is the same, byte for byte, when it is built again elsewhere", () => {
    const again = bundleDetector(RULE_SET, CONFIG, join(directory, "two"), EVENT_RULES);
    expect(contents(again.directory)).toEqual(contents(bundle.directory));
  });

  it("holds no source map and no path of this machine", () => {
    for (const text of Object.values(contents(bundle.directory))) {
      expect(text).not.toContain("sourceMappingURL");
      expect(text).not.toContain(process.cwd());
    }
  });

  it("leaves the AWS SDK, zod, yaml and the CDK out of what a cold start evaluates", () => {
    const { outputs } = bundle.metafile;
    const inputs = new Set(
      startFiles(bundle.metafile).flatMap((path) => Object.keys(outputs[path]?.inputs ?? {})),
    );
    expect([...inputs].filter((input) => input === "lambda/handler.ts")).toHaveLength(1);
    expect([...inputs].filter((input) => input.includes("node_modules/@aws-sdk/"))).toEqual([]);
    const all = Object.keys(bundle.metafile.inputs);
    expect(all.some((input) => input.includes("@aws-sdk/client-sns"))).toBe(true);
    // What builds cases is there, and loaded by the table's stream only.
    expect(all.filter((input) => input === "lambda/cases/build-case.ts")).toHaveLength(1);
    expect(
      [...inputs].filter((input) => /lambda\/cases\/(?:build-case|investigate|past|questions)/.test(input)),
    ).toEqual([]);
    expect(all.filter((input) => /node_modules\/(zod|yaml|aws-cdk-lib|constructs)\//.test(input))).toEqual(
      [],
    );
  });

  it("starts in a fresh process and exports a handler of at most two parameters, as Node 24 demands", () => {
    const script = `const { handler } = await import(${JSON.stringify(pathToFileURL(join(bundle.directory, "index.mjs")).href)}); process.stdout.write(handler.constructor.name + handler.length);`;
    const topic = "arn:aws:sns:us-east-1:123456789012:alerts";
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      env: {
        ENGINE_TOPIC_ARN: topic,
        ENGINE_TABLE: "state",
        ENGINE_REDELIVERY_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/redelivery",
        ENGINE_DEAD_DELIVERIES_URL: "https://sqs.us-east-1.amazonaws.com/123456789012/dead",
        ENGINE_TIMER_ROLE_ARN: "arn:aws:iam::123456789012:role/timers",
        ENGINE_TIMER_GROUP: "timers",
        ENGINE_DEAD_LETTERS_ARN: "arn:aws:sqs:us-east-1:123456789012:dead-letters",
        AWS_REGION: "us-east-1",
      },
    });
    expect({ stdout, stderr }).toMatchObject({
      stdout: expect.stringMatching(/^(Async)?Function[012]$/),
      stderr: "",
    });
  });
});
