/**
 * `engine doctor`: is a deployed engine able to alert? The checks are in `lib/doctor`; this is their command line.
 */
import { createClients, type DoctorClients } from "../../lib/doctor/clients.ts";
import { examine } from "../../lib/doctor/examine.ts";
import { formatReport } from "../../lib/doctor/report.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { type Command, UsageError } from "../command.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";

const help = `Usage: npm run engine -- doctor [--stack NAME] [--region REGION] [--format text|json]

Checks a deployed engine: is a trail logging management writes, does the Region see the
records that the rules watch, are the EventBridge rules enabled, do subscriptions and
secrets work, is the dead-letter queue in order. Only reads; secrets are never shown.

  --stack NAME       the stack, default ${STACK_NAME}
  --region REGION    default: AWS_REGION or AWS_DEFAULT_REGION
  --format text|json json: one document, docs/schemas/doctor.schema.json
  --rules DIR        taken by every verb, without effect here: what is deployed is checked

Credentials are found as the AWS command line finds them (AWS_PROFILE, …).
Exit code: 0 all is well, 1 something is to mend, 2 wrong use.

Examples:
  npm run engine -- doctor --region eu-west-1
  npm run --silent engine -- doctor --format json | jq '.results[] | select(.status != "ok")'
`;

/** The verb with the clients it asks: tests give their own. */
export function doctorCommand(
  makeClients: (region: string) => DoctorClients,
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  return {
    summary: "checks that a deployed engine can alert",
    help,
    async run(args, io) {
      const { stack, region, format } = parse(args, environment);
      const report = await examine(makeClients(region), stack, region);
      io.stdout.write(format === "json" ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
      return report.findings === 0 ? 0 : 1;
    },
  };
}

/** The verb as it is called. */
export const command: Command = doctorCommand(createClients, process.env);

function parse(args: readonly string[], environment: Readonly<Record<string, string | undefined>>) {
  const { values, positionals } = readOptions(args, {
    ...RULES_OPTION,
    stack: { type: "string", default: STACK_NAME },
    region: { type: "string" },
    format: { type: "string", default: "text" },
  });
  noPositionals(positionals);
  const format = oneOf("format", values.format, ["text", "json"]);
  const region = values.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "";
  if (region === "") throw new UsageError("There is no Region. Give --region eu-west-1, or set AWS_REGION.");
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new UsageError(`${JSON.stringify(region)} is no Region. Write one such as eu-west-1.`);
  }
  return { stack: values.stack, region, format };
}
