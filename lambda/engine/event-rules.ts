/**
 * From the rules to the few EventBridge rules that let their records through.
 *
 * Every record that a rule can match is delivered by at least one event rule. For most rule sets it is exactly one:
 * `_global` rules are folded into the pattern of each eventSource that has rules of its own, with one more pattern for
 * all other eventSources. The sources share patterns as far as they fit into 2,048 characters. Where a set is too large
 * for that, patterns overlap, which costs an invocation and no alert twice (alert ids are the same), and is reported.
 */
import { normalize } from "./conditions.ts";
import { cutByOutcome, cutTo, mayShare } from "./domains.ts";
import { excludeOwnCalls } from "./own-role.ts";
import {
  type EventPattern,
  fitsPattern,
  MAX_PATTERN_LENGTH,
  patternLength,
  toEventPattern,
} from "./pattern-json.ts";
import { makePieces, type Piece, type Pieces } from "./pieces.ts";
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
  /** Sentences about patterns that let more through than they would if there were room. */
  readonly notes: readonly string[];
};

/** Options of deriving. */
export type EventRuleOptions = {
  /** How many EventBridge rules may be made; a bus holds 300 for the whole account. Default 100. */
  readonly budget?: number;
  /** Name, or ARN, of the detector's role, whose own denied calls are left out. */
  readonly excludeOwnRole?: string;
  /** For the test that shows what each guard is for. */
  readonly guards?: Guards;
};

/** A rule set that does not fit its budget of EventBridge rules. */
export class EventRuleBudgetError extends Error {
  override readonly name = "EventRuleBudgetError";
}

const DEFAULT_BUDGET = 100;

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
    selector: deriveSelector(normalize(conditions, ruleSet.conditions, ruleSet.lists), guards),
  }));
  const tight = pack(selectors, options);
  if (tight.groups.length <= budget) return finish(selectors, tight, [], guards);
  const fitted = loosenToFit(selectors, budget, options);
  if (fitted !== undefined) return finish(selectors, fitted.packed, [fitted.note], guards);
  const least = pack(selectors.map(loosen), options).groups.length;
  throw new EventRuleBudgetError(
    `These ${ruleSet.rules.length} rules need ${least} EventBridge rules, and the budget is ${budget}. ` +
      "Raise engine.eventRules.budget in cdk.json (a bus holds 300 rules, shared by the whole account), or join rules that name many calls of the same service.",
  );
}

/** Loosens the selectors of as few eventSources as it takes, those with the most text first. */
function loosenToFit(
  selectors: readonly RuleSelector[],
  budget: number,
  options: EventRuleOptions,
): { readonly packed: Packed; readonly note: string } | undefined {
  const sizes = new Map<string | null, number>();
  for (const { eventSource, selector } of selectors)
    sizes.set(eventSource, (sizes.get(eventSource) ?? 0) + JSON.stringify(selector).length);
  const sources = [...sizes].toSorted(([, a], [, b]) => b - a).map(([source]) => source);
  let fitting: { readonly packed: Packed; readonly note: string } | undefined;
  let low = 1;
  let high = sources.length;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const loosened = new Set(sources.slice(0, middle));
    const packed = pack(
      selectors.map((rule) => (loosened.has(rule.eventSource) ? loosen(rule) : rule)),
      options,
    );
    if (packed.groups.length > budget) low = middle + 1;
    else {
      const names = someOf([...loosened].map((source) => source ?? "_global"));
      const note = `to fit ${budget} EventBridge rules, the patterns look at plain fields such as eventName only, not at requestParameters, for ${names}`;
      fitting = { packed, note };
      high = middle - 1;
    }
  }
  return fitting;
}

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function loosen(rule: RuleSelector): RuleSelector {
  return {
    ...rule,
    selector: simplify(
      rule.selector.map((conjunct) => conjunct.filter((atom) => PLAIN_VALUE_FACTS.has(atom.path))),
    ),
  };
}

/** Conjuncts, group by group as they fit patterns. */
type Packed = { readonly groups: readonly Group[]; readonly overlaps: readonly string[] };

function pack(selectors: readonly RuleSelector[], options: EventRuleOptions): Packed {
  const guards = options.guards ?? ALL_GUARDS;
  const limits = { length: guards.has("pattern-length"), combinations: guards.has("combinations") };
  const fits = (conjuncts: readonly Conjunct[]): boolean => fitsPattern(conjuncts, limits);
  const { pieces, overlaps } = divide(selectors, options.excludeOwnRole, fits);
  const globals = selectors.flatMap((rule) => (rule.eventSource === null ? rule.selector : []));
  // What two patterns have in common stands once when they are joined: at the least the frame, at the most all globals.
  const shared = FRAME_LENGTH + (globals.length === 0 ? 0 : patternLength(globals));
  const groups: Group[] = [];
  for (const piece of pieces) {
    const length = patternLength(piece.conjuncts);
    const roomy = groups.filter((group) => group.length + length <= MAX_PATTERN_LENGTH + shared);
    if (!joinGroup(roomy.slice(-MOST_OPEN_GROUPS), piece, fits))
      groups.push({ labels: [piece.label], conjuncts: piece.conjuncts, length });
  }
  return { groups, overlaps };
}

