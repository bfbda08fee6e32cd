/**
 * What the `cdk` command runs: configuration and rules become stacks, or a list of what to mend and exit code 1.
 */
import { fileURLToPath } from "node:url";
import { App, type Environment } from "aws-cdk-lib";
import { EventRuleBudgetError } from "../lambda/engine/event-rules.ts";
import { addStacks } from "../lib/app-stacks.ts";
import { SynthesisError } from "../lib/engine-app.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function environment(): Environment | undefined {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  if (region === undefined) return undefined;
  return account === undefined ? { region } : { account, region };
}

/** What is wrong with rules or configuration is said without a stack trace, which would hide what to mend. */
function describe(error: unknown): string {
  if (error instanceof SynthesisError || error instanceof EventRuleBudgetError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  const app = new App({ autoSynth: false });
  const env = environment();
  addStacks(app, {
    directory: fileURLToPath(new URL("..", import.meta.url)),
    warn: say,
    ...(env === undefined ? {} : { env }),
  });
  app.synth();
} catch (error) {
  say(describe(error));
  process.exitCode = 1;
}
