/**
 * `replay`: what would have alerted on the CloudTrail that is already there. It runs the same patterns, rules and
 * alerts as the deployed engine, so that a rule can be tried on last month before it is deployed.
 *
 *   npm run engine -- replay AWSLogs/ --format ndjson > alerts.ndjson
 */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { toEcs } from "../../lambda/alerts/ecs.ts";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { formatAlertForPeople } from "../../lambda/alerts/text.ts";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import { createLineWriter } from "../../lib/replay/line-writer.ts";
import { readBatches } from "../../lib/replay/records.ts";
import { replay } from "../../lib/replay/replay.ts";
import { createReporter } from "../../lib/replay/reporter.ts";
import { summarize } from "../../lib/replay/summary.ts";
import type { Sources } from "../../lib/replay/sources.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { oneOf, positiveInteger, RULES_OPTION, readOptions, someOf } from "../options.ts";
import { readRules } from "../rules.ts";

const FORMATS = ["text", "ndjson", "ecs"] as const;
type Format = (typeof FORMATS)[number];

const HELP = `Usage: npm run engine -- replay PATH... [options]

Runs CloudTrail records through the derived event patterns and the rules, exactly as deployed, and prints one alert
a match, in the order of the input, without dedup.

PATH is a file, a folder (everything below it, in the order of names; digests and Insights are left out) or - for
stdin. Every form is read: {"Records":[...]}, .json.gz, one record a line, EventBridge envelopes, JSON arrays,
pretty-printed JSON, what "aws cloudtrail lookup-events" prints. Gzip is recognised by its first bytes. Links to
folders are not followed.

  --format text|ndjson|ecs      text for people; ndjson: one alert document a line; ecs: Elastic Common Schema, one
                                document a line. Default: text
  --all                         skip the event patterns: every record goes to the rules
  --include suppressed,staged   also print alerts that would not have been sent
  --budget N                    how many EventBridge rules may be derived. Default: 100
  --rules DIR                   the folder with the rules. Default: rules

The summary goes to stderr. Exit code: 0 when everything could be read, 1 when something could not or a rule file is
bad (nothing is then replayed), 2 for wrong use. Alerts alone do not make it 1.

  npm run engine -- replay AWSLogs/123456789012/CloudTrail/us-east-1/2026/11
  npm run --silent engine -- replay examples/day.ndjson --format ndjson | jq -r .title
  zcat day.json.gz | npm run --silent engine -- replay - --format ndjson | jq -r .title
`;

/** The verb. */
export const command: Command = {
  summary: "Run CloudTrail files through patterns and rules and print the alerts.",
  help: HELP,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = readOptions(args, {
    ...RULES_OPTION,
    format: { type: "string", default: "text" },
    all: { type: "boolean", default: false },
    include: { type: "string" },
    budget: { type: "string" },
  });
  const format = oneOf("format", values.format, FORMATS);
  const include = new Set<string>([
    "delivered",
    ...someOf("include", values.include, ["suppressed", "staged"]),
  ]);
  const budget = positiveInteger("budget", values.budget);
  if (positionals.length === 0) {
    throw new UsageError("Say what to replay: a file, a folder, or - for stdin.");
  }
  const reporter = createReporter(io.stderr);
  const ruleSet = readRules(values.rules, reporter.say);
  if (ruleSet === undefined) return 1;
  const { eventRules } = deriveEventRules(ruleSet, budget === undefined ? {} : { budget });
  const delivering = compileEventRules(eventRules);
  const writer = createLineWriter(io.stdout);
  let sources: Sources | undefined;
  const batches = readBatches(positionals, {
    stdin: io.stdin,
    onSources(found) {
      sources = found;
      reporter.sources(found);
    },
    onProgress: reporter.progress,
  });
  const tally = await replay(batches, {
    engine: createEngine(ruleSet),
    ...(values.all ? {} : { delivering }),
    onAlert: (alert) => (include.has(alert.disposition) ? writer.write(present(alert, format)) : undefined),
    onUnreadable: reporter.complain,
    onFailedRule: (place, ruleId, message) => reporter.complain(place, `rule ${ruleId}: ${message}`),
    onBatch: reporter.tick,
  });
  await writer.flush();
  reporter.finish();
  for (const line of summarize(tally, sources, values.all)) reporter.say(line);
  return tally.unreadable === 0 && tally.failed === 0 ? 0 : 1;
}

/** An alert in a format, without the last line break. */
function present(alert: Alert, format: Format): string {
  if (format === "text") return `${formatAlertForPeople(alert)}\n`;
  return safeJson(format === "ecs" ? toEcs(alert) : alert);
}
