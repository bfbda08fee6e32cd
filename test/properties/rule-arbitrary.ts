/**
 * Random rules for the soundness property: every operator, decorator and nesting, over facts that are plain fields,
 * free-form parameters, list elements, colliding keys and derived facts. Values come from small pools, so that records
 * hit them.
 */
import * as fc from "fast-check";
import { OPERATORS } from "../../lambda/engine/operators.ts";
import { comparesWithList } from "../../lambda/engine/conditions.ts";
import type { Condition, List, Literal, Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { DERIVED_FACTS } from "./derived-fields.ts";

export const NAMES = [
  "RunInstances",
  "PutBucketPolicy",
  "DescribeInstances",
  "AssumeRole",
  "Decrypt",
  "DeleteTrail",
  "ConsoleLogin",
];
export const TEXTS = ["a", "ab", "abc", "b", "", "AB", "a*b", "5", "12", "x.y", "aws-cli/2.0", "é", "\u212a"];
export const ADDRESSES = [
  "192.0.2.7",
  "192.0.2.77",
  "198.51.100.1",
  "192.000.2.7",
  "::ffff:192.0.2.7",
  "2001:db8::1",
  "AWS Internal",
];
export const ERRORS = ["AccessDenied", "Client.UnauthorizedOperation", "ThrottlingException"];
export const TYPES = ["IAMUser", "AssumedRole", "Root", "AWSService"];

/** Facts with the values that are worth comparing them with. */
export const FACTS: Readonly<Record<string, readonly unknown[]>> = {
  eventName: NAMES,
  errorCode: [...ERRORS, null],
  readOnly: [true, false],
  sourceIPAddress: ADDRESSES,
  userAgent: TEXTS,
  "userIdentity.type": TYPES,
  "userIdentity.invokedBy": ["a", "ab"],
  "userIdentity.sessionContext.sessionIssuer.userName": ["a", "b"],
  "requestParameters.a": [...TEXTS, 5, 12, true, null],
  "requestParameters.a.b": [...TEXTS, 5, 12, null],
  "requestParameters.list": [...TEXTS, 5],
  "requestParameters.list[0]": TEXTS,
  "requestParameters.list.0": TEXTS,
  "requestParameters.items[*].x": TEXTS,
  "requestParameters.items[*].y": [...TEXTS, 5],
  "requestParameters.items[0].x": TEXTS,
  "requestParameters.items.1.y": TEXTS,
  "requestParameters.items[*].in[*].z": TEXTS,
  "requestParameters.tags.x.y": TEXTS,
  requestParameters: ["a", null],
  responseElements: ["a", null],
  ...DERIVED_FACTS,
};

/** Values that no record has, as many as make a list too long for a pattern. */
const FILLING = Array.from({ length: 60 }, (_, at) => at);
const list = (kind: List["kind"], values: readonly string[]): List => ({
  kind,
  values: [...values],
  description: "Random.",
});
const RANGES = ["192.0.2.0/25", "198.51.100.1/32"];

/** Lists of each kind, short and long; of a long one the values that records have come last. */
export const LISTS: RuleSet["lists"] = {
  exact: list("exact", ["a", "RunInstances", "AccessDenied", "IAMUser", "192.0.2.7"]),
  "exact-long": list("exact", [
    ...FILLING.map((at) => `filling-${at}`),
    ...TEXTS.slice(0, 2),
    ...NAMES,
    ...TYPES,
  ]),
  wildcard: list("wildcard", ["a*", "*c", "Describe*", String.raw`a\*b`]),
  "wildcard-open": list("wildcard", ["zz*", "*b*"]),
  "wildcard-long": list("wildcard", [...FILLING.map((at) => `filling-${at}-*`), "*b", "A*", "192.0.*"]),
  cidr: list("cidr", RANGES),
  "cidr-ipv6": list("cidr", [...RANGES, "2001:db8::/32"]),
  "cidr-long": list("cidr", [...FILLING.map((at) => `203.0.113.${at}/32`), ...RANGES]),
};

const DECORATIONS = [
  "",
  "",
  "",
  "",
  "",
  "not:",
  "someFact:",
  "someFact:",
  "everyFact:",
  "someFact:not:",
  "not:someFact:",
  "not:everyFact:",
  "everyFact:not:",
  "someValue:",
  "not:someValue:",
  "everyValue:",
  "swap:",
];

const literal: fc.Arbitrary<Literal> = fc
  .tuple(
    fc.constantFrom(...Object.keys(FACTS)),
    fc.constantFrom(...DECORATIONS),
    fc.constantFrom(...Object.keys(OPERATORS)),
    fc.nat(),
    fc.nat(30),
  )
  .map(([fact, decoration, base, pick, kind]) => {
    const pool = FACTS[fact] ?? [];
    if (comparesWithList(base)) return withList(fact, decoration, base, pick);
    const decorators =
      fact.includes("[*]") && decoration === "" && base !== "contains" ? "someFact:" : decoration;
    // Ranges say something about few facts only, so a rule about addresses has one every other time.
    if (fact === "sourceIPAddress" && kind % 2 === 1)
      return { fact, operator: "inCidr", value: valueFor("inCidr", "", pool, pick) };
    if (kind === 0)
      return {
        fact,
        operator: base === "exists" ? "equal" : base,
        value: { fact: Object.keys(FACTS)[pick % Object.keys(FACTS).length] ?? fact },
      };
    return { fact, operator: decorators + base, value: valueFor(base, decorators, pool, pick) };
  });

function withList(fact: string, decoration: string, base: string, pick: number): Literal {
  const decorators = /Value|swap/.test(decoration) ? "not:" : decoration;
  const quantified = fact.includes("[*]") && decorators === "" ? "someFact:" : decorators;
  const names = Object.keys(LISTS);
  // Few facts are addresses: most lists of ranges would never hold.
  const fitting = fact === "sourceIPAddress" ? names.filter((name) => name.startsWith("cidr")) : names;
  return { fact, operator: quantified + base, value: fitting[pick % fitting.length] };
}

function valueFor(base: string, decorators: string, pool: readonly unknown[], pick: number): unknown {
  const one = (at: number): unknown => single(base, pool, at);
  return decorators.includes("Value:") ? [one(pick), one(pick + 1)] : one(pick);
}

function single(base: string, pool: readonly unknown[], pick: number): unknown {
  const value = pool[pick % pool.length];
  const text = typeof value === "string" ? value : String(pool[0]);
  switch (OPERATORS[base]?.value) {
    case "list":
      return [value, pool[(pick + 1) % pool.length]];
    case "number":
      return [0, 5, 11][pick % 3];
    case "boolean":
      return pick % 2 === 0;
    case "text":
      return textFor(base, text, pick);
    default:
      return value;
  }
}

function textFor(base: string, text: string, pick: number): string {
  if (base === "inCidr")
    return ["192.0.2.0/24", "192.0.2.7/32", "2001:db8::/32", "0.0.0.0/0"][pick % 4] ?? "";
  if (base === "like")
    return (
      [`${text.slice(0, 1)}*`, `*${text.slice(-1)}`, `*${text}*`, text.replaceAll("*", "\\*")][pick % 4] ?? ""
    );
  if (base === "matches")
    return ["^a", "^(?:a|ab)$", "b$", "^ab?", "[ab]+", "^AssumeRole$", "^(Describe|Put)"][pick % 7] ?? "";
  if (base === "equalIgnoreCase") return pick % 2 === 0 ? text.toUpperCase() : text;
  return pick % 3 === 0 ? text : text.slice(0, Math.max(1, text.length - 1));
}

/** Two conditions on one list, or on one fact: what two literals of a rule do to each other is where a selector goes wrong. */
const twins: fc.Arbitrary<Condition> = fc
  .tuple(
    fc.constantFrom(
      ["requestParameters.items[*].x", "requestParameters.items[*].y"],
      ["requestParameters.a.b", "requestParameters.a.b"],
      ["requestParameters.list", "requestParameters.list"],
    ),
    fc.constantFrom("equal", "in", "startsWith"),
    fc.nat(),
    fc.nat(),
  )
  .map(([facts, base, one, other]) => ({
    all: facts.map((fact, at) => ({
      fact,
      operator: fact.includes("[*]") || fact.endsWith("list") ? `someFact:${base}` : base,
      value: single(base, FACTS[fact] ?? [], at === 0 ? one : other),
    })),
  }));

const { condition } = fc.letrec<{ condition: Condition; group: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { arbitrary: literal, weight: 3 },
    { arbitrary: tie("group"), weight: 2 },
    { arbitrary: twins, weight: 1 },
  ),
  group: fc.oneof(
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie("condition").map((not) => ({ not })),
    fc.constantFrom({ condition: "shared" }, { condition: "nested" }),
  ),
}));

/** The eventSource of random namespaced rules. */
export const SOURCE = "ec2.amazonaws.com";

/** A rule set of one random rule, of one eventSource or global, with shared conditions to refer to. */
export const ruleSetArbitrary: fc.Arbitrary<RuleSet> = fc
  .tuple(condition, fc.boolean(), literal)
  .map(([conditions, global, shared]) => ({
    rules: [makeRule(conditions, global)],
    conditions: {
      shared,
      nested: {
        not: { any: [{ condition: "shared" }, { fact: "errorCode", operator: "exists", value: true }] },
      },
    },
    lists: LISTS,
    suppressions: [],
  }));

function makeRule(conditions: Condition, global: boolean): Rule {
  return {
    id: global ? "_global/random" : `${SOURCE}/random`,
    eventSource: global ? null : SOURCE,
    name: "Random",
    severity: "low",
    conditions,
  };
}
