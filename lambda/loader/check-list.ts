/**
 * Checks a list: its schema, and that each value is one of the list's kind. A typo in a list is quiet: `inList` just
 * holds less often, and `notInList`, or a suppression, more often than its author thinks.
 *
 *   kind: cidr
 *   values: [192.0.2.7/24]     # 192.0.2.0/24, or 192.0.2.7/32? A list that is trusted must not guess.
 */
import { z } from "zod";
import { canonicalCidr } from "../engine/cidr.ts";
import { likeParts } from "../engine/like.ts";
import { staticListSchema } from "../engine/list-schema.ts";
import type { List } from "../engine/rule.ts";
import { checkDynamicList } from "./check-dynamic-list.ts";
import type { Checked } from "./check-rule.ts";
import { checkSchema, type KeyCures } from "./check-schema.ts";
import type { Path } from "./problem.ts";
import { quote } from "./problem.ts";
import type { Report } from "./report.ts";
import { isObject, kindOf } from "./report.ts";

const KEY_CURES: KeyCures = {
  name: "Delete it: a list is called as its file.",
  id: "Delete it: a list is called as its file.",
  type: 'Did you mean "kind"?',
  items: 'Did you mean "values"?',
  entries: 'Did you mean "values"?',
  ...Object.fromEntries(
    ["refresh", "on-empty", "maxValues", "maxAge", "column"].map((key) => [
      key,
      "Delete it: it belongs to a list with a query, and this one has values.",
    ]),
  ),
  conditions: "Write conditions in a rule or in _conditions; a list only holds values.",
};

/** Values are checked one by one; the schema only has to know that the key belongs there. */
const staticShape = staticListSchema.extend({
  values: z.unknown().describe(staticListSchema.shape.values.description ?? ""),
});

const ACCOUNT = /^\d{12}$/;
/** As the console shows it. */
const GROUPED_ACCOUNT = /^\d{4}-\d{4}-\d{4}$/;
/** What among account ids can only be meant as one. */
const LIKE_ACCOUNT = /^[\d -]+$/;

/** Checks a file of `_lists`. Nothing is good when it has errors, all of which are reported. */
export function checkList(report: Report): Checked<List> {
  const { data } = report.source;
  if (isObject(data) && Object.hasOwn(data, "query")) return checkDynamicList(report, data);
  const parsed = checkSchema(report, staticShape, data, { what: "A list", cures: KEY_CURES });
  if (!isObject(data) || !Object.hasOwn(data, "values")) return {};
  const { values, kind } = data;
  if (!Array.isArray(values)) {
    report.add(["values"], `values is a list, this is ${kindOf(values)}.`, 'Begin each value with "- ".');
    return {};
  }
  if (values.length === 0) {
    report.add(["values"], "The list has no values.", "Fill it in, or delete the file.");
    return {};
  }
  const texts = checkTexts(report, values as readonly unknown[]);
  if (kind === "cidr") checkRanges(report, texts);
  if (kind === "wildcard") checkWildcards(report, texts);
  if (kind === "exact") checkExact(report, texts);
  if (parsed === undefined || report.errors() > 0) return {};
  return { good: { ...parsed, values: texts.map(([, text]) => text) } };
}

type Texts = readonly (readonly [Path, string])[];

/** The values that are text, with their places; the others, and those that stand there twice, are reported. */
function checkTexts(report: Report, values: readonly unknown[]): Texts {
  const texts: [Path, string][] = [];
  const first = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const path = ["values", index];
    if (typeof value !== "string") {
      const scalar = typeof value === "number" || typeof value === "boolean";
      const cure = scalar
        ? `Put it in quotes: "${asWritten(report, path, value)}".`
        : "Write one text for each value.";
      report.add(path, `Lists hold text, this is ${kindOf(value)}.`, cure);
      continue;
    }
    if (value === "") {
      report.add(path, "The value is empty.", "Fill it in, or delete it.");
      continue;
    }
    const other = first.get(value);
    if (other !== undefined) {
      const message = `${quote(value)} is there already, as values[${other}].`;
      report.add(path, message, "Delete one of the two.", { severity: "warning" });
    } else first.set(value, index);
    texts.push([path, value]);
  }
  return texts;
}

function checkRanges(report: Report, texts: Texts): void {
  for (const [path, text] of texts) {
    const canonical = canonicalCidr(text);
    const whole = text.includes(":") ? 128 : 32;
    if (canonical === undefined) {
      const isAddress = canonicalCidr(`${text}/${whole}`) !== undefined;
      const cure = isAddress
        ? `Write ${text}/${whole} for this address alone.`
        : "Write e.g. 192.0.2.0/24 or 2001:db8::/32.";
      report.add(path, `${quote(text)} is no range of addresses.`, cure);
    } else if (hasHostBits(text, canonical)) {
      const [address = ""] = text.split("/");
      const message = `${quote(text)} does not begin a range: its last bits are not zero.`;
      report.add(path, message, `Write ${canonical} for the range, or ${address}/${whole} for the address.`);
    } else if (canonical.endsWith("/0")) {
      const message = `${quote(text)} holds every address of its kind.`;
      report.add(path, message, "Write the ranges that you mean.", { severity: "warning" });
    }
  }
}

/**
 * Whether a range, as it is written, has bits behind its prefix. IPv6 has many spellings, so the addresses are compared
 * and not the texts.
 */
export function hasHostBits(text: string, canonical: string): boolean {
  const full = (range: string): string | undefined =>
    canonicalCidr(`${range.split("/")[0] ?? ""}/${text.includes(":") ? 128 : 32}`);
  return full(text) !== full(canonical);
}

function checkWildcards(report: Report, texts: Texts): void {
  for (const [path, text] of texts) {
    if (likeParts(text).some((part) => part !== "")) continue;
    report.add(path, `${quote(text)} has the form of any text.`, "Write what the values begin or end with.");
  }
}

function checkExact(report: Report, texts: Texts): void {
  const allAccounts =
    texts.some(([, text]) => ACCOUNT.test(text)) && texts.every(([, text]) => LIKE_ACCOUNT.test(text));
  for (const [path, text] of texts) {
    if (ACCOUNT.test(text)) continue;
    if (GROUPED_ACCOUNT.test(text)) {
      const cure = `Write "${text.replaceAll("-", "")}".`;
      report.add(path, "CloudTrail writes account ids without hyphens.", cure);
    } else if (allAccounts) {
      const message = `${quote(text)} is no account id, which the other values are: it has ${text.replaceAll(/\D/g, "").length} digits.`;
      report.add(path, message, "Write all of its 12 digits, and nothing between them.");
    } else if (text.length > 1 && text.includes("*")) {
      const message = `${quote(text)} is compared letter by letter, its * too: the list is of kind exact.`;
      report.add(path, message, "Write kind: wildcard if * stands for any characters.", {
        severity: "warning",
      });
    }
  }
}

/** The value as it stands in the file: 012345678901 and not 12345678901. */
function asWritten({ source }: Report, path: Path, value: unknown): string {
  const start = source.offset(path);
  const written =
    start === undefined ? undefined : /^[\w.+-]+/.exec(source.text.slice(start, start + 80))?.[0];
  return written ?? String(value);
}
