/**
 * Decides whether one reading of the arrays satisfies all fields of a branch. EventBridge never combines two elements
 * of one array: of each array, all matched leaves that stand inside an element stand inside the same one.
 *
 *   { items: { a: [1], b: [2] } }   does not match   { items: [{ a: 1 }, { b: 2 }] }
 *
 * Trying every leaf of every field against the others, as the rule engine does, takes time exponential in the fields
 * for a hostile event. But arrays nest like a tree, so each can be settled on its own: walk down, at an array try each
 * element for all the fields below it at once, and what an object's keys give is independent. That is linear.
 *
 * `exists: false` looks only at leaves that do not contradict the fields *before* it in the order of names (rule engine,
 * `NameState.getNameTransitions`), so the walk hands up the lowest of the fields that found a leaf: elements that this
 * one ruled out are not looked at, by any field after it. The first way that works will do, since all ways that work
 * have the same lowest field: in a way where it found no leaf, an even lower one would have had to rule its leaf out.
 */
import type { FieldName, FieldTest } from "./compiled-event-pattern.ts";
import { hasLeaf, MAX_DEPTH, own, stepsFrom } from "./read-field.ts";
import { isLeaf } from "./leaf.ts";

/** A field that is still to be satisfied below some node. */
type Goal = {
  readonly field: FieldTest;
  /** Its place in the order of names. */
  readonly order: number;
  readonly mayPass: boolean;
  readonly mayLack: boolean;
};

/** The goals below a node cannot all be satisfied. */
const FAILED = -1;
/** All are satisfied, and none by a leaf. Any other result is the lowest order of a goal satisfied by a leaf. */
const BY_LACK = Number.MAX_SAFE_INTEGER;

/**
 * Steps after which a match is assumed. Only dotted keys that collide on purpose, in the same event with arrays, cost
 * more than linear time; such an event is delivered rather than lost, and the rules decide.
 */
const MAX_STEPS = 1_000_000;

type Search = { stepsLeft: number };

/** True when all fields, given in the order of their names, match the event together. */
export function isConsistent(byName: readonly FieldTest[], event: object): boolean {
  const goals = byName.map((field, order): Goal => {
    return { field, order, mayPass: field.passes !== null, mayLack: field.absence };
  });
  const search = { stepsLeft: MAX_STEPS };
  return settle({ value: event, spelt: 0 }, goals, 0, search) !== FAILED || search.stepsLeft < 0;
}

/** A node of the event, and how many segments of the names are spelt on the way to it. */
type Place = { readonly value: unknown; readonly spelt: number };

function settle(place: Place, goals: readonly Goal[], depth: number, search: Search): number {
  const { value, spelt } = place;
  if (search.stepsLeft-- < 0) return FAILED;
  if (depth > MAX_DEPTH) return goals.every((goal) => goal.mayLack) ? BY_LACK : FAILED;
  if (Array.isArray(value)) return settleArray(value, spelt, goals, depth, search);
  if (typeof value === "object" && value !== null) return settleObject(value, spelt, goals, depth, search);
  return isLeaf(value) && goals.every((goal) => goal.mayPass && goal.field.passes?.(value) === true)
    ? lowestOf(goals)
    : FAILED;
}

function lowestOf(goals: readonly Goal[]): number {
  return goals.reduce((lowest, goal) => Math.min(lowest, goal.order), BY_LACK);
}

function settleObject(
  node: object,
  spelt: number,
  goals: readonly Goal[],
  depth: number,
  search: Search,
): number {
  const groups: Groups = new Map();
  const colliding: Colliding[] = [];
  for (const goal of goals) {
    const places = placesFor(goal.field.name, node, spelt);
    if (places.size === 0 && !goal.mayLack) return FAILED;
    if (places.size > 1) colliding.push({ goal, places });
    else for (const [key, place] of places) join(groups, key, place, goal);
  }
  return settleGroups(groups, colliding, depth, search);
}

type Groups = Map<string, { readonly place: Place; readonly goals: Goal[] }>;
type Colliding = { readonly goal: Goal; readonly places: ReadonlyMap<string, Place> };

