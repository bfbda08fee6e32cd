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
import { ABSENT, type Glance, GLANCED_FIELDS, GLANCED_IDENTITY, TEXT, TRUE } from "./glance.ts";

type Cut = { readonly state: EventRuleState; readonly pattern: CompiledEventPattern | undefined };
type PatternObject = Readonly<Record<string, unknown>>;

/** Answers that are kept; who calls AWS chooses some of the values, and could otherwise fill the memory. */
const MOST_ANSWERS = 20_000;
/** Differs from caller to caller, so it is only asked for where everything else says yes. */
const USER_AGENT = GLANCED_FIELDS.indexOf("userAgent");
const FIELD_COUNT = GLANCED_FIELDS.length + GLANCED_IDENTITY.length;
const REQUIRED = [GLANCED_FIELDS.indexOf("eventSource"), GLANCED_FIELDS.indexOf("eventName")];

/** Makes the question for the event rules as they are deployed. */
export function makeMayDeliver(eventRules: readonly Pick<EventRule, "state" | "eventPattern">[]): (
  glance: Glance,
) => boolean {
  const fields = Array.from({ length: FIELD_COUNT }, (_, field) => field);
  const first = answering(
    eventRules,
    fields.filter((field) => field !== USER_AGENT),
  );
  const second = answering(eventRules, fields);
  return (glance) => {
    // What is no record is for `readEnvelope` to refuse.
    for (const field of REQUIRED)
      if (glance.kinds[field] !== TEXT || glance.starts[field] === glance.ends[field]) return true;
    return first(glance) && second(glance);
  };
}

function answering(
  eventRules: readonly Pick<EventRule, "state" | "eventPattern">[],
  fields: readonly number[],
): (glance: Glance) => boolean {
  const known = new Set(["source", "detail-type", ...fields.map((field) => `detail.${pathOf(field)}`)]);
  const cuts = eventRules.map(
    ({ state, eventPattern }): Cut => ({ state, pattern: cutPattern(eventPattern, known) }),
  );
  const answers = new Map<string, boolean>();
  return (glance) => {
    const key = keyOf(glance, fields);
    let answer = answers.get(key);
    if (answer === undefined) {
      if (answers.size >= MOST_ANSWERS) answers.clear();
      answer = ask(cuts, partOf(glance, fields));
      answers.set(key, answer);
    }
    return answer;
  };
}

function pathOf(field: number): string {
  const name = GLANCED_FIELDS[field];
  return name ?? `userIdentity.${GLANCED_IDENTITY[field - GLANCED_FIELDS.length] ?? ""}`;
}

/** No text that a glance takes has a line break in it, and 1 to 3 stand for the other values. */
function keyOf(glance: Glance, fields: readonly number[]): string {
  const { kinds } = glance;
  let key = "";
  for (const field of fields) {
    const kind = kinds[field] ?? ABSENT;
    key += kind === TEXT ? `${glance.textOf(field)}\n` : KEY_OF_KIND[kind];
  }
  return key;
}
const KEY_OF_KIND = ["\r", "", "\u0002", "\u0003"];

/** The record as far as it is known. */
function partOf(glance: Glance, fields: readonly number[]): CloudTrailRecord {
  const record: Record<string, unknown> = {};
  const userIdentity: Record<string, unknown> = {};
  for (const field of fields) {
    const kind = glance.kinds[field];
    if (kind === ABSENT) continue;
    const value = kind === TEXT ? glance.textOf(field) : kind === TRUE;
    const name = GLANCED_FIELDS[field];
    if (name !== undefined) record[name] = value;
    else userIdentity[GLANCED_IDENTITY[field - GLANCED_FIELDS.length] ?? ""] = value;
  }
  return { ...record, userIdentity } as unknown as CloudTrailRecord;
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
