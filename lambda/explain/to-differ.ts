/**
 * What would have had to differ for another verdict on one comparison, as a colleague would say it, with what most
 * often is behind it: a value of another type, another case, a list where a value was meant, a misspelt key.
 *
 *   toDiffer({ fact: "errorCode", operator: "exists", value: false, holds: false, saw: "AccessDenied" })
 *   // would hold without errorCode
 *   toDiffer({ fact: "readOnly", operator: "equal", value: "false", holds: false, saw: false })
 *   // would hold if it is "false"; the record has false without quotes, which is not the same as the text
 */
import { type OperatorName, parseOperator } from "../engine/operator-name.ts";
import { printable, quote } from "../words/printable.ts";
import { showValue } from "./show-value.ts";

/** A comparison that was made. */
export type Compared = {
  readonly fact: string;
  readonly operator: string;
  readonly value: unknown;
  readonly holds: boolean;
  /** What the record has under the fact. */
  readonly saw: unknown;
  /** Where the comparison is with another fact: which, and what the record has there. */
  readonly other?: { readonly fact: string; readonly saw: unknown };
  /** Where the record has nothing: a key it has that the fact may be a misspelling of. */
  readonly near?: string | undefined;
};

type Clause = { readonly yes: (value: string) => string; readonly no: (value: string) => string };

const clause = (yes: string, no: string): Clause => ({
  yes: (value) => `${yes} ${value}`,
  no: (value) => `${no} ${value}`,
});

/** What the operators say of a fact; those that are asked with true or false are below. */
const CLAUSES: Readonly<Record<string, Clause>> = {
  equal: clause("is", "is not"),
  in: { yes: () => "is one of these", no: () => "is none of these" },
  inList: clause("is on the list", "is not on the list"),
  contains: { yes: (value) => `has ${value} in it`, no: (value) => `is a list without ${value} in it` },
  lessThan: clause("is below", "is not below"),
  lessThanInclusive: clause("is at most", "is not at most"),
  greaterThan: clause("is above", "is not above"),
  greaterThanInclusive: clause("is at least", "is not at least"),
  startsWith: clause("begins with", "does not begin with"),
  endsWith: clause("ends with", "does not end with"),
  includes: clause("contains", "does not contain"),
  equalIgnoreCase: clause("is, in either case,", "is not, in either case,"),
  like: clause("has the form", "does not have the form"),
  matches: clause("matches", "does not match"),
  inCidr: clause("is an address in", "is no address in"),
  inAccount: clause("is in account", "is not in account"),
  grantsOutside: clause("lets in somebody outside of", "lets in nobody outside of"),
  grantsAction: clause("permits", "does not permit"),
};

/** Operators that are the opposite of another. */
const OPPOSITES: Readonly<Record<string, string>> = {
  notEqual: "equal",
  notIn: "in",
  notInList: "inList",
  doesNotContain: "contains",
};

/** Says what would have had to differ; one line without a full stop. */
export function toDiffer(compared: Compared): string {
  const parsed = parseOperator(compared.operator);
  if ("unknown" in parsed) return "would be another with another value";
  const { wanted, subject, value } = read(parsed, compared);
  const sentence = `would ${compared.holds ? "not " : ""}hold ${conditionOf(parsed.base, wanted, subject, value, compared)}`;
  const remark = compared.holds ? undefined : remarkOn(parsed, compared);
  return remark === undefined ? sentence : `${sentence}; ${remark}`;
}

type ReadOperator = { readonly wanted: boolean; readonly subject: string; readonly value: string };

/** Reads the decorators from left to right: of what the operator would have to hold, or to fail. */
function read({ decorators }: OperatorName, compared: Compared): ReadOperator {
  let wanted = !compared.holds;
  let subject = "it";
  let value = valueText(compared);
  for (const decorator of decorators) {
    if (decorator === "not") wanted = !wanted;
    else if (decorator === "swap") [subject, value] = [value, subject];
    else if (decorator === "someFact") {
      subject = wanted ? "an element" : "no element";
      wanted = true;
    } else if (decorator === "everyFact") subject = wanted ? "every element" : "an element";
    else if (decorator === "someValue") value = `${wanted ? "one" : "any"} of ${value}`;
    else value = `each of ${value}`;
  }
  return { wanted, subject, value };
}

function valueText({ value, other }: Compared): string {
  if (other === undefined) return quote(value);
  return `${printable(other.fact)} (${showValue(other.saw)})`;
}

function conditionOf(
  base: string,
  wanted: boolean,
  subject: string,
  value: string,
  compared: Compared,
): string {
  const asked = (compared.value === true) === wanted;
  if (base === "grantsPublic")
    return `if ${subject} ${asked ? "lets anybody in" : "does not let anybody in"}`;
  if (base === "grantsFederated")
    return `if ${subject} ${asked ? "lets tokens of a shared provider in" : "does not let tokens of a shared provider in"}`;
  if (base === "exists") {
    if (subject !== "it") return `if ${subject} is ${asked ? "something" : "nothing"}`;
    return `${asked ? "with" : "without"} ${printable(compared.fact)}`;
  }
  const opposite = Object.hasOwn(OPPOSITES, base) ? OPPOSITES[base] : undefined;
  const name = opposite ?? base;
  const says = Object.hasOwn(CLAUSES, name) ? CLAUSES[name] : undefined;
  if (says === undefined) return `if ${subject} ${wanted ? "meets" : "does not meet"} ${base} ${value}`;
  return `if ${subject} ${wanted === (opposite === undefined) ? says.yes(value) : says.no(value)}`;
}

/** What is most likely behind a comparison that does not hold and looks as if it should. */
function remarkOn({ decorators, base, operator }: OperatorName, compared: Compared): string | undefined {
  const { saw, near } = compared;
  if (near !== undefined) return `the record has ${printable(near)}`;
  const [first] = decorators;
  if (saw === undefined || decorators.includes("not")) return undefined;
  if (first === "someFact" || first === "everyFact") {
    return Array.isArray(saw) ? undefined : `the record has no list there: take ${first}: out`;
  }
  if (first !== undefined || Object.hasOwn(OPPOSITES, base)) return undefined;
  if (Array.isArray(saw) && operator.list !== true && operator.value !== "boolean") {
    return `the record has a list there: someFact:${base} looks at its elements`;
  }
  if (base !== "equal" && base !== "in") return undefined;
  const expected = compared.other === undefined ? compared.value : compared.other.saw;
  return remarkOnValue(saw, base === "in" && Array.isArray(expected) ? expected : [expected]);
}

/** A value that looks like one of those wanted, and is another. */
function remarkOnValue(saw: unknown, wanted: readonly unknown[]): string | undefined {
  if (typeof saw === "string") {
    if (wanted.some((one) => typeof one !== "string" && String(one) === saw))
      return `the record has ${showValue(saw)} with quotes, a text, which is not the same as ${saw} without`;
    const folded = saw.toLowerCase();
    return wanted.some((one) => typeof one === "string" && one.toLowerCase() === folded)
      ? "only upper and lower case differ: equalIgnoreCase takes either"
      : undefined;
  }
  if (typeof saw !== "boolean" && typeof saw !== "number") return undefined;
  return wanted.includes(String(saw))
    ? `the record has ${saw} without quotes, which is not the same as the text`
    : undefined;
}
