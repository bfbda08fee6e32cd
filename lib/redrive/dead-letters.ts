/**
 * The dead letters of a deployed engine, from both of its queues: deliveries that were given up, and whole records that
 * the detector could not process. Reading a queue hides its messages for a while; whoever read them gives them back.
 *
 *     const letters = await readDeadLetters(sqs, urls);   // [{ id: "5f0c…", kind: "delivery", alertId: …, reason: … }]
 *     await releaseDeadLetters(sqs, letters);
 */
import {
  ChangeMessageVisibilityCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { Part } from "../../lambda/state/alert-store.ts";
import { isObject, textAt, valueAt } from "../../lambda/record/untrusted.ts";

type Sqs = Pick<SQSClient, "send">;

/** Where the queues are. */
export type DeadLetterQueues = { readonly deadDeliveriesUrl: string; readonly deadLettersUrl: string };

type Common = {
  /** SQS's id of the message: it stays the same however often it is received. */
  readonly id: string;
  readonly queueUrl: string;
  readonly receiptHandle: string;
  /** Why it is here, as far as the message says. */
  readonly reason: string;
  /** When it came here, ISO 8601. */
  readonly since: string;
  /** The message as it is. */
  readonly body: string;
};

/** One message. */
export type DeadLetter = Common &
  (
    | {
        readonly kind: "delivery";
        readonly alertId: string;
        readonly part: Part;
        readonly destination: string;
        readonly title: string;
        readonly severity: string;
        readonly attempts: number;
      }
    /** `event` is what the detector was invoked with. */
    | { readonly kind: "record"; readonly event: unknown; readonly title: string }
    /** A message that nobody here understands; it can be shown and nothing else. */
    | { readonly kind: "unknown" }
  );

/** How long a message is hidden for whoever reads it, in seconds: long enough to invoke the detector for a few. */
const HIDDEN_SECONDS = 300;
/** Long polling asks all of SQS's servers: without it a message may be missed. */
const WAIT_SECONDS = 1;

/** Everything that waits in both queues, deliveries first; hidden from others until it is released or deleted. */
export async function readDeadLetters(sqs: Sqs, queues: DeadLetterQueues): Promise<DeadLetter[]> {
  const deliveries = await readQueue(sqs, queues.deadDeliveriesUrl);
  const records = await readQueue(sqs, queues.deadLettersUrl);
  return [...deliveries, ...records].toSorted((a, b) => (a.since < b.since ? -1 : 1));
}

/** Gives messages back to their queues at once. */
export async function releaseDeadLetters(sqs: Sqs, letters: readonly DeadLetter[]): Promise<void> {
  await Promise.all(
    letters.map(({ queueUrl: QueueUrl, receiptHandle: ReceiptHandle }) =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
    ),
  );
}

async function readQueue(sqs: Sqs, queueUrl: string): Promise<DeadLetter[]> {
  if (queueUrl === "") return [];
  const found = new Map<string, DeadLetter>();
  for (;;) {
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: HIDDEN_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ["SentTimestamp"],
        MessageAttributeNames: ["ERROR_MESSAGE"],
      }),
    );
    if (messages.length === 0) return [...found.values()];
    for (const message of messages) {
      const letter = read(message, queueUrl);
      found.set(letter.id, letter);
    }
  }
}

function read(message: Message, queueUrl: string): DeadLetter {
  const { MessageId: id = "", ReceiptHandle: receiptHandle = "", Body: body = "" } = message;
  const content = parse(body);
  const since = new Date(Number(message.Attributes?.SentTimestamp ?? 0)).toISOString();
  const reason = textAt(content, "reason") ?? "";
  const common = { id, queueUrl, receiptHandle, since, body, reason };
  const [alertId, destination] = [textAt(content, "alertId"), textAt(content, "destination")];
  if (alertId !== undefined && destination !== undefined) {
    return {
      ...common,
      kind: "delivery",
      alertId,
      destination,
      part: textAt(content, "part") === "summary" ? "summary" : "first",
      title: textAt(content, "title") ?? "",
      severity: textAt(content, "severity") ?? "",
      attempts: Number(valueAt(content, "attempts") ?? 0),
    };
  }
  // Lambda wraps what failed; EventBridge leaves it as it was, and says why in an attribute.
  const payload = valueAt(content, "requestPayload");
  const event = isObject(payload) ? payload : content;
  const isEvent = textAt(event, "detail-type") !== undefined || textAt(event, "engine") !== undefined;
  if (!isEvent) {
    const stream = valueAt(content, "DDBStreamBatchInfo");
    const count = Number(valueAt(stream, "batchSize") ?? 0);
    const said = isObject(stream)
      ? `the cases of ${count} stored alerts were not built; the alerts themselves went out (the log says why)`
      : "this message is none of the engine's";
    return { ...common, kind: "unknown", reason: reason || said };
  }
  const said =
    textAt(content, "responsePayload", "errorMessage") ??
    message.MessageAttributes?.["ERROR_MESSAGE"]?.StringValue ??
    "EventBridge could not hand it to the detector";
  return { ...common, kind: "record", event, title: titleOf(event), reason: said };
}

/** What the event is about: "ec2.amazonaws.com RunInstances". */
function titleOf(event: unknown): string {
  const call = ["eventSource", "eventName"].map((field) => textAt(event, "detail", field)).filter(Boolean);
  return call.length > 0 ? call.join(" ") : (textAt(event, "detail-type") ?? textAt(event, "engine") ?? "");
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
