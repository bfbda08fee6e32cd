/**
 * Checks the shape of conditions: json-rules-engine's own format, less what it takes and then ignores. It reads `any`
 * and forgets the `all` beside it, and finds an empty `any` true; a rule written so alerts on everything or nothing.
 *
 *   all: [ { fact: eventName, operator: equal, value: PutObject }, { not: { condition: by-a-service } } ]
 */
import type { ListUse } from "./check-list-name.ts";
import { checkLiteral } from "./check-literal.ts";
import { didYouMean } from "../words/nearest.ts";
import type { Path, Position } from "./problem.ts";
import { formatPath, quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject, kindOf } from "./report.ts";

/** A reference to a shared condition and where it stands. */
export type Reference = Position & { readonly name: string; readonly field: string };

/**
 * What the conditions of a file refer to (shared conditions, lists), and how many comparisons they hold themselves. It holds places, not the file
 * that they are in: thousands of parsed files would be kept for the few whose references lead nowhere.
 */
export type ConditionFacts = {
  readonly place: Position;
  readonly references: Reference[];
  readonly lists: ListUse[];
  literals: number;
};

const FORMS = ["all", "any", "not", "condition"] as const;
type Form = (typeof FORMS)[number];
const LITERAL_KEYS = ["fact", "operator", "value"];
const KEYS = [...FORMS, ...LITERAL_KEYS, "name"];

/** What json-rules-engine knows beyond the format of rules, and what to write instead. */
const REFUSED: Readonly<Record<string, string>> = {
  path: 'Write the dotted key as the fact, e.g. fact: "requestParameters.groupId".',
  params: "Take it out: facts come from the record and take no parameters.",
  priority: "Take it out: the order of conditions changes nothing.",
};

/**
 * Checks the conditions at `path` and everything below.
 * @param eventSource the eventSource of the rule's folder; null where conditions serve any
 * @returns the shared conditions and lists they refer to
 */
export function checkConditions(
  report: Report,
  data: unknown,
  path: Path,
  eventSource: string | null,
): ConditionFacts {
  const facts: ConditionFacts = {
    place: report.source.at(path, "key"),
    references: [],
    lists: [],
    literals: 0,
  };
  visit(report, data, path, eventSource, facts);
  return facts;
}

function visit(
  report: Report,
  node: unknown,
  path: Path,
  eventSource: string | null,
  facts: ConditionFacts,
): void {
  if (!isObject(node)) {
    const cure = Array.isArray(node)
      ? "Write all: or any: in front of the list."
      : "Write { fact: …, operator: …, value: … }.";
    report.add(path, `A condition is an object, this is ${kindOf(node)}.`, cure);
    return;
  }
  reportKeys(report, node, path);
  const forms = Object.keys(node).filter((key): key is Form => FORMS.some((form) => form === key));
  const compares = LITERAL_KEYS.filter((key) => Object.hasOwn(node, key));
  const [form] = forms;
  if (forms.length > 1) {
    const message = `${forms.join(" and ")} stand on one condition: only one of them would be read.`;
    report.add(
      [...path, forms[1] ?? ""],
      message,
      "Nest one in the other, e.g. all: [ …, { any: [ … ] } ].",
      { part: "key" },
    );
  } else if (form !== undefined && compares.length > 0) {
    const message = `${compares.join(", ")} and ${form} stand on one condition: only one of them would be read.`;
    report.add(
      [...path, compares[0] ?? ""],
      message,
      "Make the comparison a condition of its own, beside it under all.",
      { part: "key" },
    );
  }
  for (const found of forms) visitForm(report, node, found, path, eventSource, facts);
  if (form !== undefined) return;
  facts.literals += 1;
  if (compares.length > 0) {
    const list = checkLiteral(report, node, path, eventSource);
    if (list !== undefined) facts.lists.push(list);
  } else
    report.add(
      path,
      "This condition says nothing.",
      "Write { fact: …, operator: …, value: … }, or all, any, not or condition.",
    );
}

function visitForm(
  report: Report,
  node: Readonly<Record<string, unknown>>,
  form: Form,
  path: Path,
  eventSource: string | null,
  facts: ConditionFacts,
): void {
  const value = node[form];
  const inner = [...path, form];
  if (form === "not") {
    visit(report, value, inner, eventSource, facts);
  } else if (form === "condition") {
    if (typeof value !== "string" || value === "") {
      report.add(
        inner,
        `condition is the name of a shared condition, this is ${quote(value)}.`,
        "Write the name of a file in _conditions without its extension.",
      );
    } else {
      facts.references.push({ name: value, field: formatPath(inner), ...report.source.at(inner) });
    }
  } else if (!Array.isArray(value)) {
    report.add(
      inner,
      `${form} is a list of conditions, this is ${kindOf(value)}.`,
      'Begin each condition with "- ".',
    );
  } else if (value.length === 0) {
    report.add(
      inner,
      `${form} is empty, which json-rules-engine finds always true.`,
      "Put a condition in it, or delete it.",
    );
  } else {
    for (const [index, child] of value.entries()) visit(report, child, [...inner, index], eventSource, facts);
  }
}

function reportKeys(report: Report, node: Readonly<Record<string, unknown>>, path: Path): void {
  for (const [key, value] of Object.entries(node)) {
    const at = [...path, key];
    const refused = Object.hasOwn(REFUSED, key) ? REFUSED[key] : undefined;
    if (refused !== undefined) {
      report.add(at, `Conditions of rules have no ${key}.`, refused, { part: "key" });
    } else if (!KEYS.includes(key)) {
      report.add(at, `${quote(key)} is no key of a condition.`, didYouMean(key, KEYS), { part: "key" });
    } else if (key === "name" && (typeof value !== "string" || value === "")) {
      report.add(at, `name is a label, this is ${quote(value)}.`, "Write text, or delete it.");
    }
  }
}
