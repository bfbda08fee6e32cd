/**
 * What the queue of new log files brings. A message stays until all of its objects are read, hidden for as long as there is
 * nothing to do: until the grace period is over, or the next try is due. What cannot be read, and what failed too often,
 * goes to the queue of given-up objects, with the reason, where an alarm finds it; sent back from there it is read again.
 *
 *     await takeObjects(messages, ports, invocation)   // ids of the messages that must stay
 */
import { insist } from "../delivery/insist.ts";
import { makeLanes } from "../delivery/lanes.ts";
import { describe } from "./intake-report.ts";
import { kindOfKey } from "./log-key.ts";
import { type ObjectRef, readNotification } from "./notifications.ts";
import type { IntakeBucket, IntakeInvocation, IntakePorts, ObjectLetter } from "./ports.ts";
import { processObject } from "./process-object.ts";

/** A message as Lambda hands it over. */
export type IntakeMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly queueArn: string;
  readonly body: string;
  /** When it was sent, in milliseconds since 1970. */
  readonly sent: number;
};

/** Objects that are read at once: while one waits for S3, another is parsed. */
const AT_ONCE = 4;
/** Milliseconds that must be left for an object to be begun. */
const LEAST_MS = 30_000;
/** A failed try is made again after a minute, then two, four, … up to this, in milliseconds. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Tries, over about eleven hours: long enough for a policy to be mended. */
const MOST_FAILURES = 16;
/** SQS hides a message for twelve hours at most from when it was received (FACTS § 9); time is left for the work. */
const LONGEST_HIDDEN_MS = 11 * 3_600_000;
/** Errors of S3 that no later try heals. */
const GONE = new Set(["NoSuchKey", "NoSuchVersion", "InvalidObjectState", "MethodNotAllowed"]);

/** What became of a message or of one of its objects: it is done, or comes again after so many milliseconds. */
type Outcome = { readonly done: true } | { readonly done: false; readonly again: number };
const DONE: Outcome = { done: true };

/** Reads what the messages name. @returns the ids of those that must stay in the queue */
export async function takeObjects(
  messages: readonly IntakeMessage[],
  ports: IntakePorts,
  invocation: IntakeInvocation,
): Promise<string[]> {
  const lanes = makeLanes(AT_ONCE);
  const staying = await Promise.all(
    messages.map((message) =>
      lanes(async () => {
        try {
          const outcome = await takeMessage(message, ports, invocation);
          if (outcome.done) return [];
          const pause = Math.max(0, Math.min(LONGEST_HIDDEN_MS, outcome.again));
          await ports.hide(message, pause, invocation.writtenBy);
        } catch (error) {
          // It stays, and comes again when the queue's own time for it is over.
          ports.report.messageFailed(message.messageId, error);
        }
        return [message.messageId];
      }),
    ),
  );
  return staying.flat();
}

async function takeMessage(
  { body, sent }: IntakeMessage,
  ports: IntakePorts,
  invocation: IntakeInvocation,
): Promise<Outcome> {
  const notified = readNotification(body);
  if (!notified.ok) {
    await giveUp({ body }, notified.reason, ports, invocation);
    return DONE;
  }
  if (notified.problem !== undefined) ports.report.messageFailed("", new Error(notified.problem));
  const { objects } = notified;
  let outcome: Outcome = DONE;
  for (const object of objects) {
    const one = await takeObject({ written: sent, ...object }, objects.length > 1, ports, invocation);
    if (!one.done)
      outcome = { done: false, again: outcome.done ? one.again : Math.min(outcome.again, one.again) };
  }
  return outcome;
}

async function takeObject(
  object: ObjectRef & { readonly written: number },
  hasSiblings: boolean,
  ports: IntakePorts,
  invocation: IntakeInvocation,
): Promise<Outcome> {
  const { report, progress, grace } = ports;
  const { clock } = ports.pipeline;
  const bucket = bucketOf(object, ports.buckets);
  if (bucket === undefined) return skip(object, "it is of no configured bucket and prefix", ports);
  const kind = kindOfKey(object.key);
  if (kind !== "records") return skip(object, SKIPPED[kind], ports);
  const early = grace - (clock.now() - object.written);
  if (early > 0) return { done: false, again: early };
  if (invocation.writtenBy - clock.now() < LEAST_MS) return { done: false, again: 0 };
  const deadline = invocation.writtenBy;
  const kept = await progress.read(object, deadline);
  if (kept.done === true && object.byHand !== true) return DONE;
  const save = (next: typeof kept): Promise<void> => progress.save(object, next, clock.now(), deadline);
  const finish = async (): Promise<Outcome> => {
    // Whoever was begun may come once more, and of a message with several each comes until all are read.
    if (hasSiblings || kept.at !== undefined || kept.failures > 0) await save({ failures: 0, done: true });
    return DONE;
  };

  let reason: string;
  let at = kept.at;
  try {
    const ending = await processObject(object, bucket, kept.at, ports, invocation);
    switch (ending.state) {
      case "done":
        report.count("TrailObjects");
        return await finish();
      case "skipped":
        skip(object, ending.reason, ports);
        return await finish();
      case "bad":
        await giveUp(object, ending.reason, ports, invocation);
        return await finish();
      case "unfinished":
        await save({ at: ending.at, failures: 0 });
        return { done: false, again: 0 };
      case "failed":
        ({ at, reason } = ending);
    }
  } catch (error) {
    reason = `it could not be read: ${describe(error)}`;
    if (error instanceof Error && GONE.has(error.name)) {
      await giveUp(object, reason, ports, invocation);
      return finish();
    }
  }
  report.failed(object, reason);
  const hasMoved = at !== undefined && at.offset > (kept.at?.offset ?? 0);
  const failures = hasMoved ? 1 : kept.failures + 1;
  if (failures >= MOST_FAILURES) {
    await giveUp(object, reason, ports, invocation);
    return finish();
  }
  await save({ ...(at === undefined ? {} : { at }), failures });
  return { done: false, again: Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)) };
}

const SKIPPED = {
  digest: "the object is a digest",
  insight: "the object holds Insight events",
  other: "by its name it is no log file of CloudTrail",
} as const;

function skip(object: ObjectRef, reason: string, { report }: IntakePorts): Outcome {
  report.skipped(object, reason);
  return DONE;
}

/** The configuration's entry for the object: who may write to the queue could otherwise have forged records read. */
function bucketOf({ bucket, key }: ObjectRef, buckets: readonly IntakeBucket[]): IntakeBucket | undefined {
  return buckets.find(({ name, prefix = "" }) => name === bucket && key.startsWith(prefix));
}

async function giveUp(
  what: Partial<ObjectRef> & { readonly body?: string },
  reason: string,
  ports: IntakePorts,
  { writtenBy }: IntakeInvocation,
): Promise<void> {
  const { clock } = ports.pipeline;
  const { written, byHand: _, ...known } = what;
  const letter: ObjectLetter = {
    engine: "intake",
    ...known,
    ...(written === undefined ? {} : { written: new Date(written).toISOString() }),
    reason,
    until: new Date(clock.now()).toISOString(),
  };
  await insist(() => ports.bury(letter, writtenBy), writtenBy, clock);
  ports.report.dead(what, reason);
}