function finish(
  selectors: readonly RuleSelector[],
  { groups, overlaps }: Packed,
  notes: readonly string[],
  guards: Guards,
): EventRules {
  const asked = selectors.map(({ id, eventSource, selector }) => ({
    id,
    selector:
      eventSource === null
        ? selector
        : selector
            .map((conjunct) => cutTo("eventSource", [eventSource], conjunct))
            .filter((cut) => cut !== undefined),
  }));
  const eventRules = groups.map(({ labels, conjuncts }) => ({
    name: nameOf(labels, conjuncts),
    state:
      guards.has("read-only") && !conjuncts.every(excludesReads)
        ? ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" as const)
        : ("ENABLED" as const),
    eventPattern: toEventPattern(conjuncts),
    rules: asked
      .filter(({ selector }) => selector.some((one) => conjuncts.some((other) => mayShare(one, other))))
      .map(({ id }) => id),
  }));
  return { eventRules, overlaps, notes };
}

type Group = { labels: string[]; conjuncts: readonly Conjunct[]; length: number };

/** About what every pattern has in front, eventSource and eventName included. */
const FRAME_LENGTH = 300;

/** How many patterns a piece is tried on: earlier ones are nearly full, and each try costs. */
const MOST_OPEN_GROUPS = 6;

/** Puts a piece into the first group that has room for it. */
function joinGroup(groups: readonly Group[], piece: Piece, fits: Fits): boolean {
  for (const group of groups) {
    const conjuncts = simplify([...group.conjuncts, ...piece.conjuncts]);
    if (!fits(conjuncts)) continue;
    group.conjuncts = conjuncts;
    group.length = patternLength(conjuncts);
    group.labels.push(piece.label);
    return true;
  }
  return false;
}

type Fits = (conjuncts: readonly Conjunct[]) => boolean;

/** Divides all conjuncts into pieces that no record is in twice, or says where it may be. */
function divide(selectors: readonly RuleSelector[], ownRole: string | undefined, fits: Fits): Pieces {
  const made = domainsOf(selectors).map((domain) => {
    const kept =
      ownRole === undefined ? domain : domain.flatMap((conjunct) => excludeOwnCalls(conjunct, ownRole));
    return makePieces(simplify(kept), fits);
  });
  return { pieces: made.flatMap((one) => one.pieces), overlaps: made.flatMap((one) => one.overlaps) };
}

/**
 * Without _global rules, each eventSource is a domain. With them there are two, calls that went through and calls that
 * failed: most rules are about the former, most _global conditions of any length about the latter, and keeping them
 * apart saves repeating those.
 */
function domainsOf(selectors: readonly RuleSelector[]): readonly (readonly Conjunct[])[] {
  const bySource = new Map<string, Conjunct[]>();
  const all: Conjunct[] = [];
  for (const { eventSource, selector } of selectors) {
    for (const conjunct of selector) {
      const cut = eventSource === null ? conjunct : cutTo("eventSource", [eventSource], conjunct);
      if (cut === undefined) continue;
      all.push(cut);
      if (eventSource === null) continue;
      const own = bySource.get(eventSource);
      if (own === undefined) bySource.set(eventSource, [cut]);
      else own.push(cut);
    }
  }
  if (selectors.every((rule) => rule.eventSource !== null))
    return [...bySource].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, conjuncts]) => conjuncts);
  return (["succeeded", "failed"] as const).map((outcome) =>
    all.map((conjunct) => cutByOutcome(conjunct)[outcome]).filter((part) => part !== undefined),
  );
}

/**
 * A name that follows the pattern: a changed pattern is a new EventBridge rule, which is made before the old one is
 * deleted. If the name stayed, records that move from one rule's pattern to another's would be lost in between.
 */
function nameOf(labels: readonly string[], conjuncts: readonly Conjunct[]): string {
  const [first = ""] = labels;
  const word = first.split(".", 1)[0] ?? "";
  const more = new Set(labels).size - 1;
  const label = word.replace(/[^A-Za-z0-9-]/g, "-").slice(0, 20);
  return `${label}${more > 0 ? `-and-${more}` : ""}-${shortHash(JSON.stringify(conjuncts))}`;
}

/** FNV-1a, 32 bits: tells patterns apart, nothing more. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36).padStart(7, "0");
}
