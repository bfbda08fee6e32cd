/**
 * The only file that knows it runs in Lambda: wires once while the sandbox starts, then hands everything on. An
 * invocation that throws is tried again by Lambda, twice, and then goes whole to the on-failure queue.
 */
import type { Context } from "aws-lambda";
import { readConfig } from "./config.ts";
import { dispatch } from "./dispatch.ts";
import { wire } from "./wire.ts";

const beside = (name: string): URL => new URL(name, import.meta.url);

// Not the console: with Lambda's JSON log format it would wrap the metrics' line, and CloudWatch would not read it.
const ports = wire(readConfig(beside("config.json")), beside("rules.json"), {
  write: (line) => void process.stdout.write(`${line}\n`),
  functionArn: () => functionArn,
});
/** What timers invoke: this function. Known from the first invocation on, and not from the template, whose role would wait for it. */
let functionArn = "";

/** Milliseconds before the invocation's end by which destinations must have answered, and outcomes be written. */
const ANSWERED_BEFORE_MS = 8_000;
const WRITTEN_BEFORE_MS = 1_500;
/** The longest timeout that a function can have, in milliseconds. */
const LONGEST_INVOCATION_MS = 900_000;

/**
 * Handles one invocation. Two parameters on purpose: Node 24 refuses handlers with a callback (FACTS § 3).
 * @throws UnreadableRecordError or PipelineError, so that Lambda retries and keeps what failed.
 */
export async function handler(event: unknown, context: Partial<LambdaContext>): Promise<unknown> {
  // Whoever calls the handler without Lambda's clock sets no limit.
  const ends = Date.now() + (context.getRemainingTimeInMillis?.() ?? LONGEST_INVOCATION_MS);
  functionArn = context.invokedFunctionArn ?? functionArn;
  return dispatch(event, (await ports.begin?.()) ?? ports, {
    answersBy: ends - ANSWERED_BEFORE_MS,
    writtenBy: ends - WRITTEN_BEFORE_MS,
  });
}

/** What is used of the context that Lambda gives. */
type LambdaContext = Pick<Context, "getRemainingTimeInMillis" | "invokedFunctionArn">;
