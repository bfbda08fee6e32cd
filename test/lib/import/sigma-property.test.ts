/**
 * An imported Sigma rule matches exactly the records that Sigma says: judged by a small evaluator of Sigma that shares no
 * code with the import, over random detections and records.
 */
import * as fc from "fast-check";
import { stringify } from "yaml";
import { expect, it } from "vitest";
import { importSigma } from "../../../lib/import/sigma/sigma.ts";
import { matcherOf, ruleOf } from "./one-rule.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Items = Record<string, Json>;
type Selection = Items | Items[];
type Expression =
  | { kind: "name"; name: string }
  | { kind: "and" | "or"; left: Expression; right: Expression }
  | { kind: "not"; part: Expression }
  | { kind: "of"; every: boolean; pattern: string };

const TEXTS = ["Alpha", "alpha", "ALPHABET", "beta", "5", "true", "FALSE", "a*b", "a\\b", "", "x.y", "école"];
const PATTERNS = [...TEXTS, "al*", "*pha", "*lph*", "?lpha", "a\\*b", "a\\\\b", "*", "A*a", "É*"];
const CALLS = ["CreateUser", "CreateAccessKey", "DeleteUser"];
const SOURCES = ["iam.amazonaws.com", "s3.amazonaws.com"];
const FREE = ["requestParameters.a", "requestParameters.b.c", "responseElements.n"];
const ADDRESSES = ["192.0.2.7", "198.51.100.1", "2001:db8::1", "AWS Internal"];

const scalar = fc.constantFrom<Json>(...TEXTS, 5, 7.5, 0, true, false);
const free = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), fc.constant(null), fc.constant({}));

const record = fc.record(
  {
    eventSource: fc.constantFrom(...SOURCES),
    eventName: fc.constantFrom(...CALLS),
    sourceIPAddress: fc.constantFrom(...ADDRESSES),
    userAgent: fc.constantFrom(...TEXTS),
    errorCode: fc.constantFrom(...TEXTS),
    readOnly: fc.boolean(),
    userIdentity: fc.record({ type: fc.constantFrom("Root", "IAMUser") }, { requiredKeys: [] }),
    requestParameters: fc.record(
      {
        a: free,
        b: fc.oneof(
          fc.record({ c: free }),
          fc.array(fc.record({ c: free }), { maxLength: 2 }),
          fc.constant(null),
        ),
      },
      { requiredKeys: [] },
    ),
    responseElements: fc.record({ n: free }, { requiredKeys: [] }),
  },
  { requiredKeys: ["eventSource", "eventName"] },
);

const value = fc.oneof(fc.constantFrom<Json>(...PATTERNS), fc.constantFrom<Json>(5, 7.5, true, false, null));
const values = fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));
const field = fc.constantFrom(...FREE, "userAgent", "errorCode", "eventName", "userIdentity.type");
const item = fc.oneof(
  fc.tuple(field, values),
  fc.tuple(
    fc
      .tuple(
        field,
        fc.constantFrom(
          "contains",
          "startswith",
          "endswith",
          "contains|all",
          "cased",
          "startswith|cased",
          "neq",
          "contains|cased",
        ),
      )
      .map((parts) => parts.join("|")),
    fc.array(fc.constantFrom<Json>(...PATTERNS.filter((text) => text !== "")), {
      minLength: 1,
      maxLength: 2,
    }),
  ),
  fc.tuple(
    field.map((name) => `${name}|exists`),
    fc.boolean(),
  ),
  fc.tuple(
    field.map((name) => `${name}|re`),
    fc.constantFrom<Json>("^[Aa]l", "a.*b", "[0-9]"),
  ),
  fc.tuple(
    fc
      .tuple(fc.constantFrom(...FREE), fc.constantFrom("lt", "lte", "gt", "gte"))
      .map((parts) => parts.join("|")),
    fc.constantFrom<Json>(5, 6),
  ),
  fc
    .tuple(field, fc.constantFrom("userAgent", "requestParameters.a"))
    .filter(([name, other]) => name !== other)
    .map(([name, other]): [string, Json] => [`${name}|fieldref`, other]),
  fc.tuple(fc.constant("sourceIPAddress|cidr"), fc.constantFrom<Json>("192.0.2.0/24", "2001:db8::/32")),
  fc.tuple(fc.constant("readOnly"), fc.boolean()),
  fc.tuple(fc.constant("eventSource"), fc.constantFrom<Json>(...SOURCES, [...SOURCES])),
  fc.tuple(
    fc.constant("eventName"),
    fc.constantFrom<Json>(...CALLS, ["CreateUser", "DeleteUser"], "Create*"),
  ),
);
const items = fc.array(item, { minLength: 1, maxLength: 3 }).map((pairs): Items => Object.fromEntries(pairs));
const selection: fc.Arbitrary<Selection> = fc.oneof(items, fc.array(items, { minLength: 1, maxLength: 2 }));
const NAMES = ["sel_a", "sel_b", "filter"];
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...NAMES).map((name): Expression => ({ kind: "name", name })),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      left: tie("expression"),
      right: tie("expression"),
    }),
    fc.record({ kind: fc.constant("not" as const), part: tie("expression") }),
    fc.record({
      kind: fc.constant("of" as const),
      every: fc.boolean(),
      pattern: fc.constantFrom("sel_*", "them"),
    }),
  ),
}));

/** Written with as few parentheses as precedence allows. */
function written(one: Expression, above = 0): string {
  if (one.kind === "name") return one.name;
  if (one.kind === "of") return `${one.every ? "all" : "1"} of ${one.pattern}`;
  if (one.kind === "not") return `not ${written(one.part, 3)}`;
  const rank = one.kind === "and" ? 2 : 1;
  const text = `${written(one.left, rank)} ${one.kind} ${written(one.right, rank + 1)}`;
  return rank < above ? `(${text})` : text;
}

