/**
 * The alert's one sentence. A rule may give a template; the values it names come from the record, so they are hostile:
 * each is shown on one line, bounded, and a `{{…}}` inside a value is never read again. Calls of one rule name what they
 * touch differently, so `{{one | other}}` shows the first of several facts that the record has.
 *
 *     makeSummary("{{actor.name}} opened {{requestParameters.groupId}} to the internet", facts)
 *     // "deploy/ci-1 opened sg-0a1b to the internet"
 */
import type { Alert } from "./alert-schema.ts";
import { type FactPath, FactPathError, parseFactPath } from "../record/fact-path.ts";
import { Alternatives, lookupFact } from "../record/facts.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { showText } from "./show-text.ts";

const PLACE = /\{\{([^{}]{1,512})\}\}/g;
const UNKNOWN = "(unknown)";
const MAX_VALUE = 200;
const MAX_LIST = 5;
const MAX_SUMMARY = 1000;

type Derived = Pick<Alert, "actor" | "channel" | "outcome" | "cloud">;

/** Fills a rule's template, or says who called what when the rule has none. */
export function makeSummary(
  template: string | undefined,
  record: CloudTrailRecord,
  derived: Derived,
): string {
  if (template === undefined) return defaultSummary(record, derived);
  const { actor, channel, outcome } = derived;
  const facts = { ...record, actor, channel, outcome: outcome.result };
  return showText(
    template.replace(PLACE, (_, names: string) => showFirst(facts, names.split("|"))),
    MAX_SUMMARY,
  );
}

function showFirst(facts: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  for (const name of names) {
    const shown = showFact(facts, name.trim());
    if (shown !== UNKNOWN) return shown;
  }
  return UNKNOWN;
}

function showFact(facts: Readonly<Record<string, unknown>>, name: string): string {
  const path = pathOf(name);
  return path === undefined ? UNKNOWN : showValue(lookupFact(facts, path));
}

/** The names come from rules, which are few: each is parsed once. */
const paths = new Map<string, FactPath | undefined>();

function pathOf(name: string): FactPath | undefined {
  if (!paths.has(name)) paths.set(name, parsed(name));
  return paths.get(name);
}

function parsed(name: string): FactPath | undefined {
  try {
    return parseFactPath(name);
  } catch (error) {
    if (error instanceof FactPathError) return undefined;
    throw error;
  }
}

function showValue(value: unknown): string {
  if (value === undefined || value === null || value === "") return UNKNOWN;
  if (typeof value === "string") return showText(value, MAX_VALUE);
  if (Array.isArray(value)) return showList(value);
  if (value instanceof Alternatives) return showValue(value.values[0]);
  return showText(JSON.stringify(value), MAX_VALUE);
}

function showList(values: readonly unknown[]): string {
  if (values.length === 0) return UNKNOWN;
  const shown = values
    .slice(0, MAX_LIST)
    .map((value) => (Array.isArray(value) ? JSON.stringify(value) : showValue(value)));
  const more = values.length - MAX_LIST;
  return showText(shown.join(", "), MAX_VALUE) + (more > 0 ? ` and ${more} more` : "");
}

function defaultSummary(record: CloudTrailRecord, { actor, channel, outcome, cloud }: Derived): string {
  const parts = [`${showValue(actor.name)} called ${showValue(record.eventName)}`];
  if (cloud.region !== undefined) parts.push(`in ${showValue(cloud.region)}`);
  if (cloud.accountId !== undefined) parts.push(`(account ${showValue(cloud.accountId)})`);
  if (channel.name !== "unknown") parts.push(CHANNEL_WORDS[channel.name]);
  const code = outcome.errorCode === undefined ? "" : ` (${showValue(outcome.errorCode)})`;
  const end = { success: "", denied: `; it was denied${code}`, failed: `; it failed${code}` }[outcome.result];
  return showText(parts.join(" ") + end, MAX_SUMMARY);
}

const CHANNEL_WORDS: Readonly<Record<Exclude<Alert["channel"]["name"], "unknown">, string>> = {
  console: "from the console",
  cloudshell: "from CloudShell",
  cli: "from the command line",
  sdk: "with an SDK",
  terraform: "with Terraform",
  pulumi: "with Pulumi",
  cdk: "with the CDK",
  cloudformation: "through CloudFormation",
  service: "through an AWS service",
};
