/**
 * Checks a suppression: its schema, its conditions, which must say something, the rules that it names, and its last
 * day. It decides that nobody is told, so it is checked more strictly than a rule: what it does not do is harmless, what
 * it does unmeant is not.
 *
 *   rules: [ec2.amazonaws.com/security-group-opened]
 *   conditions: { all: [{ fact: recipientAccountId, operator: equal, value: "123456789012" }] }
 *   reason: A public web server.
 *   owner: platform
 *   expires: 2027-03-31
 */
import { z } from "zod";
import { normalize } from "../engine/conditions.ts";
import { expiryOf } from "../engine/expiry.ts";
import { compileLike } from "../engine/like.ts";
import { suppressionFileSchema } from "../engine/rule-schema.ts";
import type { Condition, RuleSet, Suppression } from "../engine/rule.ts";
import { footingOf } from "./caller-chosen.ts";
import { checkConditions } from "./check-conditions.ts";
import { type Checked, checkRoot } from "./check-rule.ts";
import type { KeyCures } from "./check-schema.ts";
import { checkSchema } from "./check-schema.ts";
import { didYouMean } from "../words/nearest.ts";
import type { Problem } from "./problem.ts";
import { quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject } from "./report.ts";
import type { CheckedFile } from "./shared-conditions.ts";

const DAY_MS = 86_400_000;
/** So long before its end a suppression is mentioned, in milliseconds. */
const NOTICE_MS = 14 * DAY_MS;
/** Longer than this, a leap year, nobody looks at the reason again. */
const LONGEST_MS = 366 * DAY_MS;

const KEY_CURES: KeyCures = {
  name: "Delete it: a suppression is called as its file.",
  id: "Delete it: a suppression is called as its file.",
  rule: 'Did you mean "rules"?',
  until: 'Did you mean "expires"?',
  expiry: 'Did you mean "expires"?',
  description: 'Did you mean "reason"?',
  ...Object.fromEntries(
    ["all", "any", "not", "condition", "fact", "operator", "value"].map((key) => [
      key,
      'Put it below "conditions".',
    ]),
  ),
};

/** Conditions are checked by walking them; the schema only has to know that the key belongs there. */
const suppressionShape = suppressionFileSchema.extend({
  conditions: z.unknown().describe(suppressionFileSchema.shape.conditions.description ?? ""),
});

/** What a suppression is checked against. */
export type SuppressionContext = {
  /** The ids of all rules, also of those that have errors. */
  readonly ruleIds: ReadonlySet<string>;
  /** The time in milliseconds since 1970, to warn of what ends soon; without it the calendar plays no part. */
  readonly now: number | undefined;
};

/** Checks a file of `_suppressions`. Nothing is good when it has errors, all of which are reported. */
export function checkSuppression(
  report: Report,
  id: string,
  { ruleIds, now }: SuppressionContext,
): Checked<Suppression> {
  const { data } = report.source;
  const parsed = checkSchema(report, suppressionShape, data, { what: "A suppression", cures: KEY_CURES });
  if (!isObject(data)) return {};
  if (Array.isArray(data["rules"])) checkRules(report, data["rules"] as readonly unknown[], ruleIds);
  if (typeof data["expires"] === "string") checkExpiry(report, data["expires"], now);
  if (!Object.hasOwn(data, "conditions")) return {};
  const facts = checkConditions(report, data["conditions"], ["conditions"], null);
  checkRoot(report, data["conditions"], "a suppression");
  if (parsed === undefined || report.errors() > 0) return { facts };
  return { good: { ...parsed, id, conditions: parsed.conditions as Condition }, facts };
}

/** A pattern that matches no rule suppresses nothing: its author believes otherwise. */
function checkRules(report: Report, patterns: readonly unknown[], ruleIds: ReadonlySet<string>): void {
  const ids = [...ruleIds];
  for (const [index, pattern] of patterns.entries()) {
    if (typeof pattern !== "string" || pattern === "") continue;
    if (ids.some(compileLike(pattern))) {
      if (pattern.replaceAll(/amazonaws\.com|[*./]/g, "") !== "") continue;
      const message = `${quote(pattern)} is every rule, also those that are still to be written.`;
      const cure = "Name the rules, or those of one eventSource: iam.amazonaws.com/*.";
      report.add(["rules", index], message, cure, { severity: "warning" });
      continue;
    }
    const cure = didYouMean(
      pattern,
      ids,
      "Write a rule's id, its path below the rules folder without .yaml, or several with *, e.g. iam.amazonaws.com/*.",
    );
    report.add(["rules", index], `No rule is called ${quote(pattern)}.`, nearestById(pattern, ids) ?? cure);
  }
}

/** A rule's id with too much or too little in front or behind: `security-group-opened.yaml`. */
function nearestById(pattern: string, ids: readonly string[]): string | undefined {
  const bare = pattern.replace(/(?:\.test)?\.(?:yaml|yml|json)$/, "").replace(/^(?:\.\/)?rules\//, "");
  const found = ids.find((id) => id === bare || id.endsWith(`/${bare}`));
  return found === undefined ? undefined : `Did you mean "${found}"?`;
}

function checkExpiry(report: Report, expires: string, now: number | undefined): void {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(expires)) return;
  const end = expiryOf(expires);
  if (end === undefined) {
    report.add(["expires"], `There is no ${expires} in the calendar.`, "Write a day that there is.");
  } else if (now !== undefined && now >= end) {
    const message = `The suppression expired on ${expires}: its matches alert again.`;
    report.add(["expires"], message, "Delete it, or renew it.", { severity: "warning" });
  } else if (now !== undefined && now >= end - NOTICE_MS) {
    const days = Math.ceil((end - now) / DAY_MS);
    const left = days === 1 ? "today" : `in ${days - 1} ${days === 2 ? "day" : "days"}`;
    const message = `The suppression ends ${left}, after ${expires}: then its matches alert again.`;
    report.add(["expires"], message, "Renew it if its reason still holds.", { severity: "warning" });
  } else if (now !== undefined && end - now > LONGEST_MS) {
    const message = `The suppression holds until ${expires}, more than a year ahead: nobody will look at its reason again.`;
    const cure = "Write a day within a year; validate says when it comes near.";
    report.add(["expires"], message, cure, { severity: "warning" });
  }
}

/**
 * Warns of suppressions that an attacker can satisfy at will, or that hold for anybody. It needs the conditions with all that they refer to.
 * @param good the suppressions of these files that have no errors
 */
export function checkWhatTheyRestOn(
  files: readonly CheckedFile<Suppression>[],
  good: readonly Suppression[],
  named: Pick<RuleSet, "conditions" | "lists">,
  problems: Problem[],
): void {
  for (const suppression of good) {
    const found = files.find((file) => file.good === suppression);
    if (found?.facts === undefined) continue;
    const { rests, facts } = footingOf(normalize(suppression.conditions, named.conditions, named.lists));
    if (rests === "fixed") continue;
    const shown = `${facts.slice(0, 3).join(", ")}${facts.length > 3 ? ", …" : ""}`;
    problems.push({
      file: found.file,
      ...found.facts.place,
      severity: "warning",
      field: "conditions",
      message:
        rests === "caller"
          ? `These conditions can hold by what the caller chooses alone (${shown}), and an attacker can choose it too.`
          : `These conditions do not say who calls, from where or on what (${shown}): they can hold for anybody.`,
      cure: "Fix that as AWS writes it, e.g. actor.arn, userIdentity.accountId or sourceIPAddress, or the id of the one thing that is touched, in every branch of any.",
    });
  }
}
