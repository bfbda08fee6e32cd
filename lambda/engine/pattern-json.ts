/**
 * Conjuncts written as one event pattern of EventBridge.
 *
 * What all conjuncts demand alike stands once, in front; the rest becomes the branches of one `$or`. Every pattern
 * demands a `source` that begins with `aws.`, which PutEvents refuses to everybody in the account, so that nobody can
 * forge a record; the detail-type is matched by its ending, because sign-ins come as "AWS Console Signin via
 * CloudTrail" and as "AWS Console Sign In via CloudTrail".
 */
import type { Atom, Conjunct } from "./selector.ts";

/** An event pattern as EventBridge takes it. */
export type EventPattern = { readonly [field: string]: unknown };

/** Quota of an event pattern's length in characters ("EventBridge quotas"). */
export const MAX_PATTERN_LENGTH = 2_048;
/** How many combinations of `$or` branches EventBridge takes. */
export const MAX_COMBINATIONS = 1_000;

/** Writes conjuncts, of which one must hold, as an event pattern. */
export function toEventPattern(conjuncts: readonly Conjunct[]): EventPattern {
  const [first] = conjuncts;
  if (first === undefined) throw new Error("no conjunct, no event pattern: it would let everything through");
  const branchRoots = new Set<string>();
  const common = first.filter((atom) =>
    conjuncts.every((conjunct) => conjunct.some((other) => isSame(other, atom))),
  );
  const isCommon = (atom: Atom): boolean => common.some((other) => isSame(other, atom));
  for (const atom of conjuncts.flat()) if (!isCommon(atom)) branchRoots.add(rootOf(atom));
  const front = conjuncts.length === 1 ? first : common.filter((atom) => !branchRoots.has(rootOf(atom)));
  const branches = conjuncts.map((conjunct) =>
    conjunct.filter((atom) => !front.some((other) => isSame(other, atom))),
  );
  const detail = nest(front);
  if (conjuncts.length > 1 && branches.every((branch) => branch.length > 0)) detail.$or = branches.map(nest);
  // Insight events, which are no records of a call, come with the same kind of detail-type.
  const unbound = conjuncts.some((conjunct) => !conjunct.some((atom) => atom.path === "eventSource"));
  if (unbound && !branchRoots.has("eventSource")) detail.eventSource = [{ exists: true }];
  return { source: [{ prefix: "aws." }], "detail-type": [{ suffix: " via CloudTrail" }], detail };
}

/** Whether EventBridge takes the conjuncts as one pattern. */
export function fitsPattern(
  conjuncts: readonly Conjunct[],
  limits: { length: boolean; combinations: boolean },
): boolean {
  if (limits.combinations && conjuncts.length > MAX_COMBINATIONS) return false;
  return !limits.length || patternLength(conjuncts) <= MAX_PATTERN_LENGTH;
}

/** Length in characters of the conjuncts' pattern. */
export function patternLength(conjuncts: readonly Conjunct[]): number {
  return JSON.stringify(toEventPattern(conjuncts)).length;
}

function nest(atoms: readonly Atom[]): { [field: string]: unknown } {
  const root: { [field: string]: unknown } = {};
  for (const atom of atoms) {
    const fields = atom.path.split(".");
    const leaf = fields.pop() ?? "";
    let node = root;
    for (const field of fields) {
      const next = Object.hasOwn(node, field) ? node[field] : undefined;
      const child: { [field: string]: unknown } =
        typeof next === "object" && next !== null && !Array.isArray(next) ? { ...next } : {};
      define(node, field, child);
      node = child;
    }
    define(node, leaf, atom.matchers);
  }
  return root;
}

/** A field may be called `__proto__`. */
function define(node: object, field: string, value: unknown): void {
  Object.defineProperty(node, field, { value, enumerable: true, configurable: true, writable: true });
}

function isSame(one: Atom, other: Atom): boolean {
  return one.path === other.path && JSON.stringify(one.matchers) === JSON.stringify(other.matchers);
}

function rootOf(atom: Atom): string {
  return atom.path.split(".", 1)[0] ?? "";
}