/** The children of an object that can hold leaves of a field: more than one only when dotted keys collide. */
function placesFor(name: FieldName, node: object, spelt: number): Map<string, Place> {
  const places = new Map<string, Place>();
  if (spelt === name.segments.length) return places;
  for (const step of stepsFrom(name, spelt)) {
    const value = own(node, step);
    const isNode = typeof value === "object" && value !== null;
    if (step.next === name.segments.length ? isLeaf(value) || Array.isArray(value) : isNode)
      places.set(step.key, { value, spelt: step.next });
  }
  return places;
}

function join(groups: Groups, key: string, place: Place, goal: Goal): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { place, goals: [goal] });
  else group.goals.push(goal);
}

/** Settles each key on its own, after trying for each colliding goal each key that may satisfy it. */
function settleGroups(
  groups: Groups,
  colliding: readonly Colliding[],
  depth: number,
  search: Search,
): number {
  const [first, ...rest] = colliding;
  if (first === undefined) {
    let lowest = BY_LACK;
    for (const { place, goals } of groups.values()) {
      const settled = settle(place, goals, depth + 1, search);
      if (settled === FAILED) return FAILED;
      lowest = Math.min(lowest, settled);
    }
    return lowest;
  }
  for (const choice of choices(first)) {
    if (search.stepsLeft-- < 0) return FAILED;
    const chosen: Groups = new Map(
      [...groups].map(([key, group]) => [key, { ...group, goals: [...group.goals] }]),
    );
    for (const { key, place, goal } of choice) join(chosen, key, place, goal);
    const settled = settleGroups(chosen, rest, depth, search);
    if (settled !== FAILED) return settled;
  }
  return FAILED;
}

/** By a leaf below one of the keys, whatever the others hold; or else by no leaf below any. */
function choices({ goal, places }: Colliding): { key: string; place: Place; goal: Goal }[][] {
  const everywhere = [...places].map(([key, place]) => ({ key, place, goal }));
  const byLeaf = everywhere.map((each) => [{ ...each, goal: { ...goal, mayLack: false } }]);
  return [...(goal.mayPass ? byLeaf : []), ...(goal.mayLack ? [everywhere] : [])];
}

function settleArray(
  array: readonly unknown[],
  spelt: number,
  goals: readonly Goal[],
  depth: number,
  search: Search,
): number {
  const elements = array.filter((element) => typeof element === "object" && element !== null);
  const here = goals.find((goal) => goal.field.name.segments.length === spelt);
  const scalars = here === undefined ? [] : array.filter(isLeaf);
  if (here === undefined || scalars.length === 0)
    return settleElements(elements, spelt, goals, depth, search);
  if (!here.mayPass) return FAILED;
  const others = goals.filter((goal) => goal !== here);
  if (scalars.some((scalar) => here.field.passes?.(scalar) === true)) {
    const settled = settleElements(elements, spelt, others, depth, search);
    if (settled !== FAILED) return Math.min(here.order, settled);
  }
  // A leaf in an array within the array: it ties the others to its element, which may rule out what they must lack.
  return settleElements(elements, spelt, [...others, { ...here, mayLack: false }], depth, search);
}

function settleElements(
  elements: readonly unknown[],
  spelt: number,
  goals: readonly Goal[],
  depth: number,
  search: Search,
): number {
  const lacking = goals.filter((goal) => goal.mayLack);
  const holders = new Map<Goal, number[]>();
  /** The elements that have a leaf of the goal; looked up only when the verdict hangs on it. */
  const holdersOf = (goal: Goal): readonly number[] => {
    const known = holders.get(goal);
    if (known !== undefined) return known;
    const found = [...elements.keys()].filter((index) => holds(goal, elements[index], spelt, depth + 1));
    holders.set(goal, found);
    return found;
  };
  if (lacking.length === goals.length && lacking.every((goal) => holdersOf(goal).length === 0))
    return BY_LACK;
  for (const [index, value] of elements.entries()) {
    const settled = settle({ value, spelt }, goals, depth + 1, search);
    if (settled === FAILED) continue;
    const isLacking = (goal: Goal) =>
      goal.order >= settled || holdersOf(goal).every((holder) => holder === index);
    if (lacking.every(isLacking)) return settled;
  }
  return FAILED;
}

function holds(goal: Goal, element: unknown, spelt: number, depth: number): boolean {
  return typeof element === "object" && element !== null && hasLeaf(goal.field.name, element, spelt, depth);
}
