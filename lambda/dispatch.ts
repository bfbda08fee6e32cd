/**
 * What invokes the function, and what then happens. Four things do: EventBridge with a record, the redelivery queue with
 * what failed before, a timer when a window closes, and `engine send-test`, which waits for the answer.
 *
 *     { "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "detail": { … } }
 *     { "Records": [{ "eventSource": "aws:sqs", "messageId": …, "receiptHandle": …, "body": … }] }
 *     { "engine": "close-window", … }
 *     { "engine": "send-test", "to": ["slack"] }
 */
import type { Invocation } from "./delivery/ports.ts";
import { type QueueMessage, redeliver } from "./delivery/redeliver.ts";
import { sendTest, type TestOutcome } from "./delivery/send-test.ts";
import { closeWindow, type Ports, processInput } from "./pipeline.ts";
import { textAt, valueAt } from "./record/untrusted.ts";

/** The messages that must stay in the queue, as Lambda wants them. */
type BatchAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

/**
 * Does what the input asks for.
 * @throws what `processInput` throws, so that Lambda tries again and keeps what failed.
 */
export async function dispatch(
  input: unknown,
  ports: Ports,
  invocation: Invocation,
): Promise<BatchAnswer | { readonly outcomes: readonly TestOutcome[] } | undefined> {
  try {
    const messages = messagesIn(input);
    if (messages !== undefined) {
      const staying = await redeliver(messages, ports, invocation);
      return { batchItemFailures: staying.map((itemIdentifier) => ({ itemIdentifier })) };
    }
    switch (textAt(input, "engine")) {
      case "send-test":
        return { outcomes: await sendTest(valueAt(input, "to"), ports, invocation) };
      case "close-window":
        await closeWindow(input, ports, invocation);
        return undefined;
      default:
        await processInput(input, ports, invocation);
        return undefined;
    }
  } finally {
    ports.report.flush();
  }
}

/** The messages of an SQS batch; undefined when the input is none. */
function messagesIn(input: unknown): QueueMessage[] | undefined {
  const records = valueAt(input, "Records");
  if (!Array.isArray(records) || records.length === 0) return undefined;
  const messages = records.map((record: unknown) => ({
    source: textAt(record, "eventSource"),
    messageId: textAt(record, "messageId") ?? "",
    receiptHandle: textAt(record, "receiptHandle") ?? "",
    body: textAt(record, "body") ?? "",
  }));
  return messages.every(({ source }) => source === "aws:sqs") ? messages : undefined;
}