function judge(one: Expression, holds: (name: string) => boolean): boolean {
  if (one.kind === "name") return holds(one.name);
  if (one.kind === "not") return !judge(one.part, holds);
  if (one.kind === "of") {
    const names = one.pattern === "them" ? NAMES : NAMES.filter((name) => name.startsWith("sel_"));
    return one.every ? names.every(holds) : names.some(holds);
  }
  const [left, right] = [judge(one.left, holds), judge(one.right, holds)];
  return one.kind === "and" ? left && right : left || right;
}

/** All that stands under a dotted name, through lists; what is empty is not there. */
function found(node: Json | undefined, keys: readonly string[]): Json[] {
  if (node === undefined || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((element) => found(element, keys));
  const [key, ...rest] = keys;
  if (key === undefined) return typeof node === "object" && Object.keys(node).length === 0 ? [] : [node];
  return typeof node === "object" && Object.hasOwn(node, key) ? found(node[key], rest) : [];
}

function plain(node: Json | undefined, keys: readonly string[]): Json | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return node;
  if (node === undefined || node === null || typeof node !== "object" || Array.isArray(node))
    return undefined;
  return Object.hasOwn(node, key) ? plain(node[key], rest) : undefined;
}

/** Character by character, the slow way. */
function fits(text: string, pattern: string): boolean {
  if (pattern === "") return text === "";
  if (pattern.startsWith("*"))
    return fits(text, pattern.slice(1)) || (text !== "" && fits(text.slice(1), pattern));
  if (pattern.startsWith("?")) return text !== "" && fits(text.slice(1), pattern.slice(1));
  const escapes = /^\\[*?\\]/.test(pattern);
  const char = escapes ? pattern.charAt(1) : pattern.charAt(0);
  return text.charAt(0) === char && text !== "" && fits(text.slice(1), pattern.slice(escapes ? 2 : 1));
}

function textOf(one: Json): string {
  return typeof one === "string" ? one : JSON.stringify(one);
}

function judgeItem(event: Json, key: string, wanted: Json): boolean {
  const [name = "", ...modifiers] = key.split("|");
  const leaves = found(event, name.split("."));
  const has = (modifier: string): boolean => modifiers.includes(modifier);
  if (has("exists")) return leaves.length > 0 === wanted;
  if (has("fieldref")) {
    const left = plain(event, name.split("."));
    const isThere =
      left !== null && (typeof left !== "object" || Object.keys(left).length > 0) && left !== undefined;
    return isThere && typeof left !== "object" && left === plain(event, textOf(wanted).split("."));
  }
  const one = (each: Json): boolean => {
    if (each === null) return leaves.length === 0;
    if (has("lt") || has("lte") || has("gt") || has("gte"))
      return leaves.some((leaf) => {
        if ((typeof leaf !== "number" && typeof leaf !== "string") || leaf === "") return false;
        const [number, bound] = [Number(leaf), Number(each)];
        return has("lt")
          ? number < bound
          : has("lte")
            ? number <= bound
            : has("gt")
              ? number > bound
              : number >= bound;
      });
    const strings = leaves.filter((leaf) => typeof leaf === "string");
    if (has("re")) return strings.some((leaf) => new RegExp(textOf(each)).test(leaf));
    if (has("cidr"))
      return strings.some((leaf) =>
        leaf.startsWith(textOf(each) === "192.0.2.0/24" ? "192.0.2." : "2001:db8:"),
      );
    const text = textOf(each);
    const pattern = `${has("contains") || has("endswith") ? "*" : ""}${text}${has("contains") || has("startswith") ? "*" : ""}`;
    if (/^\*+$/.test(pattern)) return leaves.length > 0;
    const hasWildcard = typeof each === "string" && /[*?]/.test(pattern.replaceAll(/\\[\\*?]/g, ""));
    const fold = (other: string): string => (has("cased") ? other : other.toLowerCase());
    return (hasWildcard ? strings : leaves).some((leaf) =>
      typeof leaf === "object" ? false : fits(fold(String(leaf)), fold(pattern)),
    );
  };
  const all = Array.isArray(wanted) ? wanted : [wanted];
  const holds = has("all") ? all.every(one) : all.some(one);
  return has("neq") ? !holds : holds;
}

function judgeSelection(event: Json, one: Selection): boolean {
  if (Array.isArray(one)) return one.some((inner) => judgeSelection(event, inner));
  return Object.entries(one).every(([key, wanted]) => judgeItem(event, key, wanted));
}

it("matches what Sigma says it matches, and nothing else", async () => {
  let imported = 0;
  let matched = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({ sel_a: selection, sel_b: selection, filter: selection }),
      expression,
      fc.array(record, { minLength: 1, maxLength: 8 }),
      async (selections, condition, records) => {
        const text = stringify({
          title: "Random",
          logsource: { product: "aws", service: "cloudtrail" },
          detection: { ...selections, condition: written(condition) },
          level: "low",
        });
        const { rules, remarks } = importSigma({ file: "random.yml", text });
        const [draft] = rules;
        if (draft === undefined) {
          const said = remarks.map(({ message }) => message).join();
          if (!said.includes("contradict each other")) throw new Error(said);
          return;
        }
        imported++;
        const matches = matcherOf(ruleOf(draft));
        for (const one of records) {
          const expected = judge(condition, (name) => judgeSelection(one, selections[name as "filter"]));
          if (expected) matched++;
          expect({ one, matches: await matches({ ...one }) }).toEqual({ one, matches: expected });
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(imported).toBeGreaterThan(300);
  expect(matched).toBeGreaterThan(200);
});
