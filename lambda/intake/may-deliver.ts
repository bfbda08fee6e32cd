/**
 * Whether any deployed event pattern could let a record through, from what a glance at it told. A pattern is cut down to
 * the fields that were glanced at, and what it asks of others counts as met: what is left out here, EventBridge would
 * leave out too, so no rule misses it. Records are alike, so each answer is kept.
 *
 *     detail: { eventName: ["CreateUser"], requestParameters: { path: ["/admin/"] } }
 *     // cut to { eventName: ["CreateUser"] }: ListUsers cannot pass, CreateUser may
 */
import { compileEventPattern } from "../engine/event-pattern/compile.ts";
import type { CompiledEventPattern } from "../engine/event-pattern/compiled-event-pattern.ts";
import { matchesEventPattern } from "../engine/event-pattern/match.ts";
import type { EventRule } from "../engine/event-rules.ts";
import { type EventRuleState, isDeliveredIn } from "../engine/read-calls.ts";
import { toEnvelope } from "../record/envelope.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { isObject } from "../record/untrusted.ts";
import { ABSENT, FALSE, type Glance, GLANCED, TEXT, TRUE } from "./glance.ts";

type Cut = { readonly state: EventRuleState; readonly pattern: CompiledEventPattern | undefined };
type PatternObject = Readonly<Record<string, unknown>>;
type AskedRule = Pick<EventRule, "state" | "eventPattern">;

/** What is kept of values and answers; who calls AWS chooses some of them, and could otherwise fill the memory. */
const MOST_KEPT = 20_000;
const MOST_CLASSES = 60_000;
const REQUIRED = [GLANCED.indexOf("eventSource"), GLANCED.indexOf("eventName")];
/** What patterns do not ask of these, the state of an EventBridge rule does, or the envelope is made of. */
const ALWAYS_TOLD: ReadonlySet<string> = new Set(["eventSource", "eventName", "eventType", "eventCategory"]);

/** Makes the question for the event rules as they are deployed. */
export function makeMayDeliver(eventRules: readonly AskedRule[]): (glance: Glance) => boolean {
  const known = new Set(["source", "detail-type", ...GLANCED.map((path) => `detail.${path}`)]);
  const cuts = eventRules.map(
    ({ state, eventPattern }): Cut => ({ state, pattern: cutPattern(eventPattern, known) }),
  );
  const asked = matchersOf(eventRules);
  const classes = GLANCED.map((path) => makeClasses(path, asked.get(`detail.${path}`) ?? []));
  const answers = new Map<string, boolean>();
  return (glance) => {
    const { kinds } = glance;
    // What is no record is for `readEnvelope` to refuse.
    for (const field of REQUIRED)
      if (kinds[field] !== TEXT || glance.starts[field] === glance.ends[field]) return true;
    let key = "";
    for (let field = 0; field < GLANCED.length; field++) {
      const kind = kinds[field] ?? ABSENT;
      const inClass = kind === TEXT ? classes[field]?.(glance.textOf(field)) : kind;
      if (inClass === undefined) return true;
      key += String.fromCharCode(inClass);
    }
    let answer = answers.get(key);
    if (answer === undefined) {
      if (answers.size >= MOST_KEPT) answers.clear();
      answer = ask(cuts, partOf(glance));
      answers.set(key, answer);
    }
    return answer;
  };
}

/**
 * The values of a field in classes that no pattern tells apart: those that a pattern names each in its own, all others by
 * which of the other matchers take them. There are few classes, however many values there are.
 * @returns the number of a value's class; undefined when there are too many
 */
function makeClasses(path: string, matchers: readonly unknown[]): (value: string) => number | undefined {
  const exact = new Set(matchers.filter((matcher) => typeof matcher === "string"));
  const others = matchers
    .filter((matcher) => typeof matcher !== "string")
    .map((matcher) => compileEventPattern({ value: [matcher] }));
  const byValue = new Map<string, number>();
  const bySignature = new Map<string, number>();
  return (value) => {
    const known = byValue.get(value);
    if (known !== undefined) return known;
    const isOwn = exact.has(value) || ALWAYS_TOLD.has(path);
    const signature = isOwn
      ? `=${value}`
      : others.map((pattern) => (matchesEventPattern(pattern, { value }) ? "1" : "0")).join("");
    let inClass = bySignature.get(signature);
    if (inClass === undefined) {
      // 0 to 3 are taken by what is no text.
      inClass = FALSE + 1 + bySignature.size;
      if (inClass > MOST_CLASSES) return undefined;
      bySignature.set(signature, inClass);
    }
    if (byValue.size >= MOST_KEPT) byValue.clear();
    byValue.set(value, inClass);
    return inClass;
  };
}

