/**
 * The operators that a condition may name: json-rules-engine's own and ours, one table.
 *
 * json-rules-engine 7.3 calls an operator with (value of the fact, value of the condition). Ours are registered with
 * it, and its own are registered again with the same meaning but without its traps: `in` and `notIn` throw on a value
 * that is no list, which would reject the run.
 *
 * A new operator is added here, and in `literal-atoms.ts` if EventBridge can see some of it.
 */
import { RE2JS } from "re2js";
import { type Cidr, parseCidr } from "./cidr.ts";
import { compileLike } from "./like.ts";
import { accountOf } from "./policy-conditions.ts";
import { grantsAction, grantsFederated, grantsOutside, grantsPublic } from "./policy-grants.ts";
import { ResolvedList } from "./resolved-list.ts";

/** What the loader checks a constant value against. */
type ValueKind = "scalar" | "list" | "list-name" | "text" | "number" | "boolean";

/** One operator. */
export type Operator = {
  readonly value: ValueKind;
  /** For hover texts and the guide. */
  readonly description: string;
  /** Whether the operator looks at the elements of a fact that is a list. */
  readonly list?: true;
  /** What is wrong with a constant value of the right kind, and the cure; undefined when nothing is. */
  check?(value: unknown): string | undefined;
  /** Whether the condition holds; `expected` has the right kind only if it is a constant. */
  readonly holds: (fact: unknown, expected: unknown) => boolean;
};

const MAX_REGEX_LENGTH = 1_000;

/** Every operator by name. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  equal: {
    value: "scalar",
    description: "The fact is exactly this value (type and case matter).",
    holds: (fact, expected) => fact === expected,
  },
  notEqual: {
    value: "scalar",
    description: "The fact is not this value; true when the record has no such fact.",
    holds: (fact, expected) => fact !== expected,
  },
  in: {
    value: "list",
    description: "The fact is one of these values.",
    holds: (fact, expected) => Array.isArray(expected) && expected.includes(fact),
  },
  notIn: {
    value: "list",
    description: "The fact is none of these values; true when the record has no such fact.",
    holds: (fact, expected) => !Array.isArray(expected) || !expected.includes(fact),
  },
  inList: {
    value: "list-name",
    description:
      "The fact is in the list of this name, a file in rules/_lists: one of its values, of the form of one, or an address in one of its ranges, by the list's kind.",
    holds: (fact, expected) => expected instanceof ResolvedList && expected.has(fact),
  },
  notInList: {
    value: "list-name",
    description:
      "The fact is not in the list of this name, a file in rules/_lists; true when the record has no such fact.",
    holds: (fact, expected) => !(expected instanceof ResolvedList) || !expected.has(fact),
  },
  contains: {
    value: "scalar",
    list: true,
    description: "The fact is a list with this value in it.",
    holds: (fact, expected) => Array.isArray(fact) && fact.includes(expected),
  },
  doesNotContain: {
    value: "scalar",
    list: true,
    description: "The fact is a list without this value in it.",
    holds: (fact, expected) => Array.isArray(fact) && !fact.includes(expected),
  },
  lessThan: {
    value: "number",
    description: "The fact is a number, or a text of one, below this.",
    holds: (fact, expected) => isNumeric(fact) && Number(fact) < Number(expected),
  },
  lessThanInclusive: {
    value: "number",
    description: "The fact is a number, or a text of one, not above this.",
    holds: (fact, expected) => isNumeric(fact) && Number(fact) <= Number(expected),
  },
  greaterThan: {
    value: "number",
    description: "The fact is a number, or a text of one, above this.",
    holds: (fact, expected) => isNumeric(fact) && Number(fact) > Number(expected),
  },
  greaterThanInclusive: {
    value: "number",
    description: "The fact is a number, or a text of one, not below this.",
    holds: (fact, expected) => isNumeric(fact) && Number(fact) >= Number(expected),
  },
  startsWith: textOperator("The fact is a text that begins with this.", (fact, expected) =>
    fact.startsWith(expected),
  ),
  endsWith: textOperator("The fact is a text that ends with this.", (fact, expected) =>
    fact.endsWith(expected),
  ),
  includes: textOperator("The fact is a text with this in it.", (fact, expected) => fact.includes(expected)),
  equalIgnoreCase: textOperator(
    "The fact is this text, the letters A to Z in either case.",
    (fact, expected) => fact.length === expected.length && lowerAscii(fact) === lowerAscii(expected),
  ),
  like: textOperator("The fact is a text of this form; * stands for any characters.", (fact, expected) =>
    compiledLike(expected)(fact),
  ),
  matches: {
    ...textOperator(
      "The fact is a text in which this regular expression (RE2 syntax, linear time) finds something.",
      (fact, expected) => compiledRegex(expected).test(fact),
    ),
    check: (value) => regexProblem(String(value)),
  },
  inCidr: {
    ...textOperator(
      "The fact is an address in this range, e.g. 192.0.2.0/24.",
      (fact, expected) => compiledCidr(expected)?.contains(fact) ?? false,
    ),
    check: (value) =>
      parseCidr(String(value)) === undefined
        ? `"${String(value)}" is no address range: write e.g. 192.0.2.0/24 or 2001:db8::/32`
        : undefined,
  },
  inAccount: {
    value: "text",
    description:
      "The fact is the id of this account, or an ARN of something in it: value: { fact: recipientAccountId }. An ARN that only has the id in a name does not count.",
    check: checkAccount,
    holds: (fact, expected) =>
      typeof fact === "string" && accountOf(fact) === expected && expected !== undefined,
  },
  exists: {
    value: "boolean",
    description: "true: the fact is there and not null, {} or []. false: it is not.",
    holds: (fact, expected) => isPresent(fact) === (expected === true),
  },
  grantsPublic: {
    value: "boolean",
    description:
      "true: the fact is an IAM policy (an object, JSON text or URL-encoded) that lets anybody in, and no condition in it says who: everybody in AWS, or everybody with an account at a public identity provider. Denials are not weighed, and a policy that cannot be read counts as one that does. false: it is no such policy.",
    holds: (fact, expected) => grantsPublic(fact) === (expected === true),
  },
  grantsOutside: {
    value: "text",
    description:
      "The fact is an IAM policy (an object, JSON text or URL-encoded) that lets in anybody, or somebody who is not for certain of this account: value: { fact: recipientAccountId }. That is another account, an organization, a network, and an id that does not tell its account. AWS services do not count. Denials are not weighed, and a policy that cannot be read counts as one that does.",
    check: checkAccount,
    holds: (fact, expected) => grantsOutside(fact, typeof expected === "string" ? expected : ""),
  },
  grantsFederated: {
    value: "boolean",
    description:
      "true: the fact is an IAM policy (an object, JSON text or URL-encoded) that lets in whoever brings a token of an identity provider that others use as well, such as GitHub or Cognito; SAML providers and EKS clusters do not count. Conditions and denials are not weighed, and a policy that cannot be read counts as one that does. false: it is no such policy.",
    holds: (fact, expected) => grantsFederated(fact) === (expected === true),
  },
  grantsAction: {
    value: "text",
    description:
      "The fact is an IAM policy (an object, JSON text or URL-encoded) that permits this action on every resource, or on every one of a kind: iam:PassRole, iam:* or, for all actions, *. All but some count as all when one is left by which to get the rest. Its conditions and denials are not weighed, and a policy that cannot be read counts as one that does.",
    check: (value) =>
      /^(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*]+)$/.test(String(value))
        ? undefined
        : `"${String(value)}" is no action: write e.g. iam:PassRole, iam:* or *`,
    holds: (fact, expected) => typeof expected === "string" && grantsAction(fact, expected),
  },
};

/** Whether a value counts as there: CloudTrail writes null, {} and [] for what is not. */
export function isPresent(fact: unknown): boolean {
  if (fact === undefined || fact === null) return false;
  return typeof fact !== "object" || Object.keys(fact).length > 0;
}

