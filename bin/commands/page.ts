/**
 * `engine page`: the page of `npm start`, over the alerts of a deployed engine, on this machine and with the person's own
 * credentials. Nothing of it is reachable from anywhere else.
 */
import { type CaseSession, openCaseSession } from "../../lib/case-text/session.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { printable } from "../../lambda/words/printable.ts";
import type { Command } from "../command.ts";
import { DEPLOYED_OPTIONS, readRegion } from "../deployed-options.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { readPort } from "../ports.ts";
import { readRules } from "../rules.ts";

const help = `Usage: npm run engine -- page [--stack NAME] [--region REGION] [--port N] [--rules DIR]
                                 [--format text|json]

Serves the page of a deployed engine on 127.0.0.1: its alerts as they arrive, each as a case with all that is
known of it; acknowledge, close, comment; the file of a suppression for a pull request; why a record did not fire.

  --stack NAME     the stack, default ${STACK_NAME}
  --region REGION  default: AWS_REGION or AWS_DEFAULT_REGION
  --port N         port of the page (any free one unless given)
  --format         what is printed of the address: text, or json: { "url": "…" }. Default: text
  --rules DIR      the rules that are deployed, for suppressions and "why did it not fire?". Default: rules

The address that is printed holds a key of this run: only who has it can read or change anything. Changes are kept
under the name of the AWS credentials.

Needs cloudformation:DescribeStacks; dynamodb:GetItem and Query on the table and its indexes, and for changes
PutItem and UpdateItem.
Exit code: 0 after Ctrl-C, 1 the engine or the rules could not be read, 2 wrong use.

Examples:
  npm run engine -- page --region eu-west-1
  npm run engine -- page --stack CloudTrailEngine --region eu-west-1 --port 8088
`;

/** The verb with the AWS that it asks: tests give their own. */
export function pageCommand(
  open: (region: string) => CaseSession,
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  return {
    summary: "Serve the page of a deployed engine on this machine.",
    help,
    async run(args, io) {
      const { values, positionals } = readOptions(args, {
        ...RULES_OPTION,
        ...DEPLOYED_OPTIONS,
        port: { type: "string" },
        format: { type: "string", default: "text" },
      });
      noPositionals(positionals);
      const isJson = oneOf("format", values.format, ["text", "json"]) === "json";
      const port = readPort("port", values.port) ?? 0;
      const region = readRegion(values.region, environment);
      const say = (line: string): void => void io.stderr.write(`${printable(line)}\n`);
      const ruleSet = readRules(values.rules, say);
      if (ruleSet === undefined) return 1;
      // Loaded here, because it takes a second: by now it is known that there is something to serve.
      const { serveDeployedPage } = await import("../../lib/page/deployed-page.ts");
      const page = await serveDeployedPage(open(region), {
        stack: values.stack,
        region,
        port,
        ruleSet,
        onProblem: (line) => say(`! ${line}`),
      });
      try {
        io.stdout.write(isJson ? `${JSON.stringify({ url: page.url })}\n` : `${page.url}\n`);
        say(`Open this address: it holds the key of this run. Stop with Ctrl-C.`);
        await untilStopped(io.signal);
        return 0;
      } finally {
        await page.close();
      }
    },
  };
}

/** The verb as it is called. */
export const command: Command = pageCommand(openCaseSession, process.env);

function untilStopped(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.off("SIGINT", end);
      process.off("SIGTERM", end);
      resolve();
    };
    process.once("SIGINT", end);
    process.once("SIGTERM", end);
    if (signal?.aborted === true) end();
    else signal?.addEventListener("abort", end, { once: true });
  });
}
