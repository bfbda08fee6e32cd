/**
 * Which fields of the record made the rule match: of the comparisons that the verdict rests on, the keys of the values
 * that met them. Of a list those of the elements that did: where a security group opens ten ports, the one that is
 * open to the world is lit, not all ten.
 *
 *     matchedKeys(explained, ruleSet.lists, record)
 *     // ["eventName", "requestParameters.ipPermissions.items.1.ipRanges.items.0.cidrIp"]
 *
 * A comparison that holds because something is absent rests on no field. A derived fact (`actor.root`) rests on the
 * fields that it is derived from.
 */
import { normalize } from "../engine/conditions.ts";
import { compileOperator, type OperatorName, parseOperator } from "../engine/operator-name.ts";
import { factOfValue } from "../engine/predicate.ts";
import type { RuleSet } from "../engine/rule.ts";
import { COPIED_FIELDS } from "../record/actor.ts";
import { DERIVED_ROOTS } from "../record/derived-facts.ts";
import { type FactPath, parseFactPath } from "../record/fact-path.ts";
import { readerOf } from "../record/fact-reader.ts";
import { type Located, locatedBelow, locateFact } from "../record/locate-fact.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import type { ExplainedComparison, ExplainedCondition } from "./condition-schema.ts";

/** A comparison may hold of a list of thousands: so many fields say what it is about. */
const MAX_KEYS = 200;

/** What a fact holds. `parts` are the elements of a `[*]`, each under a key of its own. */
type Place = Located & { readonly parts?: readonly Located[] };

/**
 * The flattened keys that comparisons rest on, each once, in the order of the conditions; at most 200.
 * @param root the explained conditions of a rule; of one that does not hold, what is decisive failed: no key is lit
 */
export function matchedKeys(
  root: ExplainedCondition,
  lists: RuleSet["lists"],
  record: CloudTrailRecord,
): readonly string[] {
  const keys = new Set<string>();
  visit(root, false);
  return [...keys].slice(0, MAX_KEYS);

  function visit(node: ExplainedCondition, negated: boolean): void {
    if (!node.decisive || keys.size >= MAX_KEYS) return;
    if (node.kind === "comparison") {
      if (node.holds !== negated) for (const key of keysOfComparison(node, negated)) keys.add(key);
    } else {
      for (const part of node.conditions) visit(part, negated !== (node.kind === "not"));
    }
  }

  function keysOfComparison(
    { fact, operator, value }: ExplainedComparison,
    negated: boolean,
  ): readonly string[] {
    const literal = { fact, operator, value };
    const normal = normalize(negated ? { not: literal } : literal, {}, lists);
    if (!("fact" in normal)) return [];
    const parsed = parseOperator(normal.operator);
    if ("unknown" in parsed) return [];
    const other = factOfValue(value);
    const expected = other === undefined ? [{ key: "", value: normal.value }] : orAbsent(other);
    return placesOf(record, parseFactPath(fact)).flatMap((place) =>
      expected.flatMap((one) => {
        const met = meeting(place, parsed, 0, true, one.value).flatMap(leafKeys);
        return met.length === 0 || other === undefined ? met : met.concat(leafKeys(one));
      }),
    );
  }

  function orAbsent(fact: string): readonly Place[] {
    const places = placesOf(record, parseFactPath(fact));
    return places.length === 0 ? [{ key: "", value: undefined }] : places;
  }
}

function placesOf(record: CloudTrailRecord, path: FactPath): readonly Place[] {
  if (DERIVED_ROOTS.includes(path.root)) {
    const parts = evidenceOf(path.text).flatMap((field) => locateFact(record, parseFactPath(field)));
    // Not one of the fields has the derived value: all of them together stand for it.
    return [{ key: "", value: readerOf(path)(record), parts }];
  }
  const found = locateFact(record, path);
  return path.each ? [{ key: "", value: found.map(({ value }) => value), parts: found }] : found;
}

/** The places that meet the comparison, down the decorators as `operator-name.ts` compiles them. */
function meeting(
  place: Place,
  operator: OperatorName,
  at: number,
  wanted: boolean,
  expected: unknown,
): readonly Place[] {
  const decorator = operator.decorators[at];
  if (decorator === "not") return meeting(place, operator, at + 1, !wanted, expected);
  if ((decorator === "someFact" || decorator === "everyFact") && Array.isArray(place.value))
    return elementsOf(place).flatMap((one) => meeting(one, operator, at + 1, wanted, expected));
  if ((decorator === "someValue" || decorator === "everyValue") && Array.isArray(expected))
    return expected.flatMap((one: unknown) => meeting(place, operator, at + 1, wanted, one));
  const rest = [...(wanted ? [] : ["not"]), ...operator.decorators.slice(at), operator.base].join(":");
  if (!compileOperator(rest)(place.value, expected)) return [];
  if (operator.base !== "contains" || !wanted || decorator !== undefined) return [place];
  return elementsOf(place).filter(({ value }) => value === expected);
}

function elementsOf(place: Place): readonly Place[] {
  return place.parts ?? locatedBelow(place);
}

/** Flattened, an object or a list is nothing but what is below it; an empty one is a value. */
function leafKeys(place: Place): readonly string[] {
  const keys: string[] = [];
  const waiting: Place[] = [place];
  for (let next = waiting.shift(); next !== undefined && keys.length < MAX_KEYS; next = waiting.shift()) {
    const below = elementsOf(next);
    if (below.length > 0) waiting.unshift(...below.slice(0, MAX_KEYS));
    else if (next.key !== "") keys.push(next.key);
  }
  return keys;
}

const IDENTITY = ["userIdentity.arn", "userIdentity.userName", "userIdentity.principalId"];
const ISSUER = "userIdentity.sessionContext.sessionIssuer.arn";

/** The fields that `lambda/record/{actor,channel,outcome,mfa}.ts` derive from. */
const EVIDENCE: Readonly<Record<string, readonly string[]>> = {
  outcome: [
    "errorCode",
    "errorMessage",
    "responseElements.errorCode",
    "responseElements.errorMessage",
    "responseElements.ConsoleLogin",
  ],
  channel: [
    "sessionCredentialFromConsole",
    "eventType",
    "userAgent",
    "userIdentity.invokedBy",
    "sourceIPAddress",
  ],
  actor: [...IDENTITY, "userIdentity.type", ISSUER],
  "actor.type": ["userIdentity.type"],
  "actor.root": ["userIdentity.type", "userIdentity.sessionContext.assumedRoot"],
  "actor.mfa": ["userIdentity.sessionContext.attributes.mfaAuthenticated", "additionalEventData.MFAUsed"],
  "actor.crossAccount": ["userIdentity.accountId", "recipientAccountId"],
  "actor.identityCenterUser": [...IDENTITY, "userIdentity.onBehalfOf.userId", "additionalEventData.UserName"],
  "actor.identityStoreArn": ["userIdentity.onBehalfOf.identityStoreArn", "userIdentity.identityStoreArn"],
  ...Object.fromEntries(Object.entries(COPIED_FIELDS).map(([name, field]) => [`actor.${name}`, [field]])),
};

function evidenceOf(fact: string): readonly string[] {
  const [root = ""] = fact.split(".", 1);
  const known = [fact, root].find((name) => Object.hasOwn(EVIDENCE, name));
  return known === undefined ? [] : (EVIDENCE[known] ?? []);
}
