import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Guard } from "../../lambda/engine/selector.ts";
import { ruleSetArbitrary } from "./rule-arbitrary.ts";
import { findLostRecord, type Tally } from "./soundness.ts";

const RULES = 4_000;
const RECORDS_A_RULE = 25;

const seeds = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), {
  minLength: RECORDS_A_RULE,
  maxLength: RECORDS_A_RULE,
});

/** Runs the property until it fails, or for so many rules. */
async function search(rules: number, without: Guard): Promise<string | undefined> {
  let found: string | undefined;
  const property = fc.asyncProperty(ruleSetArbitrary, seeds, async (ruleSet, records) => {
    found = await findLostRecord(ruleSet, records, without);
    return found === undefined;
  });
  await fc.check(property, { numRuns: rules, endOnFailure: true });
  return found;
}

describe("soundness of selectors", () => {
  it(`delivers every record that a rule matches, over ${RULES * RECORDS_A_RULE} random cases`, {
    timeout: 300_000,
  }, async () => {
    const tally: Tally = { records: 0, matches: 0, delivered: 0 };
    await fc.assert(
      fc.asyncProperty(ruleSetArbitrary, seeds, async (ruleSet, records) => {
        const lost = await findLostRecord(ruleSet, records, undefined, tally);
        if (lost !== undefined) throw new Error(lost);
      }),
      { numRuns: RULES },
    );
    expect(tally.records).toBeGreaterThanOrEqual(100_000);
    // A generator that never hits would prove nothing.
    expect(tally.matches).toBeGreaterThan(10_000);
    expect(tally.delivered).toBeLessThan(tally.records);
  });

  it.each<Guard>([
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
    "read-only",
    "list-length",
  ])("finds a lost record when the guard against %s is taken away", { timeout: 300_000 }, async (guard) => {
    expect(await search(20_000, guard)).toContain("not delivered");
  });
});
