/**
 * An event pattern, checked as EventBridge checks it and laid out for matching. `$or` is multiplied out into branches,
 * as EventBridge's rule engine does it: only so do its limit of 1,000 combinations and its habit of letting a later
 * mention of a field replace an earlier one come out the same.
 *
 *   { source: ["aws.ec2"], detail: { $or: [{ a: [1] }, { b: [2] }] } }
 *   // branches: [source, detail.a] and [source, detail.b]; three fields, each tested once an event
 */
import { below, InvalidEventPatternError, quote } from "./invalid-event-pattern.ts";
import type { CompiledEventPattern, FieldName, FieldTest } from "./compiled-event-pattern.ts";
import { isObject } from "./leaf.ts";
import { OR, RESERVED_IN_OR } from "./reserved-fields.ts";
import { compileValues } from "./value-test.ts";

/** The longest pattern that a rule takes by default; AWS raises it on request (EventBridge quotas). In characters. */
export const MAX_PATTERN_LENGTH = 2048;
/** The longest pattern that the API takes at all (API reference, PutRule). In characters. */
const MAX_API_LENGTH = 4096;
const MAX_COMBINATIONS = 1000;
/** Fields of one branch (aws/event-ruler `GenericMachine`). */
const MAX_FIELDS = 256;

type Combination = ReadonlyMap<string, FieldTest>;

/**
 * Checks an event pattern as EventBridge would, and compiles it.
 *
 * @throws InvalidEventPatternError with the reason and the place when EventBridge would refuse it
 */
export function compileEventPattern(pattern: unknown): CompiledEventPattern {
  return compile(pattern, new Map());
}

/**
 * Compiles patterns that are going to be matched together, see `matchingPatterns`.
 *
 * @throws InvalidEventPatternError for the first that EventBridge would refuse
 */
export function compileEventPatterns(patterns: readonly unknown[]): CompiledEventPattern[] {
  const names = new Map<string, FieldName>();
  return patterns.map((pattern) => compile(pattern, names));
}

function compile(pattern: unknown, names: Map<string, FieldName>): CompiledEventPattern {
  if (!isObject(pattern)) {
    throw new InvalidEventPatternError(
      "",
      `a pattern is a JSON object, not ${quote(pattern)}`,
      'Write { "field": ["value"] }.',
    );
  }
  checkLength(pattern);
  const branches = parseObject([new Map()], [], pattern, "", false, names).map(fieldsOf);
  const common = (branches[0] ?? []).filter((field) => branches.every((fields) => fields.includes(field)));
  return {
    common: common.toSorted(shallowFirst),
    branches: branches.map((fields) => ({
      byName: fields.toSorted((a, b) => (a.name.text < b.name.text ? -1 : 1)),
      own: fields.filter((field) => !common.includes(field)).toSorted(shallowFirst),
    })),
  };
}

function fieldsOf(combination: Combination): FieldTest[] {
  if (combination.size > MAX_FIELDS) {
    throw new InvalidEventPatternError(
      "",
      `${combination.size} fields are more than ${MAX_FIELDS}`,
      "Split the pattern into several rules.",
    );
  }
  return [...combination.values()];
}

function shallowFirst(a: FieldTest, b: FieldTest): number {
  return a.name.segments.length - b.name.segments.length;
}

function checkLength(pattern: object): void {
  let length: number;
  try {
    length = JSON.stringify(pattern).length;
  } catch (cause) {
    throw new InvalidEventPatternError(
      "",
      `the pattern is no JSON (${String(cause)})`,
      "Give plain data, nested less deep.",
    );
  }
  if (length > MAX_API_LENGTH) {
    throw new InvalidEventPatternError(
      "",
      `${length} characters are more than ${MAX_API_LENGTH}`,
      "Split the pattern into several rules.",
    );
  }
}

/** Adds an object of the pattern to every combination so far. `steps` are the keys above it. */
function parseObject(
  combinations: Combination[],
  steps: readonly string[],
  object: Readonly<Record<string, unknown>>,
  path: string,
  insideOr: boolean,
  names: Map<string, FieldName>,
): Combination[] {
  const entries = Object.entries(object);
  if (entries.length === 0) {
    throw new InvalidEventPatternError(path, "an empty object matches nothing", "Name at least one field.");
  }
  let result = combinations;
  for (const [key, value] of entries) {
    const at = below(path, key);
    if (key === OR) {
      result = parseOr(result, steps, value, at, names);
    } else if (insideOr && RESERVED_IN_OR.has(key)) {
      throw new InvalidEventPatternError(
        at,
        `${quote(key)} cannot be a field inside $or`,
        "Operators go into the array of a field's values.",
      );
    } else if (Array.isArray(value)) {
      const name = nameOf(steps, key, names);
      const field: FieldTest = { name, ...compileValues(value, at), wanted: value };
      result = result.map((combination) => new Map(combination).set(name.text, field));
    } else if (isObject(value)) {
      result = parseObject(result, [...steps, key], value, at, insideOr, names);
    } else {
      throw new InvalidEventPatternError(
        at,
        `${quote(value)} is neither an array nor an object`,
        "Put the value into an array: [value].",
      );
    }
  }
  return result;
}

function nameOf(steps: readonly string[], key: string, names: Map<string, FieldName>): FieldName {
  // The rule engine puts no dot after an empty beginning of a pattern's name, though it does so in events.
  const base = steps.join(".");
  const text = base === "" ? key : `${base}.${key}`;
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = { text, segments: text.split("."), steps: [], index: names.size };
  names.set(text, name);
  return name;
}

function parseOr(
  combinations: Combination[],
  steps: readonly string[],
  alternatives: unknown,
  path: string,
  names: Map<string, FieldName>,
): Combination[] {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw new InvalidEventPatternError(
      path,
      "$or takes an array of at least two objects",
      "Write the only alternative without $or.",
    );
  }
  const result: Combination[] = [];
  for (const [index, alternative] of alternatives.entries()) {
    const at = `${path}[${index}]`;
    if (!isObject(alternative)) {
      throw new InvalidEventPatternError(
        at,
        `${quote(alternative)} is no object`,
        'Write { "field": ["value"] }.',
      );
    }
    result.push(...parseObject(combinations, steps, alternative, at, true, names));
    if (result.length > MAX_COMBINATIONS) {
      throw new InvalidEventPatternError(
        path,
        `$or makes more than ${MAX_COMBINATIONS} combinations`,
        "Split the pattern into several rules.",
      );
    }
  }
  return result;
}
