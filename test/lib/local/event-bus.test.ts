import { request } from "node:http";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Envelope } from "../../../lambda/record/record.ts";
import { startEventBus } from "../../../lib/local/event-bus.ts";
import type { LocalServer } from "../../../lib/local/local-server.ts";

const BODY = JSON.stringify({ Entries: [{ Source: "aws.ec2", DetailType: "x", Detail: "{}" }] });
const HEADERS = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSEvents.PutEvents" };
let bus: LocalServer;
let client: EventBridgeClient;
const envelopes: Envelope[] = [];

beforeAll(async () => {
  bus = await startEventBus({
    account: "123456789012",
    region: "us-east-1",
    onEnvelope: (envelope) => envelopes.push(envelope),
  });
  client = new EventBridgeClient({
    endpoint: bus.url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});
beforeEach(() => {
  envelopes.length = 0;
});
afterAll(async () => {
  client.destroy();
  await bus.close();
});

/** A raw request: `fetch` would not let a test set Host and Origin. */
function post(
  headers: Record<string, string>,
  body = BODY,
  method = "POST",
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: bus.port, method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    call.on("error", reject);
    call.end(method === "GET" ? undefined : body);
  });
}

describe("the local event bus", () => {
  it("takes PutEvents of the AWS SDK and gives each entry its result", async () => {
    const result = await client.send(
      new PutEventsCommand({
        Entries: [
          {
            Source: "aws.ec2",
            DetailType: "AWS API Call via CloudTrail",
            Detail: '{"a":1}',
            Time: new Date(0),
          },
          { Source: "aws.ec2", DetailType: "AWS API Call via CloudTrail", Detail: "{" },
        ],
      }),
    );
    expect(result.FailedEntryCount).toBe(1);
    expect(result.Entries?.[0]?.EventId).toBe(envelopes[0]?.["id"]);
    expect(result.Entries?.[1]?.ErrorCode).toBe("MalformedDetail");
    expect(envelopes).toMatchObject([{ source: "aws.ec2", time: "1970-01-01T00:00:00Z", detail: { a: 1 } }]);
  });

  it("refuses more than ten entries as AWS does", async () => {
    const entry = { Source: "a", DetailType: "b", Detail: "{}" };
    const call = client.send(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) }));
    await expect(call).rejects.toMatchObject({ name: "ValidationException" });
    expect(envelopes).toEqual([]);
  });

  it("takes a plain request with the right headers, and the name localhost", async () => {
    expect((await post(HEADERS)).status).toBe(200);
    expect((await post({ ...HEADERS, host: `localhost:${bus.port}` })).status).toBe(200);
  });

  it.each([
    ["an Origin", { origin: "https://example.com" }],
    ["an Origin of null", { origin: "null" }],
    ["another name in Host, as DNS rebinding makes it", { host: "example.com" }],
    ["a Host that only begins like ours", { host: "127.0.0.1.example.com" }],
    ["Sec-Fetch-Site cross-site", { "sec-fetch-site": "cross-site" }],
  ])("refuses a request with %s", async (_, headers) => {
    expect((await post({ ...HEADERS, ...headers })).status).toBe(403);
    expect(envelopes).toEqual([]);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])(
    "refuses the content type %j, which a form of another site can send",
    async (type) => {
      expect((await post({ ...HEADERS, "content-type": type })).status).toBe(415);
      expect(envelopes).toEqual([]);
    },
  );

  it("says what it is to whoever calls another operation or opens it in a browser", async () => {
    const other = await post({ ...HEADERS, "x-amz-target": "AWSEvents.ListRules" });
    expect(other).toEqual({ status: 400, body: expect.stringContaining("knows only PutEvents") });
    expect(await post({}, "", "GET")).toEqual({
      status: 404,
      body: expect.stringContaining("local event bus"),
    });
  });

  it("refuses a body of more than its limit without reading it to the end", async () => {
    await expect(post(HEADERS, "x".repeat(9 * 1_048_576)).then(({ status }) => status)).resolves.toBe(413);
  });

  it("listens on 127.0.0.1 only, and says so when its port is taken", async () => {
    expect(bus.url).toBe(`http://127.0.0.1:${bus.port}`);
    const second = startEventBus({ account: "", region: "", port: bus.port, onEnvelope: () => {} });
    await expect(second).rejects.toThrow(`port ${bus.port} of 127.0.0.1 is in use`);
  });
});
