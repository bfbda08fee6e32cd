import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundleDetector, MAX_BUNDLE_BYTES } from "../../lib/bundle.ts";
import { ONE_RULE } from "./synthesise.ts";

const RULE_SET = { rules: ONE_RULE, conditions: {}, lists: {}, suppressions: [] };
let directory: string;
let bundle: Bundle;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "engine-bundle-"));
  bundle = bundleDetector(RULE_SET, join(directory, "one"));
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
  it("holds the code and the rule set beside it", () => {
    expect(readdirSync(bundle.directory)).toEqual(expect.arrayContaining(["index.mjs", "rules.json"]));
    expect(JSON.parse(readFileSync(join(bundle.directory, "rules.json"), "utf8"))).toEqual(RULE_SET);
  });

  it("stays within 600 KB of code", () => {
    const code = readdirSync(bundle.directory).filter((name) => name.endsWith(".mjs"));
    const bytes = code.reduce((sum, name) => sum + readFileSync(join(bundle.directory, name)).length, 0);
    expect(bundle.codeBytes).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(MAX_BUNDLE_BYTES);
    expect(MAX_BUNDLE_BYTES).toBe(600 * 1024);
  });

  it("is the same, byte for byte, when it is built again elsewhere", () => {
    const again = bundleDetector(RULE_SET, join(directory, "two"));
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
    const start = Object.keys(outputs).find((path) => path.endsWith("index.mjs")) ?? "";
    const inputs = new Set<string>();
    const visit = (path: string): void => {
      for (const input of Object.keys(outputs[path]?.inputs ?? {})) inputs.add(input);
      for (const { path: next, kind } of outputs[path]?.imports ?? [])
        if (kind !== "dynamic-import") visit(next);
    };
    visit(start);
    expect([...inputs].filter((input) => input === "lambda/handler.ts")).toHaveLength(1);
    expect([...inputs].filter((input) => input.includes("node_modules/@aws-sdk/"))).toEqual([]);
    const all = Object.keys(bundle.metafile.inputs);
    expect(all.some((input) => input.includes("@aws-sdk/client-sns"))).toBe(true);
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
        ENGINE_DESTINATIONS: JSON.stringify([{ id: "topic", type: "sns", topicArn: topic }]),
        AWS_REGION: "us-east-1",
      },
    });
    expect({ stdout, stderr }).toMatchObject({
      stdout: expect.stringMatching(/^(Async)?Function[012]$/),
      stderr: "",
    });
  });
});
