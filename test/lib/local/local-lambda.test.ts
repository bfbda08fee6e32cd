import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startClock } from "../../../lib/local/local-clock.ts";
import { LocalLambda } from "../../../lib/local/local-lambda.ts";
import type { FailureRecord } from "../../../lib/local/local-lambda.ts";

let folder: string;
let lambda: LocalLambda | undefined;
const clock = startClock({ speed: 1_000_000 });
const logs: string[] = [];
const failures: FailureRecord[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "local-lambda-test-"));
  logs.length = 0;
  failures.length = 0;
});
afterEach(async () => {
  await lambda?.stop();
  await rm(folder, { recursive: true });
});

/** A function with this code; `print` writes what the test asserts. */
async function make(
  code: string,
  spec: { timeoutSeconds?: number; retries?: number } = {},
): Promise<LocalLambda> {
  await writeFile(join(folder, "index.mjs"), `const print = (x) => console.log(JSON.stringify(x));\n${code}`);
  lambda = new LocalLambda({
    spec: {
      arn: "arn:aws:lambda:us-east-1:123456789012:function:f",
      name: "f",
      asset: "x.zip",
      handler: "index.handler",
      timeoutSeconds: spec.timeoutSeconds ?? 5,
      memoryMb: 128,
      environment: { FROM_TEMPLATE: "1" },
      retries: spec.retries ?? 2,
      onFailure: "arn:dead",
    },
    folder,
    clock,
    runtimeEnvironment: { AWS_REGION: "us-east-1" },
    onLog: (line) => logs.push(line),
    onFailure: async (failure) => void failures.push(failure),
  });
  return lambda;
}

const logged = async (count: number) => vi.waitFor(() => expect(logs).toHaveLength(count), { timeout: 5000 });

describe("a Lambda function on this machine", () => {
  it("gets the event, a context, and exactly the environment given: nothing of this machine's", async () => {
    const one = await make(`export const handler = async (event, context) => {
      print({ event, name: context.functionName, left: context.getRemainingTimeInMillis() > 0,
        environment: Object.keys(process.env).filter((key) => !key.startsWith("NODE_")) }); };`);
    one.invoke({ a: [1] });
    await one.idle();
    await logged(1);
    expect(JSON.parse(logs[0] ?? "")).toEqual({
      event: { a: [1] },
      name: "f",
      left: true,
      environment: ["FROM_TEMPLATE", "AWS_REGION"],
    });
    expect(one).toMatchObject({ invocations: 1, errors: 0, failures: 0 });
  });

  it("handles one event at a time and keeps its process between them", async () => {
    const one = await make(`let busy = 0; let count = 0; export const handler = async () => {
      busy += 1; count += 1; print({ busy, count }); await new Promise((done) => setTimeout(done, 20)); busy -= 1; };`);
    for (const event of [1, 2, 3]) one.invoke(event);
    await one.idle();
    await logged(3);
    expect(logs.map((line) => JSON.parse(line) as unknown)).toEqual(
      [1, 2, 3].map((count) => ({ busy: 1, count })),
    );
  });

  it("tries a failed event again and is done when a later try works", async () => {
    const one = await make(
      `let tries = 0; export const handler = async () => { tries += 1; if (tries < 3) throw new Error("not yet"); };`,
    );
    one.invoke({});
    await one.idle();
    expect(one).toMatchObject({ invocations: 3, errors: 2, failures: 0 });
    expect(failures).toEqual([]);
  });

  it("waits as long between tries as Lambda does, on the run's clock, which the function sees", async () => {
    const one = await make(
      `export const handler = async () => { print({ now: Date.now(), same: new Date().getTime() - Date.now() <= 1 }); throw new Error("no"); };`,
    );
    one.invoke({});
    await one.idle();
    await logged(3);
    const seen = logs.map((line) => JSON.parse(line) as { now: number; same: boolean });
    const [first = 0, second = 0, third = 0] = seen.map(({ now }) => now);
    expect(second - first).toBeGreaterThanOrEqual(60_000);
    expect(third - second).toBeGreaterThanOrEqual(120_000);
    expect(seen.every(({ same }) => same)).toBe(true);
  });

  it("gives its answer to who waits for it, and does not try again for them", async () => {
    const one = await make(
      `export const handler = async (event) => { if (event.bad) throw new Error("no"); return { got: event }; };`,
    );
    expect(await one.call({ a: 1 })).toEqual({ ok: true, value: { got: { a: 1 } } });
    expect(await one.call({ bad: true })).toMatchObject({ ok: false, error: { errorMessage: "no" } });
    expect(one).toMatchObject({ invocations: 2, failures: 0 });
  });

  it("starts another process when events wait for long, as Lambda does", async () => {
    const one = await make(
      `export const handler = async () => { await new Promise((done) => setTimeout(done, 1500)); print(process.pid); };`,
    );
    for (const event of [1, 2, 3]) one.invoke(event);
    await one.idle();
    await logged(3);
    expect(new Set(logs).size).toBeGreaterThan(1);
  });

  it("hands over what failed for good with the event and the error, and goes on with the next event", async () => {
    const one = await make(
      `export const handler = async (event) => { if (event.bad) throw new TypeError("no"); print("ok"); };`,
    );
    one.invoke({ bad: true });
    one.invoke({ bad: false });
    await one.idle();
    await logged(1);
    expect(failures).toMatchObject([
      {
        requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
        requestPayload: { bad: true },
        responsePayload: { errorType: "TypeError", errorMessage: "no" },
      },
    ]);
  });

  it("ends a function that takes longer than its time limit, and starts it anew for the next event", async () => {
    const code = `export const handler = async (event) => { if (event.hang) await new Promise(() => setInterval(() => {}, 1000)); print("ok"); };`;
    const one = await make(code, { timeoutSeconds: 0.3, retries: 0 });
    one.invoke({ hang: true });
    one.invoke({ hang: false });
    await one.idle();
    await logged(1);
    expect(failures.map(({ responsePayload }) => responsePayload.errorMessage)).toEqual([
      expect.stringContaining("timed out"),
    ]);
  });

  it("survives a function that ends its own process", async () => {
    const one = await make(
      `export const handler = async (event) => { if (event.exit) process.exit(1); print("ok"); };`,
      { retries: 0 },
    );
    one.invoke({ exit: true });
    one.invoke({});
    await one.idle();
    await logged(1);
    expect(failures.map(({ responsePayload }) => responsePayload.errorMessage)).toEqual([
      "the process exited",
    ]);
  });

  it("starts anew after its process was killed between two events", async () => {
    const code = `export const handler = async (event) => { print("ok"); if (event.die) setTimeout(() => process.kill(process.pid, "SIGKILL"), 20); };`;
    const one = await make(code, { retries: 0 });
    one.invoke({ die: true });
    await one.idle();
    await new Promise((resolve) => setTimeout(resolve, 200));
    one.invoke({});
    await one.idle();
    await logged(2);
    expect(one).toMatchObject({ invocations: 2, errors: 0 });
  });

  it.each([
    ["throws while it loads", `throw new Error("no rules"); export const handler = 1;`, "no rules"],
    ["has no such handler", `export const other = 1;`, "exports no function handler"],
    [
      "takes a callback, which Node 24 on Lambda refuses",
      `export const handler = (a, b, c) => c();`,
      "three parameters",
    ],
  ])("says why when the code %s", async (_, code, reason) => {
    const one = await make(code);
    await expect(one.warm()).rejects.toThrow(reason);
  });
});
