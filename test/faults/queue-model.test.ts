import type { AddressInfo } from "node:net";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { buildApp } from "fauxqs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type QueueUnderTest, testQueue } from "../contracts/queue.ts";
import { makeQueueModel } from "./queue-model.ts";

describe("the queue model", () => {
  testQueue(async () => {
    let now = 0;
    const dead = makeQueueModel(() => now);
    const queue = makeQueueModel(() => now, { maxReceives: 2, deadLetters: dead });
    return {
      send: async (...all) => queue.send(...all),
      receive: async (...all) => queue.receive(...all),
      changeVisibility: async (...all) => queue.changeVisibility(...all),
      delete: async (...all) => queue.delete(...all),
      deadLetters: async () => dead.bodies(),
      wait: async (seconds) => void (now += seconds * 1000),
    };
  });

  it("refuses a longer delay, as AWS does and the embedded SQS does not", () => {
    expect(() => makeQueueModel(() => 0).send("a", 901)).toThrow("DelaySeconds");
  });
});

describe("the embedded SQS", () => {
  const app = buildApp({ logger: false, host: "127.0.0.1", defaultRegion: "us-east-1" });
  let sqs: SQSClient;
  let made = 0;
  beforeAll(async () => {
    await app.listen({ host: "127.0.0.1", port: 0 });
    const endpoint = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    sqs = new SQSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  });
  afterAll(async () => {
    sqs.destroy();
    app.server.closeAllConnections();
    await app.close();
  });

  async function create(attributes: Record<string, string> = {}): Promise<{ url: string; arn: string }> {
    const name = `queue-${++made}`;
    const { QueueUrl: url = "" } = await sqs.send(
      new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
    );
    const { Attributes: found } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
    );
    return { url, arn: found?.["QueueArn"] ?? "" };
  }

  async function receive(url: string, max: number, visibility: number) {
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: max,
        VisibilityTimeout: visibility,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      }),
    );
    return messages.map((message) => ({
      messageId: message.MessageId ?? "",
      receiptHandle: message.ReceiptHandle ?? "",
      body: message.Body ?? "",
      receives: Number(message.Attributes?.["ApproximateReceiveCount"]),
    }));
  }

  testQueue(async (): Promise<QueueUnderTest> => {
    const dead = await create();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
    const { url: QueueUrl } = await create({ RedrivePolicy });
    return {
      send: async (MessageBody, DelaySeconds) =>
        void (await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }))),
      receive: (max, visibility) => receive(QueueUrl, max, visibility),
      changeVisibility: async (ReceiptHandle, VisibilityTimeout) =>
        void (await sqs.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }),
        )),
      delete: async (ReceiptHandle) =>
        void (await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))),
      deadLetters: async () => (await receive(dead.url, 10, 60)).map(({ body }) => body),
      wait: (seconds) => sleep(seconds * 1000),
    };
  });
});
