/**
 * `numeric`: a comparison or a range over JSON numbers. EventBridge's rule engine compares doubles (aws/event-ruler
 * pull request 188); its older guides promise only ±5e9 with six decimals, so whoever derives patterns stays inside that.
 *
 *   numericTest([">", 0, "<=", 5], path)   // passes 5, not 0, never "5"
 */
import { InvalidEventPatternError, quote } from "./invalid-event-pattern.ts";
import type { LeafTest } from "./leaf.ts";

type Comparison = (leaf: number, bound: number) => boolean;

const COMPARISONS: ReadonlyMap<unknown, Comparison> = new Map<unknown, Comparison>([
  ["=", (leaf, bound) => leaf === bound],
  ["<", (leaf, bound) => leaf < bound],
  ["<=", (leaf, bound) => leaf <= bound],
  [">", (leaf, bound) => leaf > bound],
  [">=", (leaf, bound) => leaf >= bound],
]);

/**
 * Compiles the argument of `numeric`.
 *
 * @throws InvalidEventPatternError unless it is one comparison, or a lower bound and then a higher upper bound
 */
export function numericTest(argument: unknown, path: string): LeafTest {
  const terms: readonly unknown[] = Array.isArray(argument) ? argument : [];
  const [operator, bound, upperOperator, upperBound] = terms;
  const compare = COMPARISONS.get(operator);
  if (compare === undefined)
    throw malformed(path, `numeric starts with no comparison but ${quote(argument)}`);
  const low = finite(bound, path);
  if (terms.length === 2)
    return (leaf) => typeof leaf === "number" && Number.isFinite(leaf) && compare(leaf, low);
  if (terms.length !== 4) throw malformed(path, `numeric has ${terms.length} terms`);
  const compareUpper = COMPARISONS.get(upperOperator);
  const isRange =
    (operator === ">" || operator === ">=") && (upperOperator === "<" || upperOperator === "<=");
  if (compareUpper === undefined || !isRange) {
    throw malformed(path, `${quote([operator, upperOperator])} is no lower bound followed by an upper bound`);
  }
  const high = finite(upperBound, path);
  if (low >= high) throw malformed(path, `the range from ${low} to ${high} is empty`);
  return (leaf) => typeof leaf === "number" && compare(leaf, low) && compareUpper(leaf, high);
}

function finite(bound: unknown, path: string): number {
  if (typeof bound === "number" && Number.isFinite(bound)) return bound;
  throw malformed(path, `numeric compares with ${quote(bound)}, which is no number`);
}

function malformed(path: string, reason: string): InvalidEventPatternError {
  return new InvalidEventPatternError(
    path,
    reason,
    'Write a comparison like ["=", 5] or a range like [">", 0, "<=", 5].',
  );
}
