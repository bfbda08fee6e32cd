/**
 * A record that conditions ask for, as far as it can be guessed from them: `equal` gives its value, `startsWith` a text
 * that begins so. It is a guess; whoever uses it tries it on the engine first, so that a bad one costs a test and never
 * makes a wrong one.
 *
 *   sampleOf({ all: [{ fact: "eventName", operator: "equal", value: "CreateUser" }] }, 0).record
 *   // { eventName: "CreateUser" }
 */
import type { Condition, Literal } from "../../lambda/engine/rule.ts";
import { FactPathError, parseFactPath, type Segment } from "../../lambda/record/fact-path.ts";
import { isObject } from "../../lambda/record/untrusted.ts";

/** What a case needs, beside the base record. */
export type Sample = {
  readonly record: Record<string, unknown>;
  /** Dotted keys that must not be there. */
  readonly absent: readonly string[];
  /** What lists hold, by their names. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
};

/** A comparison that a sample rests on, and whether it must hold. */
export type Wanted = { readonly literal: Literal; readonly holds: boolean };

const FILLER = "example";
const SOME_ARN = "arn:aws:s3:::example-bucket";

/** The comparisons that decide, with the n-th alternative taken of each `any`. */
export function wantedOf(condition: Condition, pick: number, holds = true): Wanted[] {
  if ("not" in condition) return wantedOf(condition.not, pick, !holds);
  if ("condition" in condition) return [];
  if ("fact" in condition) return [{ literal: condition, holds }];
  const parts = "all" in condition ? condition.all : condition.any;
  if ("all" in condition === holds) return parts.flatMap((part) => wantedOf(part, pick, holds));
  const one = parts[pick % parts.length];
  return one === undefined ? [] : wantedOf(one, pick, holds);
}

/** The record of comparisons that must hold, or must not. */
export function sampleOf(wanted: readonly Wanted[]): Sample {
  const record: Record<string, unknown> = {};
  const lists: Record<string, readonly string[]> = {};
  const absent: string[] = [];
  for (const { literal, holds } of wanted) {
    const { fact, value } = literal;
    const base = literal.operator.slice(literal.operator.lastIndexOf(":") + 1);
    const isNot = literal.operator.split(":").includes("not");
    if (base === "exists") {
      if ((value === true) === (holds !== isNot)) put(record, fact, undefined);
      else if (!fact.includes("[*]")) absent.push(fact);
      continue;
    }
    if (holds === isNot) continue;
    if (base === "inList" && typeof value === "string") lists[value] = [SOME_ARN];
    if (isObject(value) && typeof value["fact"] === "string") put(record, value["fact"], FILLER);
    put(record, fact, valueFor(base, value));
  }
  return { record, absent: absent.filter((key) => !isThere(record, key)), lists };
}

function valueFor(base: string, value: unknown): unknown {
  const text = String(value);
  switch (base) {
    case "in":
      return Array.isArray(value) ? (value[0] as unknown) : value;
    case "notEqual":
    case "notIn":
      return FILLER;
    case "inList":
      return SOME_ARN;
    case "like":
      return text.replaceAll(/\\([\\*])|\*/g, (_all, escaped: string | undefined) => escaped ?? "");
    case "matches":
      return textOfRegex(text);
    case "inCidr":
      return text.split("/")[0] ?? text;
    case "lessThan":
      return Number(value) - 1;
    case "greaterThan":
      return Number(value) + 1;
    default:
      return isObject(value) ? FILLER : value;
  }
}

/** A text that a simple expression finds: as those that imports write. */
function textOfRegex(regex: string): string {
  return regex
    .replace(/^\(\?[a-z]+\)/, "")
    .replace(/^\^|\$$/g, "")
    .replaceAll(
      /\\(.)|\.\*|\[(.)[^\]]*\]|\(\?:([^|)]*)[^)]*\)|[.]/g,
      (all, escaped?: string, first?: string, group?: string) =>
        escaped ?? first ?? group ?? (all === "." ? "x" : ""),
    );
}

/** Sets what a fact names; undefined asks for any value. Two texts for one fact stand side by side. */
export function put(record: Record<string, unknown>, fact: string, value: unknown): void {
  let segments: readonly Segment[];
  try {
    segments = parseFactPath(fact).segments;
  } catch (error) {
    if (error instanceof FactPathError) return;
    throw error;
  }
  const keys = segments.flatMap((segment) => (segment.kind === "key" ? [segment.key] : []));
  const last = keys.pop();
  let node = record;
  for (const key of keys) {
    const inner = Array.isArray(node[key]) ? (node[key] as unknown[])[0] : node[key];
    const next: Record<string, unknown> = isObject(inner) ? { ...inner } : {};
    node[key] = key === "resources" ? [next] : next;
    node = next;
  }
  if (last === undefined) return;
  const known = node[last];
  if (value === undefined) {
    if (known === undefined) node[last] = last === "resources" ? [{ ARN: SOME_ARN }] : FILLER;
  } else if (typeof known === "string" && typeof value === "string" && known !== FILLER) {
    if (!known.toLowerCase().includes(value.toLowerCase())) node[last] = `${known}${value}`;
  } else node[last] = value;
}

function isThere(record: unknown, key: string): boolean {
  let node = record;
  for (const step of key.split(".")) {
    if (!isObject(node) || !Object.hasOwn(node, step)) return false;
    node = node[step];
  }
  return true;
}
