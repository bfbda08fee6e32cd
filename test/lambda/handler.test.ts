/** The handler as it deploys: bundled by esbuild, in a process of its own, against an SNS stand-in, DynamoDB and SQS on 127.0.0.1. */
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
import { type EmbeddedQueues, startEmbeddedQueues } from "./embedded-queues.ts";
import { lambdaEnvironment } from "./lambda-environment.ts";
import { type LocalDynamo, startDynamo } from "./state/dynalite.ts";

const config = {
  destinations: [{ id: "topic", type: "sns" }],
  routing: { match: "first", routes: [], otherwise: ["topic"] },
  keepDays: 90,
};
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
let dynamo: LocalDynamo;
let queues: EmbeddedQueues;
let sent = 0;
/** A record that no other test has sent, of a security group that none has named: neither delivered nor a repeat. */
const fresh = (changes: Readonly<Record<string, unknown>> = {}) => {
  const requestParameters = { groupId: `sg-${++sent}` };
  return { ...envelope, detail: sampleRecord({ eventID: `event-${sent}`, requestParameters, ...changes }) };
};

beforeAll(async () => {
  [dynamo, queues] = await Promise.all([startDynamo("State"), startEmbeddedQueues()]);
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

afterAll(async () => {
  await Promise.all([dynamo.stop(), queues.stop()]);
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
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const script = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, "index.mjs")).href)});
    const results = [String(handler.length)];
    const context = { getRemainingTimeInMillis: () => ${remaining}, invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:engine" };
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
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_SQS: queues.endpoint,
      ...lambdaEnvironment,
      ENGINE_REDELIVERY_URL: queues.redeliveryUrl,
      ENGINE_DEAD_DELIVERIES_URL: queues.deadDeliveriesUrl,
      ENGINE_ENDPOINT_TOPIC: endpoint,
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
  it("publishes the alert of a matching record, once, and nothing for one that matches no rule", async () => {
    answer = 200;
    published.length = 0;
    const input = fresh();
    const { results, lines } = await run([input, input, fresh({ eventName: "DescribeVpcs" })]);
    expect(results).toEqual(["2", "undefined", "undefined", "undefined"]);
    expect(published).toHaveLength(1);
    expect(published[0]?.get("TopicArn")).toBe(lambdaEnvironment.ENGINE_TOPIC_ARN);
    expect(JSON.parse(published[0]?.get("Message") ?? "")).toEqual(makeAlert(sampleMatch(), input.detail));
    const messages = lines.map(({ message, Records, Alerts }) => message ?? { Records, Alerts });
    expect(messages.filter((message) => message === "alert delivered")).toHaveLength(1);
    expect(messages.at(0)).toBe("alert delivered");
    expect(messages.at(1)).toEqual({ Records: 1, Alerts: 1 });
    expect(messages.at(-1)).toEqual({ Records: 1, Alerts: undefined });
  });

  it("buries an alert that a destination refuses for good, and does not fail", async () => {
    answer = 400;
    const input = fresh();
    const { results, lines } = await run([input]);
    expect(results).toEqual(["2", "undefined"]);
    const messages = lines.map(({ message }) => message);
    expect(messages.slice(0, 2)).toEqual(["delivery failed", "delivery given up"]);
    const [letter] = await queues.receive(queues.deadDeliveriesUrl, 60);
    expect(JSON.parse(letter?.body ?? "")).toMatchObject({
      alertId: makeAlert(sampleMatch(), input.detail).id,
      destination: "topic",
      reason: expect.stringContaining("InvalidParameter") as string,
    });
  });

  it("queues what is not answered in time, and delivers it when the queue brings it back", async () => {
    answer = 0;
    published.length = 0;
    const start = Date.now();
    const input = fresh();
    const { results, lines } = await run([input], {}, undefined, 9_500);
    expect(results).toEqual(["2", "undefined"]);
    expect(Date.now() - start).toBeLessThan(9_500);
    expect(lines[0]).toMatchObject({ level: "error", message: "delivery failed", retryable: true });

    answer = 200;
    const body = JSON.stringify({
      alertId: makeAlert(sampleMatch(), input.detail).id,
      part: "first",
      destination: "topic",
    });
    await queues.send(queues.redeliveryUrl, body);
    const Records = (await queues.receive(queues.redeliveryUrl, 60)).map((message) =>
      Object.assign(message, { eventSource: "aws:sqs" }),
    );
    expect(Records).toHaveLength(1);
    // Before it is due it stays, hidden.
    const early = await run([{ Records }]);
    expect(early.results).toEqual([
      "2",
      JSON.stringify({ batchItemFailures: [{ itemIdentifier: Records[0]?.messageId }] }),
    ]);
    expect(early.lines).toEqual([]);
  });

  it("sends a test alert through its destinations and gives their answers back", async () => {
    answer = 200;
    published.length = 0;
    const { results } = await run([{ engine: "send-test" }]);
    expect(JSON.parse(results[1] ?? "")).toMatchObject({
      outcomes: [{ destination: "topic", type: "sns", ok: true }],
    });
    expect(published[0]?.get("Subject")).toContain("TEST");
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
    const { results } = await run([null, "text", {}, { ...envelope, detail: "text" }, fresh()]);
    expect(results).toEqual(["2", ...Array.from({ length: 4 }, () => "UnreadableRecordError"), "undefined"]);
  });

  it("does not start with a configuration or rule set that is broken, and says what to do", async () => {
    const noConfig = await run([envelope], { ENGINE_TABLE: "" });
    expect(noConfig.results).toEqual([]);
    expect(noConfig.stderr).toContain("ENGINE_TABLE is not set");
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
