/**
 * From the rules to the few EventBridge rules that let their records through.
 *
 * Every record that a rule can match is delivered by at least one event rule. For most rule sets it is exactly one:
 * `_global` rules are folded into the pattern of each eventSource that has rules of its own, with one more pattern for
 * all other eventSources. The sources share patterns as far as they fit into 2,048 characters. Where a set is too large
 * for that, patterns overlap, which costs an invocation and no alert twice (alert ids are the same), and is reported.
 */
import { normalize } from "./conditions.ts";
import { cutByOutcome, cutTo, cutToOtherSources, mayShare, withErrorAsText } from "./domains.ts";
import { excludeOwnDenials } from "./own-role.ts";
import { type EventPattern, fitsPattern, toEventPattern } from "./pattern-json.ts";
import { makePieces, type Pieces } from "./pieces.ts";
import { type EventRuleState, excludesReads } from "./read-calls.ts";
import type { RuleSet } from "./rule.ts";
import {
  ALL_GUARDS,
  type Conjunct,
  deriveSelector,
  type Guards,
  type Selector,
  simplify,
} from "./selector.ts";
import { PLAIN_VALUE_FACTS } from "../record/record-shape.ts";

export { compileEventRules } from "./delivery.ts";

/** An EventBridge rule to make. */
export type EventRule = {
  /** Unique in the set, letters, digits and hyphens, at most 40 characters. */
  readonly name: string;
  readonly state: EventRuleState;
  readonly eventPattern: EventPattern;
  /** Ids of the rules whose records it delivers. */
  readonly rules: readonly string[];
};

/** What deriving gave. */
export type EventRules = {
  readonly eventRules: readonly EventRule[];
  /** Sentences about event rules that may deliver the same record. Empty: every record comes once. */
  readonly overlaps: readonly string[];
};

/** Options of deriving. */
export type EventRuleOptions = {
  /** How many EventBridge rules may be made; a bus holds 300 for the whole account. Default 100. */
  readonly budget?: number;
  /** Name of the detector's role, whose own denied calls are left out. */
  readonly excludeOwnRole?: string;
  /** For the test that shows what each guard is for. */
  readonly guards?: Guards;
};

/** A rule set that does not fit its budget of EventBridge rules. */
export class EventRuleBudgetError extends Error {
  override readonly name = "EventRuleBudgetError";
}

export const DEFAULT_BUDGET = 100;

type RuleSelector = { readonly id: string; readonly eventSource: string | null; readonly selector: Selector };

/**
 * Derives the event rules of a rule set.
 * @throws EventRuleBudgetError when more than the budget would be needed even with the loosest patterns.
 */
export function deriveEventRules(ruleSet: RuleSet, options: EventRuleOptions = {}): EventRules {
  const { budget = DEFAULT_BUDGET, guards = ALL_GUARDS } = options;
  const selectors = ruleSet.rules.map(({ id, eventSource, conditions }) => ({
    id,
    eventSource,
    selector: deriveSelector(normalize(conditions, ruleSet.conditions), guards),
  }));
  const tight = pack(selectors, options);
  if (tight.eventRules.length <= budget) return tight;
  const loose = pack(selectors.map(loosen), options);
  if (loose.eventRules.length <= budget) {
    return {
      ...loose,
      overlaps: [
        ...loose.overlaps,
        `patterns were loosened to the plain fields of a record to fit ${budget} EventBridge rules`,
      ],
    };
  }
  throw new EventRuleBudgetError(
    `These ${ruleSet.rules.length} rules need ${loose.eventRules.length} EventBridge rules, and the budget is ${budget}. ` +
      "Raise engine.eventRules.budget in cdk.json (a bus holds 300 rules, shared by the whole account), or join rules that name many calls of the same service.",
  );
}

function loosen(rule: RuleSelector): RuleSelector {
  return {
    ...rule,
    selector: simplify(
      rule.selector.map((conjunct) => conjunct.filter((atom) => PLAIN_VALUE_FACTS.has(atom.path))),
    ),
  };
}

function pack(selectors: readonly RuleSelector[], options: EventRuleOptions): EventRules {
  const guards = options.guards ?? ALL_GUARDS;
  const limits = { length: guards.has("pattern-length"), combinations: guards.has("combinations") };
  const fits = (conjuncts: readonly Conjunct[]): boolean => fitsPattern(conjuncts, limits);
  const { pieces, overlaps } = divide(selectors, options.excludeOwnRole, fits);
  const groups: { labels: string[]; conjuncts: readonly Conjunct[] }[] = [];
  for (const piece of pieces) {
    const joined = groups.flatMap((group) => {
      const conjuncts = simplify([...group.conjuncts, ...piece.conjuncts]);
      return fits(conjuncts) ? [{ group, conjuncts }] : [];
    })[0];
    if (joined === undefined) groups.push({ labels: [piece.label], conjuncts: piece.conjuncts });
    else {
      joined.group.conjuncts = joined.conjuncts;
      joined.group.labels.push(piece.label);
    }
  }
  const eventRules = groups.map(({ labels, conjuncts }, at) => ({
    name: nameOf(labels, at),
    state:
      guards.has("read-only") && !conjuncts.every(excludesReads)
        ? ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" as const)
        : ("ENABLED" as const),
    eventPattern: toEventPattern(conjuncts),
    rules: selectors.filter((rule) => deliversFor(rule, conjuncts)).map((rule) => rule.id),
  }));
  return { eventRules, overlaps };
}

