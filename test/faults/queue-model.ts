/**
 * An SQS queue on an injected clock: delays, visibility, receive counts and the redrive to a dead-letter queue, as far as
 * redelivery uses them. Held to the same contract as the embedded SQS (`test/contracts/queue.ts`).
 *
 *     queue.send("body", 30); …30 s later…; queue.receive(10, 360)   // hidden for 360 s, then it comes again
 */

/** A message that was received. */
export type Received = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly receives: number;
};

export type QueueModel = {
  /** `delay` in seconds, at most 900. */
  send(body: string, delay: number): void;
  /** At most `max` visible messages, hidden for `visibility` seconds from now. */
  receive(max: number, visibility: number): Received[];
  /** Hides it for so many seconds from now, to at most twelve hours after it was received. */
  changeVisibility(receiptHandle: string, seconds: number): void;
  delete(receiptHandle: string): void;
  /** Messages, visible or not. */
  bodies(): readonly string[];
  /** When the next message becomes visible, in milliseconds; undefined when the queue is empty. */
  nextVisible(): number | undefined;
};

const LONGEST_DELAY = 900;
const LONGEST_VISIBILITY = 12 * 3600;

type Message = {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  receives: number;
  receivedAt: number;
  handle: string;
};

/** Makes a queue; what was received `maxReceives` times goes to `deadLetters` instead of being received again. */
export function makeQueueModel(
  now: () => number,
  redrive?: { readonly maxReceives: number; readonly deadLetters: QueueModel },
): QueueModel {
  const messages = new Map<string, Message>();
  let made = 0;
  const holding = (handle: string): Message | undefined =>
    [...messages.values()].find((message) => message.handle === handle);
  return {
    send(body, delay) {
      if (!(delay >= 0 && delay <= LONGEST_DELAY)) throw refused("DelaySeconds");
      const id = `message-${++made}`;
      messages.set(id, { id, body, visibleAt: now() + delay * 1000, receives: 0, receivedAt: 0, handle: "" });
    },
    receive(max, visibility) {
      const found: Received[] = [];
      for (const message of messages.values()) {
        if (found.length === max) break;
        if (message.visibleAt > now()) continue;
        if (redrive !== undefined && message.receives >= redrive.maxReceives) {
          messages.delete(message.id);
          redrive.deadLetters.send(message.body, 0);
          continue;
        }
        message.receives++;
        message.receivedAt = now();
        message.visibleAt = now() + visibility * 1000;
        message.handle = `${message.id}-${message.receives}`;
        const { id: messageId, handle: receiptHandle, body, receives } = message;
        found.push({ messageId, receiptHandle, body, receives });
      }
      return found;
    },
    changeVisibility(handle, seconds) {
      const message = holding(handle);
      if (message === undefined || message.visibleAt <= now()) throw refused("ReceiptHandle");
      if (now() + seconds * 1000 > message.receivedAt + LONGEST_VISIBILITY * 1000)
        throw refused("VisibilityTimeout");
      message.visibleAt = now() + seconds * 1000;
    },
    delete(handle) {
      const message = holding(handle);
      if (message !== undefined) messages.delete(message.id);
    },
    bodies: () => [...messages.values()].map(({ body }) => body),
    nextVisible: () =>
      messages.size === 0 ? undefined : Math.min(...[...messages.values()].map(({ visibleAt }) => visibleAt)),
  };
}

function refused(parameter: string): Error {
  return new Error(`the value of ${parameter} is not allowed`);
}
