/** The handler as it deploys: bundled by esbuild, in a process of its own, against an SNS stand-in on 127.0.0.1. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import { sampleMatch, sampleRecord, sampleRule } from "./alerts/sample.ts";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts";
const rules = { rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] };
const envelope = {
  version: "0",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.ec2",
  detail: sampleRecord(),
};

let folder = "";
let server: Server;
let endpoint = "";
let answer = 200;
const published: URLSearchParams[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "engine-handler-"));
  buildSync({
    entryPoints: ["lambda/handler.ts"],
    outdir: folder,
    entryNames: "index",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    banner: {
      js: 'import { createRequire as testRequire } from "node:module"; const require = testRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      published.push(new URLSearchParams(body));
      if (answer === 0) return;
      response
        .writeHead(answer)
        .end(
          answer === 200
            ? "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
            : "<ErrorResponse><Error><Code>InvalidParameter</Code><Message>no</Message></Error></ErrorResponse>",
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

type Run = {
  readonly lines: readonly Record<string, unknown>[];
  readonly stderr: string;
  readonly results: readonly string[];
};

/** Runs the bundle over the inputs, one invocation each. */
async function run(
  inputs: readonly unknown[],
  environment: Readonly<Record<string, string>> = {},
  ruleSet: string = JSON.stringify(rules),
  remaining = 60_000,
): Promise<Run> {
  writeFileSync(join(folder, "rules.json"), ruleSet);
  const script = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, "index.mjs")).href)});
    const results = [String(handler.length)];
    const context = { getRemainingTimeInMillis: () => ${remaining} };
    for (const input of ${JSON.stringify(inputs)}) {
      results.push(await handler(input, context).then((value) => JSON.stringify(value) ?? "undefined", (error) => error.name));
    }
    process.stderr.write("RESULTS" + JSON.stringify(results));
  `;
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], {
    env: {
      PATH: process.env.PATH,
      AWS_ACCESS_KEY_ID: "testing",
      AWS_SECRET_ACCESS_KEY: "testing",
      ENGINE_DESTINATIONS: JSON.stringify([{ id: "topic", type: "sns", topicArn: TOPIC, endpoint }]),
      ...environment,
    },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  await new Promise((resolve) => child.on("close", resolve));
  const results = /RESULTS(.*)$/s.exec(stderr)?.[1];
  return {
    lines: stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>),
    stderr,
    results: results === undefined ? [] : (JSON.parse(results) as string[]),
  };
}

describe("the bundled handler", () => {
  it("publishes the alert of a matching record, and nothing for one that matches no rule", async () => {
    answer = 200;
    published.length = 0;
    const { results, lines } = await run([
      envelope,
      { ...envelope, detail: sampleRecord({ eventName: "DescribeVpcs" }) },
    ]);
    expect(results).toEqual(["2", "undefined", "undefined"]);
    expect(published).toHaveLength(1);
    expect(JSON.parse(published[0]?.get("Message") ?? "")).toEqual(makeAlert(sampleMatch(), sampleRecord()));
    expect(
      lines.map(({ message, Alerts, RecordsEvaluated }) => message ?? { Alerts, RecordsEvaluated }),
    ).toEqual(["alert delivered", { Alerts: 1, RecordsEvaluated: 1 }, { RecordsEvaluated: 1 }]);
  });

  it("fails the invocation when a destination does not take the alert, so that Lambda retries", async () => {
    answer = 400;
    const { results, lines } = await run([envelope]);
    expect(results).toEqual(["2", "PipelineError"]);
    expect(lines[0]).toMatchObject({ level: "error", message: "delivery failed", destination: "topic" });
    expect(lines[1]).toMatchObject({ DeliveriesFailed: 1 });
  });

  it("tells what was not delivered and fails before Lambda's time is up, when a destination does not answer", async () => {
    answer = 0;
    const start = Date.now();
    const { results, lines } = await run([envelope], {}, undefined, 2_500);
    expect(results).toEqual(["2", "PipelineError"]);
    expect(Date.now() - start).toBeLessThan(8_000);
    expect(lines[0]).toMatchObject({ level: "error", message: "delivery failed", retryable: true });
    expect(lines[1]).toMatchObject({ DeliveriesFailed: 1 });
  });

  it("refuses a record that EventBridge did not bring, or that comes from elsewhere than AWS", async () => {
    answer = 200;
    published.length = 0;
    const { results, lines } = await run([sampleRecord(), { ...envelope, source: "custom.app" }]);
    expect(results).toEqual(["2", "UnreadableRecordError", "UnreadableRecordError"]);
    expect(published).toHaveLength(0);
    expect(lines[2]).toMatchObject({
      message: "record unreadable",
      reason: expect.stringContaining('"aws."') as string,
    });
  });

  it("fails on input that is no record and goes on with the next", async () => {
    answer = 200;
    const { results } = await run([null, "text", {}, { ...envelope, detail: "text" }, envelope]);
    expect(results).toEqual(["2", ...Array.from({ length: 4 }, () => "UnreadableRecordError"), "undefined"]);
  });

  it("does not start with a configuration or rule set that is broken, and says what to do", async () => {
    const noConfig = await run([envelope], { ENGINE_DESTINATIONS: "" });
    expect(noConfig.results).toEqual([]);
    expect(noConfig.stderr).toContain("ENGINE_DESTINATIONS is not set");
    const noRules = await run([envelope], {}, "{broken");
    expect(noRules.stderr).toMatch(/rules\.json cannot be read as JSON; .*deploy the stack again/);
    expect((await run([envelope], {}, "[]")).stderr).toContain("rules.json is no rule set");
  });

  it("keeps zod, yaml, the CDK and, until an alert goes out, the AWS SDK out of what it loads", () => {
    const { metafile } = buildSync({
      entryPoints: ["lambda/handler.ts"],
      outdir: "unused",
      bundle: true,
      splitting: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      mainFields: ["module", "main"],
      logLevel: "error",
    });
    const inputs = Object.keys(metafile.inputs).join("\n");
    expect(inputs).not.toMatch(/node_modules\/(?:zod|yaml|aws-cdk-lib)\//);
    const start = Object.entries(metafile.outputs).find(
      ([, { entryPoint }]) => entryPoint === "lambda/handler.ts",
    );
    const eager = new Set<string>();
    const visit = (path: string): void => {
      if (eager.has(path)) return;
      eager.add(path);
      for (const { path: next, kind } of metafile.outputs[path]?.imports ?? [])
        if (kind === "import-statement") visit(next);
    };
    visit(start?.[0] ?? "");
    const loaded = [...eager].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
    expect(loaded).toContain("lambda/pipeline.ts");
    expect(loaded.filter((path) => /node_modules\/@(?:aws-sdk|smithy)\//.test(path))).toEqual([]);
  });
});