/** Whether the conjuncts let records of a rule through. */
function deliversFor(rule: RuleSelector, conjuncts: readonly Conjunct[]): boolean {
  const own = rule.selector.flatMap((conjunct) => {
    const cut = rule.eventSource === null ? conjunct : cutTo("eventSource", [rule.eventSource], conjunct);
    return cut === undefined ? [] : [cut];
  });
  return own.some((one) => conjuncts.some((other) => mayShare(one, other)));
}

const OTHERS = "all other sources";

type Domain = {
  readonly own: ReadonlyMap<string, readonly Conjunct[]>;
  readonly globals: readonly Conjunct[];
};
type Fits = (conjuncts: readonly Conjunct[]) => boolean;

/** Divides all conjuncts into pieces that no record is in twice, or says where it may be. */
function divide(selectors: readonly RuleSelector[], ownRole: string | undefined, fits: Fits): Pieces {
  const domains = domainsOf(selectors);
  const finish = (conjuncts: readonly Conjunct[]): readonly Conjunct[] => {
    const kept =
      ownRole === undefined
        ? conjuncts
        : conjuncts.flatMap((conjunct) => excludeOwnDenials(conjunct, ownRole));
    return simplify(domains.length > 1 ? kept.map(withErrorAsText) : kept);
  };
  const made = domains.flatMap((domain) => divideDomain(domain, finish, fits));
  return {
    pieces: made.flatMap((one) => one.pieces),
    overlaps: [...new Set(made.flatMap((one) => one.overlaps))],
  };
}

/**
 * With _global rules there are two domains, calls that went through and calls that failed: most rules are about the
 * former, most _global conditions of any length about the latter, and keeping them apart saves repeating those.
 */
function domainsOf(selectors: readonly RuleSelector[]): readonly Domain[] {
  const globals = simplify(selectors.flatMap((rule) => (rule.eventSource === null ? rule.selector : [])));
  const own = new Map<string, readonly Conjunct[]>();
  for (const { eventSource, selector } of selectors) {
    if (eventSource === null) continue;
    const cuts = selector.map((conjunct) => cutTo("eventSource", [eventSource], conjunct));
    own.set(eventSource, [...(own.get(eventSource) ?? []), ...cuts.filter((cut) => cut !== undefined)]);
  }
  if (globals.length === 0) return [{ own, globals }];
  return (["succeeded", "failed"] as const).map((outcome) => {
    const cut = (conjuncts: readonly Conjunct[]): readonly Conjunct[] =>
      conjuncts.map((conjunct) => cutByOutcome(conjunct)[outcome]).filter((part) => part !== undefined);
    const parts = [...own].map(([source, conjuncts]) => [source, cut(conjuncts)] as const);
    return { own: new Map(parts.filter(([, conjuncts]) => conjuncts.length > 0)), globals: cut(globals) };
  });
}

function divideDomain(
  { own, globals }: Domain,
  finish: (conjuncts: readonly Conjunct[]) => readonly Conjunct[],
  fits: Fits,
): readonly Pieces[] {
  const sources = [...own.keys()].toSorted();
  const others = globals
    .map((conjunct) => cutToOtherSources(sources, conjunct))
    .filter((cut) => cut !== undefined);
  const rest = finish(others.map((cut) => cut.conjunct));
  const folded = rest.length === 0 || fits(rest);
  const made = sources.map((source) => {
    const cuts = (folded ? globals : []).map((conjunct) => cutTo("eventSource", [source], conjunct));
    return makePieces(
      source,
      finish([...(own.get(source) ?? []), ...cuts.filter((cut) => cut !== undefined)]),
      fits,
    );
  });
  const last = makePieces(OTHERS, folded ? rest : finish(globals), fits);
  const overlaps: string[] = [];
  if (!folded)
    overlaps.push(
      "_global rules and the rules of each eventSource may deliver the same record: there are too many eventSources to tell the others apart in one pattern",
    );
  if (folded && others.some((cut) => !cut.exact))
    overlaps.push(
      "a _global rule that names eventSources by a pattern may share records with rules of those eventSources",
    );
  return [...made, last, { pieces: [], overlaps }];
}

function nameOf(labels: readonly string[], at: number): string {
  const [first = ""] = labels;
  const word = first === OTHERS ? "others" : (first.split(".", 1)[0] ?? "");
  const more = new Set(labels).size - 1;
  return `${String(at + 1).padStart(2, "0")}-${word.replace(/[^A-Za-z0-9-]/g, "-").slice(0, 24)}${more > 0 ? `-and-${more}-more` : ""}`;
}
