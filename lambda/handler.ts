/**
 * The only file that knows it runs in Lambda: wires once while the sandbox starts, then hands every event to the
 * pipeline. An invocation that throws is tried again by Lambda, twice, and then goes whole to the on-failure queue.
 */
import type { Context } from "aws-lambda";
import { readConfig } from "./config.ts";
import { processInput } from "./pipeline.ts";
import { wire } from "./wire.ts";

// Not the console: with Lambda's JSON log format it would wrap the metrics' line, and CloudWatch would not read it.
const ports = wire(
  readConfig(),
  new URL("rules.json", import.meta.url),
  (line) => void process.stdout.write(`${line}\n`),
);

/** Milliseconds kept for telling what was delivered and what not, before Lambda ends the invocation. */
const REPORTING_MS = 2_000;
/** The longest timeout that a function can have, in milliseconds. */
const LONGEST_INVOCATION_MS = 900_000;

/**
 * Handles one EventBridge event. Two parameters on purpose: Node 24 refuses handlers with a callback (FACTS § 3).
 * @throws UnreadableRecordError or PipelineError, so that Lambda retries and keeps what failed.
 */
export async function handler(event: unknown, context: Partial<LambdaContext>): Promise<void> {
  await processInput(event, ports, remaining(context) - REPORTING_MS);
}

/** What is used of the context that Lambda gives. */
type LambdaContext = Pick<Context, "getRemainingTimeInMillis">;

/** Whoever calls the handler without Lambda's clock sets no limit. */
function remaining(context: Partial<LambdaContext>): number {
  return context.getRemainingTimeInMillis?.() ?? LONGEST_INVOCATION_MS;
}
