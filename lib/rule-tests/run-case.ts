/**
 * Runs the cases of test files against the whole rule set: the record is evaluated as the detector would, and judged
 * by the event pattern that is derived from the case's own rule. A case that fires a rule whose own pattern would stop
 * the record fails, asked or not: deployed, that alert would be lost.
 */
import type { Engine } from "../../lambda/engine/engine.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { Rule, RuleSet } from "../../lambda/engine/rule.ts";
import type { PlacedCase, RuleTestFile } from "../../lambda/loader/load-rules.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import type { CloudTrailRecord, Envelope } from "../../lambda/record/record.ts";
import { buildRecord } from "./build-record.ts";
import type { CaseFailure, CaseResult } from "./report-schema.ts";
import { whyMatched, whyNot } from "./why.ts";

/** Runs cases; made once a rule set, because compiling the rules is most of the work. */
export type CaseRunner = { run(file: RuleTestFile, one: PlacedCase): Promise<CaseResult> };

type Context = {
  readonly ruleSet: RuleSet;
  readonly engine: Engine;
  readonly delivers: (ruleId: string, envelope: Envelope) => boolean;
};

/** Makes the runner of a rule set. */
export function createCaseRunner(ruleSet: RuleSet): CaseRunner {
  const context: Context = { ruleSet, engine: createEngine(ruleSet), delivers: ownPatterns(ruleSet) };
  return { run: (file, one) => runCase(context, file, one) };
}

async function runCase(context: Context, file: RuleTestFile, one: PlacedCase): Promise<CaseResult> {
  const { record, absent } = buildRecord(file.eventSource, one);
  const failures: CaseFailure[] = absent.map((key) => ({
    message: `The base record has no ${key} to remove: take it out of remove.`,
  }));
  const { name, line, column } = one;
  const result = {
    rule: file.ruleId,
    file: file.file,
    line,
    column,
    name,
    expected: [...one.fires].toSorted(),
  };
  const reading = readEnvelope(record);
  if (!reading.ok) {
    failures.push({ message: `The engine cannot read this record: ${reading.reason}.` });
    return { ...result, ok: false, fired: [], delivered: false, failures };
  }
  const { matches, problems } = await context.engine.evaluate(reading.record);
  const fired = matches.map(({ rule }) => rule.id).toSorted();
  const delivered = context.delivers(file.ruleId, reading.envelope);
  for (const problem of problems) {
    failures.push({
      message: `${problem.ruleId} could not be evaluated: ${problem.message}`,
      rule: problem.ruleId,
    });
  }
  failures.push(...differences(context, one.fires, fired, reading.record));
  const lost = fired.includes(file.ruleId) && !delivered;
  if (lost) {
    const message = `${file.ruleId} fires, but its own event pattern stops this record: deployed, the alert would be lost. Please report this.`;
    failures.push({ message, rule: file.ruleId });
  } else if (one.delivered !== undefined && one.delivered !== delivered) {
    const happened = delivered ? "lets this record through" : "stops this record";
    const message = `delivered: ${String(one.delivered)} was expected, but the event pattern of ${file.ruleId} ${happened}.`;
    failures.push({ message, rule: file.ruleId });
  }
  return { ...result, ok: failures.length === 0, fired, delivered, failures };
}

function differences(
  { ruleSet }: Context,
  expected: readonly string[],
  fired: readonly string[],
  record: CloudTrailRecord,
): CaseFailure[] {
  const byId = (id: string): Rule | undefined => ruleSet.rules.find((rule) => rule.id === id);
  const silent = expected
    .filter((id) => !fired.includes(id))
    .map((id): CaseFailure => {
      const rule = byId(id);
      if (rule === undefined) return { message: `${id} should alert, but its file has errors.`, rule: id };
      if (rule.eventSource !== null && rule.eventSource !== record.eventSource) {
        const message = `${id} should alert, but is only tried on records of ${rule.eventSource}; this one is of ${record.eventSource}.`;
        return { message, rule: id };
      }
      return {
        message: `${id} should alert and does not.`,
        rule: id,
        comparisons: whyNot(rule, ruleSet.conditions, record),
      };
    });
  const loud = fired
    .filter((id) => !expected.includes(id))
    .map((id): CaseFailure => {
      const rule = byId(id);
      const comparisons = rule === undefined ? [] : whyMatched(rule, ruleSet.conditions, record);
      return { message: `${id} alerts and should not.`, rule: id, comparisons };
    });
  return [...silent, ...loud];
}

/** Whether the event rules derived from one rule alone deliver an envelope; derived once a rule. */
function ownPatterns(ruleSet: RuleSet): Context["delivers"] {
  const compiled = new Map<string, ReturnType<typeof compileEventRules>>();
  return (ruleId, envelope) => {
    let deliveries = compiled.get(ruleId);
    if (deliveries === undefined) {
      const rules = ruleSet.rules.filter((rule) => rule.id === ruleId);
      deliveries = compileEventRules(deriveEventRules({ ...ruleSet, rules }).eventRules);
      compiled.set(ruleId, deliveries);
    }
    return deliveries(envelope).length > 0;
  };
}