/** Lowers A to Z only: other letters have case rules on which EventBridge and JavaScript differ. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function checkAccount(value: unknown): string | undefined {
  return /^\d{12}$/.test(String(value))
    ? undefined
    : `"${String(value)}" is no account: write its 12 digits in quotes, or compare with the fact recipientAccountId`;
}

function textOperator(description: string, holds: (fact: string, expected: string) => boolean): Operator {
  return {
    value: "text",
    description,
    holds: (fact, expected) =>
      typeof fact === "string" && typeof expected === "string" && holds(fact, expected),
  };
}

/** json-rules-engine's own test: whatever begins with a number. */
function isNumeric(fact: unknown): boolean {
  return (
    (typeof fact === "number" || typeof fact === "string") && !Number.isNaN(Number.parseFloat(String(fact)))
  );
}

/** Constants are compiled once; values that come from facts must not grow the memory of a long run. */
function memoized<T>(compile: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const hit = known.get(text);
    if (hit !== undefined) return hit;
    const made = compile(text);
    if (known.size >= 20_000) known.clear();
    known.set(text, made);
    return made;
  };
}

const compiledCidr = memoized<Cidr | null>((text) => parseCidr(text) ?? null);

const compiledRegex = memoized<{ test(text: string): boolean }>((pattern) => {
  if (pattern.length > MAX_REGEX_LENGTH) return { test: () => false };
  try {
    const regex = RE2JS.compile(pattern);
    // Not matcher().find(): that finds the same, but `test` needs no groups and goes through a DFA, ten times as fast.
    return { test: (text) => regex.test(text) };
  } catch {
    return { test: () => false };
  }
});

function regexProblem(pattern: string): string | undefined {
  if (pattern.length > MAX_REGEX_LENGTH)
    return `a regular expression may have ${MAX_REGEX_LENGTH} characters, this one has ${pattern.length}: split it into several conditions`;
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `this is no regular expression in RE2 syntax (${reason}): look-around and back-references are not linear and not there`;
  }
}

const compiledLike = memoized(compileLike);
