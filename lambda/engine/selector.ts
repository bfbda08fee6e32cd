/**
 * The selector of a rule: what EventBridge can express of its conditions, true whenever they are.
 *
 * It is kept as a list of conjuncts (any of which lets a record through), each a set of atoms (all of which must hold),
 * each atom one field with the matchers of EventBridge's pattern language, any of which will do. Where something cannot
 * be expressed it is left out: wider, never tighter.
 *
 *     all: eventName in [A, B]; errorCode exists false; requestParameters.size greaterThan 5
 *     // one conjunct: eventName: ["A", "B"], errorCode: [{ exists: false }]
 *
 * Two atoms of a conjunct may come from conditions on one list (`items[*].from`, `items[*].to`). EventBridge would
 * demand that one element satisfies both, the rule does not, so the tighter one is kept and the other left out.
 */
import { type NormalCondition } from "./conditions.ts";
import { derivedSelector } from "./derived-atoms.ts";
import { literalAtoms } from "./literal-atoms.ts";
import { intersectAtoms } from "./same-field.ts";

/** One value or operator object of EventBridge's pattern language. */
export type Matcher = string | number | boolean | { readonly [operator: string]: unknown };

/** One field of the record with the matchers of which one must accept it. */
export type Atom = {
  /** Dotted path below `detail`, without list positions: EventBridge has none. */
  readonly path: string;
  readonly matchers: readonly Matcher[];
  /** Paths of the lists that the fact is an element of, or may be. */
  readonly lists: readonly string[];
};

/** Atoms that must all hold, at most one a path, in the order of their paths. */
export type Conjunct = readonly Atom[];

/** Conjuncts of which one must hold. `[[]]` lets every record through. */
export type Selector = readonly Conjunct[];

/** The traps of deriving a selector, each with a guard that the property test takes away to see that it finds the trap. */
export type Guard =
  | "absent"
  | "numeric-text"
  | "list-position"
  | "list-element"
  | "negation"
  | "empty-value"
  | "colliding-keys"
  | "derived-fact"
  | "derived-evidence"
  | "fact-value"
  | "address-spelling"
  | "wildcard-count"
  | "list-length"
  | "read-only"
  | "pattern-length"
  | "combinations";

/** What deriving takes into account; tests take guards out, nothing else does. */
export type Guards = ReadonlySet<Guard>;

/** All guards: what is always used outside that test. */
export const ALL_GUARDS: Guards = new Set<Guard>([
  "absent",
  "numeric-text",
  "list-position",
  "list-element",
  "negation",
  "empty-value",
  "colliding-keys",
  "derived-fact",
  "derived-evidence",
  "fact-value",
  "address-spelling",
  "wildcard-count",
  "list-length",
  "read-only",
  "pattern-length",
  "combinations",
]);

const MAX_CONJUNCTS = 100;

/** Derives the selector of normalised conditions. */
export function deriveSelector(conditions: NormalCondition, guards: Guards = ALL_GUARDS): Selector {
  return simplify(derive(conditions, guards));
}

function derive(condition: NormalCondition, guards: Guards): Selector {
  if ("all" in condition)
    return conjoin(
      condition.all.map((part) => simplify(derive(part, guards))),
      guards,
    );
  if ("any" in condition) return either(condition.any.map((part) => derive(part, guards)));
  const atoms = literalAtoms(condition, guards);
  return atoms?.map((atom) => [atom]) ?? derivedSelector(condition, guards) ?? [[]];
}

/** Puts side by side; so many different ones that no pattern would hold them become "any record". */
function either(parts: readonly Selector[]): Selector {
  const conjuncts = parts.flat();
  const shapes = new Set(conjuncts.map((conjunct) => conjunct.map((atom) => atom.path).join(" ")));
  if (shapes.size > MAX_CONJUNCTS) return [[]];
  const joined = simplify(conjuncts);
  return joined.length > MAX_CONJUNCTS ? [[]] : joined;
}

/** Multiplies out; a factor that would make more than MAX_CONJUNCTS is left out. */
function conjoin(factors: readonly Selector[], guards: Guards): Selector {
  let product: Selector = [[]];
  for (const factor of factors.toSorted((a, b) => a.length - b.length)) {
    if (product.length * factor.length > MAX_CONJUNCTS) continue;
    product = product
      .flatMap((left) => factor.map((right) => right.reduce((sum, atom) => addAtom(sum, atom, guards), left)))
      .filter((conjunct) => conjunct.every(({ matchers }) => matchers.length > 0));
  }
  return product;
}

