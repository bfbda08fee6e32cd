/**
 * *Suppress this*: the file of a suppression, made from an alert, for a pull request. It is shown and never written:
 * that nobody is told is decided by review, like a rule. Values come from the alert itself, not from the browser; the
 * file is judged by the loader's own checks, and by asking the engine whether it would have held this alert back.
 *
 *     offerFacts(alert)[0]   // { fact: "actor.arn", value: "arn:aws:iam::123456789012:role/deploy", chosen: true, … }
 *     draftSuppression(request, alert, ruleSet, now).path   // "rules/_suppressions/public-web-server.yaml"
 */
import { stringify } from "yaml";
import { z } from "zod";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { UNSEEN } from "../../lambda/alerts/unseen.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import type { RuleSet, Suppression } from "../../lambda/engine/rule.ts";
import { JQ } from "../../lambda/jq/lazy-jq.ts";
import { checkSuppression, checkWhatTheyRestOn } from "../../lambda/loader/check-suppression.ts";
import { formatProblem, type Problem } from "../../lambda/loader/problem.ts";
import { createReport } from "../../lambda/loader/report.ts";
import type { CheckedFile } from "../../lambda/loader/shared-conditions.ts";
import { readSource } from "../../lambda/loader/source.ts";
import { factRoot } from "../../lambda/record/derived-facts.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import { lookupFact } from "../../lambda/record/facts.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import type { OfferedFact, SuppressionDraft, SuppressionRequest } from "./exchange.ts";
import { leavesOf } from "../scaffold/suggest.ts";

const MAX_TEXT = 500;
const MAX_PARAMETERS = 12;
const MAX_VALUE = 1024;

/** What a person fills in. */
export const suppressionRequestSchema = z.strictObject({
  name: z
    .string()
    .max(80)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "Write small letters, digits and hyphens, e.g. public-web-server."),
  reason: z.string().trim().min(1, "Write why nobody needs to be told.").max(MAX_TEXT),
  owner: z.string().trim().min(1, "Write whom to ask: a person or a team.").max(MAX_TEXT),
  expires: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "Write a day such as 2027-03-31."),
  facts: z.array(z.string().max(MAX_VALUE)).max(100),
});

type Known = { readonly fact: string; readonly label: string; readonly callersChoice?: true };

/** In the order in which they are offered. */
const KNOWN: readonly Known[] = [
  { fact: "actor.arn", label: "who" },
  { fact: "actor.type", label: "kind of caller" },
  { fact: "eventName", label: "the call" },
  { fact: "recipientAccountId", label: "account" },
  { fact: "awsRegion", label: "Region" },
  { fact: "sourceIPAddress", label: "from where" },
  { fact: "channel.name", label: "how" },
  { fact: "actor.session", label: "session name", callersChoice: true },
  { fact: "userAgent", label: "user agent", callersChoice: true },
];

/** What a suppression of this alert can match on; who, or else the kind of caller, is proposed. */
export function offerFacts({ record }: Pick<Alert, "record">): OfferedFact[] {
  // A record that alerted was read once before, so it has the shape of one.
  const trusted = record as CloudTrailRecord;
  const valueOf = (fact: string): unknown => {
    const path = parseFactPath(fact);
    return lookupFact(factRoot(trusted, path), path);
  };
  const known = KNOWN.map((one) => Object.assign({ value: valueOf(one.fact) }, one));
  const parameters = leavesOf(trusted)
    .filter(({ fact }) => fact.startsWith("requestParameters.") && !fact.includes("[*]"))
    .slice(0, MAX_PARAMETERS)
    .map(({ fact, value }) => ({ fact, value, label: "parameter", callersChoice: true as const }));
  const offered = [...known, ...parameters].filter(
    (one): one is Known & { value: string | number | boolean } =>
      (typeof one.value === "string" && one.value !== "" && one.value.length <= MAX_VALUE) ||
      typeof one.value === "number" ||
      typeof one.value === "boolean",
  );
  const proposed = offered.some(({ fact }) => fact === "actor.arn") ? "actor.arn" : "actor.type";
  return offered.map(({ fact, value, label, callersChoice }) => ({
    fact,
    value,
    label,
    chosen: fact === proposed || fact === "eventName",
    callersChoice: callersChoice === true,
  }));
}

/**
 * Writes the file. Facts that the alert does not have are left out: the loader then says that nothing is matched on.
 * @param now milliseconds since 1970, for what the loader says of the last day
 */
export async function draftSuppression(
  { name, reason, owner, expires, facts }: SuppressionRequest,
  alert: Pick<Alert, "record" | "rule">,
  ruleSet: RuleSet,
  now: number,
): Promise<SuppressionDraft> {
  const chosen = offerFacts(alert).filter(({ fact }) => facts.includes(fact));
  const all = chosen.map(({ fact, value }) => ({ fact, operator: "equal", value }));
  const yaml = safeYaml({ rules: [alert.rule.id], conditions: { all }, reason, owner, expires });
  const path = `rules/_suppressions/${name}.yaml`;
  const problems: Problem[] = [];
  const { source, problems: unread } = readSource(path, yaml);
  problems.push(...unread);
  const good = source === undefined ? undefined : check(source, name, path, ruleSet, now, problems);
  if (ruleSet.suppressions.some(({ id }) => id === name))
    problems.push({
      file: path,
      line: 1,
      column: 1,
      severity: "error",
      message: `There is a suppression called ${name} already.`,
      cure: "Take another name, or change that file.",
    });
  const worded = (severity: Problem["severity"]): string[] =>
    problems.filter((problem) => problem.severity === severity).map(formatProblem);
  const errors = worded("error");
  const holds =
    good === undefined || errors.length > 0 ? undefined : await wouldHold(good, alert, ruleSet, now);
  return { path, yaml, errors, warnings: worded("warning"), ...(holds === undefined ? {} : { holds }) };
}

/**
 * YAML in which nothing is hidden, as `safeJson` is JSON: who reviews the pull request sees what the file matches on, not
 * what a caller's bidirectional marks make of it.
 */
function safeYaml(value: object): string {
  const options = { lineWidth: 0, compat: "yaml-1.1" } as const;
  const plain = stringify(value, options);
  if (plain.search(UNSEEN) === -1) return plain;
  // Between double quotes, and only there, a character may stand as its code.
  const quoted = stringify(value, { ...options, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
  return quoted.replace(
    UNSEEN,
    (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`,
  );
}

function check(
  source: NonNullable<ReturnType<typeof readSource>["source"]>,
  name: string,
  file: string,
  ruleSet: RuleSet,
  now: number,
  problems: Problem[],
): Suppression | undefined {
  const report = createReport(source, problems);
  const ruleIds = new Set(ruleSet.rules.map(({ id }) => id));
  const checked: CheckedFile<Suppression> = { file, ...checkSuppression(report, name, { ruleIds, now }) };
  if (checked.good !== undefined) checkWhatTheyRestOn([checked], [checked.good], ruleSet, problems);
  return checked.good;
}

/** Asks the engine itself, with this suppression and no other. */
async function wouldHold(
  suppression: Suppression,
  alert: Pick<Alert, "record" | "rule">,
  ruleSet: RuleSet,
  now: number,
): Promise<boolean | undefined> {
  const rules = ruleSet.rules.filter(({ id }) => id === alert.rule.id);
  const engine = createEngine({ ...ruleSet, rules, suppressions: [suppression] }, JQ);
  const { matches } = await engine.evaluate(alert.record as CloudTrailRecord, now);
  const [match] = matches;
  return match === undefined ? undefined : match.disposition === "suppressed";
}
