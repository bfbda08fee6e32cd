/**
 * Every trace by which EventBridge sees a derived fact is needed: for each there are records that have the fact and
 * that no other trace lets through. The generator of the soundness property makes them, so that it would find a trace
 * that is missing, and a derivation that follows a new one.
 */
import { describe, expect, it } from "vitest";
import { derivedSelector } from "../../lambda/engine/derived-atoms.ts";
import { compileEventPattern } from "../../lambda/engine/event-pattern/compile.ts";
import { matchesEventPattern } from "../../lambda/engine/event-pattern/match.ts";
import { compileOperator } from "../../lambda/engine/operator-name.ts";
import { toEventPattern } from "../../lambda/engine/pattern-json.ts";
import { ALL_GUARDS, type Conjunct } from "../../lambda/engine/selector.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { parseFactPath } from "../../lambda/record/fact-path.ts";
import { readerOf } from "../../lambda/record/fact-reader.ts";
import { ruleOf, ruleSetOf } from "../lambda/engine/samples.ts";
import { makeRecord } from "./record-generator.ts";

const MOST_RECORDS = 60_000;
const ROLE = "arn:aws:iam::1:role/a";

/** For each trace, whether a record was found that has the fact and that only this trace lets through. */
function findWitnesses(fact: string, operator: string, value: unknown): readonly boolean[] {
  const literal = { fact, operator, value };
  const traces = derivedSelector(literal, ALL_GUARDS) ?? [];
  const patterns = traces.map((trace: Conjunct) => compileEventPattern(toEventPattern([trace])));
  const found = traces.map(() => false);
  const ruleSet = ruleSetOf([ruleOf("x", literal)]);
  const read = readerOf(parseFactPath(fact));
  const holds = compileOperator(operator);
  for (let seed = 0; seed < MOST_RECORDS && found.includes(false); seed++) {
    const reading = readEnvelope(JSON.parse(JSON.stringify(makeRecord(ruleSet, seed))));
    if (!reading.ok || !holds(read(reading.record), value)) continue;
    const accepting = patterns.flatMap((pattern, at) =>
      matchesEventPattern(pattern, reading.envelope) ? [at] : [],
    );
    const [only, more] = accepting;
    if (only === undefined)
      throw new Error(`no trace lets this record through: ${JSON.stringify(reading.record)}`);
    if (more === undefined) found[only] = true;
  }
  return found;
}

describe("the traces by which EventBridge sees a derived fact", () => {
  it.each<[string, string, unknown, number]>([
    ["outcome", "equal", "denied", 2],
    ["outcome", "equal", "failed", 5],
    ["channel.name", "equal", "console", 5],
    ["channel.name", "equal", "service", 5],
    ["channel.name", "equal", "cloudformation", 2],
    ["channel.name", "equal", "sdk", 1],
    ["channel.name", "notEqual", "service", 4],
    ["channel.confidence", "equal", "high", 7],
    ["actor.root", "equal", true, 2],
    ["actor.mfa", "equal", true, 2],
    ["actor.mfa", "equal", false, 2],
    ["actor.arn", "equal", ROLE, 2],
    ["actor.role", "equal", "a", 2],
    ["actor.session", "equal", "a", 2],
    ["actor.identityCenterUser", "equal", "a", 4],
    ["actor.identityStoreArn", "in", ["a", "b"], 2],
  ])("are all needed, and found: %s %s %j", (fact, operator, value, traces) => {
    expect(findWitnesses(fact, operator, value)).toEqual(Array.from({ length: traces }, () => true));
  });
});
