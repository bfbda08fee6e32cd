/**
 * The text of a new rule and of its test. Everything that comes from a record goes through the YAML library, which
 * quotes it; the comments are ours, but for suggested comparisons, which are written by the library too and stand on
 * one line each, so that taking the # away puts them into force.
 *
 *   # - { fact: requestParameters.cidrIp, operator: equal, value: 0.0.0.0/0 }
 */
import { Document, isMap, isPair, isScalar, isSeq, type YAMLMap } from "yaml";
import type { Condition, Literal, Severity } from "../../lambda/engine/rule.ts";

/** One condition of a new rule, with what its author should know of it. */
export type DraftCondition = { readonly comment: string; readonly condition: Condition };

/** What a new rule says. */
export type RuleDraft = {
  readonly name: string;
  readonly severity: Severity;
  readonly description: string;
  readonly conditions: readonly DraftCondition[];
  /** Comparisons to offer below them, commented out. */
  readonly suggestions: readonly Literal[];
  readonly summary: string;
};

/** One case of a new test. */
export type DraftCase = {
  readonly name: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  readonly fires: readonly string[];
  /** Said of a quiet case whose record the rule's own event pattern stops. */
  readonly delivered?: false;
};

const FORMAT = { lineWidth: 0 } as const;
/** Cases share parts of one record: written out, not as anchors. `No` is quoted: to some YAML readers it is false. */
const PLAIN = { aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

const KEY_COMMENTS: Readonly<Record<string, string>> = {
  name: "What happened, as the title of the alert says it.",
  severity:
    "info: nobody needs to act. low, medium: look within days. high: look today. critical: somebody gets up at night.",
  description: "What the rule watches for and why it matters, for whoever reads the alert.",
  conditions: "All of these must hold. any, not and _conditions/ are there too: see rules/README.md.",
  summary: "One sentence of the alert. {{fact}} becomes the record's value.",
};

const NARROW = {
  some: "Narrow it down: these hold for the record. Take the # away from those that matter.",
  none: "Narrow it down with more comparisons: rules/README.md has the facts and operators.",
};

/** What a finished rule has besides, each line ready to be filled in. */
const LATER = [
  "A finished rule has these as well; take the # away and fill them in.",
  "attack: [T1098]",
  "tags: [iam, persistence]",
  "falsePositives: What alerts without being an attack, and how to tell.",
  "runbook: What to do when it alerts, in two sentences.",
  "mode: staged # counted and shown, delivered nowhere, until you trust it",
].join("\n");

/** The text of a rule file. @param schema where its JSON Schema is, as its first line says it */
export function ruleText(draft: RuleDraft, schema: string): string {
  const { name, severity, description, conditions, suggestions, summary } = draft;
  const all = conditions.map(({ condition }) => condition);
  const doc = new Document({ name, severity, description, conditions: { all }, summary }, PLAIN);
  doc.commentBefore = header(schema);
  for (const pair of pairsOf(doc.contents)) {
    const comment = KEY_COMMENTS[String(pair.key)];
    if (comment !== undefined && isScalar(pair.key)) pair.key.commentBefore = lines(comment);
  }
  const list = doc.getIn(["conditions", "all"]);
  if (isSeq(list)) {
    for (const [index, item] of list.items.entries()) {
      if (!isMap(item)) continue;
      item.flow = !item.has("condition");
      item.commentBefore = lines(conditions[index]?.comment ?? "");
    }
    const offered = suggestions.map((literal) => `- ${flow(literal)}`);
    list.comment = lines(offered.length === 0 ? NARROW.none : [NARROW.some, ...offered].join("\n"));
  }
  doc.comment = lines(LATER);
  return doc.toString(FORMAT);
}

/** The text of a test file. */
export function testText(cases: readonly DraftCase[], schema: string): string {
  const written = cases.map(({ name, record, remove, fires, delivered }) => ({
    name,
    record,
    ...(remove.length === 0 ? {} : { remove }),
    fires,
    ...(delivered === undefined ? {} : { delivered }),
  }));
  const doc = new Document({ cases: written }, PLAIN);
  doc.commentBefore = header(schema);
  for (const item of itemsOf(doc.get("cases"))) {
    for (const key of ["remove", "fires"]) {
      const list = item.get(key);
      if (isSeq(list)) list.flow = true;
    }
  }
  const [first] = pairsOf(doc.contents);
  if (isScalar(first?.key))
    first.key.commentBefore = lines(
      "Each case is laid over a dull record (a role's successful call from the command line) and names ALL rules that must alert.",
    );
  return doc.toString({ ...FORMAT, flowCollectionPadding: false });
}

function header(schema: string): string {
  return ` yaml-language-server: $schema=${schema}`;
}

/** A comparison on one line. */
function flow(literal: Literal): string {
  const doc = new Document(literal, PLAIN);
  if (isMap(doc.contents)) doc.contents.flow = true;
  return doc.toString(FORMAT).trim();
}

function lines(comment: string): string {
  return comment
    .split("\n")
    .map((line) => ` ${line}`)
    .join("\n");
}

function pairsOf(node: unknown): YAMLMap["items"] {
  return isMap(node) ? node.items.filter(isPair) : [];
}

function itemsOf(node: unknown): YAMLMap[] {
  return isSeq(node) ? node.items.filter(isMap) : [];
}
