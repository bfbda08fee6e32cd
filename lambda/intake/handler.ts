/**
 * The function that takes log files from S3: wires once while the sandbox starts, then reads what its queue names.
 */
import type { Context } from "aws-lambda";
import { readConfig } from "../config.ts";
import { textAt, valueAt } from "../record/untrusted.ts";
import { wire } from "../wire.ts";
import { type IntakeMessage, takeObjects } from "./take-objects.ts";
import { wireIntake } from "./wire-intake.ts";

const beside = (name: string): URL => new URL(name, import.meta.url);
const write = (line: string): void => void process.stdout.write(`${line}\n`);

const config = readConfig(beside("config.json"));
// Timers close windows in the detector, which is the one function that their role may invoke.
const wired = wire(config, beside("rules.json"), {
  write,
  functionArn: () => process.env["ENGINE_DETECTOR_ARN"] ?? "",
});
const intakeOf = wireIntake(config, beside("."), write);

/** Milliseconds before the invocation's end by which destinations must have answered, and outcomes be written. */
const ANSWERED_BEFORE_MS = 8_000;
const WRITTEN_BEFORE_MS = 1_500;
const LONGEST_INVOCATION_MS = 900_000;

/** Handles one batch of messages. Two parameters on purpose: Node 24 refuses handlers with a callback (FACTS § 3). */
export async function handler(
  event: unknown,
  context: Partial<Pick<Context, "getRemainingTimeInMillis">>,
): Promise<{ readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }> {
  const ends = Date.now() + (context.getRemainingTimeInMillis?.() ?? LONGEST_INVOCATION_MS);
  const ports = intakeOf((await wired.begin?.()) ?? wired);
  try {
    const staying = await takeObjects(messagesIn(event), ports, {
      answersBy: ends - ANSWERED_BEFORE_MS,
      writtenBy: ends - WRITTEN_BEFORE_MS,
    });
    return { batchItemFailures: staying.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    ports.report.flush();
    ports.pipeline.report.flush();
  }
}

function messagesIn(event: unknown): IntakeMessage[] {
  const records = valueAt(event, "Records");
  if (!Array.isArray(records)) throw new TypeError("the input is no batch of SQS messages");
  return records.map((record: unknown) => ({
    messageId: textAt(record, "messageId") ?? "",
    receiptHandle: textAt(record, "receiptHandle") ?? "",
    queueArn: textAt(record, "eventSourceARN") ?? "",
    body: textAt(record, "body") ?? "",
    sent: Number(textAt(record, "attributes", "SentTimestamp") ?? 0),
  }));
}
