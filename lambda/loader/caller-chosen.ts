/**
 * What conditions rest on: on who calls or from where, as AWS writes it and with a fixed value; on the very thing that is
 * touched; or on nothing of the kind. A suppression of the last kind is an invitation: an attacker writes `Terraform/`
 * into the user agent, and nobody is told.
 *
 *     { userAgent startsWith Terraform/, eventName equal CreateUser }            // caller: an attacker can do both
 *     { userAgent startsWith Terraform/, recipientAccountId equal 1234… }        // caller: every record has this account
 *     { userAgent startsWith Terraform/, actor.arn equal arn:…:role/deploy }     // fixed
 *     { requestParameters.bucketName equal public-site }                         // fixed: one bucket, whoever calls
 *     { userIdentity.userName notEqual evil }                                    // open: holds for nearly everybody
 *
 * Only facts named here count as fixing anything, and only with values that do: a tautology beside a user agent
 * (`actor.arn like *`, `vpcEndpointId exists false`) must not look like support. `WHO` and `FROM` below are the list.
 */
import { parseCidr } from "../engine/cidr.ts";
import type { NormalCondition } from "../engine/conditions.ts";
import { likeParts } from "../engine/like.ts";
import { parseOperator } from "../engine/operator-name.ts";
import { factOfValue } from "../engine/predicate.ts";
import { ResolvedList } from "../engine/resolved-list.ts";
import type { Literal } from "../engine/rule.ts";

/** What conditions rest on, and the facts that show it where it is not enough. */
type Footing = { readonly rests: "fixed" | "caller" | "open"; readonly facts: readonly string[] };

/** Chosen by who calls, with everything below. A source identity is set by whoever assumes the first role. */
const CHOSEN = [
  "userAgent",
  "requestParameters",
  "errorMessage",
  "tlsDetails",
  "userIdentity.sessionContext.sourceIdentity",
  "actor.name",
  "actor.session",
  "actor.sourceIdentity",
  "channel",
];

/** A text of which at least this much is fixed tells one caller from others. */
const SOME_LETTERS = /[A-Za-z0-9]{3}/;
/** The parts of ARNs that those of all users and roles share. */
const COMMON_TO_ARNS = /^arn:[\w-]*:(?:iam|sts)::|(?:^|:)(?:user|role|assumed-role|federated-user)(?:\/|$)/g;

/** Whether a text fixes a caller: by what begins it, by all of it with stars, and whether that is all there is. */
type Fixes = (beginning: string, whole: string, exact: boolean) => boolean;

const byName: Fixes = (_, whole, exact) => exact || SOME_LETTERS.test(whole.replaceAll(COMMON_TO_ARNS, " "));
const byPrincipalId: Fixes = (beginning) => /^[A-Z0-9]{16,}/.test(beginning);
const oneOf =
  (...values: readonly string[]): Fixes =>
  (_, whole, exact) =>
    exact && values.includes(whole);

/**
 * Facts of who calls, and when a text fixes one. Those that end in a session's name, which the caller chooses, have to
 * begin with what AWS wrote.
 */
const WHO: Readonly<Record<string, Fixes>> = {
  "actor.arn": byName,
  "actor.role": byName,
  "actor.principalId": byPrincipalId,
  "actor.root": oneOf("true"),
  "actor.type": oneOf("Root", "AWSService"),
  "channel.name": oneOf("service", "cloudformation"),
  "userIdentity.type": oneOf("Root", "AWSService"),
  "userIdentity.arn": (beginning) =>
    /^arn:[\w-]+:(?:iam|sts)::\d{12}:(?:root$|(?:user|role|assumed-role)\/.)/.test(beginning),
  "userIdentity.principalId": byPrincipalId,
  ...Object.fromEntries(
    [
      "accountId",
      "userName",
      "accessKeyId",
      "credentialId",
      "invokedBy",
      "identityProvider",
      "onBehalfOf.userId",
      "sessionContext.sessionIssuer.arn",
      "sessionContext.sessionIssuer.principalId",
      "sessionContext.sessionIssuer.userName",
      "sessionContext.sessionIssuer.accountId",
      "sessionContext.webIdFederationData.federatedProvider",
    ].map((key) => [`userIdentity.${key}`, byName]),
  ),
};
/** Facts of where a call comes from. */
const FROM: ReadonlySet<string> = new Set(["sourceIPAddress", "vpcEndpointId", "vpcEndpointAccountId"]);
/** The shortest prefixes that narrow anything: 10.0.0.0/8 is somebody's network, 0.0.0.0/1 is half of the world. */
const SHORTEST = { 4: 8, 6: 16 } as const;

