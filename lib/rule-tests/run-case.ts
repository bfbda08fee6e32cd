/**
 * Runs the cases of test files against the whole rule set: the record is evaluated as the detector would, and judged
 * by the event pattern that is derived from the case's own rule. A case that fires a rule whose own pattern would stop
 * the record fails, asked or not: deployed, that alert would be lost.
 */
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { JQ } from "../../lambda/jq/lazy-jq.ts";
import type { PlacedCase, RuleTestFile } from "../../lambda/loader/load-rules.ts";
import { readEnvelope } from "../../lambda/record/envelope.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import { buildRecord } from "./build-record.ts";
import { type Judged, problemsOfLists, withListsOf } from "./case-lists.ts";
import { differences } from "./differences.ts";
import type { CaseFailure, CaseResult } from "./report-schema.ts";

/** Runs cases; made once a rule set, because compiling the rules is most of the work. */
export type CaseRunner = { run(file: RuleTestFile, one: PlacedCase): Promise<CaseResult> };

type Context = {
  /** The rule set and its engine, with the values that a case gives to dynamic lists. */
  readonly withLists: (lists: PlacedCase["lists"]) => Judged;
  readonly delivers: (ruleId: string, envelope: Envelope) => boolean;
};

/** Suppressions hold in tests whatever the day is: a calendar must not break a build. */
const BEFORE_EVERY_EXPIRY = 0;

/** Makes the runner of a rule set. */
export function createCaseRunner(ruleSet: RuleSet): CaseRunner {
  const withLists = withListsOf({ ruleSet, engine: createEngine(ruleSet, JQ) });
  const context: Context = { withLists, delivers: ownPatterns(ruleSet) };
  return { run: (file, one) => runCase(context, file, one) };
}

async function runCase(
  { withLists, delivers }: Context,
  { file, ruleId, eventSource }: RuleTestFile,
  one: PlacedCase,
): Promise<CaseResult> {
  const { ruleSet, engine } = withLists(one.lists);
  const { record, absent } = buildRecord(eventSource, one);
  const failures: CaseFailure[] = absent.map((key) => ({
    message: `The base record has no ${key} to remove: take it out of remove.`,
  }));
  failures.push(...problemsOfLists(one.lists, withLists({}).ruleSet).map((message) => ({ message })));
  const { name, line, column } = one;
  const result = { rule: ruleId, file, line, column, name, expected: one.fires.toSorted() };
  const reading = readEnvelope(record);
  if (!reading.ok) {
    failures.push({ message: `The engine cannot read this record: ${reading.reason}.` });
    return { ...result, ok: false, fired: [], suppressed: [], delivered: false, failures };
  }
  const evaluation = await engine.evaluate(reading.record, BEFORE_EVERY_EXPIRY);
  failures.push(...differences(one, evaluation, ruleSet, reading.record));
  const fired = evaluation.matches.map(({ rule }) => rule.id).toSorted();
  const suppressed = evaluation.matches
    .filter(({ disposition }) => disposition === "suppressed")
    .map(({ rule }) => rule.id)
    .toSorted();
  const delivered = delivers(ruleId, reading.envelope);
  const lost = fired.includes(ruleId) && !delivered;
  if (lost) {
    const message = `${ruleId} fires, but its own event pattern stops this record: deployed, the alert would be lost. Please report this.`;
    failures.push({ message, rule: ruleId });
  } else if (one.delivered !== undefined && one.delivered !== delivered) {
    const happened = delivered ? "lets this record through" : "stops this record";
    const message = `delivered: ${String(one.delivered)} was expected, but the event pattern of ${ruleId} ${happened}.`;
    failures.push({ message, rule: ruleId });
  }
  return { ...result, ok: failures.length === 0, fired, suppressed, delivered, failures };
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
