import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { PublishCommandInput } from "@aws-sdk/client-sns";
import { afterEach, describe, expect, it, vi } from "vitest";
import { alertSchema } from "../../../lambda/alerts/alert-schema.ts";
import { DeliveryError } from "../../../lambda/destinations/destination.ts";
import { makeSns, sns, toMessage } from "../../../lambda/destinations/sns.ts";
import {
  destinationContract,
  HOSTILE,
  NO_DEADLINE,
  type Reply,
  type Stage,
} from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts";

function sizeOf({ Message = "", MessageAttributes = {} }: PublishCommandInput): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType, StringValue }]) => `${name}${DataType}${StringValue}`,
  );
  return Buffer.byteLength(Message) + Buffer.byteLength(attributes.join(""));
}

function check(input: PublishCommandInput): void {
  expect(sizeOf(input)).toBeLessThanOrEqual(262_144 - 1024);
  expect(alertSchema.safeParse(JSON.parse(input.Message ?? "")).error).toBeUndefined();
  expect(input.Subject?.length).toBeLessThan(100);
  expect(input.Subject?.length).toBeGreaterThan(0);
  expect(input.Subject).not.toMatch(/\p{Cc}/u);
  expect(input.Subject?.isWellFormed()).toBe(true);
  for (const { StringValue } of Object.values(input.MessageAttributes ?? {})) {
    expect(StringValue).toMatch(/^[\x20-\x7e\p{L}\p{N}]{1,256}$/u);
  }
}

/** Fails as the SDK fails after its own attempts. */
function sdkError(reply: Exclude<Reply, "hang" | "refuse">): Error {
  return Object.assign(new Error(reply.body ?? ""), {
    name: "ServiceException",
    $metadata: { httpStatusCode: reply.status },
  });
}

function stage(replies: readonly Reply[]): Stage {
  const sent: string[] = [];
  const destination = makeSns({ id: "topic", topicArn: TOPIC }, async (input) => {
    const reply = replies[Math.min(sent.length, replies.length - 1)];
    sent.push(JSON.stringify(input));
    if (reply === "refuse") throw new Error("connect ECONNREFUSED");
    if (reply === "hang" || reply === undefined)
      throw Object.assign(new Error("timed out"), { name: "TimeoutError" });
    if (reply.status >= 300) throw sdkError(reply);
  });
  return { destination, sent, now: () => Date.now() };
}

