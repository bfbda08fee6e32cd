/**
 * `replay`: what would have alerted on the CloudTrail that is already there. It runs the same patterns, rules and
 * alerts as the deployed engine, so that a rule can be tried on last month before it is deployed.
 *
 *   npm run engine -- replay AWSLogs/ --format ndjson > alerts.ndjson
 */
import { printAlerts } from "../replay/alerts.ts";
import { printByRule } from "../replay/by-rule.ts";
import { printComparison } from "../replay/comparison.ts";
import { readRequest } from "../replay/request.ts";
import { openSession } from "../replay/session.ts";
import type { Command } from "../command.ts";

const HELP = `Usage: npm run engine -- replay PATH... [--by rule | --compare REV] [options]

Runs CloudTrail records through the derived event patterns and the rules, exactly as deployed, and prints one alert
a match, in the order of the input, without dedup; or how often each rule fires; or what another version of the rules
would have done.

PATH is a file, a folder (everything below it, in the order of names; digests and Insights are left out) or - for
stdin. Every form is read: {"Records":[...]}, .json.gz, one record a line, EventBridge envelopes, JSON arrays,
pretty-printed JSON, what "aws cloudtrail lookup-events" prints. Gzip is recognised by its first bytes. Links to
folders are not followed.

  --by rule                     the noise table instead of alerts: for each rule how often it fires, how often a day,
                                its top actors and channels; and the rules that never fire
  --compare REV                 what changes from the rules at a git revision to those of the working tree: which
                                alerts appear, disappear or change (severity, title, summary, disposition)
  --examples N                  with --compare: how many different alerts of a kind are shown for a rule. Default: 3
  --format FORMAT               of alerts: text for people; one document a line of: ndjson or alert, the alert document;
                                ecs, Elastic Common Schema 9; ocsf, OCSF Detection Finding; asff, AWS Security Finding
                                Format; lacework, Lacework's alert object, but for alertId, which the store gives
                                (docs/formats.md). With --by and --compare: text; json, one document; markdown, for a
                                pull request, within GitHub's 65,536 characters. Markdown without either is the noise
                                table. Default: text
  --all                         skip the event patterns: every record goes to the rules
  --include suppressed,staged   also print alerts that would not have been sent. The summary counts them always, names
                                each suppression with its owner, and those that never held. A suppression holds or has
                                expired as of now, whenever the records were written. With --by: they count, instead
                                of standing beside. With --compare: those that neither side sends are compared too
  --budget N                    how many EventBridge rules may be derived. Default: 100
  --rules DIR                   the folder with the rules. Default: rules

The summary goes to stderr. Exit code: 0 when everything could be read, 1 when something could not or a rule file is
bad (one of the working tree: nothing is then replayed; one of REV: it is named and the others are compared), 2 for
wrong use, or when there is no such REV, no git or no repository. Alerts and differences alone do not make it 1.

Examples:
  npm run engine -- replay AWSLogs/123456789012/CloudTrail/us-east-1/2026/11
  npm run --silent engine -- replay examples/day.ndjson --format ndjson | jq -r .title
  zcat day.json.gz | npm run --silent engine -- replay - --format ndjson | jq -r .title
  npm run engine -- replay AWSLogs/ --by rule
  npm run engine -- replay AWSLogs/ --by rule --include staged        # before a staged rule is switched on
  npm run engine -- replay AWSLogs/ --compare HEAD                    # what my edits change
  npm run --silent engine -- replay AWSLogs/ --compare origin/main --format markdown > comment.md
`;

/** The verb. */
export const command: Command = {
  summary: "Run CloudTrail files through patterns and rules and print the alerts.",
  help: HELP,
  async run(args, io) {
    const request = readRequest(args);
    const session = openSession(request, io);
    if (session === undefined) return 1;
    const { answer } = request;
    if (answer.kind === "alerts") return printAlerts(session, answer.format);
    if (answer.kind === "by-rule") return printByRule(session, answer.format);
    return printComparison(session, answer);
  },
};
