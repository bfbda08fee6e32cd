/**
 * Dead letters sent once more. Whatever happens in between, nothing is lost and nobody is told twice; for a delivery it
 * is the order that does it:
 *
 *   1. the delivery is opened again in the table (`dead` becomes `queued`, its day of attempts begins anew),
 *   2. its message goes to the redelivery queue,
 *   3. the dead letter is deleted.
 *
 * Whoever is interrupted after 1 or 2 leaves the letter where it is. The next replay finds the delivery open, sends its
 * message (a second one does nothing: whoever comes first claims the delivery, and what is delivered stays so), and
 * deletes the letter. The message must not go first: one that finds the delivery dead is dropped.
 *
 * A record is handed to the detector itself, since nobody can put events of `aws.*` on a bus; its alerts have the ids
 * they had, so the table knows who was told already. The letter is deleted when the detector has taken it.
 */
import { DeleteMessageCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { AlertStore } from "../../lambda/state/alert-store.ts";
import type { DeadLetter } from "./dead-letters.ts";

/** What replaying works with. */
export type ReplayPorts = {
  readonly sqs: Pick<SQSClient, "send">;
  readonly store: Pick<AlertStore, "reopen" | "read">;
  readonly redeliveryUrl: string;
  /** Invokes the detector and gives why it failed; undefined when it did not. */
  readonly invoke: (event: unknown) => Promise<string | undefined>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newOwner: () => string;
};

/** What became of a letter. `says` is for people: what was done, or why nothing was and what to do. */
export type Replayed = { readonly ok: boolean; readonly says: string };

/** How long the table may take, in milliseconds. */
const TABLE_MS = 10_000;

/** Sends one letter once more; never rejects. */
export async function replayDeadLetter(letter: DeadLetter, ports: ReplayPorts): Promise<Replayed> {
  try {
    switch (letter.kind) {
      case "delivery":
        return await replayDelivery(letter, ports);
      case "record":
        return await replayRecord(letter, ports);
      default:
        return {
          ok: false,
          says: "this message is none of the engine's; look at it with show, and delete it in SQS",
        };
    }
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { ok: false, says: `${why}; it stays here, run this again` };
  }
}

async function replayDelivery(
  letter: DeadLetter & { readonly kind: "delivery" },
  ports: ReplayPorts,
): Promise<Replayed> {
  const { alertId, part, destination } = letter;
  const now = ports.now();
  const deadline = now + TABLE_MS;
  const caller = { owner: ports.newOwner(), now, deadline };
  if (!(await ports.store.reopen(alertId, part, destination, caller))) {
    const found = await ports.store.read(alertId, part, deadline);
    const state = found?.deliveries[destination]?.state;
    if (state === undefined) {
      return {
        ok: false,
        says: "the table has no such delivery any more (keepDays); read the letter with show, and delete it in SQS",
      };
    }
    if (state === "delivered") {
      await discard(letter, ports);
      return { ok: true, says: `${destination} has it already; the dead letter is gone` };
    }
  }
  const MessageBody = JSON.stringify({ alertId, part, destination });
  await ports.sqs.send(new SendMessageCommand({ QueueUrl: ports.redeliveryUrl, MessageBody }));
  await discard(letter, ports);
  return { ok: true, says: `on its way to ${destination} again, for a day of attempts` };
}

async function replayRecord(
  letter: DeadLetter & { readonly kind: "record" },
  ports: ReplayPorts,
): Promise<Replayed> {
  const error = await ports.invoke(letter.event);
  if (error !== undefined)
    return { ok: false, says: `the detector failed again: ${error}; it stays here, mend that first` };
  await discard(letter, ports);
  return { ok: true, says: "the detector has taken it" };
}

async function discard({ queueUrl, receiptHandle }: DeadLetter, { sqs }: ReplayPorts): Promise<void> {
  await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
}
