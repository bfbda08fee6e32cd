/** SQS on this machine, with the two queues of delivering. */
import type { AddressInfo } from "node:net";
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { buildApp } from "fauxqs";
import type { Received } from "../faults/queue-model.ts";

export type EmbeddedQueues = {
  readonly endpoint: string;
  readonly redeliveryUrl: string;
  readonly deadDeliveriesUrl: string;
  send(url: string, body: string): Promise<void>;
  /** What is visible, hidden for `seconds` from now. */
  receive(url: string, seconds?: number): Promise<Received[]>;
  stop(): Promise<void>;
};

/** Starts it with two empty queues. */
export async function startEmbeddedQueues(): Promise<EmbeddedQueues> {
  const app = buildApp({ logger: false, host: "127.0.0.1", defaultRegion: "us-east-1" });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const endpoint = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const sqs = new SQSClient({ endpoint, region: "us-east-1", credentials });
  const create = async (QueueName: string): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? "";
  return {
    endpoint,
    redeliveryUrl: await create("redelivery"),
    deadDeliveriesUrl: await create("dead-deliveries"),
    send: async (QueueUrl, MessageBody) =>
      void (await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))),
    receive: async (QueueUrl, VisibilityTimeout = 0) => {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout,
          MessageSystemAttributeNames: ["ApproximateReceiveCount"],
        }),
      );
      return messages.map((message) => ({
        messageId: message.MessageId ?? "",
        receiptHandle: message.ReceiptHandle ?? "",
        body: message.Body ?? "",
        receives: Number(message.Attributes?.["ApproximateReceiveCount"]),
      }));
    },
    stop: async () => {
      sqs.destroy();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}
