/**
 * `node test/bench/jq.ts`: what jq rules cost, in µs a record: 60 rules, of which a record is a candidate of none, of one
 * and of all. The first is the engine alone; what the others cost more is jq in its thread.
 */
import { createEngine } from "../../lambda/engine/engine.ts";
import type { Rule } from "../../lambda/engine/rule.ts";
import { makeJqPort } from "../../lambda/jq/evaluate.ts";
import { conditionsWithJq } from "../../lambda/loader/check-jq.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import { generateRecords } from "./corpus.ts";

const RULES = 60;
const ROUNDS = 5;
const RECORDS = 200;

const expressionOf = (names: (rule: number) => string, rule: number): string =>
  `select(${names(rule)}) | "made \\(.userIdentity.arn) ${rule}"`;

const ruleOf = (expression: string, place: number): Rule => ({
  id: `rule-${place}`,
  name: "x",
  severity: "low",
  eventSource: null,
  jq: expression,
  conditions: conditionsWithJq(undefined, expression),
});

const subjects = {
  "no candidate": (rule: number) => `.eventName == "Nothing${rule}"`,
  "one candidate": (rule: number) => (rule === 0 ? '.eventName != ""' : `.eventName == "Nothing${rule}"`),
  "all 60 candidates": (rule: number) => `(.eventName | length) > ${rule}`,
};

const records = generateRecords(RECORDS).flatMap((text) => {
  const reading = readEnvelope(JSON.parse(text) as unknown);
  return reading.ok ? [reading.record] : [];
});
for (const [name, names] of Object.entries(subjects)) {
  const rules = Array.from({ length: RULES }, (_, place) => ruleOf(expressionOf(names, place), place));
  const ruleSet = { rules, conditions: {}, lists: {}, suppressions: [] };
  const engine = createEngine(ruleSet, makeJqPort({ limit: 10_000 }));
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const start = performance.now();
    for (const record of records) await engine.evaluate(record, 0);
    if (round > 0) times.push(((performance.now() - start) / records.length) * 1_000);
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  process.stdout.write(`${name.padEnd(20)} ${median.toFixed(1).padStart(10)} µs a record\n`);
}
