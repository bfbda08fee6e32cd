import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import type { CreateScheduleCommandInput } from "@aws-sdk/client-scheduler";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, describe, expect, it } from "vitest";
import { startClock } from "../../../lib/local/local-clock.ts";
import { LOCAL_SECRET_TEXT, LOCAL_SECRETS } from "../../../lib/local/local-secrets.ts";
import { LOCAL_CREDENTIALS } from "../../../lib/local/queues.ts";
import { startTables } from "../../../lib/local/local-table.ts";
import { LOCAL_DESTINATIONS, mediumOf } from "../../../lib/local/media.ts";
import { startScheduler } from "../../../lib/local/scheduler-stand-in.ts";
import { startSecrets } from "../../../lib/local/secrets-stand-in.ts";
import { startStandIn } from "../../../lib/local/stand-in.ts";
import type { StandIn } from "../../../lib/local/stand-in.ts";

const PLACE = { account: "123456789012", region: "us-east-1" };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(type: string): Promise<StandIn> {
  const medium = mediumOf(type, PLACE);
  if (medium === undefined) throw new Error(`nothing stands in for ${type}`);
  const standIn = await startStandIn(type, medium, { clock: { now: () => time } });
  closing.push(() => standIn.close());
  return standIn;
}
let time = 1_000;

async function post(standIn: StandIn, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(standIn.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  return {
    status: response.status,
    text: await response.text(),
    retryAfter: response.headers.get("retry-after"),
  };
}

describe("a stand-in", () => {
  const path = new URL(LOCAL_SECRETS.url).pathname;

  it("keeps what it took, and fails while it is told to, asking for patience", async () => {
    const slack = await start("slack");
    slack.fail({ status: 503 }, 2_000);
    expect(await post(slack, path, { text: "hello" })).toMatchObject({ status: 503, retryAfter: "30" });
    time = 2_000;
    expect(await post(slack, path, { text: "hello" })).toMatchObject({ status: 200, text: "ok" });
    slack.fail({ status: 404 });
    expect(await post(slack, path, { text: "hello" })).toMatchObject({ status: 404, retryAfter: null });
    slack.heal();
    expect(slack.told).toMatchObject([{ line: "hello", path, at: 2_000 }]);
    expect([slack.requests(), slack.failed()]).toEqual([3, 2]);
  });

  it("never answers when it is told to time out", async () => {
    const slack = await start("slack");
    slack.fail("timeout");
    const waiting = fetch(slack.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(200),
    });
    await expect(waiting).rejects.toThrow("timeout");
  });

  it("refuses what a page of another site sends", async () => {
    const slack = await start("slack");
    const page = { origin: "https://example.com" };
    expect((await post(slack, path, { text: "hello" }, page)).status).toBe(403);
    expect((await post(slack, path, "text=hello", { "content-type": "text/plain" })).status).toBe(415);
    expect(slack.told).toEqual([]);
  });

  it("exists for every destination that a local run can add", () => {
    for (const { type } of Object.values(LOCAL_DESTINATIONS)) expect(mediumOf(type, PLACE)).toBeDefined();
    expect(mediumOf("carrier-pigeon", PLACE)).toBeUndefined();
  });
});

describe("the stand-in for Slack", () => {
  const token = { authorization: `Bearer ${LOCAL_SECRETS.token}` };
  it("changes messages and replies in threads of those that were posted, and no others", async () => {
    const slack = await start("slack");
    const call = async (method: string, body: object, headers = token) =>
      JSON.parse((await post(slack, `/api/${method}`, body, headers)).text) as Record<string, unknown>;
    const posted = await call("chat.postMessage", { channel: "C1", text: "one" });
    expect(posted).toMatchObject({ ok: true, channel: "C1" });
    const { ts } = posted;
    expect(await call("chat.update", { channel: "C1", ts, text: "two" })).toMatchObject({ ok: true, ts });
    expect(await call("chat.postMessage", { channel: "C1", thread_ts: ts, text: "three" })).toMatchObject({
      ok: true,
    });
    const refused = async (method: string, body: object, headers = token) =>
      (await call(method, body, headers))["error"];
    expect(await refused("chat.update", { channel: "C1", ts: "1.0", text: "x" })).toBe("message_not_found");
    expect(await refused("chat.postMessage", { channel: "C1", thread_ts: "1.0", text: "x" })).toBe(
      "thread_not_found",
    );
    expect(await refused("chat.postMessage", { text: "x" })).toBe("channel_not_found");
    expect(await refused("chat.postMessage", { channel: "C1" })).toBe("no_text");
    expect(await refused("chat.postMessage", {}, { authorization: "Bearer other" })).toBe("invalid_auth");
    expect(slack.told.map(({ line }) => line)).toEqual(["one", "(changed) two", "(in the thread) three"]);
  });
});

