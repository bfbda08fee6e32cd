/**
 * SNS and SQS on this machine, by fauxqs: the topics and queues of the template are made there, and one more queue is
 * subscribed to the alerts topic, so that an alert counts only when it has really arrived somewhere.
 */
import type { AddressInfo } from "node:net";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { buildApp } from "fauxqs";
import { foreign } from "./local-server.ts";

/** A queue: how to send to it, and its ARN. */
export type LocalQueue = { readonly url: string; readonly arn: string };

/** SNS and SQS. */
export type LocalQueues = {
  /** Endpoint of both. */
  readonly url: string;
  /** Makes a topic and gives its ARN. */
  createTopic(name: string): Promise<string>;
  createQueue(name: string): Promise<LocalQueue>;
  /** Messages arrive as they were published, without SNS's wrapping. */
  subscribe(topicArn: string, queueArn: string): Promise<void>;
  send(queue: LocalQueue, body: string): Promise<void>;
  /** Hands over each message that arrives until `stop`. `onMessage` must not throw. */
  watch(queue: LocalQueue, onMessage: (body: string) => void): void;
  /** Messages waiting or being handed over. */
  depth(queue: LocalQueue): Promise<number>;
  close(): Promise<void>;
};

/** Credentials that sign for nothing: no real account is ever asked. */
export const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/** Starts fauxqs on a free port of 127.0.0.1. */
export async function startQueues(region: string): Promise<LocalQueues> {
  const app = buildApp({ logger: false, host: "127.0.0.1", defaultRegion: region });
  let port = 0;
  // Its protocol is one that a simple form can speak, so only signed requests pass: a form cannot sign.
  app.addHook("onRequest", async (request, reply) => {
    const signed = request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ") === true;
    const reason = foreign(request.headers, port) ?? (signed ? undefined : "requests must be signed");
    if (reason !== undefined)
      await reply.code(403).send({ __type: "AccessDeniedException", message: reason });
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  port = (app.server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${port}`;
  const client = { endpoint: url, region, credentials: LOCAL_CREDENTIALS };
  const sns = new SNSClient(client);
  const sqs = new SQSClient(client);
  const stopping = new AbortController();
  const watches: Promise<void>[] = [];
  return {
    url,
    createTopic: async (name) => {
      const { TopicArn: arn } = await sns.send(new CreateTopicCommand({ Name: name }));
      return expected(arn, "ARN of the topic");
    },
    createQueue: async (name) => {
      const { QueueUrl: queue } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
      const { Attributes: attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ["QueueArn"] }),
      );
      return {
        url: expected(queue, "URL of the queue"),
        arn: expected(attributes?.["QueueArn"], "ARN of the queue"),
      };
    },
    subscribe: async (topicArn, queueArn) => {
      const attributes = { RawMessageDelivery: "true" };
      await sns.send(
        new SubscribeCommand({
          TopicArn: topicArn,
          Protocol: "sqs",
          Endpoint: queueArn,
          Attributes: attributes,
        }),
      );
    },
    send: async (queue, body) => {
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body }));
    },
    watch: (queue, onMessage) => {
      watches.push(watch(sqs, queue, onMessage, stopping.signal));
    },
    depth: async (queue) => {
      const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
      const { Attributes: attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: [...names] }),
      );
      return names.reduce((sum, name) => sum + Number(attributes?.[name] ?? 0), 0);
    },
    close: async () => {
      stopping.abort();
      await Promise.all(watches);
      sns.destroy();
      sqs.destroy();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

async function watch(
  sqs: SQSClient,
  queue: LocalQueue,
  onMessage: (body: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const receive = new ReceiveMessageCommand({
    QueueUrl: queue.url,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 20,
  });
  try {
    while (!signal.aborted) {
      const { Messages: messages = [] } = await sqs.send(receive, { abortSignal: signal });
      for (const { Body: body = "", ReceiptHandle: handle } of messages) {
        onMessage(body);
        await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: handle }));
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function expected(value: string | undefined, what: string): string {
  if (value === undefined) throw new Error(`fauxqs gave no ${what}`);
  return value;
}
