/**
 * Operator names with decorators in front, as json-rules-engine 7 reads them: `someFact:equal`, `not:everyFact:in`.
 *
 * They are compiled here and not by json-rules-engine because a fact can have several values (`Alternatives`, when
 * keys of a record collide) and a condition then holds when it holds for one of them. Under a `not:` that means "when
 * it fails for one of them", so the meaning depends on the side of the negation that a comparison stands on:
 *
 *     compileOperator("not:equal")(new Alternatives(["a", "b"]), "a")   // true: "b" is not "a"
 */
import { AlternativeLists, Alternatives } from "../record/facts.ts";
import { OPERATORS, type Operator } from "./operators.ts";
import { ResolvedList } from "./resolved-list.ts";

/** What stands in front of an operator, and what it does. */
export const DECORATORS = {
  not: "The opposite.",
  someFact: "The fact is a list, and the operator holds for at least one of its elements.",
  everyFact: "The fact is a list, and the operator holds for all of its elements (also for none).",
  someValue: "The value is a list, and the operator holds for at least one of its elements.",
  everyValue: "The value is a list, and the operator holds for all of its elements.",
  swap: "Fact and value change places.",
} as const;
export type Decorator = keyof typeof DECORATORS;

/** A parsed operator name. */
export type OperatorName = {
  readonly decorators: readonly Decorator[];
  readonly base: string;
  readonly operator: Operator;
};

/** Compares a fact with a value. */
export type Comparison = (fact: unknown, expected: unknown) => boolean;

/** Parses an operator name; the part that is unknown when it cannot be. */
export function parseOperator(
  name: string,
): OperatorName | { readonly unknown: string; readonly kind: "operator" | "decorator" } {
  const parts = name.split(":");
  const base = parts.pop() ?? "";
  const decorators: Decorator[] = [];
  for (const part of parts) {
    if (!Object.hasOwn(DECORATORS, part)) return { unknown: part, kind: "decorator" };
    decorators.push(part as Decorator);
  }
  const operator = Object.hasOwn(OPERATORS, base) ? OPERATORS[base] : undefined;
  return operator === undefined ? { unknown: base, kind: "operator" } : { decorators, base, operator };
}

const compiled = new Map<string, Comparison>();
/** Rules name a few dozen; whoever evaluates names without end must not fill the memory. */
const MAX_COMPILED = 10_000;

/**
 * Compiles an operator name to a comparison; the same name gives the same one, so that thousands of rules share it.
 * @throws Error when the operator is unknown; a validated rule names none.
 */
export function compileOperator(name: string): Comparison {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const made = compileParsed(name);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(name, made);
  return made;
}

function compileParsed(name: string): Comparison {
  const parsed = parseOperator(name);
  if ("unknown" in parsed) throw new Error(`unknown ${parsed.kind} "${parsed.unknown}" in "${name}"`);
  const inner = ofLists(parsed, compile(parsed.decorators, 0, parsed.operator, true));
  // Without decorators a comparison of plain values weighs colliding ones itself.
  if (parsed.decorators.length === 0 && parsed.operator.list !== true) return inner;
  return (fact, expected) => {
    if (!(fact instanceof Alternatives) && !(expected instanceof Alternatives)) return inner(fact, expected);
    return choices(fact).some((one) => choices(expected).some((other) => inner(one, other)));
  };
}

/** A comparison with a list tells it on which side of the negations it stands, for lists whose values are not known. */
function ofLists({ decorators, base }: OperatorName, inner: Comparison): Comparison {
  if (base !== "inList" && base !== "notInList") return inner;
  const even = decorators.filter((decorator) => decorator === "not").length % 2 === 0;
  const wanted = even === (base === "inList");
  return (fact, expected) =>
    inner(fact, expected instanceof ResolvedList ? expected.inSense(wanted) : expected);
}

/** @param wanted whether the comparison is to hold, or, below an odd number of `not:`, to fail. */
function compile(
  decorators: readonly Decorator[],
  at: number,
  operator: Operator,
  wanted: boolean,
): Comparison {
  const decorator = decorators[at];
  if (decorator === undefined) return compileBase(operator, wanted);
  if (decorator === "not") return compile(decorators, at + 1, operator, !wanted);
  const next = compile(decorators, at + 1, operator, wanted);
  switch (decorator) {
    case "swap":
      return (fact, expected) => next(expected, fact);
    case "someFact":
    case "everyFact": {
      const some = (decorator === "someFact") === wanted;
      return (fact, expected) =>
        Array.isArray(fact) ? quantify(fact, some, (element) => next(element, expected)) : !wanted;
    }
    default: {
      const some = (decorator === "someValue") === wanted;
      return (fact, expected) =>
        Array.isArray(expected) ? quantify(expected, some, (element) => next(fact, element)) : !wanted;
    }
  }
}

/** Whether `test` holds for some, or every, element; of values or lists that collide in the list, for one of those. */
function quantify(list: readonly unknown[], some: boolean, test: (element: unknown) => boolean): boolean {
  const visit = (element: unknown): boolean => {
    if (element instanceof AlternativeLists)
      return element.lists.some((inner) => quantify(inner, some, test));
    return element instanceof Alternatives ? element.values.some(test) : test(element);
  };
  return some ? list.some(visit) : list.every(visit);
}

function compileBase(operator: Operator, wanted: boolean): Comparison {
  const { holds } = operator;
  if (operator.list === true) return compileListBase(operator, wanted);
  return (fact, expected) => {
    // Nearly all facts are plain, and asking for their type is faster than asking for their class.
    if (typeof fact !== "object" || !(fact instanceof Alternatives)) {
      if (!(expected instanceof Alternatives)) return holds(fact, expected) === wanted;
    }
    return choices(fact).some((one) => choices(expected).some((other) => holds(one, other) === wanted));
  };
}

/** `contains` and `doesNotContain` look into the list themselves, so colliding values inside it are theirs to weigh. */
function compileListBase(operator: Operator, wanted: boolean): Comparison {
  const present = (operator === OPERATORS.contains) === wanted;
  return (fact, expected) => {
    if (!Array.isArray(fact)) return !wanted;
    const test = (element: unknown): boolean =>
      choices(element).some((one) => choices(expected).some((other) => (one === other) === present));
    return quantify(fact, present, test);
  };
}

function choices(value: unknown): readonly unknown[] {
  return value instanceof Alternatives ? value.values : [value];
}