describe("the stand-ins for other services", () => {
  it("take a Datadog event with the right key, and packed logs", async () => {
    const datadog = await start("datadog");
    const key = { "dd-api-key": LOCAL_SECRETS.apiKey };
    const event = { title: "t", text: "x" };
    expect((await post(datadog, "/api/v1/events", event, key)).status).toBe(202);
    expect((await post(datadog, "/api/v1/events", event)).status).toBe(403);
    expect((await post(datadog, "/api/v1/events", { text: "x" }, key)).status).toBe(400);
    expect((await post(datadog, "/api/v1/events", { ...event, text: "x".repeat(4001) }, key)).status).toBe(
      400,
    );
    expect((await post(datadog, "/api/v1/series", event, key)).status).toBe(404);
    const packed = gzipSync(JSON.stringify([{ message: "log" }]));
    const headers = { ...key, "content-encoding": "gzip" };
    expect((await post(datadog, "/api/v2/logs", packed, headers)).status).toBe(202);
    expect(datadog.told.map(({ line }) => line)).toEqual(["t", "log"]);
  });

  it("take a webhook whose signature is right, and no other", async () => {
    const webhook = await start("webhook");
    const body = JSON.stringify({ title: "t" });
    const v1 = createHmac("sha256", LOCAL_SECRETS.signingKey).update(`1.${body}`).digest("hex");
    const name = "x-cloudtrail-engine-signature";
    expect((await post(webhook, "/", body, { [name]: `t=1,v1=${v1}` })).status).toBe(200);
    expect((await post(webhook, "/", body, { [name]: `t=2,v1=${v1}` })).status).toBe(401);
  });

  it("judge PagerDuty's events, and keep no key", async () => {
    const pager = await start("pagerduty");
    const event = {
      routing_key: LOCAL_SECRETS.routingKey,
      event_action: "trigger",
      payload: { summary: "s" },
    };
    expect((await post(pager, "/v2/enqueue", event)).status).toBe(202);
    expect((await post(pager, "/v2/enqueue", { ...event, routing_key: "x" })).status).toBe(400);
    expect((await post(pager, "/v2/enqueue", { ...event, event_action: "x" })).status).toBe(400);
    expect(JSON.stringify(pager.told)).not.toContain(LOCAL_SECRETS.routingKey);
  });

  it("tell what joins an incident or an event that is there already, and what has none", async () => {
    const pager = await start("pagerduty");
    const act = (event_action: string, dedup_key = "k") =>
      post(pager, "/v2/enqueue", {
        routing_key: LOCAL_SECRETS.routingKey,
        event_action,
        dedup_key,
        payload: { summary: "s" },
      });
    for (const action of [
      "acknowledge",
      "trigger",
      "trigger",
      "acknowledge",
      "resolve",
      "resolve",
      "trigger",
    ])
      expect((await act(action)).status).toBe(202);
    expect(pager.told.map(({ line }) => line)).toEqual([
      "(no incident) acknowledge: s",
      "trigger: s",
      "(in the log) trigger: s",
      "acknowledge: s",
      "resolve: s",
      "(no incident) resolve: s",
      "trigger: s",
    ]);
    const datadog = await start("datadog");
    const key = { "dd-api-key": LOCAL_SECRETS.apiKey };
    const tell = (aggregation_key: string) =>
      post(datadog, "/api/v1/events", { title: "t", text: "x", aggregation_key }, key);
    expect((await tell("a")).status).toBe(202);
    expect((await tell("a")).status).toBe(202);
    expect((await tell("b".repeat(101))).status).toBe(400);
    expect(datadog.told.map(({ line }) => line)).toEqual(["t", "(joins the first) t"]);
  });

  it("give the SDK the made-up text for any secret and parameter", async () => {
    const secrets = await startSecrets();
    const options = {
      endpoint: secrets.url,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    };
    const [manager, ssm] = [new SecretsManagerClient(options), new SSMClient(options)];
    closing.push(
      () => [manager.destroy(), ssm.destroy()],
      () => secrets.close(),
    );
    const { SecretString } = await manager.send(new GetSecretValueCommand({ SecretId: "prod/x" }));
    expect(SecretString).toBe(LOCAL_SECRET_TEXT);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: "/x", WithDecryption: true }));
    expect(Parameter).toMatchObject({ Type: "SecureString", Value: LOCAL_SECRET_TEXT });
  });

  it("refuse DynamoDB requests that are not signed or come from a page", async () => {
    const tables = await startTables("us-east-1");
    closing.push(() => tables.close());
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.ListTables",
    };
    const signed = {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${LOCAL_CREDENTIALS.accessKeyId}/x`,
    };
    const ask = async (given: Record<string, string>) =>
      (await fetch(tables.url, { method: "POST", headers: given, body: "{}" })).status;
    expect(await ask(headers)).toBe(403);
    expect(await ask({ ...signed, origin: "https://example.com" })).toBe(403);
    expect(await ask(signed)).not.toBe(403);
  });
});

describe("the stand-in for Scheduler", () => {
  it("invokes the target once when the time has come, and takes no name twice before that", async () => {
    const clock = startClock({ speed: 1_000_000 });
    const invoked: unknown[] = [];
    const leave = clock.enter();
    const invoke = (arn: string, input: unknown): void => void invoked.push([arn, input]);
    const scheduler = await startScheduler({ clock, ...PLACE, invoke });
    const client = new SchedulerClient({
      endpoint: scheduler.url,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    closing.push(
      () => client.destroy(),
      () => clock.stop(),
      () => scheduler.close(),
    );
    const at = new Date(clock.now() + 3_600_000).toISOString().slice(0, 19);
    const schedule: CreateScheduleCommandInput = {
      Name: "n",
      GroupName: "g",
      ScheduleExpression: `at(${at})`,
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: { Arn: "arn:f", RoleArn: "arn:r", Input: '{"a":1}' },
    };
    await client.send(new CreateScheduleCommand(schedule));
    await expect(client.send(new CreateScheduleCommand(schedule))).rejects.toThrow("already exists");
    const wrong = { ...schedule, Name: "m", ScheduleExpression: "rate(1 minute)" };
    await expect(client.send(new CreateScheduleCommand(wrong))).rejects.toThrow("takes at(");
    expect([scheduler.waiting(), scheduler.made(), invoked]).toEqual([1, 1, []]);
    leave();
    await expect.poll(() => invoked).toEqual([["arn:f", { a: 1 }]]);
    expect(scheduler.waiting()).toBe(0);
  });
});