/** Parameters that name the thing a call is made on; names of the call itself or of its session are texts like others. */
const RESOURCE_KEY = /(?:id|name|arn|identifier|url|bucket|key)$/i;
const NO_RESOURCE = /session|^client|^request|^display|^sourceI|^external|^host(?:name)?$/i;

/** What normalised conditions rest on, in the weakest way through them. */
export function footingOf(condition: NormalCondition): Footing {
  const facts = { fixed: new Set<string>(), caller: new Set<string>(), open: new Set<string>() };
  const rests = weigh(condition, facts);
  return { rests, facts: rests === "fixed" ? [] : [...facts[rests]] };
}

type Facts = Readonly<Record<Footing["rests"], Set<string>>>;

/** Weighs a condition; adds the facts of ways through that are not fixed. */
function weigh(condition: NormalCondition, found: Facts): Footing["rests"] {
  if ("all" in condition) {
    const own: Facts = { fixed: new Set(), caller: new Set(), open: new Set() };
    const weights = new Set(condition.all.map((part) => weigh(part, own)));
    if (weights.has("fixed")) return "fixed";
    for (const kind of ["caller", "open"] as const) for (const fact of own[kind]) found[kind].add(fact);
    return weights.has("caller") ? "caller" : "open";
  }
  if ("any" in condition) {
    const weights = new Set(condition.any.map((part) => weigh(part, found)));
    if (weights.has("caller")) return "caller";
    return weights.has("open") ? "open" : "fixed";
  }
  const weight = weighLiteral(condition);
  found[weight].add(condition.fact);
  return weight;
}

function weighLiteral(literal: Literal): Footing["rests"] {
  if (fixes(literal)) return "fixed";
  const other = factOfValue(literal.value);
  return isBelow(literal.fact, CHOSEN) || (other !== undefined && isBelow(other, CHOSEN)) ? "caller" : "open";
}

function isBelow(fact: string, roots: readonly string[]): boolean {
  return roots.some((root) => fact === root || fact.startsWith(`${root}.`) || fact.startsWith(`${root}[`));
}

/** Whether the comparison holds only for one or a few known callers, places or things. */
function fixes({ fact, operator, value }: Literal): boolean {
  const parsed = parseOperator(operator);
  if ("unknown" in parsed || factOfValue(value) !== undefined) return false;
  const { base, decorators } = parsed;
  const isResource = fact === "resources[*].ARN" || fact === "resources[0].ARN";
  const allowed: readonly string[] = isResource ? ["someValue", "someFact"] : ["someValue"];
  if (decorators.some((decorator) => !allowed.includes(decorator))) return false;
  const list = value instanceof ResolvedList ? value : undefined;
  // Who may write what the query finds may write who is not told of.
  if (list?.dynamic === true) return false;
  const texts = (list === undefined ? [value].flat() : list.values).map(String);
  const compared = list === undefined ? base : `${base}:${list.kind}`;
  const exact = compared === "equal" || compared === "in" || compared === "inList:exact";
  if (isResource || namesAThing(fact)) return exact && texts.every((text) => text.trim() !== "");
  const test = FROM.has(fact) ? byName : Object.hasOwn(WHO, fact) ? WHO[fact] : undefined;
  if (test === undefined) return false;
  if (compared === "inCidr" || compared === "inList:cidr") return FROM.has(fact) && texts.every(isNarrow);
  const partsOf = exact ? (text: string) => [text] : PARTS[compared];
  if (partsOf === undefined) return false;
  return texts.every((text) => {
    const parts = partsOf(text);
    return test(parts[0] ?? "", parts.join("*"), exact);
  });
}

/** Operators that fix a part of a text: its parts, the beginning first, which is empty where it is not fixed. */
const PARTS: Readonly<Record<string, (text: string) => readonly string[]>> = {
  startsWith: (text) => [text],
  endsWith: (text) => ["", text],
  includes: (text) => ["", text, ""],
  like: likeParts,
  "inList:wildcard": likeParts,
};

/** A single parameter that names what is touched: of a list, the caller could name other things beside it. */
function namesAThing(fact: string): boolean {
  if (!fact.startsWith("requestParameters.") || fact.includes("[*]")) return false;
  const key = fact.slice(fact.lastIndexOf(".") + 1);
  return RESOURCE_KEY.test(key) && !NO_RESOURCE.test(key);
}

function isNarrow(range: string): boolean {
  const parsed = parseCidr(range);
  return parsed !== undefined && Number(range.split("/")[1]) >= SHORTEST[parsed.version];
}
