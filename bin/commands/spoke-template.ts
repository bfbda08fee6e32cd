/** The verb `spoke-template`: the forwarding stack of a spoke as a CloudFormation template, for a StackSet. */
import { readFileSync } from "node:fs";
import { isObject } from "../../lambda/record/untrusted.ts";
import { readConfig } from "../../lib/config.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { counted } from "../../lib/words.ts";
import { type Command, UsageError } from "../command.ts";
import { noPositionals, oneOf, RULES_OPTION, readOptions } from "../options.ts";
import { readRules } from "../rules.ts";

const HELP = `Usage: npm run engine -- spoke-template [--format json|yaml|text] [--stack NAME] [--rules DIR]

Prints the stack that forwards records from a spoke to the hub as a self-contained CloudFormation template: no assets, no
bootstrap, no account or Region in it. Deploy it with a StackSet to the accounts and Regions that the hub should see;
it asks for HubBusArn (an output of the hub's stack) and, if you like, OperationsEmail. docs/accounts.md has the commands.

  --format json|yaml   json on one line is the shorter (default); yaml for people, which text gives as well
  --stack NAME         the name of the hub's stack, default ${STACK_NAME}: the rules here are called alike
  --rules DIR          the folder with the rules, the same that the hub has. Default: rules

The canary and the budget of EventBridge rules are those of "engine" in cdk.json of the current folder.

Exit code: 0 fine, 1 when a rule file or cdk.json is bad or the template too large, 2 for wrong use.

Examples:
  npm run --silent engine -- spoke-template > spoke.json
  npm run --silent engine -- spoke-template --format yaml > spoke.yaml
`;

export const command: Command = {
  summary: "Print the CloudFormation template that forwards a spoke's records to the hub.",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...RULES_OPTION,
      format: { type: "string", default: "json" },
      stack: { type: "string", default: STACK_NAME },
    });
    noPositionals(positionals);
    const format = oneOf("format", values.format, ["text", "json", "yaml"]);
    if (!/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(values.stack))
      throw new UsageError(
        `${JSON.stringify(values.stack)} is no name of a stack. Write one such as ${STACK_NAME}.`,
      );
    const say = (line: string): void => {
      io.stderr.write(`${line}\n`);
    };
    const { config, problems } = readConfig(readContext());
    for (const problem of problems) say(problem);
    const ruleSet = readRules(values.rules, say);
    if (ruleSet === undefined || problems.length > 0) return 1;
    // The CDK takes a second to load.
    const { formatTemplate, makeSpokeTemplate, MAX_TEMPLATE_BODY, MAX_TEMPLATE_IN_S3 } = await import(
      "../../lib/spoke-template.ts"
    );
    const text = formatTemplate(
      makeSpokeTemplate({ config, ruleSet, engineName: values.stack }),
      format === "json" ? "json" : "yaml",
    );
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_TEMPLATE_IN_S3) {
      say(
        `The template has ${counted(bytes, "byte")}, and CloudFormation takes ${counted(MAX_TEMPLATE_IN_S3, "byte")} at most. ` +
          `Use --format json, or lower engine.eventRules.budget in cdk.json.`,
      );
      return 1;
    }
    io.stdout.write(text);
    say(
      bytes <= MAX_TEMPLATE_BODY
        ? `${counted(bytes, "byte")}: give it as --template-body file://FILE.`
        : `${counted(bytes, "byte")}, more than the ${counted(MAX_TEMPLATE_BODY, "byte")} of a --template-body: put it into an S3 bucket and give its --template-url.`,
    );
    if (config.canary !== undefined)
      say("It names the canary's role: create the StackSet with --capabilities CAPABILITY_NAMED_IAM.");
    return 0;
  },
};

/** `engine` in the cdk.json of the current folder; without such a file, the defaults. */
function readContext(): unknown {
  let text: string;
  try {
    text = readFileSync("cdk.json", "utf8");
  } catch {
    return undefined;
  }
  const parsed: unknown = JSON.parse(text);
  const context = isObject(parsed) ? parsed["context"] : undefined;
  return isObject(context) ? context["engine"] : undefined;
}
