/**
 * What invokes the function, and what then happens. Five things do: EventBridge with a record, the redelivery queue with
 * what failed before, a timer when a window closes, the table's stream with alerts that were stored, and `engine
 * send-test`, which waits for the answer.
 *
 *     { "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2", "detail": { … } }
 *     { "Records": [{ "eventSource": "aws:sqs", "messageId": …, "receiptHandle": …, "body": … }] }
 *     { "Records": [{ "eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": { "Keys": … } }] }
 *     { "engine": "close-window", … }
 *     { "engine": "send-test", "to": ["slack"] }
 */
import type { TableChange } from "./cases/build-case.ts";
import type { Invocation } from "./delivery/ports.ts";
import { type QueueMessage, redeliver } from "./delivery/redeliver.ts";
import type { TestOutcome } from "./delivery/send-test.ts";
import { closeWindow, type Ports, processInput } from "./pipeline.ts";
import { textAt, valueAt } from "./record/untrusted.ts";

/** What the stream's batches need beside the pipeline's ports. */
export type BackgroundPort = {
  /** Builds the cases of stored alerts; gives the sequence numbers of changes that must come again. */
  readonly buildCases: (
    changes: readonly TableChange[],
    invocation: Invocation,
  ) => Promise<readonly string[]>;
};

/** The messages that must stay in the queue, or changes that must come again, as Lambda wants them. */
type BatchAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

/**
 * Does what the input asks for.
 * @throws what `processInput` throws, so that Lambda tries again and keeps what failed.
 */
export async function dispatch(
  input: unknown,
  ports: Ports & BackgroundPort,
  invocation: Invocation,
): Promise<BatchAnswer | { readonly outcomes: readonly TestOutcome[] } | undefined> {
  try {
    const messages = messagesIn(input);
    if (messages !== undefined) {
      const staying = await redeliver(messages, ports, invocation);
      return { batchItemFailures: staying.map((itemIdentifier) => ({ itemIdentifier })) };
    }
    const changes = changesIn(input);
    if (changes !== undefined) {
      const again = await ports.buildCases(changes, invocation);
      return { batchItemFailures: again.map((itemIdentifier) => ({ itemIdentifier })) };
    }
    switch (textAt(input, "engine")) {
      case "send-test": {
        const { sendTest } = await import("./delivery/send-test.ts");
        return { outcomes: await sendTest(valueAt(input, "to"), ports, invocation) };
      }
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

/** The changes in a batch of the table's stream; undefined when the input is none. The stream brings keys only. */
function changesIn(input: unknown): TableChange[] | undefined {
  const records = recordsFrom(input, "aws:dynamodb");
  return records?.flatMap((record) => {
    const [pk, sk] = ["pk", "sk"].map((name) => textAt(record, "dynamodb", "Keys", name, "S"));
    const sequence = textAt(record, "dynamodb", "SequenceNumber");
    const isNew = textAt(record, "eventName") === "INSERT";
    return isNew && pk !== undefined && sk !== undefined && sequence !== undefined
      ? [{ pk, sk, sequence }]
      : [];
  });
}

/** What an event source of Lambda brings; undefined when the input is not of that source. */
function recordsFrom(input: unknown, eventSource: string): readonly unknown[] | undefined {
  const records = valueAt(input, "Records");
  if (!Array.isArray(records) || records.length === 0) return undefined;
  return records.every((record) => textAt(record, "eventSource") === eventSource) ? records : undefined;
}

/** The messages of an SQS batch; undefined when the input is none. */
function messagesIn(input: unknown): QueueMessage[] | undefined {
  return recordsFrom(input, "aws:sqs")?.map((record) => ({
    messageId: textAt(record, "messageId") ?? "",
    receiptHandle: textAt(record, "receiptHandle") ?? "",
    body: textAt(record, "body") ?? "",
  }));
}
