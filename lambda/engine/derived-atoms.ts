/**
 * What EventBridge can see of a condition on a derived fact: a disjunction, each part of which may be several fields at
 * once. Three kinds of facts:
 *
 * - One of a few values (`outcome`, `channel.name`, `actor.root`): the condition itself says for which of them it
 *   holds, negations, lists and all, and `derived-evidence.ts` what can be seen of each.
 * - A copy of a field (`actor.accountId`): the same condition on that field. A copy is cut at 1,024 characters, and only
 *   text is copied, so what could hold for a cut one, or for no text, must hold for the field as well.
 * - One of several fields (`actor.arn`, `actor.role`): the condition holds for one of them.
 *
 *     { fact: "channel.name", operator: "notIn", value: ["service", "cloudformation"] }
 *     // userIdentity.invokedBy absent, or signin.amazonaws.com, or eventType AwsConsoleAction, …
 *
 * Nothing is said where the derivation weighs too much to be short: `actor.name`, `channel.reasons`.
 */
import { COPIED_FIELDS, NO_TYPE, NOT_TEXT } from "../record/actor.ts";
import { CENTER_ROLE, SESSION_TYPES } from "../record/caller.ts";
import { DOMAINS } from "./derived-evidence.ts";
import { literalAtoms } from "./literal-atoms.ts";
import { type Comparison, compileOperator, parseOperator } from "./operator-name.ts";
import { factOfValue } from "./predicate.ts";
import { ResolvedList } from "./resolved-list.ts";
import type { Literal } from "./rule.ts";
import type { Atom, Conjunct, Guards, Matcher, Selector } from "./selector.ts";

const ISSUER = "userIdentity.sessionContext.sessionIssuer";
/** Longer than any value that a rule sensibly names, and shorter than where a copy is cut. */
const MAX_COMPARED = 1_000;

/** A role's session of which the record does not say who issued it: its role is read from an ARN. */
const UNNAMED_SESSION: Conjunct = [
  atom(`${ISSUER}.userName`, [{ exists: false }]),
  atom("userIdentity.type", SESSION_TYPES),
];

/** A fact that is a field of the record: what it is where the field is absent or empty, and where it is no text. */
type Copy = { readonly field: string; readonly none: string | undefined; readonly odd: string };

const COPIES: ReadonlyMap<string, Copy> = new Map<string, Copy>([
  ["actor.type", { field: "userIdentity.type", none: NO_TYPE, odd: NO_TYPE }],
  ...Object.entries(COPIED_FIELDS).map(([name, field]): [string, Copy] => [
    `actor.${name}`,
    { field, none: undefined, odd: NOT_TEXT },
  ]),
]);

/** Facts of which each value comes from one of several fields, or shows in them. */
const SOURCES: ReadonlyMap<string, (matchers: readonly Matcher[]) => Selector | undefined> = new Map([
  ["actor.arn", arnSources],
  ["actor.role", roleSources],
  ["actor.session", sessionSources],
  ["actor.identityCenterUser", centerUserSources],
  [
    "actor.identityStoreArn",
    (matchers: readonly Matcher[]) =>
      ["userIdentity.onBehalfOf.identityStoreArn", "userIdentity.identityStoreArn"].map((path) => [
        atom(path, matchers),
      ]),
  ],
]);

/**
 * The selector of a condition on a derived fact: true whenever the condition is.
 * @returns undefined when EventBridge can tell nothing, and for facts of the record itself
 */
export function derivedSelector(literal: Literal, guards: Guards): Selector | undefined {
  if ("unknown" in parseOperator(literal.operator) || factOfValue(literal.value) !== undefined)
    return undefined;
  const selector = selectorOf(literal, guards);
  // Without the guard, as if there were only one trace of what is derived.
  return guards.has("derived-evidence") ? selector : selector?.slice(0, 1);
}

function selectorOf(literal: Literal, guards: Guards): Selector | undefined {
  const holds = compileOperator(literal.operator);
  const domain = DOMAINS.get(literal.fact);
  if (domain !== undefined) {
    const values = new Set(domain.values.filter((value) => holds(value, literal.value)));
    const some = values.size > 0 && values.size < domain.values.length;
    return some ? domain.evidence(values) : undefined;
  }
  if (!comparesShortTexts(literal.value)) return undefined;
  const copy = COPIES.get(literal.fact);
  if (copy !== undefined) {
    const atoms = literalAtoms({ ...literal, fact: copy.field }, guards);
    return atoms === undefined ? undefined : copied(atoms, copy, holds, literal, guards);
  }
  const sources = SOURCES.get(literal.fact);
  // A field that can be anything: only what holds for the text itself is said of it.
  const [sought] =
    sources === undefined ? [] : (literalAtoms({ ...literal, fact: "requestParameters" }, guards) ?? []);
  return sought === undefined ? undefined : sources?.(sought.matchers);
}

