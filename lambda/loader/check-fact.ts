/**
 * Checks the name of a fact. A misspelt field is the quietest bug a rule can have: no record has it, so the rule never
 * matches, or `notEqual` always does, and nothing ever says so. What CloudTrail does not define at the top of a record
 * is therefore refused; below the top only what we derive, and `userIdentity`, are known well enough to say anything.
 *
 *   requestParameter.groupId     -> Did you mean "requestParameters"?
 */
import { alertSchema } from "../alerts/alert-schema.ts";
import { DERIVED_ROOTS, factRoot } from "../record/derived-facts.ts";
import { FactPathError, parseFactPath } from "../record/fact-path.ts";
import type { FactPath } from "../record/fact-path.ts";
import { lookupFact } from "../record/facts.ts";
import { PLAIN_VALUE_FACTS, RECORD_FIELDS } from "../record/record-shape.ts";
import type { FactType } from "./check-value.ts";
import { didYouMean, nearest } from "../words/nearest.ts";
import type { Path } from "./problem.ts";
import { quote, splitAdvice } from "./problem.ts";
import type { Report } from "./report.ts";

/** Keys of the facts that the engine derives: those of the alert, which shows the same. */
const DERIVED_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["actor", Object.keys(alertSchema.shape.actor.shape)],
  ["channel", Object.keys(alertSchema.shape.channel.shape)],
]);

/** Derived facts that are one plain value to a condition. */
const PLAIN_DERIVED: ReadonlySet<string> = new Set(DERIVED_ROOTS.filter(isPlainDerived));

const ROOTS = [...RECORD_FIELDS, ...DERIVED_ROOTS];

/** Keys of userIdentity (CloudTrail user guide, "CloudTrail userIdentity element"). */
export const IDENTITY_KEYS: readonly string[] = [
  "type",
  "principalId",
  "arn",
  "accountId",
  "accessKeyId",
  "userName",
  "sessionContext",
  "invokedBy",
  "invokedByDelegate",
  "onBehalfOf",
  "inScopeOf",
  "credentialId",
  "identityProvider",
  "identityStoreArn",
];

const BOOLEAN_FACTS: ReadonlySet<string> = new Set([
  "readOnly",
  "managementEvent",
  "actor.mfa",
  "actor.crossAccount",
  "actor.root",
]);
const OBJECT_FACTS: ReadonlySet<string> = new Set([
  "userIdentity",
  "userIdentity.sessionContext",
  "userIdentity.sessionContext.sessionIssuer",
  "userIdentity.sessionContext.attributes",
  ...DERIVED_ROOTS.filter((root) => !PLAIN_DERIVED.has(root)),
]);
const LIST_FACTS: ReadonlySet<string> = new Set(["resources", "channel.reasons"]);
const MORE_TEXT_FACTS: ReadonlySet<string> = new Set([
  "eventVersion",
  "eventTime",
  "eventID",
  "requestID",
  "sharedEventID",
  "apiVersion",
  "userIdentity.sessionContext.sourceIdentity",
]);

/**
 * What always stands under a fact: text, true or false, a list, an object, or something that depends on the record.
 * Only a certain answer may refuse a rule.
 */
export function typeOfFact(fact: FactPath): FactType {
  const { text } = fact;
  if (fact.each || LIST_FACTS.has(text)) return "list";
  if (BOOLEAN_FACTS.has(text)) return "boolean";
  if (OBJECT_FACTS.has(text)) return "object";
  const derived =
    PLAIN_DERIVED.has(text) || (DERIVED_ROOTS.includes(fact.root) && fact.segments.length === 2);
  return derived || PLAIN_VALUE_FACTS.has(text) || MORE_TEXT_FACTS.has(text) ? "text" : "unknown";
}

/** Where the name of a fact stands. */
type Place = {
  /** Exact place of the name inside the value, where it is known. */
  readonly offset?: number | undefined;
};

/**
 * Checks a fact's name and reports what is wrong with it at `path`.
 * @returns the parsed path, or undefined when the name is no fact.
 */
export function checkFact(
  report: Report,
  text: string,
  path: Path,
  { offset }: Place = {},
): FactPath | undefined {
  let fact: FactPath;
  try {
    fact = parseFactPath(text);
  } catch (error) {
    if (!(error instanceof FactPathError)) throw error;
    const { message, cure } = splitAdvice(
      error.message,
      "A fact is a dotted key, e.g. requestParameters.groupId.",
    );
    report.add(path, message, cure, { offset });
    return undefined;
  }
  if (!ROOTS.includes(fact.root)) {
    const otherwise = "Write the field's dotted key as CloudTrail spells it, e.g. requestParameters.groupId.";
    const cure = identityKey(text) ?? didYouMean(fact.root, ROOTS, otherwise);
    report.add(path, `No CloudTrail record has a field ${quote(fact.root)} at its top.`, cure, { offset });
    return undefined;
  }
  if (DERIVED_ROOTS.includes(fact.root)) return checkDerived(report, fact, path, offset) ? fact : undefined;
  const [, second] = fact.segments;
  if (second?.kind !== "key") return fact;
  if (fact.root === "userIdentity" && !IDENTITY_KEYS.includes(second.key)) {
    const meant = nearest(second.key, IDENTITY_KEYS);
    const message = `CloudTrail documents no userIdentity.${second.key}.`;
    const cure =
      meant === undefined ? "Check it against a real record." : `Did you mean "userIdentity.${meant}"?`;
    report.add(path, message, cure, { offset, severity: "warning" });
  }
  return fact;
}

/** Reports a name below a derived fact that it does not have, which would be absent from every record. */
function checkDerived(report: Report, fact: FactPath, path: Path, offset: number | undefined): boolean {
  const { root, segments } = fact;
  const [, second, third, more] = segments;
  if (second === undefined) return true;
  const keys = DERIVED_KEYS.get(root) ?? [];
  if (PLAIN_DERIVED.has(root)) {
    report.add(path, `${root} is a single value.`, `Write "${root}".`, { offset });
  } else if (second.kind !== "key") {
    report.add(path, `${root} is no list.`, `Go on with one of its keys: ${keys.join(", ")}.`, { offset });
  } else if (!keys.includes(second.key)) {
    report.add(path, `${root} has no ${quote(second.key)}.`, didYouMean(second.key, keys), { offset });
  } else if (
    third !== undefined &&
    !(LIST_FACTS.has(`${root}.${second.key}`) && third.kind !== "key" && !more)
  ) {
    const name = `${root}.${second.key}`;
    const kind = LIST_FACTS.has(name) ? "a list of texts" : "a single value";
    report.add(path, `${name} is ${kind}.`, `Write "${name}".`, { offset });
  } else return true;
  return false;
}

/** A key of userIdentity without what stands in front of it: `invokedBy` for `userIdentity.invokedBy`. */
function identityKey(text: string): string | undefined {
  const [first = ""] = text.split(".", 1);
  return IDENTITY_KEYS.includes(first) ? `Did you mean "userIdentity.${text}"?` : undefined;
}

/** Asks the derivation itself, so that the loader refuses exactly what the engine cannot resolve. */
function isPlainDerived(root: string): boolean {
  const path = parseFactPath(root);
  const value = lookupFact(
    factRoot({ eventSource: "ec2.amazonaws.com", eventName: "RunInstances" }, path),
    path,
  );
  return typeof value !== "object";
}
