/**
 * `engine lists`: the dynamic lists of a deployed engine, how old they are and what changed; and has them refreshed. The
 * deployed function that refreshes answers, with its own role: what it cannot read shows here as it does there.
 */
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { didYouMean } from "../../lambda/words/nearest.ts";
import { formatLists } from "../../lib/lists/format-lists.ts";
import { listsReportSchema } from "../../lib/lists/lists-schema.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { openSession, type Session } from "../../lib/redrive/session.ts";
import { type Command, UsageError } from "../command.ts";
import { DEPLOYED_OPTIONS, readRegion } from "../deployed-options.ts";
import { oneOf, RULES_OPTION, readOptions } from "../options.ts";

const help = `Usage: npm run engine -- lists [NAME] [--refresh] [--stack NAME] [--region REGION] [--format text|json]

Shows the dynamic lists of a deployed engine: state, size, age, what came and went last, why a refresh
failed. With a NAME that list alone, with its values.

  --refresh          has them refreshed first, and waits for it
  --stack NAME       the stack, default ${STACK_NAME}
  --region REGION    default: AWS_REGION or AWS_DEFAULT_REGION
  --format text|json json: one document, docs/schemas/lists.schema.json
  --rules DIR        taken by every verb, without effect here: what is deployed is shown

Needs cloudformation:DescribeStacks and lambda:InvokeFunction.
Exit code: 0 all are good, 1 one is stale or unknown, or a refresh failed, 2 wrong use.

Examples:
  npm run engine -- lists --region eu-west-1
  npm run engine -- lists prod-buckets --refresh
  npm run --silent engine -- lists --format json | jq '.lists[] | select(.state != "good")'
`;

/** The verb with the AWS that it asks: tests give their own. */
export function listsCommand(
  open: (region: string) => Pick<Session, "outputs" | "invoke">,
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  return {
    summary: "show and refresh the dynamic lists of a deployed engine",
    help,
    async run(args, io) {
      const { values, positionals } = readOptions(args, {
        ...RULES_OPTION,
        ...DEPLOYED_OPTIONS,
        refresh: { type: "boolean", default: false },
        format: { type: "string", default: "text" },
      });
      const [name, ...more] = positionals;
      if (more.length > 0) throw new UsageError("lists takes the name of one list, or none for all.");
      const isJson = oneOf("format", values.format, ["text", "json"]) === "json";
      const session = open(readRegion(values.region, environment));
      const arn = (await session.outputs(values.stack))["ListsArn"] ?? "";
      if (arn === "") {
        io.stderr.write("No dynamic lists are deployed: no list of its rules has a query.\n");
        if (isJson) io.stdout.write(`${safeJson({ outcomes: [], lists: [] })}\n`);
        if (name === undefined) return 0;
        return 1;
      }
      const action = values.refresh
        ? { engine: "refresh-lists", ...(name === undefined ? {} : { lists: [name] }) }
        : { engine: "show-lists" };
      const answer = await session.invoke(arn, {
        ...action,
        show: true,
        ...(name === undefined ? {} : { name }),
      });
      if (!answer.ok) {
        io.stderr.write(`The function that refreshes lists failed: ${printable(answer.error)}\n`);
        return 1;
      }
      const report = listsReportSchema.parse(answer.value);
      if (name !== undefined && report.lists.length === 0) {
        const all = await session.invoke(arn, { engine: "show-lists", show: true });
        const known = all.ok ? listsReportSchema.parse(all.value).lists.map((list) => list.name) : [];
        throw new UsageError(`There is no dynamic list "${name}". ${didYouMean(name, known)}`);
      }
      io.stdout.write(isJson ? `${safeJson(report)}\n` : formatLists(report));
      const failed = report.outcomes.some(({ result }) => result === "failed");
      return failed || report.lists.some(({ state }) => state !== "good") ? 1 : 0;
    },
  };
}

/** The verb as it is called. */
export const command: Command = listsCommand(openSession, process.env);