/** Whether all texts that a value holds are too short to be cut, and are not what a cut text ends with. */
function comparesShortTexts(value: unknown): boolean {
  if (value instanceof ResolvedList) return !value.dynamic && value.values.every(comparesShortTexts);
  if (Array.isArray(value)) return value.every(comparesShortTexts);
  return typeof value !== "string" || (value.length <= MAX_COMPARED && !/[…\ufffd]/.test(value));
}

function copied(
  atoms: readonly Atom[],
  { none, odd }: Copy,
  holds: Comparison,
  { operator, value }: Literal,
  guards: Guards,
): Selector | undefined {
  if (!guards.has("derived-evidence")) return atoms.map((one) => [one]);
  // A copy that is cut ends with "…", whatever its field ends with.
  if (operator.includes("not:") && operator.endsWith(":endsWith")) return undefined;
  const holdsOfNone = holds(none, value);
  const suits = ({ matchers }: Atom): boolean =>
    (!holdsOfNone || matchers.some((one) => isExistence(one, false))) &&
    (!holds(odd, value) || matchers.some((one) => isExistence(one, true) || isAnythingBut(one)));
  if (!atoms.every(suits)) return undefined;
  return atoms.map((one) => [holdsOfNone ? { ...one, matchers: [...one.matchers, ""] } : one]);
}

/** The user's ARN, or the role's: as its issuer's, or as made from the session's, where its path is not told. */
function arnSources(matchers: readonly Matcher[]): Selector | undefined {
  const made = matchers.map(sessionsOfRole);
  if (made.includes(undefined)) return undefined;
  const own = [...matchers, ...made.flatMap((prefix) => (prefix ? [{ prefix }] : []))];
  return [[atom("userIdentity.arn", own)], [atom(`${ISSUER}.arn`, matchers)]];
}

/**
 * How the ARNs of the sessions begin from which an ARN that the matcher accepts is made; empty when it is none of a
 * role, undefined when it cannot be told.
 */
function sessionsOfRole(matcher: Matcher): string | undefined {
  const text = typeof matcher === "string" ? matcher : operand(matcher, "prefix");
  const parts = /^arn:([\w-]+):iam::(\d*):([^/]*)\/(.*)$/s.exec(text ?? "");
  // Half an ARN may be the beginning of a role's.
  if (parts === null) return typeof matcher === "string" ? "" : undefined;
  const [, partition, account, kind, name = ""] = parts;
  if (kind !== "role" || name.includes("/")) return "";
  return `arn:${partition}:sts::${account}:assumed-role/${name}${typeof matcher === "string" ? "/" : ""}`;
}

/** The issuer's name; sessions without one are told by their type alone. */
function roleSources(matchers: readonly Matcher[]): Selector {
  return [[atom(`${ISSUER}.userName`, matchers)], UNNAMED_SESSION];
}

/** The end of the session's ARN, or of the principal id. */
function sessionSources(matchers: readonly Matcher[]): Selector | undefined {
  const endings = (mark: string): readonly Matcher[] | undefined => {
    const each = matchers.map((one) =>
      typeof one === "string" && one !== "" ? { suffix: `${mark}${one}` } : operand(one, "suffix") && one,
    );
    return each.every((one) => one !== undefined) ? each : undefined;
  };
  const [ofArn, ofPrincipal] = [endings("/"), endings(":")];
  if (ofArn === undefined || ofPrincipal === undefined) return undefined;
  return [[atom("userIdentity.arn", ofArn)], [atom("userIdentity.principalId", ofPrincipal)]];
}

/** Names and ids come from many places: that it is a user of Identity Center at all must do. */
function centerUserSources(): Selector {
  return [
    [atom("userIdentity.onBehalfOf.userId", [{ exists: true }])],
    [atom(`${ISSUER}.userName`, [{ prefix: CENTER_ROLE }])],
    [atom("userIdentity.type", ["IdentityCenterUser"])],
    UNNAMED_SESSION,
  ];
}

function atom(path: string, matchers: readonly Matcher[]): Atom {
  return { path, matchers, lists: [] };
}

function isExistence(matcher: Matcher, exists: boolean): boolean {
  return typeof matcher === "object" && matcher.exists === exists;
}

function isAnythingBut(matcher: Matcher): boolean {
  return typeof matcher === "object" && matcher["anything-but"] !== undefined;
}

function operand(matcher: Matcher, operator: string): string | undefined {
  const value = typeof matcher === "object" ? matcher[operator] : undefined;
  return typeof value === "string" ? value : undefined;
}
