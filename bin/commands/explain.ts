/**
 * The verb `explain`: what one rule makes of one record, from the event bus to the alert.
 *
 *   npm run engine -- explain ec2.amazonaws.com/security-group-opened record.json
 */
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { explainRule } from "../../lib/explain/explain-rule.ts";
import { formatExplanation } from "../../lib/explain/format-explanation.ts";
import { findRecord } from "../../lib/explain/one-record.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { oneOf, positiveInteger, RULES_OPTION, readOptions } from "../options.ts";
import { readRules } from "../rules.ts";
import { selectRule } from "../select-rules.ts";

const HELP = `Usage: npm run engine -- explain RULE RECORD [options]

Says what one rule makes of one CloudTrail record: whether EventBridge would deliver the record, by which of the
derived EventBridge rules, and if not, which field stopped it; then each condition of the rule with its verdict and
the value that the record has there; and whether there would be an alert.

RULE is the id of a rule or its file. RECORD is a file with the record, or - for stdin, in any form: the record
itself, {"Records":[...]}, an EventBridge event, .json.gz, NDJSON, what "aws cloudtrail lookup-events" prints. Of a
record without an EventBridge event around it, the event is made that its service would have sent.

  --event-id ID         which record, where the file holds several
  --format text|json    text for people; json: one document, docs/schemas/explain.schema.json. Default: text
  --budget N            how many EventBridge rules may be derived. Default: 100
  --rules DIR           the folder with the rules. Default: rules

Suppressions hold or have expired as of now. What is left out is the exclusion of the deployed engine's own calls,
because a laptop does not know its role.

Exit code: 0 when the record was explained, whatever the verdict (jq -e .verdict.alerts asks for it), 1 when the
rules are bad, or something of RECORD cannot be read or is not one record, 2 for wrong use.

Examples:
  npm run engine -- explain kms.amazonaws.com/key-disabled-or-deleted record.json
  npm run engine -- explain rules/_global/root-used.yaml examples/day.ndjson --event-id ID
  pbpaste | npm run --silent engine -- explain _global/root-used - --format json | jq .delivery
`;

/** The verb. */
export const command: Command = {
  summary: "Say what a rule makes of a record: delivered, which conditions hold, alert or not.",
  help: HELP,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = readOptions(args, {
    ...RULES_OPTION,
    format: { type: "string", default: "text" },
    "event-id": { type: "string" },
    budget: { type: "string" },
  });
  const format = oneOf("format", values.format, ["text", "json"]);
  const budget = positiveInteger("budget", values.budget);
  const [ruleArg, path, ...more] = positionals;
  if (ruleArg === undefined || path === undefined || more.length > 0)
    throw new UsageError("explain takes a rule and a record: explain RULE RECORD.");
  const say = (line: string): void => void io.stderr.write(`${printable(line)}\n`);
  const ruleSet = readRules(values.rules, say);
  if (ruleSet === undefined) return 1;
  const id = selectRule(
    ruleArg,
    values.rules,
    ruleSet.rules.map((one) => one.id),
  );
  const rule = ruleSet.rules.find((one) => one.id === id);
  const { found, remarks, unreadable } = await findRecord(path, {
    stdin: io.stdin,
    eventId: values["event-id"],
  });
  for (const line of [...unreadable, ...remarks]) say(line);
  if (rule === undefined || found === undefined) return 1;
  const explanation = await explainRule(rule, ruleSet, found, { at: Date.now(), budget });
  const text = format === "json" ? safeJson(explanation, 2) : formatExplanation(explanation);
  io.stdout.write(`${text}\n`);
  return unreadable.length === 0 ? 0 : 1;
}