describe("the SNS destination", () => {
  destinationContract({
    make: stage,
    budget: 10_000,
    checkBody: (body) => check(JSON.parse(body) as PublishCommandInput),
  });

  it("puts title, summary and severity first, indented for people who read it as mail", () => {
    const lines = toMessage(TOPIC, sampleAlert()).Message?.split("\n");
    expect(lines?.slice(0, 4)).toEqual([
      "{",
      '  "title": "ec2.amazonaws.com: Security group opened to the internet",',
      '  "summary": "Admin/alice@example.com opened sg-0a1b2c3d to the internet",',
      '  "severity": "high",',
    ]);
  });

  it("sends the whole alert document", () => {
    const alert = sampleAlert();
    expect(JSON.parse(toMessage(TOPIC, alert).Message ?? "")).toEqual(alert);
  });

  it("gives severity and title as the subject, cut with an ellipsis", () => {
    expect(toMessage(TOPIC, sampleAlert()).Subject).toBe(
      "[HIGH] ec2.amazonaws.com: Security group opened to the internet",
    );
    const long = toMessage(TOPIC, sampleAlert({}, { name: `a${"😀".repeat(80)}` })).Subject;
    expect(long).toMatch(/😀…$/u);
    expect(long?.length).toBe(98);
  });

  it("gives filter policies the severity, rule, source and account", () => {
    const values = Object.entries(toMessage(TOPIC, sampleAlert()).MessageAttributes ?? {}).map(
      ([name, { StringValue }]) => [name, StringValue],
    );
    expect(Object.fromEntries(values)).toEqual({
      severity: "high",
      ruleId: "ec2.amazonaws.com/security-group-opened",
      eventSource: "ec2.amazonaws.com",
      accountId: "123456789012",
    });
  });

  it("leaves an attribute out that would be empty, which SNS would refuse", () => {
    const alert = sampleAlert({ recipientAccountId: "", userIdentity: {} });
    expect(Object.keys(toMessage(TOPIC, alert).MessageAttributes ?? {})).toEqual([
      "severity",
      "ruleId",
      "eventSource",
    ]);
    expect(
      toMessage(TOPIC, sampleAlert({ recipientAccountId: HOSTILE })).MessageAttributes?.accountId
        ?.StringValue,
    ).not.toMatch(/[\p{Cc}\ud800-\udfff]/u);
  });

  it("drops the indentation before any content", () => {
    let nested: unknown = "x";
    for (let depth = 0; depth < 40; depth++) nested = [nested];
    const alert = sampleAlert({ requestParameters: Array.from({ length: 1500 }, () => nested) });
    expect(Buffer.byteLength(JSON.stringify(alert, undefined, 2))).toBeGreaterThan(262_144);
    const { Message = "" } = toMessage(TOPIC, alert);
    expect(Message).not.toContain("\n");
    expect(JSON.parse(Message)).toEqual(alert);
  });

  it("shortens the record of a message that is too long and says so in it", () => {
    const input = toMessage(TOPIC, sampleAlert({ responseElements: { big: "ü".repeat(140_000) } }));
    check(input);
    const message = JSON.parse(input.Message ?? "") as { notes: string[]; record: Record<string, unknown> };
    expect(message.notes.join()).toContain("responseElements");
    expect(message.record).toHaveProperty("requestParameters");
    expect(message.record).not.toHaveProperty("responseElements");
  });

  it("writes what is invisible or breaks lines as escapes, counts their bytes, and loses nothing", () => {
    const hidden = "a\u0085\u009b\u200b\u2028\u202e\u{e0041}\uffffb";
    const alert = sampleAlert({ userAgent: hidden, requestParameters: { [hidden]: hidden.repeat(2_000) } });
    const { Message = "" } = toMessage(TOPIC, alert);
    expect(Message).toContain('"userAgent": "a\\u0085\\u009b\\u200b\\u2028\\u202e\\udb40\\udc41\\uffffb"');
    expect(Message).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029\uffff]/u);
    expect(JSON.parse(Message)).toEqual(alert);
    // 160,000 bytes as UTF-8, more than fits as escapes.
    const long = toMessage(TOPIC, sampleAlert({ requestParameters: "\u2028".repeat(53_000) }));
    check(long);
    expect(long.Message).toContain("left out of the record for size: requestParameters");
  });

  it("orders and deduplicates on a FIFO topic", () => {
    const alert = sampleAlert();
    expect(toMessage(`${TOPIC}.fifo`, alert)).toMatchObject({
      MessageGroupId: "123456789012",
      MessageDeduplicationId: alert.id,
    });
    expect(toMessage(`${TOPIC}.fifo`, sampleAlert({ recipientAccountId: HOSTILE })).MessageGroupId).toMatch(
      /^[\x21-\x7e]{1,128}$/,
    );
    expect(toMessage(TOPIC, alert)).not.toHaveProperty("MessageGroupId");
  });

  it("calls missing permissions and a missing topic curable", async () => {
    for (const [name, status] of [
      ["AuthorizationErrorException", 403],
      ["NotFoundException", 404],
      ["KMSAccessDeniedException", 400],
    ] as const) {
      const destination = makeSns({ id: "topic", topicArn: TOPIC }, () =>
        Promise.reject(Object.assign(new Error("no"), { name, $metadata: { httpStatusCode: status } })),
      );
      await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).rejects.toMatchObject({
        retryable: true,
        status,
      });
    }
  });

  it.each([
    { topicArn: TOPIC },
    { topicArn: `${TOPIC}.fifo`, endpoint: "http://127.0.0.1:4566" },
    { topicArn: TOPIC, endpoint: "https://sns.example" },
  ])("accepts the settings %j", (settings) => {
    expect(sns.check({ id: "topic", type: "sns", ...settings })).toEqual([]);
  });

  it.each([
    [{}, "topicArn"],
    [{ topicArn: "arn:aws:sqs:eu-west-1:123456789012:alerts" }, "topicArn"],
    [{ topicArn: TOPIC, endpoint: "http://192.0.2.1:80" }, "in clear"],
    [{ topicArn: TOPIC, endpoint: "https://u:p@sns.example" }, "password"],
    [{ topicArn: TOPIC, endpoint: 7 }, "endpoint"],
  ])("refuses the settings %j", (settings, problem) => {
    const problems = sns.check({ id: "topic", type: "sns", ...settings });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});

describe("the SNS destination's client", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    vi.unstubAllEnvs();
  });

  async function serve(status: number, body: string): Promise<{ endpoint: string; requests: string[] }> {
    const requests: string[] = [];
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        requests.push(`${request.headers.authorization ?? ""}\n${text}`);
        response.writeHead(status, { "content-type": "text/xml" }).end(body);
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
    return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
  }

  it("publishes through the SDK, signed for the topic's own Region", async () => {
    const { endpoint, requests } = await serve(
      200,
      "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
    );
    const destination = sns.make({ id: "topic", type: "sns", topicArn: TOPIC, endpoint });
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toContain("/eu-west-1/sns/aws4_request");
    const form = new URLSearchParams(requests[0]?.split("\n")[1]);
    expect(form.get("Action")).toBe("Publish");
    expect(form.get("TopicArn")).toBe(TOPIC);
    expect(JSON.parse(form.get("Message") ?? "")).toEqual(sampleAlert());
  });

  it("gives up at the deadline when the service does not answer", async () => {
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const destination = sns.make({ id: "topic", type: "sns", topicArn: TOPIC, endpoint });
    const start = Date.now();
    await expect(destination.deliver(sampleAlert(), start + 400)).rejects.toMatchObject({ retryable: true });
    expect(Date.now() - start).toBeLessThan(3_000);
    server.closeAllConnections();
  });

  it("turns the service's refusal into a DeliveryError", async () => {
    const { endpoint } = await serve(
      400,
      "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>bad subject</Message></Error></ErrorResponse>",
    );
    const destination = sns.make({ id: "topic", type: "sns", topicArn: TOPIC, endpoint });
    const failure = destination.deliver(sampleAlert(), NO_DEADLINE);
    await expect(failure).rejects.toBeInstanceOf(DeliveryError);
    await expect(failure).rejects.toMatchObject({
      status: 400,
      retryable: false,
      message: expect.stringContaining("bad subject") as string,
    });
  });
});
