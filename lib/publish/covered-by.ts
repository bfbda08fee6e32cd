/**
 * Whether the EventBridge rules that are deployed deliver every record that a new rule could match. A rule that they do
 * not cover would be in force and never see its records.
 *
 * The new rule's selector is written as event patterns of one branch each. A branch is covered when a deployed branch
 * asks for no more of any field; else it is divided (by its names and services, by calls that failed and that did not),
 * and each part must be covered. What cannot be shown is not covered.
 *
 *   deployed: eventName ["DeleteVpc", "CreateVpc"]     new rule: eventName in [DeleteVpc, DeleteSubnet]
 *   // ["DeleteVpc"] is covered, ["DeleteSubnet"] is not: the rule is not
 */
import { normalize } from "../../lambda/engine/conditions.ts";
import { cutTo } from "../../lambda/engine/domains.ts";
import type { FieldTest } from "../../lambda/engine/event-pattern/compiled-event-pattern.ts";
import { compileEventPattern } from "../../lambda/engine/event-pattern/compile.ts";
import { isObject } from "../../lambda/engine/event-pattern/leaf.ts";
import { excludeOwnCalls } from "../../lambda/engine/own-role.ts";
import { toEventPattern } from "../../lambda/engine/pattern-json.ts";
import { type EventRuleState, excludesReads } from "../../lambda/engine/read-calls.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { type Conjunct, deriveSelector } from "../../lambda/engine/selector.ts";
import { implies, isAbsence } from "./implies.ts";

/** An EventBridge rule that invokes the detector. */
export type DeployedRule = { readonly state: EventRuleState; readonly eventPattern: unknown };

/** What is deployed. */
export type Deployment = {
  readonly eventRules: readonly DeployedRule[];
  /** The name of the detector's role, whose own calls no pattern delivers. */
  readonly ownRole?: string;
};

/** Fields of a pattern with what each accepts, by dotted name. */
type Branch = ReadonlyMap<string, readonly unknown[]>;
type Wide = { readonly state: EventRuleState; readonly fields: Branch };

/** How many comparisons of one rule with one deployed branch are made; a rule that needs more counts as not covered. */
const MAX_STEPS = 200_000;

/** Every record has both as texts. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(["detail.eventSource", "detail.eventName"]);

/**
 * Makes the question whether a rule of a rule set is covered: undefined when it is, else one of the patterns that its
 * records need and that the deployed rules do not cover.
 * @throws InvalidEventPatternError when a deployed pattern is none.
 */
export function coveredBy({
  eventRules,
  ownRole,
}: Deployment): (
  rule: Pick<Rule, "eventSource" | "conditions">,
  ruleSet: Pick<RuleSet, "conditions" | "lists">,
) => unknown {
  const deployed = eventRules.flatMap(({ state, eventPattern }) =>
    branchesOf(eventPattern).map((fields): Wide => ({ state, fields })),
  );
  return ({ eventSource, conditions }, { conditions: shared, lists }) => {
    const search = { stepsLeft: MAX_STEPS };
    const selector = deriveSelector(normalize(conditions, shared, lists));
    const conjuncts = selector
      .map((conjunct) => (eventSource === null ? conjunct : cutTo("eventSource", [eventSource], conjunct)))
      .filter((conjunct) => conjunct !== undefined)
      .flatMap((conjunct) => (ownRole === undefined ? [conjunct] : excludeOwnCalls(conjunct, ownRole)));
    return conjuncts
      .map((conjunct) => missing(conjunct, deployed, search))
      .find((pattern) => pattern !== undefined);
  };
}

type Search = { stepsLeft: number };

function missing(conjunct: Conjunct, deployed: readonly Wide[], search: Search): unknown {
  const pattern = toEventPattern([conjunct]);
  const fields = branchesOf(pattern)[0] ?? new Map<string, readonly unknown[]>();
  const usable = deployed.filter(({ state }) => state !== "ENABLED" || excludesReads(conjunct));
  return isCovered(fields, usable, search, [...DIVIDED, ...outcomeFields(usable)]) ? undefined : pattern;
}

/** The fields by which a branch is divided first; what is in many patterns divides best. */
const DIVIDED: readonly string[] = [...ALWAYS_THERE];

/** Fields that deployed branches ask of only whether they are there: a branch that does not is divided by that. */
function outcomeFields(deployed: readonly Wide[]): readonly string[] {
  const names = new Set<string>();
  for (const { fields } of deployed)
    for (const [name, wanted] of fields)
      if (isTopLevel(name) && wanted.some((one) => isObject(one) && "exists" in one)) names.add(name);
  return [...names].filter((name) => !DIVIDED.includes(name));
}

