import { describe, expect, it } from "vitest";
import { createEngine } from "../../../lambda/engine/engine.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import { attack } from "../../../lib/day/attack.ts";
import { code } from "../../../lib/day/code.ts";
import { routine } from "../../../lib/day/routine.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";

const engine = createEngine(loadRules("rules").ruleSet);
const NOON = Date.parse("2026-11-19T12:00:00Z");

/** The rules of these severities that fire on the records, with the calls that they fire on. */
async function fired(records: readonly CloudTrailRecord[], severities: readonly string[]): Promise<string[]> {
  const evaluations = await Promise.all(
    records.map(async (record) => ({ record, ...(await engine.evaluate(record, NOON)) })),
  );
  return evaluations.flatMap(({ record, matches }) =>
    matches
      .filter(({ rule }) => severities.includes(rule.severity))
      .map(({ rule }) => `${rule.id} on ${record.eventName}`),
  );
}

describe("the shipped rules over the shipped day", () => {
  it.each([
    { what: "its routine", records: routine() },
    { what: "what pipelines and Terraform deploy", records: code() },
  ])("are quiet on $what: no rule of severity high or critical fires", async ({ records }) => {
    expect(records.length).toBeGreaterThan(20);
    expect(await fired(records, ["high", "critical"])).toEqual([]);
  });

  it("are not quiet on its attack, of which a rule of severity high or critical tells several steps", async () => {
    expect(new Set(await fired(attack(), ["high", "critical"])).size).toBeGreaterThanOrEqual(5);
  });
});