/** Adds an atom; of two that cannot stand together the tighter one stays. */
function addAtom(conjunct: Conjunct, atom: Atom, guards: Guards = ALL_GUARDS): Conjunct {
  const rivals = conjunct.filter(
    (other) => other.path === atom.path || (guards.has("list-element") && sharesList(other, atom)),
  );
  const [rival] = rivals;
  const both = rival === undefined ? undefined : intersectAtoms(rival, atom);
  if (both !== undefined) return conjunct.map((other) => (other === rival ? both : other));
  if (!guards.has("colliding-keys") && rivals.some((other) => other.path === atom.path))
    return intersectSamePath(conjunct, atom);
  if (rivals.some((other) => looseness(other) <= looseness(atom))) return conjunct;
  return [...conjunct.filter((other) => !rivals.includes(other)), atom].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

/** What would be right if a key had one value only: wrong for colliding keys and for lists, and only there for the test. */
function intersectSamePath(conjunct: Conjunct, atom: Atom): Conjunct {
  return conjunct.map((other) => {
    if (other.path !== atom.path) return other;
    const both = other.matchers.filter((matcher) =>
      atom.matchers.some((one) => JSON.stringify(one) === JSON.stringify(matcher)),
    );
    return { ...other, matchers: both.length === 0 ? ["\u0000never"] : both };
  });
}

function sharesList(one: Atom, other: Atom): boolean {
  return one.lists.some((list) => other.lists.includes(list));
}

/** The smaller, the more records the atom is expected to stop. */
function looseness(atom: Atom): number {
  return Math.max(...atom.matchers.map(matcherLooseness)) + Math.min(atom.matchers.length, 100) / 1_000;
}

function matcherLooseness(matcher: Matcher): number {
  if (typeof matcher !== "object") return typeof matcher === "boolean" ? 2 : 0;
  const [[operator, value] = ["", undefined]] = Object.entries(matcher);
  switch (operator) {
    case "prefix":
    case "suffix":
      return 1 - Math.min(String(value).length, 90) / 100;
    case "exists":
      return value === false ? 3 : 4;
    case "anything-but":
      return 5;
    default:
      return 1;
  }
}

/** Joins conjuncts that differ in one path, and drops those that another one includes. Exact: the same records pass. */
export function simplify(selector: Selector): Selector {
  let conjuncts = selector.map(withoutTautologies);
  for (const path of ["eventName", "eventSource", ...sharedPaths(conjuncts)]) {
    conjuncts = joinOn(path, conjuncts).map(withoutTautologies);
  }
  const kept: Conjunct[] = [];
  for (const [at, conjunct] of conjuncts.entries()) {
    const included = conjuncts.some(
      (other, rank) => rank !== at && includes(other, conjunct) && (rank < at || !includes(conjunct, other)),
    );
    if (!included) kept.push(conjunct);
  }
  return kept;
}

function acceptsExistence(atom: Atom, exists: boolean): boolean {
  return atom.matchers.some((matcher) => typeof matcher === "object" && matcher.exists === exists);
}

/** Leaves out an atom that accepts a field both when it is there and when it is not. */
function withoutTautologies(conjunct: Conjunct): Conjunct {
  const idle = conjunct.filter((atom) => acceptsExistence(atom, true) && acceptsExistence(atom, false));
  return idle.length === 0 ? conjunct : conjunct.filter((atom) => !idle.includes(atom));
}

/** Paths that more than one conjunct has: only there is something to join. */
function sharedPaths(conjuncts: readonly Conjunct[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const conjunct of conjuncts)
    for (const { path } of conjunct) counts.set(path, (counts.get(path) ?? 0) + 1);
  return [...counts].flatMap(([path, count]) => (count > 1 ? [path] : []));
}

function joinOn(path: string, conjuncts: readonly Conjunct[]): Conjunct[] {
  const groups = new Map<string, { readonly first: Conjunct; readonly atoms: Atom[] }>();
  for (const conjunct of conjuncts) {
    const atom = conjunct.find((one) => one.path === path);
    const rest = conjunct.map((one) => (one.path === path ? `${one.lists.join(" ")}*` : textOf(one)));
    const key = rest.join("\n");
    const group = groups.get(key) ?? { first: conjunct, atoms: [] };
    if (atom !== undefined) group.atoms.push(atom);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, atoms }) =>
    atoms.length < 2 ? first : first.map((one) => (one.path === path ? joinAtoms(one, atoms) : one)),
  );
}

function joinAtoms(one: Atom, atoms: readonly Atom[]): Atom {
  const matchers = atoms.flatMap((atom) => atom.matchers);
  return {
    ...one,
    matchers: [...new Map(matchers.map((matcher) => [JSON.stringify(matcher), matcher])).values()],
  };
}

const texts = new WeakMap<Atom, string>();
const matcherTexts = new WeakMap<Atom, ReadonlySet<string>>();

/** An atom as a text; atoms are compared a great many times and never change. */
function textOf(atom: Atom): string {
  const known = texts.get(atom);
  if (known !== undefined) return known;
  const text = JSON.stringify(atom);
  texts.set(atom, text);
  return text;
}

function matcherTextsOf(atom: Atom): ReadonlySet<string> {
  const known = matcherTexts.get(atom);
  if (known !== undefined) return known;
  const made = new Set(atom.matchers.map((matcher) => JSON.stringify(matcher)));
  matcherTexts.set(atom, made);
  return made;
}

/** Whether every record that passes `tight` passes `wide`, as far as can be seen by comparing matchers. */
function includes(wide: Conjunct, tight: Conjunct): boolean {
  if (wide.length > tight.length) return false;
  return wide.every((atom) => {
    const other = tight.find((one) => one.path === atom.path);
    if (other === undefined) return false;
    const accepted = matcherTextsOf(atom);
    for (const text of matcherTextsOf(other)) if (!accepted.has(text)) return false;
    return true;
  });
}
