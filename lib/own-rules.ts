/**
 * Whether the rules that watch the engine itself (`engine-…`, tagged `engine`) watch the engine that is deployed. They
 * are files like others, with names in them that configuration chooses: of the stack, of the secrets. A stack of another
 * name would be watched by none of them, and nobody would be told.
 *
 *   checkOwnRules(ruleSet, "SecondEngine", [])
 *   // ['12 rules that watch the engine itself name another stack than "SecondEngine": whoever switches this one off …']
 */
import { literalsOf, normalize } from "../lambda/engine/conditions.ts";
import { ResolvedList } from "../lambda/engine/resolved-list.ts";
import type { Rule, RuleSet } from "../lambda/engine/rule.ts";
import { quote } from "../lambda/loader/problem.ts";
import { explainConditions } from "../lambda/explain/explain-conditions.ts";
import { ruleNamePrefix } from "./names.ts";
import { buildRecord } from "./rule-tests/build-record.ts";

const SECRETS = "secretsmanager.amazonaws.com";
/** Calls that make a secret useless to the engine. */
const TAMPERING = ["DeleteSecret", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage"];

/**
 * Warnings, each with its cure, about rules of the engine that watch another stack, or other secrets, than these.
 * @param secrets the names or ARNs that the configuration gives
 */
export function checkOwnRules(ruleSet: RuleSet, stackName: string, secrets: readonly string[]): string[] {
  const own = ruleSet.rules.filter(({ id, tags }) => id.includes("/engine-") && tags?.includes("engine"));
  const ofSecrets = own.filter(({ eventSource }) => eventSource === SECRETS);
  const elsewhere = own.filter(
    (rule) => rule.eventSource !== SECRETS && !namesStack(rule, ruleSet, stackName),
  );
  const missed = ofSecrets.length === 0 ? [] : secrets.filter((secret) => !watched(secret));
  return [
    ...(elsewhere.length === 0 ? [] : [aboutStack(elsewhere, stackName)]),
    ...missed.map((secret) => aboutSecret(secret, ofSecrets)),
  ];

  function watched(secret: string): boolean {
    return TAMPERING.some((eventName) => {
      const made = { eventName, requestParameters: { secretId: secret } };
      const { record } = buildRecord(SECRETS, { record: made });
      return ofSecrets.some(({ conditions }) => explainConditions(conditions, ruleSet, record).holds);
    });
  }
}

/** Whether one of the texts that a rule compares with has the name that the stack's things begin with. */
function namesStack(rule: Rule, ruleSet: RuleSet, stackName: string): boolean {
  // EventBridge rules have a name of the engine's own making, shortened where the stack's is long.
  const name =
    rule.eventSource === "events.amazonaws.com" ? ruleNamePrefix(stackName).slice(0, -1) : stackName;
  const begins = new RegExp(`(?<![A-Za-z0-9-])${name}(?![A-Za-z0-9])`);
  return literalsOf(normalize(rule.conditions, ruleSet.conditions, ruleSet.lists)).some(({ value }) =>
    (value instanceof ResolvedList ? value.values : [value].flat()).some((text) => begins.test(String(text))),
  );
}

function aboutStack(rules: readonly Rule[], stackName: string): string {
  const ids = rules.map(({ id }) => id).join(", ");
  const what = rules.length === 1 ? "1 rule that watches" : `${rules.length} rules that watch`;
  return (
    `${what} the engine itself ${rules.length === 1 ? "names" : "name"} another stack than ${quote(stackName)}: whoever ` +
    `switches this one off causes no alert. Write the stack's name into the conditions and tests of ${ids}` +
    `${rules.some(({ eventSource }) => eventSource === "events.amazonaws.com") ? ` (its EventBridge rules are called ${ruleNamePrefix(stackName)}…)` : ""}.`
  );
}

function aboutSecret(secret: string, rules: readonly Rule[]): string {
  const ids = rules.map(({ id }) => id).join(", ");
  return (
    `The secret ${quote(secret)} of a destination is watched by no rule: whoever deletes or overwrites it causes no ` +
    `alert, and later ones do not arrive there. Add its name to the conditions of ${ids}.`
  );
}
