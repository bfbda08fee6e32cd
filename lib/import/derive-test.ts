/**
 * The test of an imported rule: a record on which it fires, and one that differs in little and on which it does not.
 * Both are tried on the whole rule set before they are written, and name every rule that fires. Where no such pair is
 * found there is no test: a test that says nothing would hide that nobody has looked.
 */
import type { Rule } from "../../lambda/engine/rule.ts";
import type { PlacedCase } from "../../lambda/loader/check-test.ts";
import type { RuleTestCase } from "../../lambda/loader/test-schema.ts";
import { baseRecord } from "../rule-tests/base-record.ts";
import type { CaseRunner } from "../rule-tests/run-case.ts";
import { put, type Sample, sampleOf, type Wanted, wantedOf } from "./sample.ts";
import { isObject } from "../../lambda/record/untrusted.ts";

const MOST_PICKS = 4;
/** Calls that nothing watches for the writing of anything. */
const OTHER_CALLS = ["ExampleCall", "ListExamples", "DescribeExamples", "GetExample"];

type Case = Omit<RuleTestCase, "name" | "fires">;

/** The cases of a rule's test, tried with a runner over all rules; undefined when no two could be found. */
export async function deriveTest(rule: Rule, runner: CaseRunner): Promise<RuleTestCase[] | undefined> {
  const fired = async (one: Case): Promise<readonly string[]> => {
    const placed: PlacedCase = { name: "try", fires: [], line: 1, column: 1, ...one };
    const file = { file: "", ruleId: rule.id, eventSource: rule.eventSource, cases: [] };
    const { fired: ids, failures, delivered } = await runner.run(file, placed);
    const isUnread = failures.some(({ message }) => message.startsWith("The engine cannot read"));
    return isUnread || (ids.includes(rule.id) && !delivered) ? ["?"] : ids;
  };
  for (let pick = 0; pick < MOST_PICKS; pick++) {
    const wanted = wantedOf(rule.conditions, pick);
    const sample = caseOf(sampleOf(wanted), rule.eventSource);
    const firing = await fired(sample);
    if (!firing.includes(rule.id)) continue;
    for (const { name, one } of nearMisses(wanted, sample, rule.eventSource)) {
      const quiet = await fired(one);
      if (quiet.includes(rule.id) || quiet.includes("?")) continue;
      return [
        { name: "fires on the record that its conditions describe", ...sample, fires: [...firing] },
        { name, ...one, fires: [...quiet] },
      ];
    }
  }
  return undefined;
}

/** The sample with one thing changed each: first what is not the call's name, which is the nearer miss. */
function nearMisses(
  wanted: readonly Wanted[],
  sample: Case,
  eventSource: string | null,
): { name: string; one: Case }[] {
  const misses: { name: string; one: Case }[] = [];
  for (const one of wanted.toReversed()) {
    const { literal, holds } = one;
    if (literal.fact === "eventName" || literal.fact === "eventSource") continue;
    const others = wanted.map((other) => (other === one ? { literal, holds: !holds } : other));
    const fact = shown(literal.fact);
    misses.push({ name: `quiet when ${fact} is otherwise`, one: caseOf(sampleOf(others), eventSource) });
    if (holds && !literal.operator.includes("exists"))
      misses.push({ name: `quiet when ${fact} is another`, one: replaced(sample, literal.fact) });
  }
  for (const eventName of OTHER_CALLS)
    misses.push({
      name: "quiet on another call",
      one: { ...sample, record: { ...sample.record, eventName } },
    });
  return misses;
}

function replaced(sample: Case, fact: string): Case {
  const record = structuredClone(sample.record ?? {});
  const holder: Record<string, unknown> = {};
  put(holder, fact, "another-example");
  return { ...sample, record: merged(record, holder) };
}

function merged(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const known = result[key];
    result[key] = isObject(known) && isObject(value) ? merged({ ...known }, { ...value }) : value;
  }
  return result;
}

function shown(fact: string): string {
  return fact.replaceAll("[*]", "");
}

/** Keys can only be taken out of the base record where it has them. */
function caseOf({ record, absent, lists }: Sample, eventSource: string | null): Case {
  const base = baseRecord(typeof record["eventSource"] === "string" ? record["eventSource"] : eventSource);
  const remove = absent.filter((key) => hasKey(base, key));
  return {
    record,
    ...(remove.length === 0 ? {} : { remove }),
    ...(Object.keys(lists).length === 0
      ? {}
      : { lists: Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, [...values]])) }),
  };
}

function hasKey(base: unknown, key: string): boolean {
  let node = base;
  for (const step of key.split(".")) {
    if (!isObject(node) || !Object.hasOwn(node, step)) return false;
    node = node[step];
  }
  return true;
}
