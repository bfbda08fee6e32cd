/**
 * The only file that knows it runs in Lambda: wires once while the sandbox starts, then hands every event to the
 * pipeline. An invocation that throws is tried again by Lambda, twice, and then goes whole to the on-failure queue.
 */
import { readConfig } from "./config.ts";
import { processInput } from "./pipeline.ts";
import { wire } from "./wire.ts";

// Not the console: with Lambda's JSON log format it would wrap the metrics' line, and CloudWatch would not read it.
const ports = wire(
  readConfig(),
  new URL("rules.json", import.meta.url),
  (line) => void process.stdout.write(`${line}\n`),
);

/**
 * Handles one EventBridge event. Two parameters on purpose: Node 24 refuses handlers with a callback (FACTS § 3).
 * @throws UnreadableRecordError or PipelineError, so that Lambda retries and keeps what failed.
 */
export async function handler(event: unknown, _context: unknown): Promise<void> {
  await processInput(event, ports);
}
