/**
 * Records made to hit a rule and nearly hit it: every fact that the rule names gets a value that the rule compares
 * with, or one beside it, in one of the many ways in which CloudTrail and hostile callers can write it: absent, null,
 * empty, in a list, collapsed from a list, under a key with dots, twice.
 */
import { literalsOf, normalize } from "../../lambda/engine/conditions.ts";
import { factOfValue } from "../../lambda/engine/predicate.ts";
import type { Literal, RuleSet } from "../../lambda/engine/rule.ts";
import { ResolvedList } from "../../lambda/engine/resolved-list.ts";
import { parseFactPath, type Segment } from "../../lambda/record/fact-path.ts";
import type { CloudTrailRecord } from "../../lambda/record/record.ts";
import { BOOLEAN_FACTS, PLAIN_VALUE_FACTS } from "../../lambda/record/record-shape.ts";
import { FIELDS_BEHIND } from "./derived-fields.ts";
import { ADDRESSES, ERRORS, FACTS, NAMES, SOURCE, TEXTS, TYPES } from "./rule-arbitrary.ts";

type Node = { [key: string]: unknown };

const OTHER_SOURCES = ["iam.amazonaws.com", "sns.amazonaws.com", "signin.amazonaws.com", "sso.amazonaws.com"];

/** A small generator of numbers, so that a record is named by its seed. */
function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Makes the record of this seed for a rule set of one rule. */
export function makeRecord(ruleSet: RuleSet, seed: number): CloudTrailRecord {
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;
  const record = baseRecord(next, pick);
  const [rule] = ruleSet.rules;
  const literals =
    rule === undefined ? [] : literalsOf(normalize(rule.conditions, ruleSet.conditions, ruleSet.lists));
  for (const literal of literals) {
    if (next(8) === 0) continue;
    writeBehind(record, literal.fact, pick, next);
    write(record, literal.fact, valueNear(literal, pick), next);
    const other = factOfValue(literal.value);
    if (other !== undefined && next(2) === 0) write(record, other, pick(FACTS[other] ?? [null]), next);
  }
  return record as CloudTrailRecord;
}

function baseRecord(next: (below: number) => number, pick: <T>(from: readonly T[]) => T): Node {
  const eventName = pick(NAMES);
  const record: Node = {
    eventVersion: "1.11",
    eventID: `e${next(1_000)}`,
    eventSource: next(4) === 0 ? pick(OTHER_SOURCES) : SOURCE,
    eventName,
    eventType: eventName === "ConsoleLogin" ? "AwsConsoleSignIn" : pick(["AwsApiCall", "AwsServiceEvent"]),
    eventCategory: pick(["Management", "Management", "Data"]),
    readOnly: ["DescribeInstances", "AssumeRole", "Decrypt"].includes(eventName),
    sourceIPAddress: pick(ADDRESSES),
    userAgent: pick([...TEXTS, undefined]),
    userIdentity: pick<unknown>([
      { type: pick(TYPES), userName: pick(["a", "b"]) },
      {
        type: "AssumedRole",
        arn: "arn:aws:sts::123456789012:assumed-role/a/b",
        sessionContext: { sessionIssuer: { userName: pick(["a", "b"]) }, attributes: {} },
      },
      { type: "IAMUser", invokedBy: pick(["a", null, undefined]), sessionContext: { sessionIssuer: {} } },
      null,
      undefined,
    ]),
    requestParameters: pick<unknown>([null, {}, { a: "a" }, undefined, { items: [{ x: "a" }, { y: "b" }] }]),
    responseElements: null,
  };
  if (next(3) === 0) record.errorCode = pick([...ERRORS, null]);
  return record;
}

function valueNear(literal: Literal, pick: <T>(from: readonly T[]) => T): unknown {
  const { value } = literal;
  const values = value instanceof ResolvedList ? value.values.slice(-6) : value;
  const wanted = Array.isArray(values) ? pick<unknown>(values.flat()) : values;
  const pool = FACTS[literal.fact] ?? [];
  if (typeof wanted === "number")
    return pick<unknown>([wanted, wanted + 1, String(wanted + 1), String(wanted), wanted - 1]);
  if (typeof wanted !== "string") return pick([...pool, wanted]);
  const text = wanted.replaceAll("*", "a").replaceAll(/[\^$()?:|[\]+\\]/g, "");
  return pick<unknown>([
    wanted,
    wanted,
    text,
    `${text}a`,
    `a${text}`,
    text.toLowerCase(),
    text.toUpperCase(),
    pick(pool),
    pick(pool),
    pick([null, undefined, 5]),
  ]);
}

