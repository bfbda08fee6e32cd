import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { PublishCommandInput } from "@aws-sdk/client-sns";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DeliveryError } from "../../../lambda/destinations/destination.ts";
import { makeSns, sns } from "../../../lambda/destinations/sns.ts";
import {
  destinationContract,
  firstOf,
  type Limit,
  NO_DEADLINE,
  type Reply,
  type Stage,
} from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { checkCustomNotification } from "./amazon-q-rules.ts";
import { checkEnvelope, checkMessage, sizeOf } from "./sns-limits.ts";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts";

/** Fails as the SDK fails after its own attempts. */
function sdkError(reply: Exclude<Reply, string | { readonly error: string }>): Error {
  return Object.assign(new Error(reply.body ?? ""), {
    name: "ServiceException",
    $metadata: { httpStatusCode: reply.status },
  });
}

function stageOf(format: "json" | "amazon-q") {
  return (replies: readonly Reply[]): Stage => {
    const sent: string[] = [];
    const destination = makeSns({ id: "topic", topicArn: TOPIC, format }, async (input) => {
      const reply = replies[Math.min(sent.length, replies.length - 1)];
      sent.push(JSON.stringify(input));
      if (reply === "refuse") throw new Error("connect ECONNREFUSED");
      if (reply === "hang" || reply === undefined || "error" in reply)
        throw Object.assign(new Error("timed out"), { name: "TimeoutError" });
      if (reply.status >= 300) throw sdkError(reply);
    });
    return { destination, sent, now: () => Date.now() };
  };
}

const inputOf = (body: string): PublishCommandInput => JSON.parse(body) as PublishCommandInput;

const SUBJECT_LIMIT: Limit = {
  of: "the subject's 99 characters",
  max: 99,
  measure: (body) => inputOf(body).Subject?.length ?? 0,
  grow: (padding) => firstOf(sampleAlert({}, { name: "x".repeat(padding + 1) })),
  saysCut: (body) => inputOf(body).Subject?.endsWith("…") === true,
};

/** Nested so deeply that it is never indented: only then does a character more in the alert make the message longer by one. */
const DEEP = Array.from({ length: 1500 }, () => JSON.parse(`${"[".repeat(40)}1${"]".repeat(40)}`) as unknown);

const MESSAGE_LIMIT: Limit = {
  of: "a message's 255 KiB with its attributes",
  max: 262_144 - 1024,
  measure: (body) => sizeOf(inputOf(body)),
  grow: (padding) =>
    firstOf(sampleAlert({ requestParameters: DEEP, responseElements: { big: "x".repeat(padding) } })),
  saysCut: (body) => (inputOf(body).Message ?? "").includes("This message was shortened to fit"),
};

describe("the SNS destination", () => {
  destinationContract({
    make: stageOf("json"),
    budget: 10_000,
    checkBody: (body) => checkMessage(inputOf(body)),
    limits: [SUBJECT_LIMIT, MESSAGE_LIMIT],
  });

  it("wants no repeats: what was published cannot be changed", () => {
    expect(stageOf("json")([]).destination.updates).toBe(false);
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
      await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
        retryable: true,
        status,
      });
    }
  });

  it.each([
    { topicArn: TOPIC },
    { topicArn: `${TOPIC}.fifo`, endpoint: "http://127.0.0.1:4566" },
    { topicArn: TOPIC, endpoint: "https://sns.example" },
    { topicArn: TOPIC, format: "amazon-q" },
    { topicArn: `${TOPIC}.fifo`, format: "json" },
  ])("accepts the settings %j", (settings) => {
    expect(sns.check({ id: "topic", type: "sns", ...settings })).toEqual([]);
  });

  it.each([
    [{}, "topicArn"],
    [{ topicArn: "arn:aws:sqs:eu-west-1:123456789012:alerts" }, "topicArn"],
    [{ topicArn: TOPIC, endpoint: "http://192.0.2.1:80" }, "in clear"],
    [{ topicArn: TOPIC, endpoint: "https://u:p@sns.example" }, "password"],
    [{ topicArn: TOPIC, endpoint: 7 }, "endpoint"],
    [
      { topicArn: TOPIC, format: "slack" },
      "format must be one of alert, ecs, ocsf, asff, lacework, json, amazon-q",
    ],
    [{ topicArn: `${TOPIC}.fifo`, format: "amazon-q" }, "standard topic"],
  ])("refuses the settings %j", (settings, problem) => {
    const problems = sns.check({ id: "topic", type: "sns", ...settings });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });
});

describe("the SNS destination's permissions", () => {
  it("are to publish to its topic", () => {
    expect(sns.permissions({ id: "topic", type: "sns", topicArn: TOPIC })).toEqual([
      { actions: ["sns:Publish"], resources: [TOPIC] },
    ]);
  });
});

describe("the SNS destination for Amazon Q", () => {
  destinationContract({
    make: stageOf("amazon-q"),
    budget: 10_000,
    checkBody: (body) => {
      checkEnvelope(inputOf(body));
      checkCustomNotification(inputOf(body).Message ?? "");
    },
    limits: [SUBJECT_LIMIT],
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
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toContain("/eu-west-1/sns/aws4_request");
    const form = new URLSearchParams(requests[0]?.split("\n")[1]);
    expect(form.get("Action")).toBe("Publish");
    expect(form.get("TopicArn")).toBe(TOPIC);
    expect(JSON.parse(form.get("Message") ?? "")).toEqual(sampleAlert());
  });

  it.each([
    [TOPIC, 1],
    [`${TOPIC}.fifo`, 3],
  ])("makes to %s %i attempts: only a FIFO topic recognises a second copy", async (topicArn, attempts) => {
    const { endpoint, requests } = await serve(500, "<ErrorResponse/>");
    const destination = sns.make({ id: "topic", type: "sns", topicArn, endpoint });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ retryable: true });
    expect(requests).toHaveLength(attempts);
  });

  it("gives up at the deadline when the service does not answer", async () => {
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const destination = sns.make({ id: "topic", type: "sns", topicArn: TOPIC, endpoint });
    const start = Date.now();
    await expect(destination.deliver(firstOf(), start + 400)).rejects.toMatchObject({ retryable: true });
    expect(Date.now() - start).toBeLessThan(3_000);
    server.closeAllConnections();
  });

  it("turns the service's refusal into a DeliveryError", async () => {
    const { endpoint } = await serve(
      400,
      "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>bad subject</Message></Error></ErrorResponse>",
    );
    const destination = sns.make({ id: "topic", type: "sns", topicArn: TOPIC, endpoint });
    const failure = destination.deliver(firstOf(), NO_DEADLINE);
    await expect(failure).rejects.toBeInstanceOf(DeliveryError);
    await expect(failure).rejects.toMatchObject({
      status: 400,
      retryable: false,
      message: expect.stringContaining("bad subject") as string,
    });
  });
});
