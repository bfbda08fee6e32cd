/**
 * Hand-written event patterns of EventBridge as rules: by themselves, as `aws events describe-rule` or `list-rules`
 * prints them, and in CloudFormation templates. The pattern is first read as EventBridge reads it, `$or` and all, by the
 * same code that judges our own; its branches then become conditions.
 *
 *   { "source": ["aws.iam"], "detail": { "eventSource": ["iam.amazonaws.com"], "eventName": [{ "prefix": "Delete" }] } }
 *   // iam.amazonaws.com/<name>: { fact: eventName, operator: startsWith, value: Delete }
 *
 * EventBridge never joins two elements of one list: ports and addresses of a security group must stand in the same one.
 * Conditions look at each field by itself, so a pattern with two fields below what may be a list is refused.
 */
import { basename } from "node:path";
import type { FieldTest } from "../../../lambda/engine/event-pattern/compiled-event-pattern.ts";
import { compileEventPattern } from "../../../lambda/engine/event-pattern/compile.ts";
import { InvalidEventPatternError } from "../../../lambda/engine/event-pattern/invalid-event-pattern.ts";
import type { Condition } from "../../../lambda/engine/rule.ts";
import { quote } from "../../../lambda/loader/problem.ts";
import { nearestRuleName } from "../../../lambda/loader/rule-files.ts";

import { all, any, literal, settle } from "../conditions.ts";
import { factForm } from "../fact-form.ts";
import { combine, type Imported, NOTHING, Refusal, type SourceText } from "../model.ts";
import { envelopeCondition } from "./envelope-fields.ts";
import { findPatterns, type FoundPattern } from "./find-patterns.ts";
import { fieldCondition } from "./pattern-values.ts";

const DETAIL = "detail.";

/** Imports the patterns of one file. */
export function importEventBridge(source: SourceText): Imported {
  const { file } = source;
  try {
    return combine(findPatterns(source).map((found) => importPattern(file, found)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(file, 1, basename(file), error.message);
  }
}

function importPattern(file: string, found: FoundPattern): Imported {
  const { name, line, description, disabled } = found;
  try {
    if (found.problem !== undefined) throw new Refusal(found.problem);
    const { folder, conditions } = settle(patternConditions(found.pattern));
    const rule = {
      name: name.slice(0, 150),
      severity: "medium",
      ...(description === undefined ? {} : { description }),
      conditions,
      ...(disabled ? { mode: "staged" } : {}),
    };
    const stem = nearestRuleName(name) || "event-pattern";
    const changes = disabled ? ["It is disabled: imported as mode: staged."] : [];
    return {
      ...NOTHING,
      rules: [{ folder, stem, place: { file, line }, subject: name, rule }],
      remarks: changes.map((message) => ({ kind: "changed", file, line, subject: name, message })),
    };
  } catch (error) {
    if (error instanceof Refusal || error instanceof InvalidEventPatternError)
      return refused(file, line, name, error.message);
    throw error;
  }
}

/**
 * The conditions that hold for the records whose events match a pattern.
 * @throws Refusal when they cannot be said exactly, and InvalidEventPatternError when EventBridge would refuse the pattern.
 */
function patternConditions(pattern: unknown): Condition {
  const { common, branches } = compileEventPattern(pattern);
  const shared = common.flatMap(fieldOf);
  const own = branches.map((branch) => {
    checkLists(branch.byName);
    return branch.own.flatMap(fieldOf);
  });
  // A branch that adds nothing is one that always holds.
  const either = own.some((parts) => parts.length === 0) ? [] : [any(own.map((parts) => all(parts)))];
  const parts = [...withoutImplied(shared), ...either];
  return parts.length === 0 ? literal("eventName", "exists", true) : all(parts);
}

function fieldOf({ name, wanted }: FieldTest): Condition[] {
  if (name.text.startsWith(DETAIL)) return [fieldCondition(name.text.slice(DETAIL.length), wanted)];
  if (name.text === "detail")
    throw new Refusal("detail is an object, and the pattern compares it with a value.");
  const condition = envelopeCondition(name.text, wanted);
  return condition === undefined ? [] : [condition];
}

/** `source` and `detail.eventSource` name the same service: one of the two says it. */
function withoutImplied(parts: readonly Condition[]): Condition[] {
  const kept: Condition[] = [];
  for (const part of parts) {
    const text = JSON.stringify(part);
    if (!kept.some((other) => JSON.stringify(other) === text)) kept.push(part);
  }
  return kept;
}

/** Two fields below what may be a list must hold for the same element of it, which conditions cannot say. */
function checkLists(fields: readonly FieldTest[]): void {
  const below = new Map<string, string>();
  for (const { name } of fields) {
    if (!name.text.startsWith(DETAIL)) continue;
    const field = name.text.slice(DETAIL.length);
    if (factForm(field).kind !== "unknown") continue;
    const keys = field.split(".");
    for (let length = keys[0] === "resources" ? 1 : 2; length < keys.length; length++) {
      const list = keys.slice(0, length).join(".");
      const other = below.get(list);
      if (other !== undefined && other !== field)
        throw new Refusal(
          `Where ${quote(list)} is a list, EventBridge wants ${quote(other)} and ${quote(field)} in the same element of it. Conditions look at each by itself: make it a rule by hand, or with jq.`,
        );
      below.set(list, field);
    }
  }
}

function refused(file: string, line: number, subject: string, message: string): Imported {
  return { ...NOTHING, remarks: [{ kind: "refused", file, line, subject, message }] };
}
