/**
 * `engine send-test`: a labelled test alert through every destination, and what each of them answered. The detector sends
 * it (`lambda/delivery/send-test.ts`), with its own role, secrets and network: that is what is tested.
 */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { DESTINATION_NAMES } from "../../lib/local/choices.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { openSession, type Session } from "../../lib/redrive/session.ts";
import type { DetectorAnswer } from "../../lib/invoke-detector.ts";
import { type Command, UsageError } from "../command.ts";
import { DEPLOYED_OPTIONS, readRegion } from "../deployed-options.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const help = `Usage: npm run engine -- send-test [--to ID]… [--stack NAME] [--region REGION] [--format text|json]
       npm run engine -- send-test --local [--to ID]…

Sends a test alert, labelled as a test, through every destination of a deployed engine, and says what each
answered. The deployed detector sends it, so its secrets, permissions and network are what is tested.

  --to ID            only this destination (several times for more); "topic" is the alerts topic
  --local            through local stand-ins instead, of the configured destinations and of all other kinds: tests
                     the bundle, the formats and the configuration alone
  --stack NAME       the stack, default ${STACK_NAME}
  --region REGION    default: AWS_REGION or AWS_DEFAULT_REGION
  --format text|json json: one document
  --rules DIR        taken by every verb, without effect here

Needs cloudformation:DescribeStacks and lambda:InvokeFunction.
Exit code: 0 all took it, 1 one did not, 2 wrong use.

Examples:
  npm run engine -- send-test --region eu-west-1
  npm run engine -- send-test --to slack --to pagerduty
  npm run engine -- send-test --local
`;

const outcomesSchema = z.object({
  outcomes: z.array(
    z.object({
      destination: z.string(),
      type: z.string(),
      ok: z.boolean(),
      milliseconds: z.number(),
      reason: z.string().optional(),
    }),
  ),
});

/** Invokes a detector with an event. */
type Invoke = (event: unknown) => Promise<DetectorAnswer>;

/** The verb with the AWS that it asks: tests give their own. */
export function sendTestCommand(
  open: (region: string) => Session,
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  return {
    summary: "send a test alert through every destination",
    help,
    async run(args, io) {
      const { values, positionals } = readOptions(args, {
        ...RULES_OPTION,
        ...DEPLOYED_OPTIONS,
        to: { type: "string", multiple: true },
        local: { type: "boolean", default: false },
        format: { type: "string", default: "text" },
      });
      noPositionals(positionals);
      const isJson = oneOf("format", values.format, ["text", "json"]) === "json";
      if (values.local && values.region !== undefined)
        throw new UsageError("--local and --region exclude each other: a local run is in no Region.");
      const event = { engine: "send-test", ...(values.to === undefined ? {} : { to: values.to }) };
      const answer = values.local
        ? await locally(event, values.to ?? DESTINATION_NAMES, (line) => void io.stderr.write(`${line}\n`))
        : await deployed(values.stack, open(readRegion(values.region, environment)))(event);
      if (!answer.ok) {
        io.stderr.write(`The detector could not send it: ${printable(answer.error)}\n`);
        return 1;
      }
      const { outcomes } = outcomesSchema.parse(answer.value);
      if (isJson) io.stdout.write(`${safeJson({ outcomes })}\n`);
      for (const { destination, type, ok, milliseconds, reason } of isJson ? [] : outcomes) {
        const name = printable(`${destination} (${type})`);
        io.stdout.write(
          ok
            ? `ok    ${name} took it in ${milliseconds} ms\n`
            : `FAIL  ${name}: ${printable(reason ?? "")}\n`,
        );
      }
      return outcomes.every(({ ok }) => ok) ? 0 : 1;
    },
  };
}

/** The verb as it is called. */
export const command: Command = sendTestCommand(openSession, process.env);

function deployed(stack: string, session: Session): Invoke {
  return async (event) => {
    const outputs = await session.outputs(stack);
    return session.invoke(outputs["DetectorArn"] ?? "", event);
  };
}

/** Starts the local run for the one invocation. */
async function locally(
  event: unknown,
  wanted: readonly string[],
  say: (line: string) => void,
): Promise<DetectorAnswer> {
  say("Starting the local stand-ins …");
  const { startLocalRun } = await import("../../lib/local/local-run.ts");
  const run = await startLocalRun({
    directory: ROOT,
    destinations: wanted.filter((name) => DESTINATION_NAMES.includes(name)),
    onAlert: () => {},
    onTold: (id, line) => say(`  ${id} got: ${printable(line)}`),
    onProblem: (line) => say(`! ${printable(line)}`),
  });
  try {
    const result = await run.invoke(event);
    return result.ok ? result : { ok: false, error: result.error.errorMessage };
  } finally {
    await run.stop();
  }
}
