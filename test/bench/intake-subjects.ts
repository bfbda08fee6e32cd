/** What `intake.ts` measures; bundled as the function is, because that is what deploys. */
import { gunzipSync } from "node:zlib";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { createEngine } from "../../lambda/engine/engine.ts";
import type { EventRule } from "../../lambda/engine/event-rules.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import { readLog } from "../../lambda/intake/read-log.ts";
import { makePassOver } from "../../lambda/intake/wire-intake.ts";

/** What reading files came to. */
export type Read = { readonly records: number; readonly alerts: number };

/** The yardstick: unpack and parse each file whole. */
export function floor(files: readonly Buffer[]): Read {
  let records = 0;
  for (const file of files) {
    const { Records } = JSON.parse(gunzipSync(file).toString("utf8")) as { Records: unknown[] };
    records += Records.length;
  }
  return { records, alerts: 0 };
}

/** Ours, up to the alert: unpack, split, pass over, parse, candidates, the deployed patterns, the judge. */
export function makeIntake(
  ruleSet: RuleSet,
  eventRules: readonly EventRule[],
  passes: boolean,
): (files: Iterable<AsyncIterable<Buffer>>) => Promise<Read> {
  const engine = createEngine(ruleSet);
  const delivering = compileEventRules(eventRules);
  const passOver = makePassOver(eventRules);
  return async (files) => {
    let [records, alerts] = [0, 0];
    for (const file of files) {
      for await (const batch of readLog(file, passes ? { passOver } : {})) {
        records += batch.records.length + batch.unreadable.length + batch.passed;
        for (const { record, envelope } of batch.records) {
          if (engine.candidates(record).length === 0 || delivering(envelope).length === 0) continue;
          const { matches } = await engine.evaluate(record, 0);
          for (const match of matches) if (makeAlert(match, record).id !== "") alerts++;
        }
      }
    }
    return { records, alerts };
  };
}