/** What is asked of each field, whichever pattern asks, each once. */
function matchersOf(eventRules: readonly AskedRule[]): Map<string, unknown[]> {
  const found = new Map<string, Map<string, unknown>>();
  const visit = (node: PatternObject, path: string): void => {
    for (const [key, value] of Object.entries(node)) {
      if (key === "$or" && Array.isArray(value)) {
        for (const branch of value) if (isObject(branch)) visit(branch, path);
        continue;
      }
      const inner = path === "" ? key : `${path}.${key}`;
      if (isObject(value)) visit(value, inner);
      else if (Array.isArray(value)) {
        const of = found.get(inner) ?? new Map<string, unknown>();
        found.set(inner, of);
        for (const matcher of value) of.set(JSON.stringify(matcher), matcher);
      }
    }
  };
  for (const { eventPattern } of eventRules) visit(eventPattern, "");
  return new Map([...found].map(([path, matchers]) => [path, [...matchers.values()]]));
}

/** The record as far as it is known. */
function partOf(glance: Glance): CloudTrailRecord {
  const record: Record<string, unknown> = {};
  for (const [field, path] of GLANCED.entries()) {
    const kind = glance.kinds[field];
    if (kind === ABSENT) continue;
    const steps = path.split(".");
    const last = steps.pop() ?? path;
    let node = record;
    for (const step of steps) node = (node[step] ??= {}) as Record<string, unknown>;
    node[last] = kind === TEXT ? glance.textOf(field) : kind === TRUE;
  }
  return record as unknown as CloudTrailRecord;
}

function ask(cuts: readonly Cut[], part: CloudTrailRecord): boolean {
  const envelope = toEnvelope(part);
  return cuts.some(
    ({ state, pattern }) =>
      isDeliveredIn(state, part) && (pattern === undefined || matchesEventPattern(pattern, envelope)),
  );
}

/** The pattern with only these fields; undefined when what is left asks for nothing. */
export function cutPattern(
  pattern: PatternObject,
  known: ReadonlySet<string>,
): CompiledEventPattern | undefined {
  const dropped = new Set<string>();
  const cut = cutObject(pattern, "", known, dropped);
  if (cut === undefined) return undefined;
  // Of two mentions of a field the one in a branch counts: without its branch the other would say too much.
  const left = new Set<string>();
  mentions(cut, "", left);
  return [...dropped].some((path) => left.has(path)) ? undefined : compileEventPattern(cut);
}

function cutObject(
  node: PatternObject,
  path: string,
  known: ReadonlySet<string>,
  dropped: Set<string>,
): PatternObject | undefined {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === "$or" && Array.isArray(value)) {
      const branches = value.map((branch) =>
        isObject(branch) ? cutObject(branch, path, known, dropped) : undefined,
      );
      if (branches.every((branch) => branch !== undefined)) kept.push([key, branches]);
      else mentions({ $or: value }, path, dropped);
      continue;
    }
    const inner = path === "" ? key : `${path}.${key}`;
    if (Array.isArray(value)) {
      if (known.has(inner)) kept.push([key, value]);
    } else if (isObject(value)) {
      const child = cutObject(value, inner, known, dropped);
      if (child !== undefined) kept.push([key, child]);
    }
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** Every field that a pattern asks about. */
function mentions(node: PatternObject, path: string, found: Set<string>): void {
  for (const [key, value] of Object.entries(node)) {
    const inner = key === "$or" ? path : path === "" ? key : `${path}.${key}`;
    if (key === "$or" && Array.isArray(value)) {
      for (const branch of value) if (isObject(branch)) mentions(branch, inner, found);
    } else if (isObject(value)) mentions(value, inner, found);
    else found.add(inner);
  }
}
