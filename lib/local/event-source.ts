/**
 * What Lambda does for a function with an SQS queue as its event source: receives messages, invokes the function with a
 * batch, deletes those that it did not name as failed, and leaves the others hidden for as long as the queue or the
 * function says. The messages are in the local SQS; only when they are due is decided here, because the run's clock is
 * not that of SQS: SQS is told to hide what it hands over for longer than any run takes.
 *
 *     SendMessage { DelaySeconds: 30 }                 due 30 s later on the run's clock
 *     ChangeMessageVisibility { VisibilityTimeout: 60 }  due 60 s after the call
 */
import type { LocalClock } from "./local-clock.ts";
import type { EventSourceSpec } from "./local-stack.ts";
import type { InvocationResult } from "./local-lambda.ts";
import type { LocalQueue, LocalQueues, ReceivedMessage } from "./queues.ts";

/** What the loop works with. */
export type EventSourceOptions = {
  readonly spec: EventSourceSpec;
  readonly queue: LocalQueue;
  /** Where messages go that were received too often. */
  readonly deadLetters: LocalQueue | undefined;
  readonly queues: LocalQueues;
  readonly clock: LocalClock;
  readonly region: string;
  invoke(event: unknown): Promise<InvocationResult>;
  /** Told of each message that was received too often, and of each batch that failed as a whole. */
  onProblem(line: string): void;
};

/** The loop. */
export type EventSource = {
  /** Messages that are in the queue, hidden ones included. */
  depth(): number;
  /** Stops once what is under way is done. */
  stop(): Promise<void>;
};

type Waiting = ReceivedMessage & {
  due: number;
  received: number;
  hiddenUntil?: number;
  calledOff: () => void;
};

/** Starts the loop. */
export function startEventSource(options: EventSourceOptions): EventSource {
  const { spec, queue, queues, clock } = options;
  const waiting = new Map<string, Waiting>();
  const ready: Waiting[] = [];
  const working = new Set<Promise<void>>();
  let coming = 0;
  let stopped = false;

  const wait = (one: Waiting, due: number): void => {
    one.due = due;
    one.calledOff = clock.at(due, () => {
      ready.push(one);
      // What is due at the same moment goes together.
      setImmediate(pump);
    });
  };
  const pump = (): void => {
    if (stopped) return;
    while (ready.length > 0 && working.size < spec.maxConcurrency) {
      const batch = ready.splice(0, spec.batchSize);
      const work: Promise<void> = invokeWith(batch).finally(() => {
        working.delete(work);
        pump();
      });
      working.add(work);
    }
  };
  const invokeWith = async (batch: readonly Waiting[]): Promise<void> => {
    const fresh: Waiting[] = [];
    for (const one of batch) {
      one.received += 1;
      if (spec.maxReceives === undefined || one.received <= spec.maxReceives) fresh.push(one);
      else await bury(one);
    }
    if (fresh.length === 0) return;
    const hiddenUntil = clock.now() + spec.visibilitySeconds * 1000;
    for (const one of fresh) one.hiddenUntil = hiddenUntil;
    const result = await options.invoke({ Records: fresh.map((one) => recordOf(one, options)) });
    const failed = failedIn(result, fresh);
    if (!result.ok) options.onProblem(`a redelivery failed: ${result.error.errorMessage}`);
    for (const one of fresh) {
      if (failed.has(one.messageId)) wait(one, one.hiddenUntil ?? hiddenUntil);
      else await done(one);
    }
  };
  const done = async (one: Waiting): Promise<void> => {
    await queues.delete(queue, one.receiptHandle);
    waiting.delete(one.receiptHandle);
  };
  const bury = async (one: Waiting): Promise<void> => {
    if (options.deadLetters !== undefined) await queues.send(options.deadLetters, one.body);
    options.onProblem(`a message was received ${spec.maxReceives} times; it is in the dead-letter queue`);
    await done(one);
  };

  queues.intercept(queue, {
    sent: () => (coming += 1),
    arrived: (message, delay) => {
      coming = Math.max(0, coming - 1);
      const one: Waiting = { ...message, due: 0, received: 0, calledOff: () => {} };
      waiting.set(message.receiptHandle, one);
      wait(one, clock.now() + delay * 1000);
    },
    hidden: (receiptHandle, seconds) => {
      const one = waiting.get(receiptHandle);
      if (one !== undefined) one.hiddenUntil = clock.now() + seconds * 1000;
    },
  });
  return {
    depth: () => waiting.size + coming,
    stop: async () => {
      stopped = true;
      for (const { calledOff } of waiting.values()) calledOff();
      await Promise.all(working);
    },
  };
}

/** A message as Lambda hands it over. */
function recordOf(one: Waiting, { queue, region, clock }: EventSourceOptions): Record<string, unknown> {
  return {
    messageId: one.messageId,
    receiptHandle: one.receiptHandle,
    body: one.body,
    attributes: {
      ApproximateReceiveCount: String(one.received),
      SentTimestamp: String(one.sent),
      ApproximateFirstReceiveTimestamp: String(clock.now()),
      SenderId: "AROALOCALRUN000000001:local",
    },
    messageAttributes: {},
    md5OfBody: one.md5,
    eventSource: "aws:sqs",
    eventSourceARN: queue.arn,
    awsRegion: region,
  };
}

/** The ids of the messages that stay: all of them when the function failed or its answer cannot be read. */
function failedIn(result: InvocationResult, batch: readonly ReceivedMessage[]): Set<string> {
  const all = new Set(batch.map(({ messageId }) => messageId));
  if (!result.ok) return all;
  const answer = result.value as { readonly batchItemFailures?: unknown } | null | undefined;
  const named = answer?.batchItemFailures ?? [];
  if (!Array.isArray(named)) return all;
  const ids = named.map((one: unknown) => (one as { readonly itemIdentifier?: unknown }).itemIdentifier);
  // As Lambda does: an id that is not in the batch fails the whole batch.
  return ids.every((id) => typeof id === "string" && all.has(id)) ? new Set(ids as string[]) : all;
}