/** Some of the fields that a derived fact is derived from; few, so that each is often all the evidence there is. */
function writeBehind(
  record: Node,
  fact: string,
  pick: <T>(from: readonly T[]) => T,
  next: (below: number) => number,
): void {
  const [root = ""] = fact.split(".", 1);
  for (const [field, pool] of Object.entries(FIELDS_BEHIND[root] ?? {})) {
    if (next(4) > 0) continue;
    if (!field.startsWith("userIdentity.") || PLAIN_VALUE_FACTS.has(field)) {
      write(record, field, pick(pool), next);
      continue;
    }
    // A record with a list on the way to these, or under a key with a dot, would be refused.
    const value = shape(pick(pool), next);
    const { segments } = parseFactPath(field);
    put(record, segments, 0, value, true, typeof value === "object" ? () => 1 : next);
  }
}

function write(record: Node, fact: string, value: unknown, next: (below: number) => number): void {
  const { segments, root } = parseFactPath(fact);
  if (["actor", "channel", "outcome", "eventSource"].includes(root)) return;
  if (fact === "eventName" && (typeof value !== "string" || value === "")) return;
  if (BOOLEAN_FACTS.includes(fact) && typeof value !== "boolean") return;
  if (fact === "readOnly" && next(3) > 0) return;
  if (fact === "errorCode" && typeof value !== "string" && value !== null) return;
  const plain = PLAIN_VALUE_FACTS.has(fact);
  const shaped = plain ? (typeof value === "object" ? null : value) : shape(value, next);
  put(record, segments, 0, shaped, plain, next);
  // EventBridge is right to treat names as writes only if CloudTrail marks them as such.
  if (fact === "eventName" || fact === "readOnly")
    record.readOnly = /^(Describe|Get|List|AssumeRole$|Decrypt)/.test(String(record.eventName));
}

/** A value as CloudTrail might write it. */
function shape(value: unknown, next: (below: number) => number): unknown {
  switch (next(9)) {
    case 0:
      return [value];
    case 1:
      return [value, "zz"];
    case 2:
      return next(3) === 0 ? {} : { deeper: value };
    case 3:
      return next(2) === 0 ? [] : null;
    default:
      return value;
  }
}

function put(
  node: Node,
  segments: readonly Segment[],
  at: number,
  value: unknown,
  plain: boolean,
  next: (below: number) => number,
): void {
  const segment = segments[at];
  if (segment?.kind !== "key") return;
  let key = segment.key;
  let to = at + 1;
  // Now and then two keys are written as one with a dot in it, beside what is there already.
  const after = segments[to];
  // A plain field cannot be spelt so above its last key: `readEnvelope` refuses that.
  if (after?.kind === "key" && next(10) === 0 && (!plain || segments[to + 1] === undefined)) {
    key += `.${after.key}`;
    to++;
  }
  const following = segments[to];
  if (following === undefined) {
    node[key] = value;
    return;
  }
  const present = Object.hasOwn(node, key) ? node[key] : undefined;
  const list = following.kind !== "key" || /^\d+$/.test(following.key);
  if (!list) {
    const child = isNode(present) ? present : {};
    node[key] = !plain && next(14) === 0 ? [child] : child;
    put(child, segments, to, value, plain, next);
    return;
  }
  node[key] = putInList(present, segments, to, value, next);
}

function putInList(
  present: unknown,
  segments: readonly Segment[],
  at: number,
  value: unknown,
  next: (below: number) => number,
): unknown {
  const last = segments[at + 1] === undefined;
  const elements: unknown[] = Array.isArray(present)
    ? [...(present as readonly unknown[])]
    : isNode(present) && Object.keys(present).length > 0
      ? [present]
      : [];
  const place = next(3);
  if (last) elements[Math.min(place, elements.length)] = value;
  else {
    const found = elements[place];
    const element = isNode(found) ? found : {};
    if (!isNode(found)) elements.push(element);
    put(element, segments, at + 1, value, false, next);
  }
  if (elements.length === 1 && next(3) === 0) return elements[0];
  return next(12) === 0 ? Object.fromEntries(elements.entries()) : elements;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
