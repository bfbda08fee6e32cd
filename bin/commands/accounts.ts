/** `engine accounts`: which accounts and Regions reach a deployed engine. The checks are in `lib/accounts`. */
import { openAccountsSession } from "../../lib/accounts/accounts-session.ts";
import { type AccountsSession, examineAccounts } from "../../lib/accounts/examine-accounts.ts";
import { formatAccounts } from "../../lib/accounts/format-accounts.ts";
import { STACK_NAME } from "../../lib/names.ts";
import type { Command } from "../command.ts";
import { DEPLOYED_OPTIONS, readRegion } from "../deployed-options.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";

const help = `Usage: npm run engine -- accounts [--stack NAME] [--region REGION] [--format text|json]

Shows which accounts and Regions reach a deployed engine: wired, silent, missing or unknown. It asks the engine's stack
what should forward to it, CloudFormation and EventBridge what does in each Region of this account, and the table when
each canary was last heard. Only reads. Of a spoke its canary is all that can be known without credentials there.

  --stack NAME       the engine's stack, default ${STACK_NAME}
  --region REGION    where it is; default: AWS_REGION or AWS_DEFAULT_REGION
  --format text|json json: one document, docs/schemas/accounts.schema.json
  --rules DIR        taken by every verb, without effect here

Exit code: 0 nothing is silent or missing, 1 something is, or the stack cannot be read, 2 wrong use.

Examples:
  npm run engine -- accounts --region eu-west-1
  npm run --silent engine -- accounts --format json | jq -r '.places[] | select(.status == "silent") | .account'
`;

/** The verb with the session it asks: tests give their own. */
export function accountsCommand(
  open: (region: string) => AccountsSession,
  environment: Readonly<Record<string, string | undefined>>,
  now: () => number,
): Command {
  return {
    summary: "Show which accounts and Regions reach a deployed engine, and which fell silent.",
    help,
    async run(args, io) {
      const { values, positionals } = readOptions(args, {
        ...RULES_OPTION,
        ...DEPLOYED_OPTIONS,
        format: { type: "string", default: "text" },
      });
      noPositionals(positionals);
      const format = oneOf("format", values.format, ["text", "json"]);
      const region = readRegion(values.region, environment);
      const report = await examineAccounts(open(region), values.stack, region, now());
      io.stdout.write(format === "json" ? `${JSON.stringify(report, null, 2)}\n` : formatAccounts(report));
      return report.findings === 0 ? 0 : 1;
    },
  };
}

/** The verb as it is called. */
export const command: Command = accountsCommand(openAccountsSession, process.env, Date.now);
