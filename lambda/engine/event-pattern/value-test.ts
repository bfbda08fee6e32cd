/**
 * One array of wanted values of an event pattern, compiled to one question about a leaf of an event. Exact values share
 * a set, so that a list of a hundred event names costs one look-up; only operators are tried one by one.
 *
 *   compileValues(["a", 5, { prefix: "b" }, { exists: false }], "detail.x")
 *   // passes("a"), passes(5), passes("bc") are true, passes("5") is not; absence: true
 */
import type { FieldTest } from "./compiled-event-pattern.ts";
import { below, InvalidEventPatternError, quote } from "./invalid-event-pattern.ts";
import { type Address, parseAddress, sameAddress } from "./ip-address.ts";
import { isLeaf, type Leaf, type LeafTest } from "./leaf.ts";
import { compileOperator, operatorOf } from "./value-operators.ts";

type ValueTest = Pick<FieldTest, "passes" | "absence">;

/**
 * Compiles the array of wanted values at `path`.
 *
 * @throws InvalidEventPatternError when EventBridge would refuse a value
 */
export function compileValues(values: readonly unknown[], path: string): ValueTest {
  if (values.length === 0) {
    throw new InvalidEventPatternError(path, "an empty array matches nothing", "Give at least one value.");
  }
  const exact = new Set<Leaf>();
  const tests: LeafTest[] = [];
  let absence = false;
  for (const [index, value] of values.entries()) {
    const at = `${path}[${index}]`;
    if (isLeaf(value)) {
      exact.add(value);
      const address = typeof value === "string" ? parseAddress(value) : undefined;
      if (address !== undefined) tests.push(sameAddressTest(address));
    } else {
      const [name, argument] = operatorOf(value, at);
      if (name === "exists") {
        if (typeof argument !== "boolean") {
          throw new InvalidEventPatternError(
            below(at, name),
            `exists takes true or false, not ${quote(argument)}`,
            "Write it without quotes.",
          );
        }
        if (argument) tests.push(() => true);
        else absence = true;
      } else {
        tests.push(compileOperator(name, argument, at));
      }
    }
  }
  return { passes: anyOf(exact, tests), absence };
}

function anyOf(exact: ReadonlySet<Leaf>, tests: readonly LeafTest[]): LeafTest | null {
  const [only] = exact;
  const [test] = tests;
  if (test === undefined) {
    if (only === undefined) return null;
    return exact.size === 1 ? (leaf) => leaf === only : (leaf) => exact.has(leaf);
  }
  if (exact.size === 0 && tests.length === 1) return test;
  return (leaf) => exact.has(leaf) || tests.some((each) => each(leaf));
}

/** A plain string that is an address matches every spelling of that address. */
function sameAddressTest(wanted: Address): LeafTest {
  return (candidate) => {
    if (typeof candidate !== "string") return false;
    const address = parseAddress(candidate);
    return address !== undefined && sameAddress(address, wanted);
  };
}