function isCovered(
  branch: Branch,
  deployed: readonly Wide[],
  search: Search,
  dividers: readonly string[],
): boolean {
  search.stepsLeft -= deployed.length;
  if (search.stepsLeft < 0) return false;
  if (deployed.some(({ fields }) => includes(fields, branch))) return true;
  const [name, ...rest] = dividers;
  if (name !== undefined) {
    const ways = divide(branch, name, deployed);
    if (ways.length === 0) return isCovered(branch, deployed, search, rest);
    return ways.some((parts) =>
      parts.every((matcher) => {
        const left = deployed.filter(({ fields }) => mayHold(fields.get(name), matcher));
        return isCovered(new Map(branch).set(name, [matcher]), left, search, rest);
      }),
    );
  }
  // At last by the first other field with several matchers.
  const several = [...branch].find(([, wanted]) => wanted.length > 1);
  if (several === undefined) return false;
  return several[1].every((matcher) =>
    isCovered(new Map(branch).set(several[0], [matcher]), deployed, search, []),
  );
}

/** Whether a deployed branch can take a part whole: only then need it be looked at any more. */
function mayHold(wide: readonly unknown[] | undefined, part: unknown): boolean {
  return wide === undefined || implies(part, wide);
}

/** Ways to divide what a branch accepts of a field into matchers that accept it together; none when there is nothing to divide. */
function divide(branch: Branch, name: string, deployed: readonly Wide[]): unknown[][] {
  const given = branch.get(name);
  if (!ALWAYS_THERE.has(name)) {
    if (given === undefined) return [[{ exists: false }, { exists: true }]];
    return given.length > 1 ? [[...given]] : [];
  }
  const wanted = deployed.flatMap(({ fields }) => fields.get(name) ?? []);
  const matchers = given ?? [{ exists: true }];
  const ways = [byText, byBeginning].map((way) => matchers.flatMap((matcher) => way(matcher, wanted)));
  return given?.length === 1 ? ways.filter((parts) => parts.length > 1) : ways;
}

/** A matcher that takes nearly every value, as one for each value that is named, and one for the rest. */
function byText(matcher: unknown, wanted: readonly unknown[]): unknown[] {
  const excluded = excludedTexts(matcher);
  if (excluded === undefined) return [matcher];
  const texts = wanted.flatMap((one) => (isObject(one) ? [one["anything-but"]].flat() : [one]));
  const named = new Set(texts.filter((one) => typeof one === "string"));
  const apart = [...named].filter((value) => !excluded.includes(value));
  const rest = [...excluded, ...apart];
  return [...apart, rest.length === 0 ? matcher : { "anything-but": rest }];
}

/** A matcher that takes every value, as one for each beginning that is named, and one for the rest. */
function byBeginning(matcher: unknown, wanted: readonly unknown[]): unknown[] {
  if (excludedTexts(matcher)?.length !== 0) return [matcher];
  const named = wanted.flatMap((one) => {
    if (!isObject(one)) return [];
    const others = one["anything-but"];
    return [one["prefix"], ...(isObject(others) ? [others["prefix"]].flat() : [])];
  });
  const beginnings = [...new Set(named.filter((one) => typeof one === "string" && one !== ""))];
  if (beginnings.length === 0) return [matcher];
  return [...beginnings.map((prefix) => ({ prefix })), { "anything-but": { prefix: beginnings } }];
}

/** What a matcher that takes nearly every value leaves out; undefined for one that takes few. */
function excludedTexts(matcher: unknown): readonly string[] | undefined {
  if (!isObject(matcher)) return undefined;
  const excluded = matcher["exists"] === true ? [] : matcher["anything-but"];
  if (!Array.isArray(excluded)) return undefined;
  return excluded.every((value) => typeof value === "string") ? excluded : undefined;
}

/** Whether a deployed branch accepts all that a branch does: each of its fields is asked for there, and no wider. */
function includes(wide: Branch, narrow: Branch): boolean {
  for (const [name, wanted] of wide) {
    const asked = narrow.get(name) ?? (ALWAYS_THERE.has(name) ? [{ exists: true }] : undefined);
    if (asked === undefined || !asked.every((matcher) => implies(matcher, wanted))) return false;
    if (asked.some(isAbsence) && mayBeInList(name) && !seesTheSame(name, wide, narrow)) return false;
  }
  return true;
}

/**
 * Whether both branches ask the same of the fields around one that may be absent. In lists it is absent when it is in
 * the element that the fields before it chose, so that a branch without these fields looks at other elements.
 */
function seesTheSame(name: string, wide: Branch, narrow: Branch): boolean {
  const root = rootOf(name);
  return [...narrow].every(
    ([other, wanted]) => rootOf(other) !== root || JSON.stringify(wide.get(other)) === JSON.stringify(wanted),
  );
}

/** The fields of a record itself and of its `userIdentity` stand in no list; selectors are derived with that, too. */
function mayBeInList(name: string): boolean {
  return !isTopLevel(name) && !name.startsWith("detail.userIdentity.");
}

function isTopLevel(name: string): boolean {
  return name.startsWith("detail.") && name.split(".").length === 2;
}

function rootOf(name: string): string {
  return name.split(".").slice(0, 2).join(".");
}

function branchesOf(pattern: unknown): Branch[] {
  return compileEventPattern(pattern).branches.map(
    ({ byName }) => new Map(byName.map(({ name, wanted }: FieldTest) => [name.text, wanted])),
  );
}
