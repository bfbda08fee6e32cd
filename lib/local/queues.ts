/**
 * SNS and SQS on this machine, by fauxqs: the topics and queues of the template are made there, and one more queue is
 * subscribed to the alerts topic, so that an alert counts only when it has really arrived somewhere.
 */
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
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
  delete(queue: LocalQueue, receiptHandle: string): Promise<void>;
  /** The messages of a queue that nobody takes from it, as they are. */
  peek(queue: LocalQueue): Promise<string[]>;
  /** Hands what happens to a queue to its event source, which from then on says when a message is due. */
  intercept(queue: LocalQueue, listener: QueueListener): void;
  /** Messages waiting or being handed over. */
  depth(queue: LocalQueue): Promise<number>;
  close(): Promise<void>;
};

/** A message that was received. */
export type ReceivedMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5: string;
  /** In milliseconds since 1970. */
  readonly sent: number;
};

/** Who keeps the time of a queue; delays and visibility are in seconds. */
type QueueListener = {
  sent(): void;
  arrived(message: ReceivedMessage, delay: number): void;
  hidden(receiptHandle: string, seconds: number): void;
};

/** The longest that SQS hides a message, in seconds: longer than a run. */
const LONGEST_HIDDEN = 43_200;
/** Where a delay travels that the event source keeps. */
const DELAY = "LocalDelaySeconds";

/**
 * Credentials of this process, which no real account is ever asked with. A local run may play real records, and every user
 * and program of the machine reaches 127.0.0.1: the table and the queues are for who knows these.
 */
export const LOCAL_CREDENTIALS = {
  accessKeyId: `LOCAL${randomBytes(16).toString("hex").toUpperCase()}`,
  secretAccessKey: randomBytes(32).toString("hex"),
};

/** Whether a request is signed with this process's credentials; the id in it is what nobody else knows. */
export function isSignedHere(authorization: string | undefined): boolean {
  return authorization?.startsWith(`AWS4-HMAC-SHA256 Credential=${LOCAL_CREDENTIALS.accessKeyId}/`) === true;
}

/** Why another request is refused. */
export const NOT_SIGNED_HERE = "requests must be signed with the credentials of the run";

/** Starts fauxqs on a free port of 127.0.0.1. */
export async function startQueues(region: string): Promise<LocalQueues> {
  const app = buildApp({ logger: false, host: "127.0.0.1", defaultRegion: region });
  let port = 0;
  // Its protocol is one that a simple form can speak: a form cannot sign.
  app.addHook("onRequest", async (request, reply) => {
    const { headers } = request;
    const reason =
      foreign(headers, port) ?? (isSignedHere(headers.authorization) ? undefined : NOT_SIGNED_HERE);
    if (reason !== undefined)
      await reply.code(403).send({ __type: "AccessDeniedException", message: reason });
  });
  const listeners = new Map<string, QueueListener>();
  app.addHook("preHandler", async (request) => {
    takeOverTiming(request.headers["x-amz-target"], request.body, listeners);
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
        // The SDK sends to the host in the URL, and fauxqs names one that there is not.
        url: url + expected(queue, "URL of the queue").replace(/^https?:\/\/[^/]+/u, ""),
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
      const handle = async ({ receiptHandle, body }: ReceivedMessage): Promise<void> => {
        onMessage(body);
        await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: receiptHandle }));
      };
      watches.push(receive(sqs, queue, handle, stopping.signal));
    },
    intercept: (queue, listener) => {
      listeners.set(queue.url, listener);
      const handle = async (message: ReceivedMessage, delay: number): Promise<void> =>
        listener.arrived(message, delay);
      watches.push(receive(sqs, queue, handle, stopping.signal));
    },
    delete: async (queue, receiptHandle) => {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: receiptHandle }));
    },
    peek: (queue) => peek(sqs, queue),
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

/** Long polls a queue and hands over what comes, hidden for as long as a run takes. */
async function receive(
  sqs: SQSClient,
  queue: LocalQueue,
  onMessage: (message: ReceivedMessage, delay: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queue.url,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 20,
    VisibilityTimeout: LONGEST_HIDDEN,
    MessageAttributeNames: [DELAY],
    MessageSystemAttributeNames: ["SentTimestamp"],
  });
  try {
    while (!signal.aborted) {
      const { Messages: messages = [] } = await sqs.send(command, { abortSignal: signal });
      for (const message of messages)
        await onMessage(toReceived(message), Number(message.MessageAttributes?.[DELAY]?.StringValue ?? 0));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function toReceived({ MessageId, ReceiptHandle, Body, MD5OfBody, Attributes }: Message): ReceivedMessage {
  return {
    messageId: expected(MessageId, "id of a message"),
    receiptHandle: expected(ReceiptHandle, "receipt of a message"),
    body: Body ?? "",
    md5: MD5OfBody ?? "",
    sent: Number(Attributes?.SentTimestamp ?? 0),
  };
}

async function peek(sqs: SQSClient, queue: LocalQueue): Promise<string[]> {
  const found: Message[] = [];
  const command = new ReceiveMessageCommand({
    QueueUrl: queue.url,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 60,
  });
  for (;;) {
    const { Messages: messages = [] } = await sqs.send(command);
    if (messages.length === 0) break;
    found.push(...messages);
  }
  for (const { ReceiptHandle } of found)
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: queue.url, ReceiptHandle, VisibilityTimeout: 0 }),
    );
  return found.map(({ Body }) => Body ?? "");
}

/** Takes delays and hiding times of watched queues out of a request and hands them to who keeps the time. */
function takeOverTiming(target: unknown, body: unknown, listeners: ReadonlyMap<string, QueueListener>): void {
  if (typeof body !== "object" || body === null) return;
  const request = body as Record<string, unknown>;
  const listener = listeners.get(String(request["QueueUrl"]));
  if (listener === undefined) return;
  if (target === "AmazonSQS.SendMessage") {
    const seconds = { DataType: "Number", StringValue: String(Number(request["DelaySeconds"] ?? 0)) };
    request["MessageAttributes"] = { [DELAY]: seconds };
    request["DelaySeconds"] = 0;
    listener.sent();
  } else if (target === "AmazonSQS.ChangeMessageVisibility") {
    listener.hidden(String(request["ReceiptHandle"]), Number(request["VisibilityTimeout"]));
    request["VisibilityTimeout"] = LONGEST_HIDDEN;
  }
}

function expected(value: string | undefined, what: string): string {
  if (value === undefined) throw new Error(`fauxqs gave no ${what}`);
  return value;
}
