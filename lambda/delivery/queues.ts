/**
 * The two queues of delivering, by SQS: the one that brings failed deliveries back and the one where dead letters end.
 * The SDK is loaded at the first message: most invocations send none.
 *
 *     const queues = openQueues({ redeliveryUrl, deadDeliveriesUrl });
 *     await queues.redeliver({ alertId, part: "first", destination: "slack" }, 30_000, deadline)
 */
import { safeJson } from "../alerts/safe-json.ts";
import { AWS_CALL_LIMITS, AWS_MAX_ATTEMPTS, awsBudget, once } from "../destinations/aws-client.ts";
import type { DeadLetter, Hide, Redelivery, Send } from "./ports.ts";

/** What delivering does with queues. */
export type Queues = {
  readonly redeliver: Send<Redelivery>;
  readonly bury: Send<DeadLetter>;
  readonly hide: Hide;
};

/** SQS delays a message by a quarter of an hour at most (FACTS § 9), in seconds. */
const LONGEST_DELAY = 900;

/** Opens both queues; nothing is connected before the first call. Rejects with the SDK's errors. */
export function openQueues({
  redeliveryUrl,
  deadDeliveriesUrl,
  endpoint,
}: {
  readonly redeliveryUrl: string;
  readonly deadDeliveriesUrl: string;
  readonly endpoint?: string;
}): Queues {
  const connect = once(async () => {
    const sdk = await import("../aws/sqs.ts");
    const client = new sdk.SQSClient({
      maxAttempts: AWS_MAX_ATTEMPTS,
      requestHandler: AWS_CALL_LIMITS,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return { sdk, client };
  });
  const sendTo =
    <T extends object>(QueueUrl: string): Send<T> =>
    async (message, delay, deadline) => {
      const { sdk, client } = await connect();
      const DelaySeconds = Math.min(LONGEST_DELAY, Math.ceil(delay / 1000));
      const MessageBody = safeJson(message);
      await client.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }), until(deadline));
    };
  return {
    redeliver: sendTo(redeliveryUrl),
    bury: sendTo(deadDeliveriesUrl),
    hide: async (ReceiptHandle, milliseconds, deadline) => {
      const { sdk, client } = await connect();
      const VisibilityTimeout = Math.ceil(milliseconds / 1000);
      await client.send(
        new sdk.ChangeMessageVisibilityCommand({ QueueUrl: redeliveryUrl, ReceiptHandle, VisibilityTimeout }),
        until(deadline),
      );
    },
  };
}

/** How a call is ended by its deadline. */
function until(deadline: number): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(awsBudget(deadline)) };
}
